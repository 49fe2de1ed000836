#include "optim/detail/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "optim/base/arrays.hpp"
#include "optim/base/vectors.hpp"

namespace optim::detail {
namespace {

using autograd::fail;

constexpr const char* op = "LBFGS";

/// A bound for each element of an array like x.
template <class T>
void spread(xt::xarray<T>& to, const xt::xarray<T>& bound, const xt::xarray<T>& x, T none,
            const char* name) {
  set_shape(to, x.shape());
  if (bound.size() == 0) return to.fill(none);
  if (bound.dimension() == 0) return to.fill(bound());
  if (bound.shape() != x.shape()) {
    fail(op, "shapes differ: x has shape {}, {} has shape {}", shape_text(x), name,
         shape_text(bound));
  }
  copy(to, bound);
}

template <class T>
void check_numbers(const xt::xarray<T>& bound, const char* name) {
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (std::isnan(bound.data()[i])) fail(op, "{} must be numbers: element {} is nan", name, i);
  }
}

}  // namespace

template <Scalar T>
void Bounds<T>::check(const xt::xarray<T>& low, const xt::xarray<T>& high) {
  if (low.size() == 0) return check_numbers(high, "high");
  if (high.size() == 0) return check_numbers(low, "low");
  const bool one_low = low.dimension() == 0, one_high = high.dimension() == 0;
  if (!one_low && !one_high && low.shape() != high.shape()) {
    fail(op, "shapes differ: low has shape {}, high has shape {}", shape_text(low),
         shape_text(high));
  }
  for (std::size_t i = 0; i < std::max(low.size(), high.size()); ++i) {
    const T from = low.data()[one_low ? 0 : i], to = high.data()[one_high ? 0 : i];
    if (!(from <= to)) fail(op, "low must not exceed high: element {} has {} and {}", i, from, to);
  }
}

template <Scalar T>
void Bounds<T>::set(const xt::xarray<T>& low, const xt::xarray<T>& high, const xt::xarray<T>& x) {
  check(low, high);
  any_ = low.size() > 0 || high.size() > 0;
  if (!any_) return;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  spread(low_, low, x, -infinity, "low");
  spread(high_, high, x, infinity, "high");
}

template <Scalar T>
void Bounds<T>::check_inside(const xt::xarray<T>& x) const {
  const T *p = x.data(), *low = low_.data(), *high = high_.data();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (p[i] >= low[i] && p[i] <= high[i]) continue;
    fail(op, "x must be within the bounds: element {} is {}, not in [{}, {}]", i, p[i], low[i],
         high[i]);
  }
}

template <Scalar T>
void Bounds<T>::project(xt::xarray<T>& x) const {
  if (!any_) return;
  T* p = x.data();
  for (std::size_t i = 0; i < x.size(); ++i) {
    p[i] = std::clamp(p[i], low_.data()[i], high_.data()[i]);
  }
}

/// As x - P(x - g), but without taking the difference of numbers near x, which a small g is lost
/// in.
template <Scalar T>
double Bounds<T>::gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient) const {
  return norm_of(x.size(), [p = x.data(), g = gradient.data(), low = low_.data(),
                            high = high_.data()](std::size_t i) {
    const double at = p[i];
    return std::clamp<double>(g[i], at - high[i], at - low[i]);
  });
}

template <Scalar T>
bool Bounds<T>::hold(const xt::xarray<T>& x, const xt::xarray<T>& gradient) {
  const T *p = x.data(), *g = gradient.data(), *low = low_.data(), *high = high_.data();
  held_.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    held_[i] = (p[i] == low[i] && g[i] > 0) || (p[i] == high[i] && g[i] < 0);
  }
  return std::find(held_.begin(), held_.end(), 1) != held_.end();
}

template <Scalar T>
void Bounds<T>::clear_held(xt::xarray<T>& direction) const {
  T* d = direction.data();
  for (std::size_t i = 0; i < direction.size(); ++i) {
    if (held_[i]) d[i] = 0;
  }
}

template <Scalar T>
double Bounds<T>::confine(xt::xarray<T>& direction, const xt::xarray<T>& x) const {
  const T *p = x.data(), *low = low_.data(), *high = high_.data();
  T* d = direction.data();
  double longest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < x.size(); ++i) {
    d[i] = std::clamp(d[i], low[i] - p[i], high[i] - p[i]);
    if (d[i] == 0) continue;
    const double room = static_cast<double>(d[i] > 0 ? high[i] : low[i]) - p[i];
    longest = std::min(longest, std::max(1.0, room / d[i]));
  }
  return longest;
}

template <Scalar T>
void Bounds<T>::snap(xt::xarray<T>& point, const xt::xarray<T>& x, double alpha,
                     const xt::xarray<T>& direction) const {
  const T *p = x.data(), *d = direction.data(), *low = low_.data(), *high = high_.data();
  const T factor = static_cast<T>(alpha);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T step = factor * d[i];
    T& to = point.data()[i];
    if (step > 0 && step >= high[i] - p[i]) to = high[i];
    if (step < 0 && step <= low[i] - p[i]) to = low[i];
    to = std::clamp(to, low[i], high[i]);
  }
}

template class Bounds<float>;
template class Bounds<double>;

}  // namespace optim::detail
