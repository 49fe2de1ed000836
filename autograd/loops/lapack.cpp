#include "autograd/loops/lapack.hpp"

#include <xflens/cxxblas/drivers/cblas.h>

#include <algorithm>
#include <utility>

#include "autograd/loops/lapack_calls.hpp"

namespace autograd::lapack {
namespace {

/// The interchanges of rows that `factor` has made, in their order or backwards.
template <class T>
void interchange(Index n, Index k, const int* pivots, bool backwards, T* b) {
  for (Index step = 0; step < n; ++step) {
    const Index i = backwards ? n - 1 - step : step, other = pivots[i] - 1;
    if (other != i) std::swap_ranges(b + i * k, b + (i + 1) * k, b + other * k);
  }
}

/// Writes the lower triangle of a matrix to the upper one, in blocks that stay in the first cache.
template <class T>
void mirror(Index n, T* a) {
  constexpr Index block = 32;
  for (Index top = 0; top < n; top += block) {
    for (Index left = 0; left <= top; left += block) {
      for (Index i = top; i < std::min(n, top + block); ++i) {
        for (Index j = left; j < std::min(i, left + block); ++j) a[j * n + i] = a[i * n + j];
      }
    }
  }
}

}  // namespace

template <class T>
bool factor(Index n, T* a, int* pivots) {
  if (n == 0) return true;
  const int order = static_cast<int>(n);
  int info = 0;
  const BlasCall call;
  of<T>(cxxlapack::sgetrf_, cxxlapack::dgetrf_)(&order, &order, a, &order, pivots, &info);
  return info == 0;
}

template <class T>
void solve(Index n, Index k, const T* factors, const int* pivots, bool transposed, T* b) {
  // Read row by row, the factors of a^T = P L U are those of a = U^T L^T P^T.
  const Triangle u{.lower = true, .transposed = transposed};
  const Triangle l{.transposed = transposed, .unit_diagonal = true};
  if (transposed) interchange(n, k, pivots, false, b);
  solve_triangle(n, k, factors, transposed ? l : u, b);
  solve_triangle(n, k, factors, transposed ? u : l, b);
  if (!transposed) interchange(n, k, pivots, true, b);
}

template <class T>
void invert(Arena& scratch, Index n, T* factors, const int* pivots) {
  if (n == 0) return;
  const ArenaScope memory(scratch);
  const auto getri = of<T>(cxxlapack::sgetri_, cxxlapack::dgetri_);
  const int order = static_cast<int>(n);
  int info = 0, size = -1;
  T best = 0;
  const BlasCall call;
  getri(&order, factors, &order, pivots, &best, &size, &info);
  size = work_size(best);
  getri(&order, factors, &order, pivots, take<T>(scratch, size), &size, &info);
}

template <class T>
bool factor_definite(Index n, T* a) {
  if (n == 0) return true;
  const int order = static_cast<int>(n);
  int info = 0;
  const BlasCall call;
  of<T>(cxxlapack::spotrf_, cxxlapack::dpotrf_)("U", &order, a, &order, &info);
  return info == 0;
}

template <class T>
void solve_definite(Index n, Index k, const T* factor, T* b) {
  solve_triangle(n, k, factor, {.lower = true}, b);
  solve_triangle(n, k, factor, {.lower = true, .transposed = true}, b);
}

template <class T>
void invert_definite(Index n, T* factor) {
  if (n == 0) return;
  const int order = static_cast<int>(n);
  int info = 0;
  const BlasCall call;
  of<T>(cxxlapack::spotri_, cxxlapack::dpotri_)("U", &order, factor, &order, &info);
  mirror(n, factor);
}

template <class T>
void solve_triangle(Index n, Index k, const T* a, const Triangle& triangle, T* b) {
  if (n == 0 || k == 0) return;
  const auto uplo = triangle.lower ? CBLAS_UPLO::CblasLower : CBLAS_UPLO::CblasUpper;
  const auto trans =
      triangle.transposed ? CBLAS_TRANSPOSE::CblasTrans : CBLAS_TRANSPOSE::CblasNoTrans;
  const auto diag = triangle.unit_diagonal ? CBLAS_DIAG::CblasUnit : CBLAS_DIAG::CblasNonUnit;
  const int order = static_cast<int>(n), columns = static_cast<int>(k);
  const BlasCall call;
  if (k == 1) {
    return of<T>(cblas_strsv, cblas_dtrsv)(CBLAS_ORDER::CblasRowMajor, uplo, trans, diag, order, a,
                                           order, b, 1);
  }
  of<T>(cblas_strsm, cblas_dtrsm)(CBLAS_ORDER::CblasRowMajor, CBLAS_SIDE::CblasLeft, uplo, trans,
                                  diag, order, columns, T(1), a, order, b, columns);
}

#define AUTOGRAD_INSTANTIATE(T)                                      \
  template bool factor(Index, T*, int*);                             \
  template void solve(Index, Index, const T*, const int*, bool, T*); \
  template void invert(Arena&, Index, T*, const int*);               \
  template bool factor_definite(Index, T*);                          \
  template void solve_definite(Index, Index, const T*, T*);          \
  template void invert_definite(Index, T*);                          \
  template void solve_triangle(Index, Index, const T*, const Triangle&, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

}  // namespace autograd::lapack
