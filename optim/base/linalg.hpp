/// Matrix products, and decompositions by LAPACK, for the projections and proximal operators; not
/// for users' code. Arrays are row-major matrices. Decompositions throw std::invalid_argument for
/// other shapes and for elements that are not finite, std::runtime_error if LAPACK does not
/// converge.
#pragma once

#include "autograd/base/arena.hpp"
#include "autograd/var.hpp"

namespace optim::detail {

using autograd::Scalar;

template <Scalar T>
struct Eigh {
  xt::xarray<T> values;   ///< of shape (n), ascending
  xt::xarray<T> vectors;  ///< of shape (n, n): its columns, orthonormal
};

/// Of a symmetric matrix, of which only the lower triangle is read.
template <Scalar T>
Eigh<T> eigh(const xt::xarray<T>& A);

template <Scalar T>
struct Svd {
  xt::xarray<T> U;   ///< of shape (m, k), k = min(m, n), with orthonormal columns
  xt::xarray<T> s;   ///< of shape (k), descending, >= 0
  xt::xarray<T> Vt;  ///< of shape (k, n), with orthonormal rows
};

/// A = U diag(s) Vt for A of shape (m, n).
template <Scalar T>
Svd<T> svd(const xt::xarray<T>& A);

/// C = A B, or C = A^T B: of matrices that fit, where a vector is a column. C has its shape and is
/// not A or B.
template <Scalar T>
void multiply(autograd::Arena& scratch, xt::xarray<T>& C, const xt::xarray<T>& A, bool transposed,
              const xt::xarray<T>& B);

/// The product of two matrices. Throws std::invalid_argument for other shapes.
template <Scalar T>
xt::xarray<T> matmul(const xt::xarray<T>& A, const xt::xarray<T>& B);

/// Throws std::runtime_error unless LAPACK's `info` is 0.
void check_lapack(const char* op, int info);

}  // namespace optim::detail
