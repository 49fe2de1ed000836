/// What the tests expect: arrays that agree, and errors.
#pragma once

#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <string>
#include <typeinfo>

#include "tests/support/catch.hpp"

namespace expect {

using Array = xt::xarray<double>;

/// Empty when both arrays have the same shape and, up to the tolerance, the same elements; else a
/// text that says where they differ. For CHECK(difference(actual, expected) == "").
inline std::string difference(const Array& actual, const Array& expected,
                              double tolerance = 1e-12) {
  const auto shape_of = [](const Array& x) {
    return autograd::to_string(autograd::detail::shape_of(x));
  };
  if (actual.shape() != expected.shape()) {
    return "shape " + shape_of(actual) + " instead of " + shape_of(expected);
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double a = actual.flat(i), e = expected.flat(i);
    if (a == e || std::abs(a - e) <= tolerance * std::max(1.0, std::abs(e))) continue;
    std::ostringstream text;
    text.precision(17);
    text << "element " << i << " is " << a << " instead of " << e;
    return text.str();
  }
  return "";
}

/// The message of the exception that f throws, which must be an E and nothing derived from it.
template <class E, class F>
std::string error_of(const F& f) {
  try {
    static_cast<void>(f());
  } catch (const std::exception& error) {
    INFO("the message is: " << error.what());
    CHECK(typeid(error).name() == std::string(typeid(E).name()));
    return error.what();
  }
  return "no exception";
}

/// Errors of shapes, axes and values; of indices and axes that do not exist; of misuse.
template <class F>
std::string invalid_argument(const F& f) {
  return error_of<std::invalid_argument>(f);
}
template <class F>
std::string out_of_range(const F& f) {
  return error_of<std::out_of_range>(f);
}
template <class F>
std::string logic_error(const F& f) {
  return error_of<std::logic_error>(f);
}

}  // namespace expect
