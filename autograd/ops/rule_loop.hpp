/// The loop of a rule over contiguous rows.
#pragma once

#include <bit>
#include <type_traits>
#include <utility>

#include "autograd/engine/elementwise.hpp"
#include "autograd/ops/algebra.hpp"

namespace autograd::rules {
namespace {

/// Loads operand k at place i. Operands that the rule does not read are not loaded, and have no
/// pointer in `in`; 0 stands for them.
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

/// Loads operand k, if it is in the mask `scalars` as a single number for all places.
template <class A, unsigned reads, unsigned scalars, int k>
A load_operand(const T* const* in, Index i) {
  if constexpr ((reads & scalars) >> k & 1) {
    return A(*in[std::popcount(reads & ((1u << k) - 1))]);
  } else {
    return load<A, reads, k>(in, i);
  }
}

/// The loop over contiguous rows: out[i] = f(in[0][i], ...), or += if `adding`. All elements are
/// computed in batches, the tail in one that overlaps the batch before, so that an element does not
/// depend on its place (xsimd's functions differ from those of the standard library in the last
/// digit). Only a row of one element is computed as a number. What the rule does not read is not
/// loaded: `reads` and `scalars` are constants.
template <class F, unsigned reads, bool adding, unsigned scalars = 0>
struct Loop {
  template <class A, int... k>
  static A at(const T* const* in, Index i, std::integer_sequence<int, k...>) {
    return F::apply(load_operand<A, reads, scalars, k>(in, i)...);
  }
  template <class A>
  static A at(const T* const* in, Index i) {
    return at<A>(in, i, std::make_integer_sequence<int, F::operands>{});
  }

  /// Flattened: functions such as exp are inlined, so that their constants stay in registers.
  [[gnu::flatten]] static void run(T* __restrict out, const T* const* in, Index n) {
    if (n == 1) {
      *out = adding ? *out + at<T>(in, 0) : at<T>(in, 0);
      return;
    }
    constexpr Index width = Batch::size;
    if (n < width) return few(out, in, n);
    const Index rest = n % width;
    if (adding && rest != 0) add_last(out + n - width, in, n - width, width - rest);
    for (Index i = 0; i < n - rest; i += width) {
      const Batch result = at<Batch>(in, i);
      (adding ? Batch::load_unaligned(out + i) + result : result).store_unaligned(out + i);
    }
    if (!adding && rest != 0) at<Batch>(in, n - width).store_unaligned(out + n - width);
  }

  /// Adds to the last elements, in a batch whose first elements belong to the batch before and stay
  /// as they are. It runs before the others, because reading a batch waits if parts of it have just
  /// been written.
  static void add_last(T* out, const T* const* in, Index i, Index others) {
    const Batch old = Batch::load_unaligned(out);
    const Batch sum = old + at<Batch>(in, i);
    where(lane_numbers() < Batch(T(others)), old, sum).store_unaligned(out);
  }
  static Batch lane_numbers() {
    alignas(64) T numbers[Batch::size];
    for (std::size_t k = 0; k < Batch::size; ++k) numbers[k] = T(k);
    return Batch::load_aligned(numbers);
  }

  /// Whether the operand in position k of those read is a single number.
  static constexpr bool is_scalar(int k) {
    for (int operand = 0; operand < F::operands; ++operand) {
      if ((reads >> operand & 1) && k-- == 0) return scalars >> operand & 1;
    }
    return false;
  }

  /// The sum of all results.
  static T sum(const T* const* in, Index n) {
    constexpr Index width = Batch::size;
    Batch sums[4] = {Batch(T(0)), Batch(T(0)), Batch(T(0)), Batch(T(0))};
    Index i = 0;
    for (; i + 4 * width <= n; i += 4 * width) {
      for (int k = 0; k < 4; ++k) sums[k] += at<Batch>(in, i + k * width);
    }
    for (; i + width <= n; i += width) sums[0] += at<Batch>(in, i);
    T rest = 0;
    if (n >= width && i < n) {
      const Batch last = at<Batch>(in, n - width);
      sums[1] += where(lane_numbers() < Batch(T(i + width - n)), Batch(T(0)), last);
    } else {
      for (; i < n; ++i) rest += at<T>(in, i);
    }
    return sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
  }

  /// A row shorter than a batch is copied to padded buffers and computed as one batch.
  static void few(T* out, const T* const* in, Index n) {
    alignas(64) T padded[F::operands + 1][Batch::size] = {};
    const T* rows[F::operands];
    for (int k = 0; k < std::popcount(reads); ++k) {
      for (Index i = 0; i < n; ++i) padded[k][i] = in[k][is_scalar(k) ? 0 : i];
      rows[k] = padded[k];
    }
    T* results = padded[F::operands];
    at<Batch>(rows, 0).store_aligned(results);
    for (Index i = 0; i < n; ++i) out[i] = adding ? out[i] + results[i] : results[i];
  }
};

}  // namespace
}  // namespace autograd::rules
