/// Elementwise functions that are rarer than those of unary.cpp and binary.cpp: rounding and
/// remainders, functions that treat NaN in a way of their own, masks.
#include <cmath>
#include <limits>

#include "autograd/detail/dual.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/ops/rule.hpp"

namespace autograd {
namespace rules {
namespace {

constexpr T ln2 = T(0.693147180559945309417232121458);
constexpr T no_number = std::numeric_limits<T>::quiet_NaN();

struct Unary {
  static constexpr int arity = 1;
};

Batch exact_ceil(const Batch& x) { return xsimd::copysign(xsimd::ceil(x), x); }
Batch exact_trunc(const Batch& x) { return xsimd::copysign(xsimd::trunc(x), x); }
Batch exact_rint(const Batch& x) { return xsimd::copysign(xsimd::nearbyint(x), x); }

/// The remainder of a / b with the sign of b; a zero has it, too.
T remainder_of(T a, T b) {
  const T rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(T(0), b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
/// floor(a / b): a whole number, up to rounding, before it is rounded.
T floored_quotient(T a, T b) {
  if (b == 0) return a / b;
  const T rest = std::fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) return std::nearbyint(quotient - 1);
  return quotient == 0 ? std::copysign(T(0), a / b) : std::nearbyint(quotient);
}

AUTOGRAD_RULE_FUNCTION(ceil, std::ceil, exact_ceil, join)
AUTOGRAD_RULE_FUNCTION(trunc, std::trunc, exact_trunc, join)
AUTOGRAD_RULE_FUNCTION(rint, std::nearbyint, exact_rint, join)
AUTOGRAD_RULE_FUNCTION1(exp2, std::exp2, lanewise<std::exp2>)
AUTOGRAD_RULE_FUNCTION1(arccosh, std::acosh, lanewise<std::acosh>)
AUTOGRAD_RULE_FUNCTION2(mod, remainder_of, lanewise<remainder_of>)
AUTOGRAD_RULE_FUNCTION2(fmod, std::fmod, lanewise<std::fmod>)
AUTOGRAD_RULE_FUNCTION2(floor_divide, floored_quotient, lanewise<floored_quotient>)
AUTOGRAD_RULE_FUNCTION2(copysign, std::copysign, xsimd::copysign)
using autograd::rint, autograd::copysign;

/// The part of the cotangent g that goes to a, where y is the larger of a and b by `larger`.
template <class A, class Mask>
constexpr auto chosen(const A& g, const A& a, const A& b, const Mask& a_wins, const Mask& b_wins) {
  const auto if_unordered = where(a == a, g, where(b == b, A(T(0)), g * a * A(no_number)));
  return where(a == b, g * A(T(0.5)), where(a_wins, g, where(b_wins, A(T(0)), if_unordered)));
}

// clang-format off
struct Ceil : Unary { static constexpr auto name = "ceil";
  static constexpr auto value(auto x) { return ceil(x); } };
AUTOGRAD_UNARY(ceil, Ceil)

struct Trunc : Unary { static constexpr auto name = "trunc";
  static constexpr auto value(auto x) { return trunc(x); } };
AUTOGRAD_UNARY(trunc, Trunc)

struct Rint : Unary { static constexpr auto name = "rint";
  static constexpr auto value(auto x) { return rint(x); } };
AUTOGRAD_UNARY(rint, Rint)

struct Exp2 : Unary { static constexpr auto name = "exp2";
  static constexpr auto value(auto x) { return exp2(x); }
  static constexpr auto vjp(auto g, auto, auto y) { return g * y * ln2; } };
AUTOGRAD_UNARY(exp2, Exp2)

struct Arccosh : Unary { static constexpr auto name = "arccosh";
  static constexpr auto value(auto x) { return arccosh(x); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / (sqrt(x - T(1)) * sqrt(x + T(1))); } };
AUTOGRAD_UNARY(arccosh, Arccosh)

struct Arctanh : Unary { static constexpr auto name = "arctanh";
  static constexpr auto value(auto x) { return T(0.5) * (log1p(x) - log1p(-x)); }
  static constexpr auto vjp(auto g, auto x, auto) { return g / ((T(1) - x) * (T(1) + x)); } };
AUTOGRAD_UNARY(arctanh, Arctanh)

struct Fmax : Binary { static constexpr auto name = "fmax";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(b > a, b, a), b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return chosen(g, a, b, a > b, a < b); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return chosen(g, b, a, b > a, b < a); } };
AUTOGRAD_BINARY(fmax, Fmax)

struct Fmin : Binary { static constexpr auto name = "fmin";
  static constexpr auto value(auto a, auto b) { return where(a == a, where(b < a, b, a), b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return chosen(g, a, b, a < b, a > b); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return chosen(g, b, a, b < a, b > a); } };
AUTOGRAD_BINARY(fmin, Fmin)

/// (a - y) / b is the quotient, a whole number up to rounding.
struct Mod : Binary { static constexpr auto name = "mod";
  static constexpr auto value(auto a, auto b) { return mod(a, b); }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto y) { return -g * rint((a - y) / b); } };
AUTOGRAD_BINARY(mod, Mod)

struct Fmod : Binary { static constexpr auto name = "fmod";
  static constexpr auto value(auto a, auto b) { return fmod(a, b); }
  static constexpr auto vjp_a(auto g, auto, auto, auto) { return g; }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto y) { return -g * rint((a - y) / b); } };
AUTOGRAD_BINARY(fmod, Fmod)

struct FloorDivide : Binary { static constexpr auto name = "floor_divide";
  static constexpr auto value(auto a, auto b) { return floor_divide(a, b); } };

struct Copysign : Binary { static constexpr auto name = "copysign";
  static constexpr auto value(auto a, auto b) { return copysign(a, b); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * sign(a) * copysign(T(1), b); } };

struct Logaddexp2 : Binary { static constexpr auto name = "logaddexp2";
  static constexpr auto value(auto a, auto b) { return where(a == b, a + T(1), where(a > b, a, b) + log1p(exp2(-abs(a - b))) * T(1 / ln2)); }
  static constexpr auto vjp_a(auto g, auto a, auto b, auto) { return g * sigmoid(where(a == b, T(0), a - b) * ln2); }
  static constexpr auto vjp_b(auto g, auto a, auto b, auto) { return g * sigmoid(where(a == b, T(0), b - a) * ln2); } };
AUTOGRAD_BINARY(logaddexp2, Logaddexp2)
// clang-format on

}  // namespace
}  // namespace rules

