/// How far a number is from the exact one, in units in the last place.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace ulps {

/// Subnormal numbers count in units of the smallest one. Infinite where one of the two is NaN,
/// infinite or of the other sign (zeros included) and the other is not.
template <class T>
double distance(T got, long double exact) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const T want = static_cast<T>(exact);
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) == std::isnan(want) ? 0 : far;
  if (std::signbit(got) != std::signbit(want)) return far;
  if (got == want) return 0;
  if (std::isinf(got) || std::isinf(want)) return far;
  int exponent = 0;
  std::frexp(want, &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  const long double unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / unit);
}

}  // namespace ulps
