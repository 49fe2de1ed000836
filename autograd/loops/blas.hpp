/// Matrix products on strided views, through the declarations of cblas that xtensor-blas brings.
#pragma once

#include <limits>

#include "autograd/base/layout.hpp"

namespace autograd {

/// The largest extent and step that BLAS takes, which counts in int.
inline constexpr Index largest_in_blas = std::numeric_limits<int>::max();

/// c = a b, or c += a b if `add`, for matrices of shapes (m, k), (k, n) and (m, n) in any strides,
/// with extents of at most `largest_in_blas`. Transposed matrices go to BLAS as they are; others
/// without a unit stride are copied to `scratch` first. Small matrices are multiplied without BLAS,
/// whose call takes longer than they do.
///
/// The operands may be stacks of matrices, whose leading axes broadcast to `batch`. If those of c
/// are broadcast, several products go to one matrix, and `add` must be set.
template <class T>
void multiply_matrices(Arena& scratch, View<T> c, View<const T> a, View<const T> b, bool add,
                       std::span<const Index> batch = {});

/// Sets how many threads BLAS may use, if it is OpenBLAS.
void set_blas_threads(int count);

}  // namespace autograd
