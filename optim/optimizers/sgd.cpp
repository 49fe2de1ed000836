#include <limits>
#include <utility>

#include "autograd/base/error.hpp"
#include "optim/optimizers.hpp"

namespace optim {
namespace {

/// The numbers of one step.
template <Scalar T>
struct StepCoefficients {
  T rate, momentum, weight_decay, dampening;
  bool nesterov;
};

template <Scalar T>
void keras_step(T* w, T* velocity, std::size_t n, const Clipped<T>& g,
                const StepCoefficients<T>& by) {
  const T keep = 1 - by.rate * by.weight_decay;
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const T gradient = by.rate * g[i];
    velocity[i] = by.momentum * velocity[i] - gradient;
    w[i] = keep * w[i] + (by.nesterov ? by.momentum * velocity[i] - gradient : velocity[i]);
  }
}

template <Scalar T>
void pytorch_step(T* w, T* velocity, std::size_t n, const Clipped<T>& g,
                  const StepCoefficients<T>& by) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const T gradient = g[i] + by.weight_decay * w[i];
    velocity[i] = by.momentum * velocity[i] + (1 - by.dampening) * gradient;
    w[i] -= by.rate * (by.nesterov ? gradient + by.momentum * velocity[i] : velocity[i]);
  }
}

}  // namespace

template <Scalar T>
SGD<T>::SGD(SGDOptions options)
    : Optimizer<T>("SGD",
                   {options.convention == Convention::keras ? "velocity" : "momentum_buffer"}),
      options(std::move(options)) {
  this->validate();
}

template <Scalar T>
typename Optimizer<T>::Common SGD<T>::common() const {
  return {options.learning_rate, options.decay, options.clip};
}

template <Scalar T>
void SGD<T>::check() const {
  this->check_range("momentum", options.momentum, 0, 1);
  this->check_range("weight_decay", options.weight_decay, 0,
                    std::numeric_limits<double>::infinity());
  this->check_range("dampening", options.dampening, 0, 1);
  const bool keras = options.convention == Convention::keras;
  if (options.dampening > 0 && (keras || options.nesterov)) {
    autograd::fail("SGD", "dampening belongs to PyTorch's convention, without nesterov");
  }
}

template <Scalar T>
void SGD<T>::update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) {
  StepCoefficients<T> by{rate, T(options.momentum), T(options.weight_decay), T(options.dampening),
                         options.nesterov};
  if (this->iterations() == 0 || options.momentum == 0) by.dampening = 0;
  T* const velocity = this->slot(0, parameter);
  (options.convention == Convention::keras ? keras_step<T> : pytorch_step<T>)(w.data(), velocity,
                                                                              w.size(), g, by);
}

template <Scalar T>
const xt::xarray<T>& SGD<T>::velocity(std::size_t parameter) const {
  return this->state().at(this->state().slots[0].name, parameter);
}

template class SGD<float>;
template class SGD<double>;

}  // namespace optim
