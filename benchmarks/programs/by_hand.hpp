/// What gradients by hand share: BLAS, and loops over SIMD batches.
#pragma once

#include <cstddef>
#include <xsimd/xsimd.hpp>

extern "C" {
void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                 const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
void cblas_dgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                 const double* a, int lda, const double* b, int ldb, double beta, double* c,
                 int ldc);
}

namespace benchmarks {

/// A row-major matrix, or its transpose.
template <class T>
struct Factor {
  const T* data;
  int columns;  ///< of what lies in memory
  bool transposed = false;
};

/// c = alpha a b + beta c, where c has shape (m, n) and a shape (m, k).
inline void gemm(int m, int n, int k, float alpha, Factor<float> a, Factor<float> b, float beta,
                 float* c) {
  cblas_sgemm(101, a.transposed ? 112 : 111, b.transposed ? 112 : 111, m, n, k, alpha, a.data,
              a.columns, b.data, b.columns, beta, c, n);
}
inline void gemm(int m, int n, int k, double alpha, Factor<double> a, Factor<double> b, double beta,
                 double* c) {
  cblas_dgemm(101, a.transposed ? 112 : 111, b.transposed ? 112 : 111, m, n, k, alpha, a.data,
              a.columns, b.data, b.columns, beta, c, n);
}

/// y[i] = f(x[i]...) in batches; f takes batches of T and numbers T.
template <class T, class F, class... X>
void map(std::size_t n, T* y, F f, const X*... x) {
  using Batch = xsimd::batch<T>;
  const std::size_t whole = n - n % Batch::size;
  for (std::size_t i = 0; i < whole; i += Batch::size) {
    f(Batch::load_unaligned(x + i)...).store_unaligned(y + i);
  }
  for (std::size_t i = whole; i < n; ++i) y[i] = f(x[i]...);
}

/// Adds the rows of a matrix to `sums`, a row.
template <class T>
void add_rows(std::size_t rows, std::size_t columns, const T* x, T* sums) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) sums[j] += x[i * columns + j];
  }
}

}  // namespace benchmarks
