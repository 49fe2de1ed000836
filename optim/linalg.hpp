/// Matrix decompositions by LAPACK, for the projections and proximal operators; not for users'
/// code. Arrays are row-major matrices. All throw std::invalid_argument for other shapes and for
/// elements that are not finite, std::runtime_error if LAPACK does not converge.
#pragma once

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

/// The product of two matrices.
template <Scalar T>
xt::xarray<T> matmul(const xt::xarray<T>& A, const xt::xarray<T>& B);

/// Throws std::runtime_error unless LAPACK's `info` is 0.
void check_lapack(const char* op, int info);

}  // namespace optim::detail
