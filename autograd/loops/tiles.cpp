/// What is done with one tile: gathering and scattering, the kernels of copies and of reductions,
/// and the transposition of blocks.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "autograd/base/simd.hpp"
#include "autograd/loops/loops.hpp"

namespace autograd {
namespace {

/// out[i, j] = in[j, i], or +=, for one block.
template <bool add, class T>
inline void transpose_block(T* __restrict out, Index out_step, const T* __restrict in,
                            Index in_step, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      const T x = in[j * in_step + i];
      out[i * out_step + j] = add ? out[i * out_step + j] + x : x;
    }
  }
}

/// Transposes square blocks with as many rows as a register has lanes: each row is one register, so
/// that memory is read and written a register at a time.
template <class T>
struct Lanes {
  static constexpr Index side = xsimd::batch<T>::size;
  using Register [[gnu::vector_size(side * sizeof(T))]] = T;

  /// Interleaves the first halves of two registers, or the second ones if `from` is half the number
  /// of lanes.
  template <Index from, Index... k>
  static Register interleave(const Register& a, const Register& b,
                             std::integer_sequence<Index, k...>) {
    return __builtin_shufflevector(a, b, (from + k / 2 + k % 2 * side)...);
  }

  /// Transposes a block by interleaving each row with the row half the block further down, as often
  /// as the number of rows can be halved (a perfect shuffle).
  template <bool add>
  static void transpose(T* __restrict out, Index out_step, const T* __restrict in, Index in_step) {
    constexpr auto all = std::make_integer_sequence<Index, side>{};
    Register rows[side], next[side];
    for (Index i = 0; i < side; ++i) std::memcpy(&rows[i], in + i * in_step, sizeof(Register));
    for (Index half = 1; half < side; half *= 2) {
      for (Index i = 0; i < side / 2; ++i) {
        next[2 * i] = interleave<0>(rows[i], rows[i + side / 2], all);
        next[2 * i + 1] = interleave<side / 2>(rows[i], rows[i + side / 2], all);
      }
      std::copy_n(next, side, rows);
    }
    for (Index i = 0; i < side; ++i) {
      Register old{};
      if constexpr (add) std::memcpy(&old, out + i * out_step, sizeof(Register));
      if constexpr (add) rows[i] = old + rows[i];
      std::memcpy(out + i * out_step, &rows[i], sizeof(Register));
    }
  }
};

template <bool add, class T>
void transpose_blocks(T* out, Index out_step, const T* in, Index in_step, Index rows,
                      Index columns) {
  constexpr Index side = Lanes<T>::side;
  for (Index i = 0; i < rows; i += side) {
    Index j = 0;
    for (; i + side <= rows && j + side <= columns; j += side) {
      Lanes<T>::template transpose<add>(out + i * out_step + j, out_step, in + j * in_step + i,
                                        in_step);
    }
    transpose_block<add>(out + i * out_step + j, out_step, in + j * in_step + i, in_step,
                         std::min(side, rows - i), columns - j);
  }
}

// ---- kernels of copying and of reductions

template <class T>
void store_copy(T* out, const T* const* in, Index n) {
  std::copy_n(in[0], n, out);
}
template <class T>
void merge_sum(T* __restrict out, const T* __restrict x, Index n) {
  for (Index i = 0; i < n; ++i) out[i] += x[i];
}
template <class T>
void store_plus(T* __restrict out, const T* const* in, Index n) {
  const T *a = in[0], *b = in[1];
  for (Index i = 0; i < n; ++i) out[i] = a[i] + b[i];
}
template <class T>
void add_copy(T* out, const T* const* in, Index n) {
  merge_sum(out, in[0], n);
}

/// Sums in four accumulators, because an addition takes several cycles, and others that do not wait
/// for its result can begin meanwhile.
template <class T>
T sum_of(const T* x, Index n) {
  using Batch = xsimd::batch<T>;
  constexpr Index width = Batch::size;
  Batch sums[4] = {Batch(T(0)), Batch(T(0)), Batch(T(0)), Batch(T(0))};
  Index i = 0;
  for (; i + 4 * width <= n; i += 4 * width) {
    for (int k = 0; k < 4; ++k) sums[k] += Batch::load_unaligned(x + i + k * width);
  }
  for (; i + width <= n; i += width) sums[0] += Batch::load_unaligned(x + i);
  T rest = 0;
  for (; i < n; ++i) rest += x[i];
  return sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}
template <class T>
T sum_copy(const T* const* in, Index n) {
  return sum_of(in[0], n);
}
template <class T>
double tile_sum(double so_far, const T* x, Index n) {
  return so_far + sum_of(x, n);
}

