/// What the tests of losses share.
#pragma once

#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/losses.hpp>
#include <type_traits>
#include <vector>

#include "tests/support/expect.hpp"

namespace losses {

namespace ag = autograd;
using A = xt::xarray<double>;
using V = ag::Var<double>;
using Shape = std::vector<std::size_t>;

inline constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
template <class T>
inline constexpr double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-13;

inline constexpr auto squared = [](const auto& y, const auto& p) {
  return optim::mean_squared_error(y, p);
};
inline constexpr auto absolute = [](const auto& y, const auto& p) {
  return optim::mean_absolute_error(y, p);
};
inline constexpr auto huber = [](const auto& y, const auto& p) { return optim::huber(y, p, 0.5); };
inline constexpr auto binary = [](const auto& y, const auto& p) {
  return optim::binary_cross_entropy_with_logits(y, p);
};
inline constexpr auto categorical = [](const auto& y, const auto& p) {
  return optim::cross_entropy(y, p);
};
inline constexpr auto sparse = [](const auto& y, const auto& p) {
  return optim::sparse_cross_entropy(y, p);
};
inline constexpr auto scale_invariant = [](const auto& y, const auto& p) {
  return optim::scale_invariant_l2(y, p);
};
inline constexpr auto gradient = [](const auto& y, const auto& p) {
  return optim::gradient_l2(y, p);
};

/// sin(first), sin(first + 1.7), sin(first + 3.4), ...
template <class T = double>
xt::xarray<T> wave(const Shape& shape, double first) {
  auto x = xt::xarray<T>::from_shape(shape);
  for (std::size_t i = 0; i < x.size(); ++i) x.flat(i) = std::sin(first + 1.7 * i);
  return x;
}

template <class Y, class T, class F>
double value(const F& loss, const Y& y_true, const xt::xarray<T>& y_pred) {
  const ag::Trace trace;
  return loss(y_true, ag::Var<T>(y_pred)).item();
}

/// The gradient by y_pred.
template <class F>
A slope(const F& loss, const A& y_true, const A& y_pred) {
  return ag::grad([&](const V& p) { return loss(y_true, p); })(y_pred);
}

}  // namespace losses
