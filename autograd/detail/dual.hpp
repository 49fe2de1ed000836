/// Dual numbers: a value with its partial derivatives by n variables, computed on the way forward.
/// preaccumulate.hpp runs functions of numbers on them.
#pragma once

#include <algorithm>
#include <type_traits>

#include "autograd/detail/api.hpp"
#include "autograd/detail/arithmetic.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {

namespace core {
/// A value and its partial derivatives by n variables, which are padded for loops over them. A
/// number alone is a constant.
template <class T, int n>
struct Dual {
  static constexpr int lanes = n <= 2 ? n : n <= 4 ? 4 : (n + 7) / 8 * 8;
  T value;
  T by[lanes];

  Dual() = default;
  Dual(T constant) : value(constant), by{} {}
  Dual(T value, const T (&by)[lanes]) : value(value) { std::copy_n(by, lanes, this->by); }

  Dual& operator+=(const auto& other) { return *this = *this + other; }
  Dual& operator-=(const auto& other) { return *this = *this - other; }
  Dual& operator*=(const auto& other) { return *this = *this * other; }
  Dual& operator/=(const auto& other) { return *this = *this / other; }
};
}  // namespace core
using core::Dual;

namespace detail {

/// The chain rule: f with its slopes at the value of x, or of a and b, becomes a dual number.
template <class T, int n>
Dual<T, n> chain(const Slopes<T, 1>& f, const Dual<T, n>& x) {
  Dual<T, n> y;
  y.value = f.value;
  for (int k = 0; k < Dual<T, n>::lanes; ++k) y.by[k] = f.by[0] * x.by[k];
  return y;
}
template <class T, int n>
Dual<T, n> chain(const Slopes<T, 2>& f, const Dual<T, n>& a, const Dual<T, n>& b) {
  Dual<T, n> y;
  y.value = f.value;
  for (int k = 0; k < Dual<T, n>::lanes; ++k) y.by[k] = f.by[0] * a.by[k] + f.by[1] * b.by[k];
  return y;
}
/// The chain rule where the other argument is a constant, which has no derivatives.
template <class T, int n>
Dual<T, n> chain(const Slopes<T, 2>& f, const Dual<T, n>& a, const T&) {
  return chain(Slopes<T, 1>{f.value, {f.by[0]}}, a);
}
template <class T, int n>
Dual<T, n> chain(const Slopes<T, 2>& f, const T&, const Dual<T, n>& b) {
  return chain(Slopes<T, 1>{f.value, {f.by[1]}}, b);
}

}  // namespace detail

/// Defines a function of two numbers for dual numbers and constants, from its `slopes(a, b)`.
#define AUTOGRAD_BINARY_OF_DUAL(function, slopes)                              \
  template <class T, int n>                                                    \
  Dual<T, n> function(const Dual<T, n>& a, const Dual<T, n>& b) {              \
    return detail::chain(slopes(a.value, b.value), a, b);                      \
  }                                                                            \
  template <class T, int n>                                                    \
  Dual<T, n> function(const Dual<T, n>& a, const std::type_identity_t<T>& b) { \
    return detail::chain(slopes(a.value, b), a, b);                            \
  }                                                                            \
  template <class T, int n>                                                    \
  Dual<T, n> function(const std::type_identity_t<T>& a, const Dual<T, n>& b) { \
    return detail::chain(slopes(a, b.value), a, b);                            \
  }

/// Defines a comparison. It compares values, so that branches are taken as for numbers.
#define AUTOGRAD_COMPARISON_OF_DUAL(op)                                     \
  template <class T, int n>                                                 \
  bool operator op(const Dual<T, n>& a, const Dual<T, n>& b) {              \
    return a.value op b.value;                                              \
  }                                                                         \
  template <class T, int n>                                                 \
  bool operator op(const Dual<T, n>& a, const std::type_identity_t<T>& b) { \
    return a.value op b;                                                    \
  }                                                                         \
  template <class T, int n>                                                 \
  bool operator op(const std::type_identity_t<T>& a, const Dual<T, n>& b) { \
    return a op b.value;                                                    \
  }

namespace core {
AUTOGRAD_BINARY_OF_DUAL(operator+, (detail::slopes<rules::Add, T>))
AUTOGRAD_BINARY_OF_DUAL(operator-, (detail::slopes<rules::Subtract, T>))
AUTOGRAD_BINARY_OF_DUAL(operator*, (detail::slopes<rules::Multiply, T>))
AUTOGRAD_BINARY_OF_DUAL(operator/, (detail::slopes<rules::Divide, T>))
AUTOGRAD_COMPARISON_OF_DUAL(<)
AUTOGRAD_COMPARISON_OF_DUAL(<=)
AUTOGRAD_COMPARISON_OF_DUAL(>)
AUTOGRAD_COMPARISON_OF_DUAL(>=)
AUTOGRAD_COMPARISON_OF_DUAL(==)
AUTOGRAD_COMPARISON_OF_DUAL(!=)

template <class T, int n>
Dual<T, n> operator-(const Dual<T, n>& x) {
  return x * T(-1);
}
}  // namespace core
#undef AUTOGRAD_COMPARISON_OF_DUAL

