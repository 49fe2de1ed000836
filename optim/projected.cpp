#include "optim/projected.hpp"

#include <algorithm>
#include <utility>

#include "optim/vectors.hpp"

namespace optim {

template <Scalar T>
bool Projected<LBFGS<T>>::step(const Function<T>& f, xt::xarray<T>& x, T& value,
                               xt::xarray<T>& gradient) {
  point_ = x;
  point_gradient_ = gradient;
  T there = value;
  if (LBFGS<T>::step(f, point_, there, point_gradient_) && accept_if_lower(f, x, value, gradient)) {
    return true;
  }
  T rate = static_cast<T>(1 / std::max(1.0, detail::norm(gradient)));
  for (int i = 0; i < this->options.max_line_search; ++i, rate /= 2) {
    point_ = x;
    detail::add(point_, -rate, gradient);
    if (accept_if_lower(f, x, value, gradient)) return true;
  }
  return false;
}

/// Projects the point, and goes there if f is lower than at x.
template <Scalar T>
bool Projected<LBFGS<T>>::accept_if_lower(const Function<T>& f, xt::xarray<T>& x, T& value,
                                          xt::xarray<T>& gradient) {
  project(point_);
  const T there = f.value_and_grad(point_gradient_, point_);
  if (!(there < value)) return false;
  value = there;
  std::swap(x, point_);
  std::swap(gradient, point_gradient_);
  return true;
}

template class Projected<LBFGS<float>>;
template class Projected<LBFGS<double>>;

}  // namespace optim
