#include "autograd/linalg/stacks.hpp"

#include <algorithm>

#include "autograd/loops/blas.hpp"
#include "autograd/loops/loops.hpp"

namespace autograd::linalg {

void check_square(const char* op, const V& a) {
  if (a.dimension() < 2 || a.shape(-1) != a.shape(-2)) {
    fail(op, "a must be a square matrix, or a stack of such: a has shape {}", to_string(a.shape()));
  }
  check_work(op, a.shape());
}

void check_right_side(const char* op, const V& a, const V& b) {
  const bool fits = b.dimension() > 0 && b.shape(b.dimension() == 1 ? 0 : -2) == a.shape(-1) &&
                    (b.dimension() == 1 || b.shape(-1) <= largest_in_blas);
  if (fits) return;
  fail(op, "b must be a vector or matrices with as many rows as a: a has shape {}, b has shape {}",
       to_string(a.shape()), to_string(b.shape()));
}

const T* rows_of(Arena& scratch, View<const T> x) {
  if (x.layout->row_major) return x.data;
  const View<T> copied =
      allocate<T>("linalg", scratch, make_row_major(scratch, x.layout->dims(), "linalg"));
  copy<T>(copied, x);
  return copied.data;
}

bool all_finite(const T* x, Index count) {
  T zero = 0;
#pragma omp simd reduction(+ : zero)
  for (Index i = 0; i < count; ++i) zero += x[i] * 0;
  return zero == 0;
}

V transposed(const V& x) { return swapaxes(x, -1, -2); }

V times_transposed(const V& a, const V& b) {
  return a.shape(-1) == 1 ? a * transposed(b) : matmul(a, transposed(b));
}

V for_each_matrix(const V& x) { return expand_dims(expand_dims(x, -1), -1); }

}  // namespace autograd::linalg
