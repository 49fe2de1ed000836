/// Rows of the table at work: values and gradients as arrays, and how far arrays are apart.
#pragma once

#include "tests/ops/op_cases.hpp"

namespace op_cases {

template <class T>
using ArrayOf = xt::xarray<T>;
template <class T>
using ArraysOf = std::vector<xt::xarray<T>>;

/// A function and the point where it is differentiated.
template <class T>
struct Problem {
  Function<T> f;
  ArraysOf<T> x;
};

/// A row at its arguments; those that are constant are bound.
template <class T>
Problem<T> problem_of(const Row& row);

template <class T>
ArrayOf<T> value(const Problem<T>& p);

/// sum(w * f(x)) with fixed weights w, all different.
template <class T>
ag::Var<T> weighted_sum(const ag::Var<T>& y, const ArrayOf<T>& weights);
template <class T>
ArrayOf<T> weights_for(const ArrayOf<T>& y);

/// The gradients of the weighted sum, by the raw sweep or by the recorded one.
template <class T>
ArraysOf<T> gradients(const Problem<T>& p);
template <class T>
ArraysOf<T> recorded_gradients(const Problem<T>& p);

/// Checks with differences, and the raw sweep against the recorded one; see check_gradients.
template <class T>
void check(const Problem<T>& p, ag::CheckOptions options);

/// The largest difference, relative to the largest number of b (at least 1). Infinite for different
/// shapes, and where only one of two elements is NaN or infinite.
template <class T, class U>
double distance(const ArrayOf<T>& a, const ArrayOf<U>& b) {
  constexpr double far = std::numeric_limits<double>::infinity();
  if (a.dimension() != b.dimension() || !std::ranges::equal(a.shape(), b.shape())) return far;
  double largest = 1, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a.data()[i], y = b.data()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    if (!std::isfinite(x) || !std::isfinite(y)) return far;
    largest = std::max(largest, std::abs(y));
    difference = std::max(difference, std::abs(x - y));
  }
  return difference / largest;
}
template <class T, class U>
double distance(const ArraysOf<T>& a, const ArraysOf<U>& b) {
  double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    largest = std::max(largest, distance(a[i], b[i]));
  }
  return largest;
}

}  // namespace op_cases
