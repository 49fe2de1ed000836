/// Matrix products on strided views, through the cblas that xtensor-blas brings.
#pragma once

#include <limits>

#include "autograd/base/layout.hpp"

namespace autograd {

/// BLAS counts in int.
inline constexpr Index largest_in_blas = std::numeric_limits<int>::max();

/// c = a b (or c += a b): matrices of shapes (m, k), (k, n) and (m, n) in any strides, none of
/// these above `largest_in_blas`. Transposed matrices go to BLAS as they are; others without a unit
/// stride are copied to `scratch` first. Small matrices are multiplied without BLAS.
///
/// Or stacks of matrices, whose leading axes broadcast to `batch`: where those of c do, products
/// must be added.
template <class T>
void multiply_matrices(Arena& scratch, View<T> c, View<const T> a, View<const T> b, bool add,
                       std::span<const Index> batch = {});

/// How many threads BLAS may use, where it is OpenBLAS.
void set_blas_threads(int count);

}  // namespace autograd
