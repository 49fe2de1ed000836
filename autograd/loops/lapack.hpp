/// Factorisations of dense matrices by LAPACK, through the declarations that xtensor-blas brings.
///
/// Matrices are row-major without gaps. LAPACK's are column-major, so that it sees their
/// transposes; the comments say what the result is for ours. Matrices without elements are left
/// alone.
#pragma once

#include "autograd/base/arena.hpp"
#include "autograd/detail/shape.hpp"

namespace autograd::lapack {

/// Replaces a matrix of shape (n, n) by the factors of its transpose: a^T = P L U. Returns false if
/// a number on the diagonal of U is zero.
template <class T>
bool factor(Index n, T* a, int* pivots);
/// Replaces b, of shape (n, k), by a^-1 b, or by a^-T b, with the factors of `factor`.
template <class T>
void solve(Index n, Index k, const T* factors, const int* pivots, bool transposed, T* b);
/// Replaces the factors of `factor` by a^-1.
template <class T>
void invert(Arena& scratch, Index n, T* factors, const int* pivots);

/// Replaces the lower triangle of a symmetric matrix by L, where a = L L^T. Returns false if the
/// matrix is not positive definite. The upper triangle is neither read nor written.
template <class T>
bool factor_definite(Index n, T* a);
/// Replaces b, of shape (n, k), by a^-1 b, with the factor of `factor_definite`.
template <class T>
void solve_definite(Index n, Index k, const T* factor, T* b);
/// Replaces the factor of `factor_definite` by a^-1, whose upper triangle is written, too.
template <class T>
void invert_definite(Index n, T* factor);

/// Which triangle of a matrix is read, and how.
struct Triangle {
  bool lower = false;
  bool transposed = false;     ///< solve with its transpose
  bool unit_diagonal = false;  ///< take the diagonal to be 1, without reading it
};
/// Replaces b, of shape (n, k), by the solution y of a y = b for a triangular matrix.
template <class T>
void solve_triangle(Index n, Index k, const T* a, const Triangle& triangle, T* b);

}  // namespace autograd::lapack
