/// The functions that rules may use, for each algebra in which the text of a rule is evaluated:
/// - numbers and SIMD batches: executed in a kernel (the raw algebra);
/// - `RuleTracer`: at compile time, tells which arguments a rule reads;
/// - `Var`: recorded. Its functions are the public operations.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include "autograd/base/simd.hpp"
#include "autograd/engine/op_scalar.hpp"

namespace autograd::rules {
namespace {

using Batch = xsimd::batch<T>;
using BatchMask = Batch::batch_bool_type;

/// Stands for a number while a rule runs at compile time, and notes how it was made: the set of
/// arguments that it depends on, as bits; whether it is argument 0 itself; whether arguments were
/// multiplied or divided; and whether functions were evaluated that take longer than reading a
/// number from memory.
struct RuleTracer {
  unsigned reads = 0;
  bool identity = false;
  bool scales = false;
  bool costly = false;
  constexpr RuleTracer() = default;
  constexpr RuleTracer(T) {}
  constexpr RuleTracer(unsigned bits, bool is_g, bool scales = false, bool costly = false)
      : reads(bits), identity(is_g), scales(scales), costly(costly) {}
};

constexpr RuleTracer join(RuleTracer a, RuleTracer b) {
  return {a.reads | b.reads, false, a.scales || b.scales, a.costly || b.costly};
}
constexpr RuleTracer scaled(RuleTracer a, RuleTracer b) {
  RuleTracer both = join(a, b);
  both.scales |= a.reads != 0 && b.reads != 0;
  return both;
}
constexpr RuleTracer evaluated(RuleTracer a, RuleTracer b) {
  RuleTracer both = join(a, b);
  both.costly = true;
  return both;
}
constexpr RuleTracer operator+(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator-(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator*(RuleTracer a, RuleTracer b) { return scaled(a, b); }
constexpr RuleTracer operator/(RuleTracer a, RuleTracer b) { return evaluated(scaled(a, b), a); }
constexpr RuleTracer operator-(RuleTracer a) { return join(a, a); }
constexpr RuleTracer operator<(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator>(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator<=(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator>=(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator==(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer operator!=(RuleTracer a, RuleTracer b) { return join(a, b); }
constexpr RuleTracer where(RuleTracer m, RuleTracer a, RuleTracer b) { return join(m, join(a, b)); }

/// Defines a rule function of one argument: its scalar and its SIMD implementation, and the
/// function that it is for tracers. One that a single rule uses may stand beside that rule.
#define AUTOGRAD_RULE_FUNCTION(function, scalar, simd, tracer)               \
  [[maybe_unused]] inline T function(T x) { return scalar(x); }              \
  [[maybe_unused]] inline Batch function(const Batch& x) { return simd(x); } \
  [[maybe_unused]] constexpr RuleTracer function(RuleTracer x) { return tracer(x, x); }
#define AUTOGRAD_RULE_FUNCTION1(function, scalar, simd) \
  AUTOGRAD_RULE_FUNCTION(function, scalar, simd, evaluated)
#define AUTOGRAD_RULE_FUNCTION2(function, scalar, simd)                                         \
  [[maybe_unused]] inline T function(T a, T b) { return scalar(a, b); }                         \
  [[maybe_unused]] inline Batch function(const Batch& a, const Batch& b) { return simd(a, b); } \
  [[maybe_unused]] constexpr RuleTracer function(RuleTracer a, RuleTracer b) {                  \
    return evaluated(a, b);                                                                     \
  }

/// Makes a SIMD function of a scalar one, where xsimd has none or not an exact one.
template <T (*scalar)(T)>
Batch lanewise(const Batch& x) {
  alignas(64) T lanes[Batch::size];
  x.store_aligned(lanes);
  for (T& lane : lanes) lane = scalar(lane);
  return Batch::load_aligned(lanes);
}
template <T (*scalar)(T, T)>
Batch lanewise(const Batch& a, const Batch& b) {
  alignas(64) T x[Batch::size], y[Batch::size];
  a.store_aligned(x);
  b.store_aligned(y);
  for (std::size_t i = 0; i < Batch::size; ++i) x[i] = scalar(x[i], y[i]);
  return Batch::load_aligned(x);
}

inline T where(std::same_as<bool> auto mask, T a, T b) { return mask ? a : b; }
inline Batch where(const BatchMask& mask, const Batch& a, const Batch& b) {
  return xsimd::select(mask, a, b);
}
inline T sign_of(T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x; }
inline Batch sign_of(const Batch& x) {
  return where(x > Batch(T(0)), T(1), where(x < Batch(T(0)), T(-1), x));
}

// Functions that are wrong in xsimd 8.1 for some arguments. If all lanes lie in the range in which
// xsimd's function is right, it serves; otherwise the scalar function does.

constexpr bool is_float = sizeof(T) == sizeof(float);
constexpr T smallest = std::numeric_limits<T>::min();

/// xsimd's exp is 0 or infinite too early beyond the limit.
inline Batch exact_exp(const Batch& x) {
  const Batch limit(T(is_float ? 87 : 708));
  return xsimd::all(xsimd::abs(x) <= limit) ? xsimd::exp(x) : lanewise<std::exp>(x);
}
inline Batch exact_expm1(const Batch& x) {
  const Batch limit(T(is_float ? 87 : 708));
  const Batch y = xsimd::all(x <= limit) ? xsimd::expm1(x) : lanewise<std::expm1>(x);
  return where(x == Batch(T(0)), x, y);  // keeps the sign of zero
}
inline Batch exact_log1p(const Batch& x) { return where(x == Batch(T(0)), x, xsimd::log1p(x)); }
inline Batch exact_floor(const Batch& x) { return xsimd::copysign(xsimd::floor(x), x); }

/// Whether xsimd's logarithms are right: they are not for subnormal numbers.
inline bool has_logarithm(const Batch& x) {
  return xsimd::all((x >= Batch(smallest)) | (x == Batch(T(0))));
}
inline Batch exact_log(const Batch& x) {
  return has_logarithm(x) ? xsimd::log(x) : lanewise<std::log>(x);
}
inline Batch exact_log2(const Batch& x) {
  return has_logarithm(x) ? xsimd::log2(x) : lanewise<std::log2>(x);
}
inline Batch exact_log10(const Batch& x) {
  return has_logarithm(x) ? xsimd::log10(x) : lanewise<std::log10>(x);
}

/// xsimd's erf errs by 70 units in the last place in double.
inline Batch exact_erf(const Batch& x) {
  if constexpr (is_float) {
    return xsimd::erf(x);
  } else {
    return lanewise<std::erf>(x);
  }
}
/// The squares of numbers out of this range overflow, or lose the digits of small numbers.
inline Batch exact_hypot(const Batch& a, const Batch& b) {
  const Batch larger = xsimd::max(xsimd::abs(a), xsimd::abs(b));
  const Batch low(T(is_float ? 1e-15 : 1e-140)), high(T(is_float ? 1e15 : 1e140));
  const bool in_range = xsimd::all(((larger >= low) & (larger <= high)) | (larger == Batch(T(0))));
  return in_range ? xsimd::sqrt(xsimd::fma(a, a, b * b)) : lanewise<std::hypot>(a, b);
}
/// xsimd's atan2 is NaN where both arguments are zero or both are infinite.
inline Batch exact_arctan2(const Batch& a, const Batch& b) {
  const Batch distance = xsimd::abs(a) + xsimd::abs(b);
  const Batch high(std::numeric_limits<T>::max());
  const bool in_range = xsimd::all((distance > Batch(T(0))) & (distance <= high));
  return in_range ? xsimd::atan2(a, b) : lanewise<std::atan2>(a, b);
}

AUTOGRAD_RULE_FUNCTION1(exp, std::exp, exact_exp)
AUTOGRAD_RULE_FUNCTION1(expm1, std::expm1, exact_expm1)
AUTOGRAD_RULE_FUNCTION1(log, std::log, exact_log)
AUTOGRAD_RULE_FUNCTION1(log1p, std::log1p, exact_log1p)
AUTOGRAD_RULE_FUNCTION1(log2, std::log2, exact_log2)
AUTOGRAD_RULE_FUNCTION1(log10, std::log10, exact_log10)
AUTOGRAD_RULE_FUNCTION1(sqrt, std::sqrt, xsimd::sqrt)
AUTOGRAD_RULE_FUNCTION1(cbrt, std::cbrt, lanewise<std::cbrt>)
AUTOGRAD_RULE_FUNCTION(abs, std::fabs, xsimd::abs, join)
AUTOGRAD_RULE_FUNCTION(sign, sign_of, sign_of, join)
AUTOGRAD_RULE_FUNCTION(floor, std::floor, exact_floor, join)
AUTOGRAD_RULE_FUNCTION1(sin, std::sin, xsimd::sin)
AUTOGRAD_RULE_FUNCTION1(cos, std::cos, xsimd::cos)
AUTOGRAD_RULE_FUNCTION1(tan, std::tan, xsimd::tan)
AUTOGRAD_RULE_FUNCTION1(arcsin, std::asin, xsimd::asin)
AUTOGRAD_RULE_FUNCTION1(arccos, std::acos, xsimd::acos)
AUTOGRAD_RULE_FUNCTION1(arctan, std::atan, xsimd::atan)
AUTOGRAD_RULE_FUNCTION1(sinh, std::sinh, xsimd::sinh)
AUTOGRAD_RULE_FUNCTION1(cosh, std::cosh, xsimd::cosh)
AUTOGRAD_RULE_FUNCTION1(tanh, std::tanh, xsimd::tanh)
AUTOGRAD_RULE_FUNCTION1(erf, std::erf, exact_erf)
AUTOGRAD_RULE_FUNCTION2(hypot, std::hypot, exact_hypot)
AUTOGRAD_RULE_FUNCTION2(arctan2, std::atan2, exact_arctan2)
AUTOGRAD_RULE_FUNCTION2(power, std::pow, lanewise<std::pow>)

/// 1 / (1 + exp(-x)) without overflow.
template <class A>
A stable_sigmoid(const A& x) {
  const A z = exp(-abs(x));
  return where(x >= A(T(0)), A(T(1)), z) / (A(T(1)) + z);
}
[[maybe_unused]] inline T sigmoid(T x) { return stable_sigmoid(x); }
[[maybe_unused]] inline Batch sigmoid(const Batch& x) { return stable_sigmoid(x); }
[[maybe_unused]] constexpr RuleTracer sigmoid(RuleTracer x) { return evaluated(x, x); }

/// 1 - y for y = sigmoid(x). Near y = 1 the difference would lose its digits, so there the result
/// is sigmoid(-x), which takes another exponential. Each lane chooses by itself, so that an element
/// does not depend on its neighbours.
[[maybe_unused]] inline T sigmoid_complement(T x, T y) {
  return y <= T(0.96875) ? T(1) - y : sigmoid(-x);
}
[[maybe_unused]] inline Batch sigmoid_complement(const Batch& x, const Batch& y) {
  const Batch difference = T(1) - y;
  const BatchMask keeps_digits = y <= Batch(T(0.96875));
  return xsimd::all(keeps_digits) ? difference : where(keeps_digits, difference, sigmoid(-x));
}
[[maybe_unused]] constexpr RuleTracer sigmoid_complement(RuleTracer x, RuleTracer y) {
  return join(x, y);
}
[[maybe_unused]] inline V sigmoid_complement(const V& x, const V&) { return autograd::sigmoid(-x); }

// The functions of Vars that are not in <cmath>, which argument-dependent lookup does not find.
using autograd::arcsin, autograd::arccos, autograd::arctan, autograd::arctan2;
using autograd::power, autograd::sigmoid, autograd::sign, autograd::where;

}  // namespace
}  // namespace autograd::rules
