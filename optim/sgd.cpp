#include "optim/sgd.hpp"

#include <stdexcept>
#include <string>

namespace optim {
namespace {

template <class T>
std::string shape_text(const xt::xarray<T>& x) {
  return autograd::to_string(autograd::detail::shape_of(x));
}

void check(const SGDOptions& options) {
  if (!(options.learning_rate > 0)) {
    throw std::invalid_argument("SGD: learning_rate must be positive, got " +
                                std::to_string(options.learning_rate));
  }
  if (!(options.momentum >= 0 && options.momentum < 1)) {
    throw std::invalid_argument("SGD: momentum must be in [0, 1), got " +
                                std::to_string(options.momentum));
  }
}

}  // namespace

template <autograd::Scalar T>
SGD<T>::SGD(SGDOptions options) : options(options) {
  check(options);
}

template <autograd::Scalar T>
void SGD<T>::step(xt::xarray<T>& w, const xt::xarray<T>& gradient) {
  check(options);
  if (w.shape() != gradient.shape()) {
    throw std::invalid_argument("SGD: shapes differ: w has shape " + shape_text(w) +
                                ", the gradient has shape " + shape_text(gradient));
  }
  const bool first_step = velocity_.dimension() == 1 && velocity_.size() == 0;
  if (first_step) velocity_ = xt::zeros_like(w);
  if (w.shape() != velocity_.shape()) {
    throw std::invalid_argument("SGD: one optimizer serves one array: w has shape " +
                                shape_text(w) + ", before it had shape " + shape_text(velocity_));
  }
  const T rate = static_cast<T>(options.learning_rate);
  const T momentum = static_cast<T>(options.momentum);
  const T* g = gradient.data();
  T* v = velocity_.data();
  T* x = w.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    v[i] = momentum * v[i] - rate * g[i];
    x[i] += options.nesterov ? momentum * v[i] - rate * g[i] : v[i];
  }
}

template class SGD<float>;
template class SGD<double>;

}  // namespace optim
