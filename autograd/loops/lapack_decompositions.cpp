#include <algorithm>

#include "autograd/loops/lapack.hpp"
#include "autograd/loops/lapack_calls.hpp"

namespace autograd::lapack {

template <class T>
bool eigh(Arena& scratch, Index n, T* a, T* values) {
  if (n == 0) return true;
  const ArenaScope memory(scratch);
  const int order = static_cast<int>(n);
  int info = 0, size = -1, integers = -1, most_integers = 0;
  T best = 0;
  const BlasCall call;
  const auto syevd = of<T>(cxxlapack::ssyevd_, cxxlapack::dsyevd_);
  syevd("V", "U", &order, a, &order, values, &best, &size, &most_integers, &integers, &info);
  size = work_size(best);
  integers = most_integers;
  syevd("V", "U", &order, a, &order, values, take<T>(scratch, size), &size,
        take<int>(scratch, integers), &integers, &info);
  return info == 0;
}

template <class T>
bool svd(Arena& scratch, Index m, Index n, T* a, T* u, T* s, T* vt) {
  if (m == 0 || n == 0) return true;
  const ArenaScope memory(scratch);
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), k = std::min(rows, columns);
  int info = 0, size = -1;
  T best = 0;
  int* const integers = take<int>(scratch, Index{8} * k);
  const BlasCall call;
  const auto gesdd = of<T>(cxxlapack::sgesdd_, cxxlapack::dgesdd_);
  const auto decompose = [&](T* work) {  // the transpose of a is v diag(s) u^T
    gesdd("S", &rows, &columns, a, &rows, s, vt, &rows, u, &k, work, &size, integers, &info);
  };
  decompose(&best);
  size = work_size(best);
  decompose(take<T>(scratch, size));
  return info == 0;
}

template <class T>
void orthonormalise(Arena& scratch, Index m, Index k, T* a) {
  if (k == 0) return;
  const ArenaScope memory(scratch);
  const int rows = static_cast<int>(k), columns = static_cast<int>(m);
  T* const scales = take<T>(scratch, k);
  int info = 0;
  const BlasCall call;
  const auto factor = [&](T* work, int size) {  // a^T = R^T Q^T
    of<T>(cxxlapack::sgelqf_, cxxlapack::dgelqf_)(&rows, &columns, a, &rows, scales, work, &size,
                                                  &info);
  };
  const auto write = [&](T* work, int size) {
    of<T>(cxxlapack::sorglq_, cxxlapack::dorglq_)(&rows, &columns, &rows, a, &rows, scales, work,
                                                  &size, &info);
  };
  T for_factor = 0, for_write = 0;
  factor(&for_factor, -1);
  write(&for_write, -1);
  const int size = work_size(std::max(for_factor, for_write));
  T* const work = take<T>(scratch, size);
  factor(work, size);
  write(work, size);
}

template <class T>
bool schur(Arena& scratch, Index n, T* a, T* vectors) {
  if (n == 0) return true;
  const ArenaScope memory(scratch);
  const int order = static_cast<int>(n);
  int info = 0, size = -1, selected = 0;
  T best = 0;
  T *const real = take<T>(scratch, n), *const imaginary = take<T>(scratch, n);
  const BlasCall call;
  const auto decompose = [&](T* work) {
    of<T>(cxxlapack::sgees_, cxxlapack::dgees_)("V", "N", nullptr, &order, a, &order, &selected,
                                                real, imaginary, vectors, &order, work, &size,
                                                nullptr, &info);
  };
  decompose(&best);
  size = work_size(best);
  decompose(take<T>(scratch, size));
  return info == 0;
}

template <class T>
bool schur(Arena& scratch, Index n, std::complex<T>* a, std::complex<T>* vectors) {
  if (n == 0) return true;
  const ArenaScope memory(scratch);
  const int order = static_cast<int>(n);
  int info = 0, size = -1, selected = 0;
  T best[2] = {};  // LAPACK's complex numbers are pairs
  T* const values = take<T>(scratch, 2 * n);
  T* const reals = take<T>(scratch, n);
  const BlasCall call;
  const auto decompose = [&](T* work) {
    of<T>(cxxlapack::cgees_, cxxlapack::zgees_)(
        "V", "N", nullptr, &order, reinterpret_cast<T*>(a), &order, &selected, values,
        reinterpret_cast<T*>(vectors), &order, work, &size, reals, nullptr, &info);
  };
  decompose(best);
  size = work_size(best[0]);
  decompose(take<T>(scratch, 2 * size));
  return info == 0;
}

template <class T>
bool sylvester(Index m, Index n, const T* s, const T* r, bool transposed, T* c) {
  if (m == 0 || n == 0) return true;
  const int rows = static_cast<int>(m), columns = static_cast<int>(n), plus = 1;
  int info = 0;
  T scale = 1;
  const char* const trans = transposed ? "T" : "N";
  const BlasCall call;
  of<T>(cxxlapack::strsyl_, cxxlapack::dtrsyl_)(trans, trans, &plus, &rows, &columns, s, &rows, r,
                                                &columns, c, &rows, &scale, &info);
  if (scale != 1) std::for_each(c, c + m * n, [&](T& each) { each /= scale; });
  return info == 0;
}

template <class T>
bool factor_banded(const Band& band, T* columns, int* pivots) {
  if (band.n == 0) return true;
  const int n = static_cast<int>(band.n), lower = static_cast<int>(band.lower),
            upper = static_cast<int>(band.upper), rows = static_cast<int>(band.rows());
  int info = 0;
  const BlasCall call;
  of<T>(cxxlapack::sgbtrf_, cxxlapack::dgbtrf_)(&n, &n, &lower, &upper, columns, &rows, pivots,
                                                &info);
  return info == 0;
}

template <class T>
void solve_banded(const Band& band, Index k, const T* factors, const int* pivots, bool transposed,
                  T* b) {
  if (band.n == 0 || k == 0) return;
  const int n = static_cast<int>(band.n), lower = static_cast<int>(band.lower),
            upper = static_cast<int>(band.upper), rows = static_cast<int>(band.rows()),
            columns = static_cast<int>(k);
  int info = 0;
  const BlasCall call;
  of<T>(cxxlapack::sgbtrs_, cxxlapack::dgbtrs_)(transposed ? "T" : "N", &n, &lower, &upper,
                                                &columns, factors, &rows, pivots, b, &n, &info);
}

#define AUTOGRAD_INSTANTIATE(T)                                           \
  template bool eigh(Arena&, Index, T*, T*);                              \
  template bool svd(Arena&, Index, Index, T*, T*, T*, T*);                \
  template void orthonormalise(Arena&, Index, Index, T*);                 \
  template bool schur(Arena&, Index, T*, T*);                             \
  template bool schur(Arena&, Index, std::complex<T>*, std::complex<T>*); \
  template bool sylvester(Index, Index, const T*, const T*, bool, T*);    \
  template bool factor_banded(const Band&, T*, int*);                     \
  template void solve_banded(const Band&, Index, const T*, const int*, bool, T*);
AUTOGRAD_INSTANTIATE(float)
AUTOGRAD_INSTANTIATE(double)
#undef AUTOGRAD_INSTANTIATE

}  // namespace autograd::lapack
