/// The rules of + - * /. They stand in a header of their own, because dual numbers use them in the
/// files of users; rule.hpp says how a rule is written.
#pragma once

namespace autograd {
namespace rules {

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
  static constexpr auto vjp_b(auto g, auto, auto b, auto y) { return -g * y / b; } };
// clang-format on

}  // namespace rules

namespace detail {

/// The value of a function of numbers and its partial derivatives there.
template <class T, int arguments>
struct Slopes {
  T value;
  T by[arguments];
};

/// Of a rule.
template <class R, class T>
constexpr Slopes<T, 2> slopes(T a, T b) {
  const T y = R::value(a, b);
  return {y, {R::vjp_a(T(1), a, b, y), R::vjp_b(T(1), a, b, y)}};
}
template <class R, class T>
constexpr Slopes<T, 1> slopes(T x) {
  const T y = R::value(x);
  if constexpr (requires { R::vjp(x, x, y); }) {
    return {y, {R::vjp(T(1), x, y)}};
  } else {
    return {y, {T(0)}};
  }
}

}  // namespace detail
}  // namespace autograd
