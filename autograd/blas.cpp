#include "autograd/blas.hpp"

#include <pthread.h>
#include <xflens/cxxblas/drivers/cblas.h>

#include <atomic>
#include <thread>

#include "autograd/loops.hpp"

extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace autograd {
namespace {

std::atomic<int> calls = 0;
std::atomic<int> forks = 0;

/// A call of BLAS. fork() waits for its end: OpenBLAS stops its threads before a fork, which never
/// ends while they are at work, and its locks must be free in the child.
class Call {
 public:
  Call() {
    static const bool registered = [] {  // after OpenBLAS, so that the handler runs before its own
      pthread_atfork(
          [] {
            for (++forks; calls > 0;) std::this_thread::yield();
          },
          [] { --forks; }, [] { forks = 0; });
      return true;
    }();
    static_cast<void>(registered);
    for (++calls; forks > 0; ++calls) {
      --calls;
      while (forks > 0) std::this_thread::yield();
    }
  }
  ~Call() { --calls; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
};

void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const float* a, int lda,
          const float* b, int ldb, float beta, float* c, int ldc) {
  cblas_sgemm(CBLAS_ORDER::CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}
void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const double* a, int lda,
          const double* b, int ldb, double beta, double* c, int ldc) {
  cblas_dgemm(CBLAS_ORDER::CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}
void gemv(CBLAS_TRANSPOSE t, int rows, int columns, const float* a, int lda, const float* x,
          int step_x, float beta, float* y, int step_y) {
  cblas_sgemv(CBLAS_ORDER::CblasRowMajor, t, rows, columns, 1, a, lda, x, step_x, beta, y, step_y);
}
void gemv(CBLAS_TRANSPOSE t, int rows, int columns, const double* a, int lda, const double* x,
          int step_x, double beta, double* y, int step_y) {
  cblas_dgemv(CBLAS_ORDER::CblasRowMajor, t, rows, columns, 1, a, lda, x, step_x, beta, y, step_y);
}

/// A matrix as BLAS sees it.
template <class T>
struct Matrix {
  T* data;
  Index rows, columns, row_step, column_step;

  explicit Matrix(View<T> v)
      : data(v.data),
        rows(v.layout->shape[0]),
        columns(v.layout->shape[1]),
        row_step(rows == 1 ? columns : v.layout->strides[0]),
        column_step(columns == 1 ? 1 : v.layout->strides[1]) {
    if (rows == 1 && column_step != 1) row_step = 1;
  }
  bool row_major() const { return is_leading(row_step, columns) && column_step == 1; }
  bool column_major() const { return is_leading(column_step, rows) && row_step == 1; }
  bool fits() const { return row_major() || column_major(); }
  CBLAS_TRANSPOSE flag() const {
    return row_major() ? CBLAS_TRANSPOSE::CblasNoTrans : CBLAS_TRANSPOSE::CblasTrans;
  }
  int step() const { return static_cast<int>(row_major() ? row_step : column_step); }

 private:
  static bool is_leading(Index step, Index extent) {
    return step >= std::max<Index>(1, extent) && step <= largest_in_blas;
  }
};

template <class T>
View<T> packed(Arena& scratch, std::span<const Index> shape) {
  return allocate<T>("matmul", scratch, make_row_major(scratch, shape));
}

template <class T>
View<const T> fitting(Arena& scratch, View<const T> v) {
  if (Matrix<const T>(v).fits()) return v;
  const View<T> copied = packed<T>(scratch, v.layout->dims());
  copy<T>(copied, v);
  return copied;
}

template <class T>
View<T> transposed(Arena& scratch, View<T> v) {
  return {v.data, make_layout(scratch, Dims{v.layout->shape[1], v.layout->shape[0]},
                              Dims{v.layout->strides[1], v.layout->strides[0]})};
}

/// y = a x for one column x.
template <class T>
void multiply_vector(const Matrix<T>& y, const Matrix<const T>& a, const Matrix<const T>& x,
                     T beta) {
  const bool plain = a.row_major();
  const Index step_x = x.rows == 1 ? 1 : x.row_step, step_y = y.rows == 1 ? 1 : y.row_step;
  const Call call;
  gemv(a.flag(), static_cast<int>(plain ? a.rows : a.columns),
       static_cast<int>(plain ? a.columns : a.rows), a.data, a.step(), x.data,
       static_cast<int>(step_x), beta, y.data, static_cast<int>(step_y));
}

/// So many multiplications are done before a call of BLAS would have begun.
constexpr Index few = 64;

/// c = a b + beta c, number by number.
template <class T>
void multiply_few(const Matrix<T>& c, const Matrix<const T>& a, const Matrix<const T>& b, T beta) {
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      const T *left = a.data + i * a.row_step, *right = b.data + j * b.column_step;
      T sum = 0;
      for (Index k = 0; k < a.columns; ++k) sum += left[k * a.column_step] * right[k * b.row_step];
      T& to = c.data[i * c.row_step + j * c.column_step];
      to = beta == 0 ? sum : to + sum;
    }
  }
}

}  // namespace

template <class T>
void multiply_matrices(Arena& scratch, View<T> c, View<const T> a, View<const T> b, bool add) {
  if (c.layout->size == 0) return;
  if (a.layout->size == 0) {
    if (!add) fill(c, T(0));
    return;
  }
  const Matrix<T> to(c);
  const T beta = add ? 1 : 0;
  if (to.columns <= few && a.layout->size * to.columns <= few) {
    return multiply_few<T>(to, Matrix<const T>(a), Matrix<const T>(b), beta);
  }
  const ArenaScope memory(scratch);
  if (!to.fits()) {
    const View<T> result = packed<T>(scratch, c.layout->dims());
    multiply_matrices<T>(scratch, result, a, b, false);
    return add ? accumulate<T>(c, result) : copy<T>(c, result);
  }
  if (!to.row_major() || (to.rows == 1 && to.columns > 1)) {
    return multiply_matrices<T>(scratch, transposed(scratch, c), transposed(scratch, b),
                                transposed(scratch, a), add);
  }
  const Matrix<const T> left(fitting(scratch, a)), right(fitting(scratch, b));
  if (to.columns == 1) return multiply_vector<T>(to, left, right, beta);
  const Call call;
  gemm(left.flag(), right.flag(), static_cast<int>(to.rows), static_cast<int>(to.columns),
       static_cast<int>(left.columns), left.data, left.step(), right.data, right.step(), beta,
       to.data, to.step());
}

void set_blas_threads(int count) {
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(count);
}

template void multiply_matrices<float>(Arena&, View<float>, View<const float>, View<const float>,
                                       bool);
template void multiply_matrices<double>(Arena&, View<double>, View<const double>,
                                        View<const double>, bool);

}  // namespace autograd
