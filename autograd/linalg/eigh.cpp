/// Eigenvalues and eigenvectors of symmetric matrices.
#include <algorithm>

#include "autograd/linalg/stacks.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// For a = v diag(w) v^T, with cotangents g_w and g_v, that of a is the symmetric part of
/// v (diag(g_w) + f * (v^T g_v)) v^T, where f(i, j) = 1 / (w_j - w_i). The value holds w as its
/// first row and v below it; so does g.
void vjp_eigh(VjpContext<T>& context) {
  const V y = context.y(), g = context.g;
  const Index n = y.shape(-1);
  if (y.size() == 0) return;
  const V w = rows_from(y, 0, 1), v = rows_from(y, 1, n), g_v = rows_from(g, 1, n);
  V inner = v * rows_from(g, 0, 1);
  if (context.records() || !is_zero(g_v)) {
    const V f = inverse_differences(w, w - transposed(w), columns_used(g_v));
    inner = inner + matmul(v, f * matmul(transposed(v), g_v));
  }
  const V by_a = matmul(inner, transposed(v));
  context.add(0, (by_a + transposed(by_a)) * T(0.5));
}
constexpr Op<T> eigh_op{"eigh", nullptr, vjp_eigh};

/// Writes eigenvalues as the first row and eigenvectors as columns below it.
void decompose(const char* op, const T* a, Index n, T* to, std::span<const Index> batch, Index i) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  check_finite(op, a, n * n, batch, i);
  T* const vectors = scratch.take<T>(static_cast<std::size_t>(n * n));
  take_symmetric_part(op, a, n, vectors, batch, i);
  if (!lapack::eigh(scratch, n, vectors, to)) refuse_to_converge(op, batch, i);
  transpose_matrix(to + n, n, vectors, n, n, n, false);
}

/// Both in one array of shape (..., n + 1, n).
V decomposed(const char* op, const V& a) {
  check_square(op, a);
  const View<const T> value = tape().value(op, a);
  const Index n = a.shape(-1);
  const Dims batch(batch_of(a.shape()));
  const auto compute = [&](View<T> y) {
    const ArenaScope memory(tape().gradients);
    const T* rows = rows_of(tape().gradients, value);
    for (Index i = 0; i < count_of(batch); ++i) {
      decompose(op, rows + i * n * n, n, y.data + i * (n + 1) * n, batch, i);
    }
  };
  const Layout* layout = tape().row_major(with_axes_behind(batch, {n + 1, n}), op);
  return record(eigh_op, layout, nullptr, compute, a);
}

}  // namespace

Eigh<V> eigh(const V& a) {
  const V both = decomposed("eigh", a);
  return {squeeze(rows_from(both, 0, 1), -2), rows_from(both, 1, a.shape(-1))};
}

V eigvalsh(const V& a) { return squeeze(rows_from(decomposed("eigvalsh", a), 0, 1), -2); }

}  // namespace autograd::linalg