// The slopes of the functions below are defined beside the rules of the operations (ops/unary.cpp,
// ops/binary.cpp).
#define AUTOGRAD_UNARY_OF_DUAL(function)                         \
  namespace detail {                                             \
  Slopes<float, 1> function##_slopes(float x);                   \
  Slopes<double, 1> function##_slopes(double x);                 \
  }                                                              \
  template <class T, int n>                                      \
  Dual<T, n> function(const Dual<T, n>& x) {                     \
    return detail::chain(detail::function##_slopes(x.value), x); \
  }
#define AUTOGRAD_SLOPES_OF_TWO(function)                   \
  namespace detail {                                       \
  Slopes<float, 2> function##_slopes(float a, float b);    \
  Slopes<double, 2> function##_slopes(double a, double b); \
  }                                                        \
  AUTOGRAD_BINARY_OF_DUAL(function, detail::function##_slopes)

AUTOGRAD_UNARY_OF_DUAL(negative)
AUTOGRAD_UNARY_OF_DUAL(exp)
AUTOGRAD_UNARY_OF_DUAL(exp2)
AUTOGRAD_UNARY_OF_DUAL(expm1)
AUTOGRAD_UNARY_OF_DUAL(log)
AUTOGRAD_UNARY_OF_DUAL(log1p)
AUTOGRAD_UNARY_OF_DUAL(log2)
AUTOGRAD_UNARY_OF_DUAL(log10)
AUTOGRAD_UNARY_OF_DUAL(sqrt)
AUTOGRAD_UNARY_OF_DUAL(cbrt)
AUTOGRAD_UNARY_OF_DUAL(square)
AUTOGRAD_UNARY_OF_DUAL(abs)
AUTOGRAD_UNARY_OF_DUAL(sign)
AUTOGRAD_UNARY_OF_DUAL(floor)
AUTOGRAD_UNARY_OF_DUAL(ceil)
AUTOGRAD_UNARY_OF_DUAL(trunc)
AUTOGRAD_UNARY_OF_DUAL(rint)
AUTOGRAD_UNARY_OF_DUAL(sin)
AUTOGRAD_UNARY_OF_DUAL(cos)
AUTOGRAD_UNARY_OF_DUAL(tan)
AUTOGRAD_UNARY_OF_DUAL(arcsin)
AUTOGRAD_UNARY_OF_DUAL(arccos)
AUTOGRAD_UNARY_OF_DUAL(arctan)
AUTOGRAD_UNARY_OF_DUAL(sinh)
AUTOGRAD_UNARY_OF_DUAL(cosh)
AUTOGRAD_UNARY_OF_DUAL(tanh)
AUTOGRAD_UNARY_OF_DUAL(arcsinh)
AUTOGRAD_UNARY_OF_DUAL(arccosh)
AUTOGRAD_UNARY_OF_DUAL(arctanh)
AUTOGRAD_UNARY_OF_DUAL(sigmoid)
AUTOGRAD_UNARY_OF_DUAL(softplus)
AUTOGRAD_UNARY_OF_DUAL(relu)
AUTOGRAD_UNARY_OF_DUAL(erf)
AUTOGRAD_SLOPES_OF_TWO(power)
AUTOGRAD_SLOPES_OF_TWO(maximum)
AUTOGRAD_SLOPES_OF_TWO(minimum)
AUTOGRAD_SLOPES_OF_TWO(fmax)
AUTOGRAD_SLOPES_OF_TWO(fmin)
AUTOGRAD_SLOPES_OF_TWO(mod)
AUTOGRAD_SLOPES_OF_TWO(fmod)
AUTOGRAD_SLOPES_OF_TWO(hypot)
AUTOGRAD_SLOPES_OF_TWO(arctan2)
AUTOGRAD_SLOPES_OF_TWO(logaddexp)
AUTOGRAD_SLOPES_OF_TWO(logaddexp2)
#undef AUTOGRAD_UNARY_OF_DUAL
#undef AUTOGRAD_SLOPES_OF_TWO
#undef AUTOGRAD_BINARY_OF_DUAL

/// a where the condition holds, otherwise b.
template <class T, int n>
Dual<T, n> where(bool condition, const Dual<T, n>& a, const Dual<T, n>& b) {
  return condition ? a : b;
}
template <class T, int n>
Dual<T, n> where(bool condition, const Dual<T, n>& a, const std::type_identity_t<T>& b) {
  return condition ? a : Dual<T, n>(b);
}
template <class T, int n>
Dual<T, n> where(bool condition, const std::type_identity_t<T>& a, const Dual<T, n>& b) {
  return condition ? Dual<T, n>(a) : b;
}

/// Argument-dependent lookup finds the names of <cmath> for dual numbers as it does for Vars.
namespace core {
AUTOGRAD_NAMES_OF_CMATH
}  // namespace core

}  // namespace autograd