/// The larger or the smaller of two numbers; NaN if one of them is NaN.
template <class T, bool larger>
T better(T a, T b) {
  const bool take = larger ? b > a : b < a;
  return take || std::isnan(b) ? b : a;
}
template <class Batch, bool larger>
Batch better_of(const Batch& best, const Batch& next) {
  const Batch finer = xsimd::select(larger ? next > best : next < best, next, best);
  return xsimd::select(next == next, finer, next);
}
template <class T, bool larger>
double tile_best(double so_far, const T* x, Index n) {
  using Batch = xsimd::batch<T>;
  constexpr Index width = Batch::size;
  T lanes[width];
  const Batch start(static_cast<T>(so_far));
  Batch best[4] = {start, start, start, start};
  Index i = 0;
  for (; i + 4 * width <= n; i += 4 * width) {
    for (int k = 0; k < 4; ++k) {
      best[k] = better_of<Batch, larger>(best[k], Batch::load_unaligned(x + i + k * width));
    }
  }
  for (; i + width <= n; i += width) {
    best[0] = better_of<Batch, larger>(best[0], Batch::load_unaligned(x + i));
  }
  for (int k = 1; k < 4; ++k) best[0] = better_of<Batch, larger>(best[0], best[k]);
  best[0].store_unaligned(lanes);
  for (; i < n; ++i) lanes[0] = better<T, larger>(lanes[0], x[i]);
  for (Index k = 1; k < width; ++k) lanes[0] = better<T, larger>(lanes[0], lanes[k]);
  return lanes[0];
}
template <class T, bool larger>
void merge_best(T* __restrict out, const T* __restrict x, Index n) {
  for (Index i = 0; i < n; ++i) out[i] = better<T, larger>(out[i], x[i]);
}

}  // namespace

template <class T>
void transpose_matrix(T* out, Index out_step, const T* in, Index in_step, Index rows, Index columns,
                      bool add) {
  (add ? transpose_blocks<true, T> : transpose_blocks<false, T>)(out, out_step, in, in_step, rows,
                                                                 columns);
}

template <class T>
const T* gather(const T* x, Index by, Index n, T* buffer) {
  if (by == 1 || n == 1) return x;
  if (by == 2) {  // a constant lets the compiler shuffle registers
    for (Index i = 0; i < n; ++i) buffer[i] = x[i * 2];
  } else {
    for (Index i = 0; i < n; ++i) buffer[i] = x[i * by];
  }
  return buffer;
}

/// Adds to every other element, as a contiguous addition of the numbers with zeros between them:
/// four times as fast as a loop with stride 2. It writes the elements between again, unchanged, so
/// threads must not write those at the same time (writes_disjoint_blocks in fused_loop.cpp).
template <class T>
void add_to_every_other(T* __restrict out, const T* __restrict x, Index n) {
  T spaced[2 * tile_length + 2];
  for (Index i = 0; i < n; ++i) {
    spaced[2 * i] = x[i];
    spaced[2 * i + 1] = 0;
  }
  for (Index i = 0; i < 2 * n - 1; ++i) out[i] += spaced[i];
}

template <class T>
void scatter(T* __restrict out, Index by, const T* __restrict x, Index n, bool add) {
  if (add && by == 2 && n > 1) {
    add_to_every_other(out, x, n);
  } else if (add) {
    for (Index i = 0; i < n; ++i) out[i * by] += x[i];
  } else {
    for (Index i = 0; i < n; ++i) out[i * by] = x[i];
  }
}

/// scatter_difference where plus = out + by and minus = out: element i of every `by`th receives
/// x[i - 1] - x[i], in one pass; the first receives -x[0], the last x[n - 1].
template <class T>
void scatter_to_neighbours(T* __restrict out, Index by, const T* __restrict x, Index n) {
  if (by == 1) {
    out[0] -= x[0];
    for (Index i = 1; i < n; ++i) out[i] += x[i - 1] - x[i];
    out[n] += x[n - 1];
    return;
  }
  T difference[tile_length + 1];
  difference[0] = -x[0];
  for (Index i = 1; i < n; ++i) difference[i] = x[i - 1] - x[i];
  difference[n] = x[n - 1];
  scatter(out, by, difference, n + 1, true);
}

template <class T>
void scatter_difference(T* plus, T* minus, Index by, const T* x, Index n) {
  if (plus == minus + by) return scatter_to_neighbours(minus, by, x, n);
  if (by == 1) {
    merge_sum(plus, x, n);
    for (Index i = 0; i < n; ++i) minus[i] -= x[i];
    return;
  }
  scatter(plus, by, x, n, true);
  T negative[tile_length];
  std::transform(x, x + n, negative, std::negate());
  scatter(minus, by, negative, n, true);
}

template <class T>
const Kernel<T> Builtin<T>::copy{store_copy<T>, add_copy<T>, sum_copy<T>};
template <class T>
const Kernel<T> Builtin<T>::plus{store_plus<T>, nullptr};
template <class T>
const Reduction<T> Builtin<T>::sum{tile_sum<T>, merge_sum<T>};
template <class T>
const Reduction<T> Builtin<T>::max{tile_best<T, true>, merge_best<T, true>};
template <class T>
const Reduction<T> Builtin<T>::min{tile_best<T, false>, merge_best<T, false>};

#define AUTOGRAD_INSTANTIATE(T)                                        \
  template struct Builtin<T>;                                          \
  template const T* gather<T>(const T*, Index, Index, T*);             \
  template void scatter<T>(T*, Index, const T*, Index, bool);          \
  template void scatter_difference<T>(T*, T*, Index, const T*, Index); \
  template void transpose_matrix<T>(T*, Index, const T*, Index, Index, Index, bool)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
