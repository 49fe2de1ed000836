/// Factorisations of dense matrices by LAPACK, through the declarations that xtensor-blas brings.
///
/// Matrices are row-major without gaps. LAPACK's are column-major, so that it sees their
/// transposes; the comments say what the result is for ours. Matrices without elements are left
/// alone.
#pragma once

#include <complex>

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

// ---- decompositions (lapack_decompositions.cpp): false if LAPACK did not converge --------------

/// Replaces a symmetric matrix, of which the lower triangle is read, by its eigenvectors as rows;
/// eigenvalues ascend.
template <class T>
bool eigh(Arena& scratch, Index n, T* a, T* values);
/// a = u diag(s) vt for a of shape (m, n), which is overwritten; u has shape (m, k), vt (k, n),
/// with k = min(m, n), and s descends.
template <class T>
bool svd(Arena& scratch, Index m, Index n, T* a, T* u, T* s, T* vt);
/// Replaces a matrix of shape (m, k), m >= k, by the factor Q of its decomposition Q R.
template <class T>
void orthonormalise(Arena& scratch, Index m, Index k, T* a);
/// a^T = U S U^T, where S is upper triangular but for blocks of order 2: as column-major matrices U
/// is written to `vectors`, and S replaces a^T, which is what LAPACK takes our a for.
template <class T>
bool schur(Arena& scratch, Index n, T* a, T* vectors);
template <class T>
bool schur(Arena& scratch, Index n, std::complex<T>* a, std::complex<T>* vectors);
/// Replaces c, column-major of shape (m, n), by the solution y of s y + y r = c for matrices S of
/// `schur`, or of s^T y + y r^T = c. Returns false if there is none.
template <class T>
bool sylvester(Index m, Index n, const T* s, const T* r, bool transposed, T* c);

/// Factors of a banded matrix of order n with `lower` diagonals below the main one and `upper`
/// above, in LAPACK's form: columns of 2 lower + upper + 1 numbers, the last lower + upper + 1 of
/// which are given. Returns false for a singular matrix.
struct Band {
  Index n, lower, upper;
  Index rows() const { return 2 * lower + upper + 1; }
};
template <class T>
bool factor_banded(const Band& band, T* columns, int* pivots);
/// Replaces b, column-major of shape (n, k), by a^-1 b or a^-T b.
template <class T>
void solve_banded(const Band& band, Index k, const T* factors, const int* pivots, bool transposed,
                  T* b);

}  // namespace autograd::lapack
