/// Kernels for differences, which neither read a row of differences nor write a row of results:
/// instead of their last operand they are given the two parts of a difference, and they add their
/// results to one place and subtract them from another. What lies between stays in registers.
#pragma once

#include <bit>

#include "autograd/ops/rule.hpp"

namespace autograd::rules {
namespace {

/// The function F(..., x) of one or two operands, the last of which is a difference x = a - b: it
/// reads a and b in place of x, so that no row of differences is made.
template <class F, unsigned reads>
struct OfDifference {
  static constexpr int operands = std::popcount(reads) + 1;
  static_assert(reads == 1 || reads == 3);

  template <class A>
  static A apply(const A& a, const A& b) {
    return F::apply(a - b);
  }
  template <class A>
  static A apply(const A& g, const A& a, const A& b) {
    return F::apply(g, a - b, A(T(0)));
  }
};

/// The loops of `Pairs`, for a function that reads all its operands. Neighbouring results f[i - 1]
/// and f[i] go to the same element, f[i - 1] - f[i], as in the gradient of differences. Computing
/// both batches again costs less than keeping a row of results, since the functions are cheap (a
/// product). Where operands lie as every other element of memory (by = 2), whole batches are
/// loaded, of which the odd lanes hold elements of others: they are computed too, and left out at
/// the end.
template <class F, unsigned scalars>
struct PairLoop {
  static constexpr Index width = Batch::size;
  template <unsigned numbers = scalars>
  using Rows = Loop<F, all_operands(F::operands), false, numbers>;

  static Batch lane_numbers() { return Rows<>::lane_numbers(); }
  template <unsigned numbers = scalars>
  static Batch at(const T* const* in, Index i) {
    return Rows<numbers>::template at<Batch>(in, i);
  }
  static T first_of(const Batch& x) {
    alignas(64) T lanes[width];
    x.store_aligned(lanes);
    return lanes[0];
  }
  /// The mask of lane `first` and every `by`th one after it.
  template <int by>
  static BatchMask lanes_from(Index first) {
    const Batch lanes = lane_numbers();
    if constexpr (by == 1) return lanes >= Batch(T(first));
    alignas(64) T chosen[width];
    for (Index k = 0; k < width; ++k) chosen[k] = T((k - first) % by == 0 ? k : -1);
    return Batch::load_aligned(chosen) >= Batch(T(first));
  }

  /// Odd lanes hold elements that lie between the operands, and are not counted.
  static T sum_every_other(const T* const* in, Index n) {
    const Index end = 2 * n - 1;
    if (end < width) return sum_few(in, n);
    Batch sums[2] = {Batch(T(0)), Batch(T(0))};
    Index i = 0;
    for (; i + 2 * width <= end; i += 2 * width) {
      sums[0] += at(in, i);
      sums[1] += at(in, i + width);
    }
    if (i + width <= end) sums[0] += at(in, i), i += width;
    Batch total = where(lanes_from<2>(0), sums[0] + sums[1], Batch(T(0)));
    if (i < end) {
      const Batch last = at(in, end - width);
      total += where(lanes_from<2>(i - (end - width)), last, Batch(T(0)));
    }
    return sum_lanes(total);
  }
  static T sum_few(const T* const* in, Index n) {
    const T* rows[F::operands];
    T buffer[F::operands][width];
    for (int k = 0; k < F::operands; ++k) rows[k] = gather(in[k], 2, n, buffer[k]);
    return Rows<0>::sum(rows, n);
  }

  /// The last batch is added first, as in Loop.
  template <unsigned numbers>
  static void distant(T* __restrict plus, T* __restrict minus, const T* const* in, Index n) {
    if (n < width) return add_few<numbers>(plus, minus, in, n);
    const Index rest = n % width, last = n - width;
    if (rest != 0) {
      const Batch x = at<numbers>(in, last);
      const BatchMask others = lane_numbers() < Batch(T(width - rest));
      const Batch p = Batch::load_unaligned(plus + last), m = Batch::load_unaligned(minus + last);
      where(others, p, p + x).store_unaligned(plus + last);
      where(others, m, m - x).store_unaligned(minus + last);
    }
    for (Index i = 0; i < n - rest; i += width) {
      const Batch x = at<numbers>(in, i);
      (Batch::load_unaligned(plus + i) + x).store_unaligned(plus + i);
      (Batch::load_unaligned(minus + i) - x).store_unaligned(minus + i);
    }
  }
  template <unsigned numbers>
  static void add_few(T* plus, T* minus, const T* const* in, Index n) {
    T row[width];
    Rows<numbers>::run(row, in, n);
    for (Index i = 0; i < n; ++i) plus[i] += row[i];
    for (Index i = 0; i < n; ++i) minus[i] -= row[i];
  }

