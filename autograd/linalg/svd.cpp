/// Singular values and vectors.
#include "autograd/linalg/svd.hpp"

#include <algorithm>
#include <limits>

#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

struct Parts {
  V u, s, v;
};
Parts parts_of(const V& x, Index m, Index n) {
  return {rows_from(x, 0, m), rows_from(x, m, 1), rows_from(x, m + 1, n)};
}

/// x without what lies in the space of the columns of u.
V beside(const V& u, const V& x) { return x - matmul(u, matmul(transposed(u), x)); }

/// The part of the cotangent that comes from those of u and v:
///
///     u (f * (p - p^T) diag(s) + diag(s) f * (q - q^T)) v^T
///       + (1 - u u^T) g_u diag(1/s) v^T + u diag(1/s) g_v^T (1 - v v^T)
///
/// with p = u^T g_u, q = v^T g_v and f(i, j) = 1 / (s_j^2 - s_i^2). The last two terms are 0 for
/// square u or v. Formula: Townsend, "Differentiating the singular value decomposition" (2016).
V by_vectors(const Parts& y, const Parts& g, const V& vanishes) {
  const auto& [u, s, v] = y;
  const V used = maximum(columns_used(g.u), columns_used(g.v)), column = transposed(s);
  const V f = inverse_differences(s, (s - column) * (s + column), used);
  const V p = matmul(transposed(u), g.u), q = matmul(transposed(v), g.v);
  const V inner = f * (p - transposed(p)) * s + column * (f * (q - transposed(q)));
  V by_a = matmul(matmul(u, inner), transposed(v));
  const V undetermined = where(used, std::numeric_limits<T>::quiet_NaN(), 0);
  const V inverse = where(vanishes, undetermined, 1 / where(vanishes, 1, s));
  const Index k = s.shape(-1);
  if (u.shape(-2) > k) by_a = by_a + matmul(beside(u, g.u * inverse), transposed(v));
  if (v.shape(-2) > k) by_a = by_a + matmul(u, transposed(beside(v, g.v * inverse)));
  return by_a;
}

/// For a = u diag(s) v^T the cotangent of a is u diag(g_s) v^T, where singular values of zero count
/// as the kink that they are, and what comes from those of u and v. The product u v^T of the
/// vectors of one value is determined for any value but 0, the vectors only where it is more than
/// rounding.
void vjp_svd(VjpContext<T>& context) {
  const Index m = context.x(0).shape(-2), n = context.x(0).shape(-1);
  if (context.y().size() == 0 || std::min(m, n) == 0) return;
  const Parts y = parts_of(context.y(), m, n), g = parts_of(context.g, m, n);
  const T smallest = T(std::max(m, n)) * std::numeric_limits<T>::epsilon();
  const V vanishes = y.s <= smallest * max(y.s, Reduce{.axis = -1, .keepdims = true});
  V by_a = matmul(y.u * where(y.s == 0, 0, g.s), transposed(y.v));
  if (context.records() || !is_zero(g.u) || !is_zero(g.v)) {
    by_a = by_a + by_vectors(y, g, vanishes);
  }
  context.add(0, by_a);
}
constexpr Op<T> svd_op{"svd", nullptr, vjp_svd};

void decompose(const char* op, const T* a, Index m, Index n, T* to, std::span<const Index> batch,
               Index i) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  check_finite(op, a, m * n, batch, i);
  const Index k = std::min(m, n);
  T* const copied = scratch.take<T>(static_cast<std::size_t>(m * n));
  T* const vt = scratch.take<T>(static_cast<std::size_t>(k * n));
  std::copy_n(a, m * n, copied);
  if (!lapack::svd(scratch, m, n, copied, to, to + m * k, vt)) refuse_to_converge(op, batch, i);
  transpose_matrix(to + (m + 1) * k, k, vt, n, n, k, false);
}

}  // namespace

V svd_of(const char* op, const V& a) {
  check_matrices(op, a);
  const View<const T> value = tape().value(op, a);
  const Index m = a.shape(-2), n = a.shape(-1), k = std::min(m, n);
  const Dims batch(batch_of(a.shape()));
  const auto compute = [&](View<T> y) {
    const ArenaScope memory(tape().gradients);
    const T* rows = rows_of(tape().gradients, value);
    for (Index i = 0; i < count_of(batch); ++i) {
      decompose(op, rows + i * m * n, m, n, y.data + i * (m + 1 + n) * k, batch, i);
    }
  };
  const Layout* layout = tape().row_major(with_axes_behind(batch, {m + 1 + n, k}), op);
  return record(svd_op, layout, nullptr, compute, a);
}

Svd<V> svd(const V& a, const Full& full) {
  check_matrices("svd", a);
  const Index m = a.shape(-2), n = a.shape(-1);
  if (full.full_matrices && m != n) {
    fail("svd",
         "full matrices of singular vectors are not determined by a, which has shape {}; use "
         "{{.full_matrices = false}}",
         to_string(a.shape()));
  }
  const auto [u, s, v] = parts_of(svd_of("svd", a), m, n);
  return {u, squeeze(s, -2), transposed(v)};
}

V values_of(const char* op, const V& a) {
  const V parts = svd_of(op, a);
  return squeeze(rows_from(parts, a.shape(-2), 1), -2);
}

V svdvals(const V& a) { return values_of("svdvals", a); }

}  // namespace autograd::linalg
