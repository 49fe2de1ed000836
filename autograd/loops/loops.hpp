/// Loops over strided arrays. The loop nest is compiled once for all operations: it walks the
/// arrays in the order of memory and hands contiguous rows to kernels, which know nothing of
/// strides.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// The most operands that a kernel reads.
inline constexpr int max_operands = 5;

/// The length of a tile, a row in which strided data is brought to kernels. A dozen of them fit in
/// the first cache, and a kernel works much longer on one than its call takes.
inline constexpr Index tile_length = 256;

/// The longest sum that is made in T. Sums of more elements are sums, in double, of such parts.
inline constexpr Index longest_sum = 1024;

/// Forms of a kernel f that write no row of results where that row would only be summed, or added
/// to one place and subtracted from another. Operands are contiguous, or lie as it is said;
/// operands in the mask `scalar_operands` of the kernel are single numbers.
template <class T>
struct Pairs {
  /// plus[by i] += f(...) and minus[by i] -= f(...), where by is 1 unless it is said.
  using Function = void (*)(T* plus, T* minus, const T* const* in, Index n);
  /// The sum of f(...), where operands lie as every other element of memory.
  T (*sum_every_other)(const T* const* in, Index n) = nullptr;
  /// For rows that do not overlap, without and with operands that are single numbers.
  Function distant = nullptr;
  Function distant_with_scalars = nullptr;
  /// For neighbours: plus = minus + by. The operands lie as every element of memory (by = 1), or as
  /// every other one (by = 2). Operands in the mask are single numbers.
  Function neighbours = nullptr;
  Function every_other = nullptr;
};

/// The compiled loop of a function f, such as the rule of an operation, over contiguous rows of n
/// elements. All of it but `store` and `add` is optional and there for speed: it saves passes over
/// a row.
template <class T>
struct Kernel {
  using Function = void (*)(T* out, const T* const* in, Index n);
  Function store;  ///< out[i] = f(in[0][i], ...)
  Function add;    ///< out[i] += f(in[0][i], ...)
  /// Returns the sum of f(in[0][i], ...).
  T (*sum)(const T* const* in, Index n) = nullptr;
  /// As `store` and `add`, where the operands in the mask are single numbers.
  Function store_with_scalars = nullptr;
  Function add_with_scalars = nullptr;
  unsigned scalar_operands = 0;
  /// If this is the kernel of f(..., x): that of f(..., a - b), which reads a and b in place of x.
  const Kernel* of_difference = nullptr;
  const Pairs<T>* pairs = nullptr;  ///< more forms
};

/// How a reduction combines elements: `tile` takes a row into a total, `merge` a row into a row of
/// results.
template <class T>
struct Reduction {
  double (*tile)(double so_far, const T* x, Index n);
  void (*merge)(T* out, const T* x, Index n);
};

/// Kernels and reductions that do not come from rules.
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

/// Returns x[0], x[by], x[2 by], ... as a contiguous row: x itself, or `buffer`, to which it
/// copies.
template <class T>
const T* gather(const T* x, Index by, Index n, T* buffer);
/// out[0], out[by], ... = x[0], x[1], ...; or +=, if `add`. At most tile_length + 1 numbers.
template <class T>
void scatter(T* out, Index by, const T* x, Index n, bool add);
/// plus[0], plus[by], ... += x[0], x[1], ... and minus[0], minus[by], ... -= x[0], x[1], ...: the
/// adjoint of a difference. It is fastest for differences of neighbours, where plus = minus + by.
/// At most tile_length numbers, unless `by` is 1.
template <class T>
void scatter_difference(T* plus, T* minus, Index by, const T* x, Index n);

/// out[i, j] = in[j, i], or +=: rows of one array against columns of the other, block by block, so
/// that every line of memory is used whole.
template <class T>
void transpose_matrix(T* out, Index out_step, const T* in, Index in_step, Index rows, Index columns,
                      bool add);

/// out = in, out += in and out = value. Shapes broadcast as those of map_store do.
template <class T>
void copy(View<T> out, View<const T> in);
template <class T>
void accumulate(View<T> out, View<const T> in);
template <class T>
void fill(View<T> out, T value);

}  // namespace autograd
