#include "optim/projected.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "autograd/base/error.hpp"
#include "optim/base/vectors.hpp"

namespace optim {

template <Scalar T>
double detail::projected_gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient,
                                       xt::xarray<T>& point, const Projection<T>& project) {
  const double free = norm(gradient);
  if (!std::isfinite(free)) return free;
  // A gradient that is small beside x needs a longer step: half of the digits are to show it.
  const double half = std::sqrt(std::numeric_limits<T>::epsilon());
  const double step = free > 0 ? std::max(1.0, half * norm(x) / free) : 1;
  copy(point, x);
  add(point, -step, gradient);
  project(point);
  return distance(x, point) / step;
}

void detail::check_projection_count(std::size_t projections, std::size_t arrays) {
  if (arrays == projections) return;
  autograd::fail("Projected", "{} arrays, but {} projections", arrays, projections);
}

template <Scalar T>
bool Projected<LBFGS<T>>::step(const Term<T>& f, xt::xarray<T>& x, T& value,
                               xt::xarray<T>& gradient) {
  point_ = x;
  point_gradient_ = gradient;
  T there = value;
  if (LBFGS<T>::step(f, point_, there, point_gradient_) && accept_if_lower(f, x, value, gradient)) {
    return true;
  }
  const double length = detail::norm(gradient);
  const double resolution = std::numeric_limits<T>::epsilon() * std::abs(double(value));
  T rate = static_cast<T>(1 / std::max(1.0, length));
  for (int i = 0; i < this->options.max_line_search && rate * length * length > resolution;
       ++i, rate /= 2) {
    point_ = x;
    detail::add(point_, -rate, gradient);
    if (accept_if_lower(f, x, value, gradient)) return true;
  }
  return false;
}

/// Projects the point, and goes there if f is lower than at x.
template <Scalar T>
bool Projected<LBFGS<T>>::accept_if_lower(const Term<T>& f, xt::xarray<T>& x, T& value,
                                          xt::xarray<T>& gradient) {
  project(point_);
  detail::set_shape(point_gradient_, x.shape());
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
