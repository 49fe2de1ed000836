/// Rows of the table at work: values and gradients as arrays, and how far arrays are apart.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

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

/// Checks with differences, and the raw sweep against the recorded one; see check_gradients. The
/// error also says which element of the gradient differs.
template <class T>
void check(const Problem<T>& p, ag::CheckOptions options);

/// How far an array is from the expected one, and the element that is farthest, which failing tests
/// print: CHECK(distance(got, expected) <= 1e-12).
struct Distance {
  double value = 0;
  std::string where = "";

  friend bool operator<=(const Distance& d, double bound) { return d.value <= bound; }
  friend bool operator<(const Distance& d, double bound) { return d.value < bound; }
  friend bool operator==(const Distance& d, double exactly) { return d.value == exactly; }
  friend std::ostream& operator<<(std::ostream& out, const Distance& d) {
    return out << d.value << d.where;
  }
};

/// " (element (1, 2) of shape (3, 4) in float is 1.5 instead of 2)"
std::string element_text(const Shape& shape, std::size_t element, bool is_float, double got,
                         double expected);

/// The largest difference, relative to the largest expected number (at least 1) where they differ.
/// Infinite for different shapes, and where only one of two elements is NaN or infinite.
template <class T, class U>
Distance distance(const ArrayOf<T>& got, const ArrayOf<U>& expected) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const auto shape_of = [](const auto& x) { return Shape(x.shape().begin(), x.shape().end()); };
  const Shape shape = shape_of(got), other = shape_of(expected);
  if (shape != other) return {far, " (shape " + text(shape) + " instead of " + text(other) + ")"};
  double scale = 1, farthest = 0;
  std::size_t element = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double x = got.data()[i], y = expected.data()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    if (std::isfinite(y)) scale = std::max(scale, std::abs(y));
    const double difference = std::isfinite(x) && std::isfinite(y) ? std::abs(x - y) : far;
    if (difference <= farthest) continue;
    farthest = difference;
    element = i;
  }
  if (farthest == 0) return {};
  return {farthest / scale, element_text(shape, element, std::is_same_v<T, float>,
                                         got.data()[element], expected.data()[element])};
}
template <class T, class U>
Distance distance(const ArraysOf<T>& got, const ArraysOf<U>& expected) {
  if (got.size() != expected.size()) {
    return {std::numeric_limits<double>::infinity(), " (another number of arrays)"};
  }
  Distance largest;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Distance each = distance(got[i], expected[i]);
    if (each <= largest.value) continue;
    largest = {each.value, each.where + " of argument " + std::to_string(i)};
  }
  return largest;
}

}  // namespace op_cases
