/// The words that rules may use, for each algebra in which the text of a rule is evaluated:
/// - numbers and SIMD batches: executed in a kernel (the raw algebra);
/// - `Probe`: at compile time, tells which arguments a rule reads;
/// - `Var`: recorded. Its words are the public operations, found by argument-dependent lookup.
#pragma once

#include <cmath>
#include <xsimd/xsimd.hpp>

#include "autograd/op_scalar.hpp"

namespace autograd::rules {
namespace {

using Batch = xsimd::batch<T>;
using BatchMask = Batch::batch_bool_type;

/// Records what flows into a result: a set of argument bits, and whether it is argument 0 itself.
struct Probe {
  unsigned reads = 0;
  bool identity = false;
  constexpr Probe() = default;
  constexpr Probe(T) {}
  constexpr Probe(unsigned bits, bool is_g) : reads(bits), identity(is_g) {}
};

constexpr Probe join(Probe a, Probe b) { return {a.reads | b.reads, false}; }
constexpr Probe operator+(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator-(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator*(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator/(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator-(Probe a) { return join(a, a); }
constexpr Probe operator<(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator>(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator>=(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator==(Probe a, Probe b) { return join(a, b); }
constexpr Probe operator!=(Probe a, Probe b) { return join(a, b); }
constexpr Probe where(Probe m, Probe a, Probe b) { return join(m, join(a, b)); }

/// A word of one argument, with its scalar and its SIMD implementation.
#define AUTOGRAD_WORD1(word, scalar, simd)                             \
  [[maybe_unused]] inline T word(T x) { return scalar(x); }            \
  [[maybe_unused]] inline Batch word(const Batch& x) { return simd(x); } \
  [[maybe_unused]] constexpr Probe word(Probe x) { return join(x, x); }
#define AUTOGRAD_WORD2(word, scalar, simd)                                             \
  [[maybe_unused]] inline T word(T a, T b) { return scalar(a, b); }                    \
  [[maybe_unused]] inline Batch word(const Batch& a, const Batch& b) { return simd(a, b); } \
  [[maybe_unused]] constexpr Probe word(Probe a, Probe b) { return join(a, b); }

/// A SIMD word made from the scalar one, where xsimd has none or not an exact one.
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

inline T where(std::same_as<bool> auto mask, T a, T b) {
  return mask ? a : b;
}
inline Batch where(const BatchMask& mask, const Batch& a, const Batch& b) {
  return xsimd::select(mask, a, b);
}
inline T sign_of(T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x; }
inline Batch sign_of(const Batch& x) {
  return where(x > Batch(T(0)), T(1), where(x < Batch(T(0)), T(-1), x));
}

AUTOGRAD_WORD1(exp, std::exp, xsimd::exp)
AUTOGRAD_WORD1(expm1, std::expm1, xsimd::expm1)
AUTOGRAD_WORD1(log, std::log, xsimd::log)
AUTOGRAD_WORD1(log1p, std::log1p, xsimd::log1p)
AUTOGRAD_WORD1(log2, std::log2, xsimd::log2)
AUTOGRAD_WORD1(log10, std::log10, xsimd::log10)
AUTOGRAD_WORD1(sqrt, std::sqrt, xsimd::sqrt)
AUTOGRAD_WORD1(cbrt, std::cbrt, lanewise<std::cbrt>)
AUTOGRAD_WORD1(abs, std::fabs, xsimd::abs)
AUTOGRAD_WORD1(sign, sign_of, sign_of)
AUTOGRAD_WORD1(floor, std::floor, xsimd::floor)
AUTOGRAD_WORD1(sin, std::sin, xsimd::sin)
AUTOGRAD_WORD1(cos, std::cos, xsimd::cos)
AUTOGRAD_WORD1(tan, std::tan, xsimd::tan)
AUTOGRAD_WORD1(arcsin, std::asin, xsimd::asin)
AUTOGRAD_WORD1(arccos, std::acos, xsimd::acos)
AUTOGRAD_WORD1(arctan, std::atan, xsimd::atan)
AUTOGRAD_WORD1(sinh, std::sinh, xsimd::sinh)
AUTOGRAD_WORD1(cosh, std::cosh, xsimd::cosh)
AUTOGRAD_WORD1(tanh, std::tanh, xsimd::tanh)
AUTOGRAD_WORD1(erf, std::erf, xsimd::erf)
AUTOGRAD_WORD2(hypot, std::hypot, xsimd::hypot)
AUTOGRAD_WORD2(arctan2, std::atan2, xsimd::atan2)
AUTOGRAD_WORD2(power, std::pow, xsimd::pow)

#undef AUTOGRAD_WORD1
#undef AUTOGRAD_WORD2

/// 1 / (1 + exp(-x)) without overflow.
template <class A>
A stable_sigmoid(const A& x) {
  const A z = exp(-abs(x));
  return where(x >= A(T(0)), A(T(1)), z) / (A(T(1)) + z);
}
[[maybe_unused]] inline T sigmoid(T x) { return stable_sigmoid(x); }
[[maybe_unused]] inline Batch sigmoid(const Batch& x) { return stable_sigmoid(x); }
[[maybe_unused]] constexpr Probe sigmoid(Probe x) { return join(x, x); }

}  // namespace
}  // namespace autograd::rules
