/// The loop nest, compiled once for all operations: it walks strided arrays in memory order and
/// hands contiguous tiles to kernels.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// The most operands that a kernel reads.
inline constexpr int max_operands = 5;

/// The length of the rows in which strided data is brought to kernels: a few of them fit in the
/// first cache.
inline constexpr Index tile_length = 256;

/// Sums of at most this many elements are made in T; those are added up in double.
inline constexpr Index longest_sum = 1024;

/// What a kernel can do without writing its results to a row first. Operands are contiguous but for
/// those in the mask `scalar_operands` of the kernel, which are single numbers.
template <class T>
struct Pairs {
  using AddBoth = void (*)(T* plus, T* minus, const T* const* in, Index n);
  using AddNeighbours = void (*)(T* out, const T* const* in, Index n);
  /// The sum, where operands lie as every other element of memory.
  T (*sum_every_other)(const T* const* in, Index n) = nullptr;
  /// plus[i] += f(...) and minus[i] -= f(...) in rows that do not overlap; without and with
  /// numbers.
  AddBoth add_both = nullptr;
  AddBoth add_both_with_scalars = nullptr;
  /// out[by (i + 1)] += f(...) and out[by i] -= f(...), where operands lie as every element (by =
  /// 1) or every other one (by = 2) of memory. There are numbers.
  AddNeighbours add_neighbours = nullptr;
  AddNeighbours add_every_other = nullptr;
};

/// A computation on contiguous tiles of n elements.
template <class T>
struct Kernel {
  using Function = void (*)(T* out, const T* const* in, Index n);
  Function store;  ///< out[i] = f(in[0][i], ...)
  Function add;    ///< out[i] += f(in[0][i], ...)
  /// The sum of f(in[0][i], ...); optional, saves a pass where everything is summed.
  T (*sum)(const T* const* in, Index n) = nullptr;
  /// As store and add, for operands of which those in the mask are single numbers; optional.
  Function store_with_scalars = nullptr;
  Function add_with_scalars = nullptr;
  unsigned scalar_operands = 0;
  bool negates = false;    ///< f(x) = -x
  bool subtracts = false;  ///< f(a, b) = a - b
  /// The kernel f(..., a - b), where f(..., x) is this one; optional.
  const Kernel* of_difference = nullptr;
  const Pairs<T>* pairs = nullptr;
};

/// How a reduction combines elements.
template <class T>
struct Reduction {
  double (*tile)(double so_far, const T* x, Index n);
  void (*merge)(T* out, const T* x, Index n);
};

template <class T>
struct Builtin {
  static const Kernel<T> copy;
  static const Kernel<T> plus;  ///< of two operands; stores only
  static const Reduction<T> sum, max, min;
};
extern template struct Builtin<float>;
extern template struct Builtin<double>;

/// out = f(in...) or out += f(in...), element by element over `shape`, to which all arrays
/// broadcast. Where `out` is broadcast (an axis of extent 1 or missing), results are summed.
template <class T>
void map_store(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
               const Kernel<T>& kernel);
template <class T>
void map_add(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
             const Kernel<T>& kernel);

/// x[0], x[by], x[2 by], ... as a contiguous row: x itself, or `buffer`.
template <class T>
const T* gather(const T* x, Index by, Index n, T* buffer);
/// out[0], out[by], ... = x[0], x[1], ...; or +=. At most tile_length + 1 numbers.
template <class T>
void scatter(T* out, Index by, const T* x, Index n, bool add);
/// out[by], out[2 by], ... += x[0], x[1], ... and out[0], out[by], ... -= them. At most tile_length
/// numbers, unless `by` is 1.
template <class T>
void scatter_difference(T* out, Index by, const T* x, Index n);

/// out[i, j] = in[j, i], or +=: rows of one array against columns of the other, block by block, so
/// that every line of memory is used whole.
template <class T>
void transpose_matrix(T* out, Index out_step, const T* in, Index in_step, Index rows, Index columns,
                      bool add);

/// out = in, out += in (shapes broadcast as above); out = value.
template <class T>
void copy(View<T> out, View<const T> in);
template <class T>
void accumulate(View<T> out, View<const T> in);
template <class T>
void fill(View<T> out, T value);

}  // namespace autograd
