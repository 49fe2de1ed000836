#include "optim/base/linalg.hpp"

#include <xflens/cxxlapack/netlib/netlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "autograd/loops/blas.hpp"
#include "optim/base/arrays.hpp"

// LAPACK's matrices are column-major, so it sees the transpose of ours.

namespace optim::detail {
namespace {

using autograd::fail;

template <class T>
void check_matrix(const char* op, const xt::xarray<T>& A) {
  if (A.dimension() != 2) fail(op, "A must be a matrix: A has shape {}", shape_text(A));
}

/// LAPACK's step of the leading dimension must be positive, even for empty matrices.
int step(int extent) { return std::max(1, extent); }

/// A size of work space that LAPACK gave as a float, which may have been rounded down.
template <class T>
int work_size(T size) {
  return static_cast<int>(std::nextafter(size, std::numeric_limits<T>::infinity())) + 1;
}

template <class T>
int syevd(int n, T* A, T* values, T* work, int work_size, int* iwork, int iwork_size) {
  int info = 0;
  const int lda = step(n);
  const auto call = [&](auto function) {
    function("V", "U", &n, A, &lda, values, work, &work_size, iwork, &iwork_size, &info);
  };
  if constexpr (std::is_same_v<T, float>)
    call(cxxlapack::ssyevd_);
  else
    call(cxxlapack::dsyevd_);
  return info;
}

template <class T>
int gesdd(int m, int n, T* A, T* s, T* U, T* Vt, T* work, int work_size, int* iwork) {
  int info = 0;
  const int lda = step(m), ldvt = step(std::min(m, n));
  const auto call = [&](auto function) {
    function("S", &m, &n, A, &lda, s, U, &lda, Vt, &ldvt, work, &work_size, iwork, &info);
  };
  if constexpr (std::is_same_v<T, float>)
    call(cxxlapack::sgesdd_);
  else
    call(cxxlapack::dgesdd_);
  return info;
}

void transpose_in_place(auto& A) {
  const std::size_t n = A.shape(0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) std::swap(A.data()[i * n + j], A.data()[j * n + i]);
  }
}

autograd::Dims matrix_shape(const auto& x) {
  const autograd::Dims shape = autograd::detail::shape_of(x);
  return shape.size() == 2 ? shape : autograd::Dims{static_cast<autograd::Index>(x.size()), 1};
}

}  // namespace

void check_lapack(const char* op, int info) {
  if (info != 0) fail<std::runtime_error>(op, "LAPACK did not converge: info is {}", info);
}

template <Scalar T>
Eigh<T> eigh(const xt::xarray<T>& A) {
  check_matrix("eigh", A);
  if (A.shape(0) != A.shape(1)) fail("eigh", "A must be square: A has shape {}", shape_text(A));
  check_finite("eigh", "A", A);
  const int n = static_cast<int>(A.shape(0));
  Eigh<T> result = {xt::xarray<T>::from_shape({A.shape(0)}), A};
  T* vectors = result.vectors.data();
  T size = 0;
  int iwork_size = 0;
  check_lapack("eigh", syevd(n, vectors, result.values.data(), &size, -1, &iwork_size, -1));
  std::vector<T> work(work_size(size));
  std::vector<int> iwork(iwork_size);
  check_lapack("eigh", syevd(n, vectors, result.values.data(), work.data(),
                             static_cast<int>(work.size()), iwork.data(), iwork_size));
  transpose_in_place(result.vectors);
  return result;
}

template <Scalar T>
Svd<T> svd(const xt::xarray<T>& A) {
  check_matrix("svd", A);
  check_finite("svd", "A", A);
  const std::size_t m = A.shape(0), n = A.shape(1), k = std::min(m, n);
  Svd<T> result = {xt::xarray<T>::from_shape({m, k}), xt::xarray<T>::from_shape({k}),
                   xt::xarray<T>::from_shape({k, n})};
  if (k == 0) return result;
  xt::xarray<T> copy = A;
  std::vector<int> iwork(8 * k);
  const auto decompose = [&](T* work, int size) {
    // The transpose of A is V diag(s) Ut.
    check_lapack("svd",
                 gesdd(static_cast<int>(n), static_cast<int>(m), copy.data(), result.s.data(),
                       result.Vt.data(), result.U.data(), work, size, iwork.data()));
  };
  T size = 0;
  decompose(&size, -1);
  std::vector<T> work(work_size(size));
  decompose(work.data(), static_cast<int>(work.size()));
  return result;
}

template <Scalar T>
void multiply(autograd::Arena& scratch, xt::xarray<T>& C, const xt::xarray<T>& A, bool transposed,
              const xt::xarray<T>& B) {
  const autograd::ArenaScope memory(scratch);
  const autograd::Dims shape = matrix_shape(A);
  const autograd::Layout* left =
      transposed
          ? make_layout(scratch, autograd::Dims{shape[1], shape[0]}, autograd::Dims{1, shape[1]})
          : make_row_major(scratch, shape);
  autograd::multiply_matrices<T>(scratch, {C.data(), make_row_major(scratch, matrix_shape(C))},
                                 {A.data(), left},
                                 {B.data(), make_row_major(scratch, matrix_shape(B))}, false);
}

template <Scalar T>
xt::xarray<T> matmul(const xt::xarray<T>& A, const xt::xarray<T>& B) {
  if (A.dimension() != 2 || B.dimension() != 2 || A.shape(1) != B.shape(0)) {
    fail("matmul", "shapes do not fit: A has shape {}, B has shape {}", shape_text(A),
         shape_text(B));
  }
  autograd::Arena scratch;
  xt::xarray<T> C = xt::xarray<T>::from_shape({A.shape(0), B.shape(1)});
  multiply(scratch, C, A, false, B);
  return C;
}

template Eigh<float> eigh(const xt::xarray<float>&);
template Eigh<double> eigh(const xt::xarray<double>&);
template Svd<float> svd(const xt::xarray<float>&);
template Svd<double> svd(const xt::xarray<double>&);
template void multiply(autograd::Arena&, xt::xarray<float>&, const xt::xarray<float>&, bool,
                       const xt::xarray<float>&);
template void multiply(autograd::Arena&, xt::xarray<double>&, const xt::xarray<double>&, bool,
                       const xt::xarray<double>&);
template xt::xarray<float> matmul(const xt::xarray<float>&, const xt::xarray<float>&);
template xt::xarray<double> matmul(const xt::xarray<double>&, const xt::xarray<double>&);

}  // namespace optim::detail
