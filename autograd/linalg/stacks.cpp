#include "autograd/linalg/stacks.hpp"

#include <algorithm>
#include <limits>

#include "autograd/engine/views.hpp"
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

void check_finite(const char* op, const T* x, Index count, std::span<const Index> batch, Index i) {
  if (!all_finite(x, count)) {
    fail(op, "{} has elements that are not finite", which(batch, i));
  }
}

void take_symmetric_part(const char* op, const T* a, Index n, T* to, std::span<const Index> batch,
                         Index matrix) {
  bool below = false, above = false;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < i; ++j) {
      const T lower = a[i * n + j], upper = a[j * n + i];
      below |= lower != 0;
      above |= upper != 0;
      to[i * n + j] = lower == upper ? lower : (lower + upper) / 2;
    }
    to[i * n + i] = a[i * n + i];
    std::fill(to + i * n + i + 1, to + (i + 1) * n, T(0));
  }
  if (below != above) {
    fail(op, "{} is zero {} its diagonal; give the whole symmetric matrix", which(batch, matrix),
         above ? "below" : "above");
  }
}

void check_matrices(const char* op, const V& a) {
  check_matrix(op, a.shape());
  check_work(op, a.shape());
  if (std::max(a.shape(-1), a.shape(-2)) > largest_in_blas) {
    fail(op, "LAPACK takes axes of at most {}: a has shape {}", largest_in_blas,
         to_string(a.shape()));
  }
}

V rows_from(const V& x, Index from, Index count) {
  return part_of_axis(x, static_cast<int>(x.dimension()) - 2, from, count);
}

bool is_zero(const V& x) {
  const View<const T> value = tape().value("linalg", x);
  for (Index i = 0; i < value.layout->size; ++i) {
    if (value.data[offset_of(*value.layout, i)] != 0) return false;
  }
  return true;
}

V columns_used(const V& x) { return any(x, Reduce{.axis = -2, .keepdims = true}); }

V inverse_differences(const V& x, const V& differences, const V& used) {
  const Index n = x.shape(-1);
  const T smallest = T(n) * std::numeric_limits<T>::epsilon();
  const V equal =
      abs(x - transposed(x)) <= smallest * max(abs(x), Reduce{.axis = -1, .keepdims = true});
  const V undetermined = equal * maximum(used, transposed(used));
  const V inverses = where(equal, 0, 1 / where(equal, 1, differences));
  return where(tril(undetermined, -1) + triu(undetermined, 1), std::numeric_limits<T>::quiet_NaN(),
               inverses);
}

V identity_like(const V& a) { return diag(broadcast_to(V(1), Extents{a.shape(-1)})); }

V transposed(const V& x) { return swapaxes(x, -1, -2); }

V times_transposed(const V& a, const V& b) {
  return a.shape(-1) == 1 ? a * transposed(b) : matmul(a, transposed(b));
}

V for_each_matrix(const V& x) { return expand_dims(expand_dims(x, -1), -1); }

}  // namespace autograd::linalg
