/// From the text of an elementwise rule to an operation: kernels for the raw sweep, functions for
/// the recorded one.
///
/// A rule is a struct with `name`, `arity`, `value(x)` and `vjp(g, x, y)`; or `value(a, b)` with
/// `vjp_a(g, a, b, y)` and `vjp_b(g, a, b, y)`. A missing vjp means that the derivative is zero.
#pragma once

#include <bit>
#include <utility>

#include "autograd/algebra.hpp"
#include "autograd/map.hpp"

namespace autograd::rules {
namespace {

/// Operand k at place i, or nothing where the rule does not read it.
template <class A, unsigned reads, int k>
A load(const T* const* in, Index i) {
  constexpr int at = std::popcount(reads & ((1u << k) - 1));
  if constexpr ((reads >> k & 1) == 0) {
    return A(T(0));
  } else if constexpr (std::is_same_v<A, T>) {
    return in[at][i];
  } else {
    return Batch::load_unaligned(in[at] + i);
  }
}

/// out[i] = f(in[0][i], ...), or += : in batches, so that an element does not depend on its place; a
/// single element is computed as a number.
template <class F, unsigned reads, bool adding>
struct Loop {
  template <class A, int... k>
  static A at(const T* const* in, Index i, std::integer_sequence<int, k...>) {
    return F::apply(load<A, reads, k>(in, i)...);
  }
  template <class A>
  static A at(const T* const* in, Index i) {
    return at<A>(in, i, std::make_integer_sequence<int, F::operands>{});
  }

  static Batch with_old(const Batch& result, const T* out) {
    return adding ? result + Batch::load_unaligned(out) : result;
  }

  static void run(T* out, const T* const* in, Index n) {
    if (n == 1) {
      *out = adding ? *out + at<T>(in, 0) : at<T>(in, 0);
      return;
    }
    constexpr Index width = Batch::size;
    if (n < width) return few(out, in, n);
    Index i = 0;
    for (; i + width <= n; i += width) {
      with_old(at<Batch>(in, i), out + i).store_unaligned(out + i);
    }
    if (i < n) last(out + n - width, in, n - width, i + width - n);
  }

  /// The last full batch, of which the first elements were done before.
  static void last(T* out, const T* const* in, Index i, Index done) {
    const Batch old = Batch::load_unaligned(out);
    const Batch result = with_old(at<Batch>(in, i), out);
    where(lane_numbers() < Batch(T(done)), old, result).store_unaligned(out);
  }
  static Batch lane_numbers() {
    alignas(64) T numbers[Batch::size];
    for (std::size_t k = 0; k < Batch::size; ++k) numbers[k] = T(k);
    return Batch::load_aligned(numbers);
  }

  /// Fewer than a batch: padded.
  static void few(T* out, const T* const* in, Index n) {
    alignas(64) T padded[F::operands + 1][Batch::size] = {};
    const T* rows[F::operands];
    for (int k = 0; k < std::popcount(reads); ++k) {
      for (Index i = 0; i < n; ++i) padded[k][i] = in[k][i];
      rows[k] = padded[k];
    }
    T* results = padded[F::operands];
    at<Batch>(rows, 0).store_aligned(results);
    for (Index i = 0; i < n; ++i) out[i] = adding ? out[i] + results[i] : results[i];
  }
};

template <class R>
struct Value {
  static constexpr int operands = R::arity;
  template <class... A>
  static auto apply(const A&... x) {
    return R::value(x...);
  }
};

template <class R, int i, class... A>
concept HasVjp =
    (i == 0 && (requires(A... a) { R::vjp(a...); } || requires(A... a) { R::vjp_a(a...); })) ||
    (i == 1 && requires(A... a) { R::vjp_b(a...); });

/// The vjp of input i, called with g, the inputs and the output.
template <class R, int i, class... A>
constexpr auto call_vjp(const A&... a) {
  if constexpr (i == 1) {
    return R::vjp_b(a...);
  } else if constexpr (R::arity == 1) {
    return R::vjp(a...);
  } else {
    return R::vjp_a(a...);
  }
}

/// A cotangent of zero gives zero, whatever the derivative: this is what keeps `where` from
/// leaking a NaN of the branch not taken.
template <class R, int i, bool linear>
struct Vjp {
  static constexpr int operands = R::arity + 2;
  template <class A, class... Rest>
  static A apply(const A& g, const Rest&... rest) {
    const A result = call_vjp<R, i>(g, rest...);
    if constexpr (linear) {
      return result;
    } else {
      return where(g == A(T(0)), A(T(0)), result);
    }
  }
};

/// The same for the recorded sweep.
template <class R, int i, bool linear, int... k>
V record(const V& g, const V* x, const V& y, std::integer_sequence<int, k...>) {
  const V result = call_vjp<R, i>(g, x[k]..., y);
  if constexpr (linear) {
    return result;
  } else {
    return drop_non_finite(result, g);
  }
}
template <class R, int i, bool linear>
V record(const V& g, const V* x, const V& y) {
  return record<R, i, linear>(g, x, y, std::make_integer_sequence<int, R::arity>{});
}

template <class R, int i, unsigned... k>
constexpr Rule<T> make_rule(std::integer_sequence<unsigned, k...>) {
  if constexpr (!HasVjp<R, i, decltype(Probe(k, false))...>) {
    return {};
  } else {
    constexpr Probe seen = call_vjp<R, i>(Probe(1u << k, k == 0)...);
    constexpr bool linear = seen.reads == 1;
    using F = Vjp<R, i, linear>;
    return {{Loop<F, seen.reads, false>::run, Loop<F, seen.reads, true>::run},
            seen.reads,
            true,
            seen.identity,
            record<R, i, linear>};
  }
}

template <class R, int i>
constexpr Rule<T> make_rule() {
  if constexpr (i >= R::arity) {
    return {};
  } else {
    return make_rule<R, i>(std::make_integer_sequence<unsigned, R::arity + 2>{});
  }
}

constexpr unsigned all_operands(int count) { return (1u << count) - 1; }

/// The operation of rule R.
template <class R>
constexpr MapOp<T> map_op{
    {R::name, pull_map<T>, vjp_map<T>},
    R::arity,
    {Loop<Value<R>, all_operands(R::arity), false>::run, nullptr},
    {make_rule<R, 0>(), make_rule<R, 1>(), make_rule<R, 2>()}};

}  // namespace
}  // namespace autograd::rules

namespace autograd {
namespace {

/// Records y = R::value(x...).
template <class R, class... X>
V apply(const X&... x) {
  const V inputs[] = {x...};
  return apply_map<T>(rules::map_op<R>, inputs);
}

}  // namespace
}  // namespace autograd