namespace {

constexpr T pi = T(3.14159265358979323846264338327950288L);
constexpr T largest = std::numeric_limits<T>::max();

/// The sum of (-t2)^k / (2 k + 1)!, which is sin(t) / t for t2 = t^2 up to 1.
V sine_series(const V& t2) {
  constexpr int terms = 11;
  V sum = 1;
  for (int k = terms; k > 0; --k) sum = 1 - sum * t2 * (T(1) / T(2 * k * (2 * k + 1)));
  return sum;
}

V is_true(const V& x) { return x != 0; }

}  // namespace

V fix(const V& x) { return trunc(x); }
V round(const V& x, int decimals) {
  if (decimals == 0) return rint(x);
  const T scale = std::pow(T(10), std::abs(T(decimals)));
  return decimals > 0 ? rint(x * scale) / scale : rint(x / scale) * scale;
}

V reciprocal(const V& x) { return 1 / x; }
V deg2rad(const V& x) { return x * (pi / 180); }
V radians(const V& x) { return deg2rad(x); }
V rad2deg(const V& x) { return x * (180 / pi); }
V degrees(const V& x) { return rad2deg(x); }

V sinc(const V& x) {
  const V t = x * pi, is_small = abs(t) < 1;
  const V series = sine_series(square(where(is_small, t, 0)));
  const V safe = where(is_small, 1, t);
  return where(is_small, series, sin(safe) / safe);
}

V nan_to_num(const V& x, const Finite& by) {
  const T high = by.posinf ? static_cast<T>(*by.posinf) : largest;
  const T low = by.neginf ? static_cast<T>(*by.neginf) : -largest;
  const V bounded = where(x > largest, high, where(x < -largest, low, x));
  return where(isnan(x), static_cast<T>(by.nan), bounded);
}

V remainder(const V& a, const V& b) { return mod(a, b); }
V floor_divide(const V& a, const V& b) { return apply<rules::FloorDivide>(a, b); }
V copysign(const V& a, const V& b) { return apply<rules::Copysign>(a, b); }
V heaviside(const V& x, const V& h) {
  return where(x == 0, h, where(isnan(x), stop_gradient(x), x > 0));
}

V less(const V& a, const V& b) { return a < b; }
V less_equal(const V& a, const V& b) { return a <= b; }
V greater(const V& a, const V& b) { return a > b; }
V greater_equal(const V& a, const V& b) { return a >= b; }

V logical_and(const V& a, const V& b) { return is_true(a) * is_true(b); }
V logical_or(const V& a, const V& b) { return maximum(is_true(a), is_true(b)); }
V logical_xor(const V& a, const V& b) { return is_true(a) != is_true(b); }
V logical_not(const V& x) { return x == 0; }
V isnan(const V& x) { return x != x; }
V isinf(const V& x) { return abs(x) > largest; }
V isfinite(const V& x) { return abs(x) <= largest; }

V isclose(const V& a, const V& b, const Closeness& within) {
  const V bound = static_cast<T>(within.atol) + static_cast<T>(within.rtol) * abs(b);
  const V close = logical_or((abs(a - b) <= bound) * isfinite(b), a == b);
  return within.equal_nan ? logical_or(close, isnan(a) * isnan(b)) : close;
}
bool allclose(const V& a, const V& b, const Closeness& within) {
  return all(isclose(a, b, within)).item() != 0;
}
bool array_equal(const V& a, const V& b) {
  return same(a.shape(), b.shape()) && all(a == b).item() != 0;
}

}  // namespace autograd
