#include "optim/projected.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "optim/vectors.hpp"

namespace optim {

template <Scalar T>
double detail::projected_gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient,
                                       xt::xarray<T>& point, const Projection<T>& project) {
  const double free = norm(gradient);
  if (!std::isfinite(free)) return free;
  copy(point, x);
  add(point, -1, gradient);
  project(point);
  return distance(x, point);
}

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

template double detail::projected_gradient_norm(const xt::xarray<float>&, const xt::xarray<float>&,
                                                xt::xarray<float>&, const Projection<float>&);
template double detail::projected_gradient_norm(const xt::xarray<double>&,
                                                const xt::xarray<double>&, xt::xarray<double>&,
                                                const Projection<double>&);
template class Projected<LBFGS<float>>;
template class Projected<LBFGS<double>>;

}  // namespace optim