  /// Adds f[i - 1] - f[i] to element i of every `by`th; the first receives -f[0], the last f[n -
  /// 1]. Elements between them are written as they were.
  template <int by>
  static void neighbours(T*, T* __restrict out, const T* const* in, Index n) {
    const Index end = by * (n - 1) + 1;
    if (end - by < width) return add_few_neighbours<by>(out, in, n);
    const T first = first_of(at(in, 0)), last = last_of(at(in, end - width));
    const Index rest = (end - by) % width;
    if (rest != 0) add_difference(out, in, end - width, by, lanes_from<by>(width - rest));
    const BatchMask chosen = lanes_from<by>(0);
    for (Index i = by; i < end - rest; i += width) {
      if constexpr (by == 1) {
        const Batch change = at(in, i - 1) - at(in, i);
        (Batch::load_unaligned(out + i) + change).store_unaligned(out + i);
      } else {
        add_difference(out, in, i, by, chosen);
      }
    }
    out[0] -= first;
    out[by * n] += last;
  }
  static T last_of(const Batch& x) {
    alignas(64) T lanes[width];
    x.store_aligned(lanes);
    return lanes[width - 1];
  }
  static void add_difference(T* out, const T* const* in, Index i, Index by,
                             const BatchMask& chosen) {
    const Batch old = Batch::load_unaligned(out + i);
    const Batch change = at(in, i - by) - at(in, i);
    where(chosen, old + change, old).store_unaligned(out + i);
  }
  template <int by>
  static void add_few_neighbours(T* out, const T* const* in, Index n) {
    const T* rows[F::operands];
    T buffer[F::operands][width], row[width];
    for (int k = 0; k < F::operands; ++k) {
      const bool is_scalar = scalars >> k & 1;
      rows[k] = is_scalar ? in[k] : gather(in[k], by, n, buffer[k]);
    }
    Rows<>::run(row, rows, n);
    scatter_difference(out + by, out, by, row, n);
  }
};

template <class F, unsigned scalars>
constexpr Pairs<T> pairs_of() {
  Pairs<T> pairs;
  using L = PairLoop<F, scalars>;
  if constexpr (scalars == 0) {
    pairs.sum_every_other = L::sum_every_other;
  } else {
    pairs.distant = L::template distant<0>;
    pairs.distant_with_scalars = L::template distant<scalars>;
    pairs.neighbours = L::template neighbours<1>;
    pairs.every_other = L::template neighbours<2>;
  }
  return pairs;
}
template <class F, unsigned scalars>
constexpr Pairs<T> pairs = pairs_of<F, scalars>();

template <class F, unsigned reads, unsigned scalars>
constexpr Kernel<T> difference_kernel_of() {
  using D = OfDifference<F, reads>;
  Kernel<T> kernel = make_kernel<D, all_operands(D::operands), scalars>();
  if constexpr (scalars == 0) kernel.sum = Loop<D, all_operands(D::operands), false>::sum;
  kernel.pairs = &pairs<D, scalars>;
  return kernel;
}
template <class F, unsigned reads, unsigned scalars>
constexpr Kernel<T> difference_kernel = difference_kernel_of<F, reads, scalars>();

/// The kernel of the value of R with forms that sum it without a row of results, also of
/// differences. For cheap rules only: what is summed so is not stored.
template <class R>
constexpr Kernel<T> summed_value() {
  using F = Value<R>;
  Kernel<T> kernel{Loop<F, all_operands(R::arity), false>::run,
                   Loop<F, all_operands(R::arity), true>::run,
                   Loop<F, all_operands(R::arity), false>::sum};
  if constexpr (R::arity == 1) kernel.of_difference = &difference_kernel<F, 1, 0>;
  return kernel;
}

/// Adds the forms for differences to the rule of R by its only input x. The rule reads g, which may
/// be a single number, and x.
template <class R>
constexpr Rule<T> with_differences(Rule<T> rule) {
  rule.kernel.of_difference = &difference_kernel<Vjp<R, 0, false>, 3, 1>;
  return rule;
}

}  // namespace
}  // namespace autograd::rules
