#include "autograd/loops/blas.hpp"

#include <pthread.h>
#include <xflens/cxxblas/drivers/cblas.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "autograd/loops/blas_call.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/loops/matrix.hpp"

extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace autograd {
namespace {

std::atomic<int> calls = 0;
std::atomic<int> forks = 0;

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

/// Whether BLAS takes a step between rows: not shorter than a row, and an int.
bool is_leading(Index step, Index extent) {
  return step >= std::max<Index>(1, extent) && step <= largest_in_blas;
}
template <class T>
bool row_major(const Matrix<T>& m) {
  return is_leading(m.row_step, m.columns) && m.column_step == 1;
}
template <class T>
bool column_major(const Matrix<T>& m) {
  return is_leading(m.column_step, m.rows) && m.row_step == 1;
}
/// Whether BLAS takes the matrix as it is, or as the transpose of what it takes.
template <class T>
bool fits(const Matrix<T>& m) {
  return row_major(m) || column_major(m);
}
template <class T>
CBLAS_TRANSPOSE flag(const Matrix<T>& m) {
  return row_major(m) ? CBLAS_TRANSPOSE::CblasNoTrans : CBLAS_TRANSPOSE::CblasTrans;
}
template <class T>
int step(const Matrix<T>& m) {
  return static_cast<int>(row_major(m) ? m.row_step : m.column_step);
}

template <class T>
Matrix<T> packed(Arena& scratch, Index rows, Index columns) {
  const Layout* layout = make_row_major(scratch, Dims{rows, columns});
  return Matrix<T>(allocate<T>("matmul", scratch, layout));
}

template <class T>
View<T> view_of(Arena& scratch, const Matrix<T>& m) {
  return {m.data, make_layout(scratch, Dims{m.rows, m.columns}, Dims{m.row_step, m.column_step})};
}

/// The matrix as BLAS takes it: itself or a copy.
template <class T>
Matrix<const T> fitting(Arena& scratch, const Matrix<const T>& m) {
  if (fits(m)) return m;
  const Matrix<T> copied = packed<T>(scratch, m.rows, m.columns);
  copy<T>(view_of(scratch, copied), view_of(scratch, m));
  return {copied.data, copied.rows, copied.columns, copied.row_step, copied.column_step};
}

/// y = a x for one column x.
template <class T>
void multiply_vector(const Matrix<T>& y, const Matrix<const T>& a, const Matrix<const T>& x,
                     T beta) {
  const bool plain = row_major(a);
  const Index step_x = x.rows == 1 ? 1 : x.row_step, step_y = y.rows == 1 ? 1 : y.row_step;
  const BlasCall call;
  gemv(flag(a), static_cast<int>(plain ? a.rows : a.columns),
       static_cast<int>(plain ? a.columns : a.rows), a.data, step(a), x.data,
       static_cast<int>(step_x), beta, y.data, static_cast<int>(step_y));
}

/// The number of multiplications that are done before a call of BLAS would have begun.
constexpr Index few = 64;

/// c = a b + beta c, number by number, where beta is 0 or 1.
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

/// c = a b or c += a b for matrices that are not empty: number by number if they are tiny, with a
/// copy of c if BLAS cannot write to it, and as c^T = b^T a^T if c is column-major. What is left
/// goes to gemv or gemm.
template <class T>
void multiply(Arena& scratch, const Matrix<T>& c, const Matrix<const T>& a,
              const Matrix<const T>& b, bool add) {
  const T beta = add ? 1 : 0;
  if (c.columns <= few && a.size() * c.columns <= few) return multiply_few<T>(c, a, b, beta);
  const ArenaScope memory(scratch);
  if (!fits(c)) {
    const Matrix<T> result = packed<T>(scratch, c.rows, c.columns);
    multiply<T>(scratch, result, a, b, false);
    const View<T> to = view_of(scratch, c), from = view_of(scratch, result);
    return add ? accumulate<T>(to, from) : copy<T>(to, from);
  }
  if (!row_major(c) || (c.rows == 1 && c.columns > 1)) {
    return multiply<T>(scratch, c.transposed(), b.transposed(), a.transposed(), add);
  }
  const Matrix<const T> left = fitting<T>(scratch, a), right = fitting<T>(scratch, b);
  if (c.columns == 1) return multiply_vector<T>(c, left, right, beta);
  const BlasCall call;
  gemm(flag(left), flag(right), static_cast<int>(c.rows), static_cast<int>(c.columns),
       static_cast<int>(left.columns), left.data, step(left), right.data, step(right), beta, c.data,
       step(c));
}

/// Three stacks of matrices at the current position in the batch, and how far apart their matrices
/// are along its axes.
template <class T>
struct Stacks {
  Matrix<T> c;
  Matrix<const T> a, b;
  std::span<const Index> batch;
  Dims to, left, right;

  Repeat along(std::size_t axis) const {
    const int i = static_cast<int>(axis);
    return {batch[axis], to[i], left[i], right[i]};
  }
  void step(const Repeat& by, Index count) {
    c.data += count * by.c;
    a.data += count * by.a;
    b.data += count * by.b;
  }
};

/// Multiplies the stacks from an axis of the batch on. The innermost axis of small matrices is left
/// to multiply_small, which knows its length.
template <class T>
void multiply(Arena& scratch, Stacks<T>& stacks, std::size_t axis, bool is_small, bool add) {
  const std::size_t axes = stacks.batch.size() - axis;
  if (is_small && axes <= 1) {
    const Repeat once{1, 0, 0, 0};
    return multiply_small<T>(stacks.c, stacks.a, stacks.b, add,
                             axes == 1 ? stacks.along(axis) : once);
  }
  if (axes == 0) return multiply<T>(scratch, stacks.c, stacks.a, stacks.b, add);
  const Repeat by = stacks.along(axis);
  for (Index i = 0; i < by.count; ++i) {
    multiply<T>(scratch, stacks, axis + 1, is_small, add);
    stacks.step(by, 1);
  }
  stacks.step(by, -by.count);
}

/// The strides between the matrices of a stack that is broadcast to the batch.
Dims batch_steps(const Layout& layout, std::span<const Index> batch) {
  Dims shape(batch);
  for (const Index extent : layout.dims().last(2)) shape.push(extent);
  return broadcast_strides(layout, shape);
}

}  // namespace

BlasCall::BlasCall() {
  static const bool registered = [] {  // after OpenBLAS, so that the handler runs before its own
    pthread_atfork(
        [] {
          for (++forks; calls > 0;) std::this_thread::yield();
        },
        [] { --forks; }, [] { calls = forks = 0; });
    return true;
  }();
  static_cast<void>(registered);
  for (++calls; forks > 0; ++calls) {
    --calls;
    while (forks > 0) std::this_thread::yield();
  }
}

BlasCall::~BlasCall() { --calls; }

template <class T>
void multiply_matrices(Arena& scratch, View<T> c, View<const T> a, View<const T> b, bool add,
                       std::span<const Index> batch) {
  if (c.layout->size == 0) return;
  if (a.layout->size == 0) {
    if (!add) fill(c, T(0));
    return;
  }
  Stacks<T> stacks{Matrix<T>(c),
                   Matrix<const T>(a),
                   Matrix<const T>(b),
                   batch,
                   batch_steps(*c.layout, batch),
                   batch_steps(*a.layout, batch),
                   batch_steps(*b.layout, batch)};
  const bool is_small = std::max({stacks.c.rows, stacks.c.columns, stacks.a.columns}) <= most_small;
  multiply<T>(scratch, stacks, 0, is_small, add);
}

void set_blas_threads(int count) {
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(count);
}

template void multiply_matrices<float>(Arena&, View<float>, View<const float>, View<const float>,
                                       bool, std::span<const Index>);
template void multiply_matrices<double>(Arena&, View<double>, View<const double>,
                                        View<const double>, bool, std::span<const Index>);

}  // namespace autograd
