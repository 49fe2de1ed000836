/// The rules of + - * /. They stand in a header of their own, because dual numbers use them in the
/// files of users; ops/rule.hpp says how a rule is written.
#pragma once

#include <algorithm>
#include <limits>

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {
namespace rules {

/// Rules whose result has a kink where it is 0, while the square of it is smooth (Op::product).
template <class R>
concept HasProduct = requires {
  &R::product;
};

struct Binary {
  static constexpr int arity = 2;
};

// clang-format off
struct Add : Binary { static constexpr auto name = "add";
  static constexpr auto value(auto a, auto b) { return a + b; }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto, auto, auto) { return g; } };

struct Subtract : Binary { static constexpr auto name = "subtract";
  static constexpr auto value(auto a, auto b) { return a - b; }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto, auto, auto) { return -g; } };

struct Multiply : Binary { static constexpr auto name = "multiply";
  static constexpr auto value(auto a, auto b) { return a * b; }
  static constexpr auto vjp_a(auto g, auto, auto b, auto) { return g * b; }
  static constexpr auto vjp_b(auto g, auto a, auto, auto) { return g * a; } };

struct Divide : Binary { static constexpr auto name = "divide";
  static constexpr auto value(auto a, auto b) { return a / b; }
  static constexpr auto vjp_a(auto g, auto, auto b, auto) { return g / b; }
  static constexpr auto vjp_b(auto g, auto, auto b, auto y) { return -g * (y / b); } };
// clang-format on

}  // namespace rules

namespace detail {

/// The value of a function of numbers and its partial derivatives there.
template <class T, int arguments>
struct Slopes {
  T value;
  T by[arguments];
};

/// Replaces the slopes by NaN at a kink whose square is smooth: no number there gives the
/// derivatives of the square. A preaccumulated step that meets NaN is recorded as its operations
/// instead.
template <class R, class T, int n>
constexpr Slopes<T, n> without_kinks(Slopes<T, n> at) {
  if constexpr (rules::HasProduct<R>) {
    if (at.value == 0) std::fill_n(at.by, n, std::numeric_limits<T>::quiet_NaN());
  }
  return at;
}

/// The value and the partial derivatives of rule R at a point.
template <class R, class T>
constexpr Slopes<T, 2> slopes(T a, T b) {
  const T y = R::value(a, b);
  return without_kinks<R, T, 2>({y, {R::vjp_a(T(1), a, b, y), R::vjp_b(T(1), a, b, y)}});
}
template <class R, class T>
constexpr Slopes<T, 1> slopes(T x) {
  const T y = R::value(x);
  if constexpr (requires { R::vjp(x, x, y); }) {
    return without_kinks<R, T, 1>({y, {R::vjp(T(1), x, y)}});
  } else {
    return {y, {T(0)}};
  }
}

}  // namespace detail
}  // namespace autograd
