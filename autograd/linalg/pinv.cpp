/// Pseudoinverses and least squares.
#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "autograd/linalg/svd.hpp"
#include "autograd/loops/blas.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// For y = a^+ the cotangent of a is
///
///     -y^T g y^T + (1 - a y) g^T y y^T + y^T y g^T (1 - y a),
///
/// as long as the rank stays. Formula: Golub and Pereyra, "The differentiation of pseudo-inverses
/// and nonlinear least squares problems whose variables separate" (1973).
void vjp_pinv(VjpContext<T>& context) {
  const V y = context.y(), a = context.x(0), t = transposed(y), h = transposed(context.g);
  if (y.size() == 0) return;
  const V left = matmul(matmul(h, y), t), right = matmul(t, matmul(y, h));
  context.add(0, left - matmul(a, matmul(y, left)) + right - matmul(matmul(right, y), a) -
                     matmul(matmul(t, context.g), t));
}
constexpr Op<T> pinv_op{"pinv", nullptr, vjp_pinv};

/// Writes v diag(1/s) u^T, without the singular values that are at most `rcond` times the largest.
void multiply_parts(const T* u, Index m, Index n, T rcond, T* to) {
  Arena& scratch = tape().gradients;
  const ArenaScope memory(scratch);
  const Index k = std::min(m, n);
  const T *const s = u + m * k, *const v = s + k;
  T* const scaled = scratch.take<T>(static_cast<std::size_t>(n * k));
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < k; ++c) scaled[i * k + c] = s[c] > rcond * s[0] ? v[i * k + c] / s[c] : 0;
  }
  multiply_matrices<T>(scratch, {to, make_row_major(scratch, Dims{n, m})},
                       {scaled, make_row_major(scratch, Dims{n, k})},
                       {u, make_layout(scratch, Dims{k, m}, Dims{1, k})}, false);
}

/// The pseudoinverse, with the parts of the decomposition of a.
V pinv_by(const char* op, const V& a, const V& parts, std::optional<double> rcond) {
  const View<const T> value = tape().value(op, parts);
  const Index m = a.shape(-2), n = a.shape(-1);
  const auto batch = batch_of(a.shape());
  const T smallest = rcond ? static_cast<T>(*rcond)
                           : static_cast<T>(std::max(m, n)) * std::numeric_limits<T>::epsilon();
  const auto compute = [&](View<T> y) {
    for (Index i = 0; i < count_of(batch); ++i) {
      multiply_parts(value.data + i * (m + 1 + n) * std::min(m, n), m, n, smallest,
                     y.data + i * n * m);
    }
  };
  const Layout* layout = tape().row_major(with_axes_behind(batch, {n, m}), op);
  return record(pinv_op, layout, nullptr, compute, a);
}

/// How many singular values of each matrix are larger than a bound: relative to the largest, or a
/// number.
xt::xarray<Index> rank_by(const V& s, Index m, Index n, std::optional<double> tol) {
  const View<const T> value = tape().value("matrix_rank", s);
  const auto batch = s.shape().first(s.shape().size() - 1);
  auto result = xt::xarray<Index>::from_shape(std::vector<std::size_t>(batch.begin(), batch.end()));
  const Index k = s.shape(-1);
  const ArenaScope memory(tape().gradients);
  const T* rows = rows_of(tape().gradients, value);
  for (Index i = 0; i < count_of(batch); ++i, rows += k) {
    const T largest = k > 0 ? rows[0] : 0;
    const T smallest =
        tol ? static_cast<T>(*tol)
            : largest * static_cast<T>(std::max(m, n)) * std::numeric_limits<T>::epsilon();
    result.data()[i] = std::count_if(rows, rows + k, [&](T each) { return each > smallest; });
  }
  return result;
}

}  // namespace

V pinv(const V& a, std::optional<double> rcond) {
  return pinv_by("pinv", a, svd_of("pinv", a), rcond);
}

xt::xarray<Index> matrix_rank(const V& a, std::optional<double> tol) {
  const V parts = svd_of("matrix_rank", a);
  return rank_by(squeeze(rows_from(parts, a.shape(-2), 1), -2), a.shape(-2), a.shape(-1), tol);
}

Lstsq<V> lstsq(const V& a, const V& b, std::optional<double> rcond) {
  const V parts = svd_of("lstsq", a);
  if (b.dimension() == 0 || b.shape(b.dimension() == 1 ? 0 : -2) != a.shape(-2)) {
    fail("lstsq", "b must have as many rows as a: a has shape {}, b has shape {}",
         to_string(a.shape()), to_string(b.shape()));
  }
  const Index m = a.shape(-2), n = a.shape(-1);
  const V s = squeeze(rows_from(parts, m, 1), -2);
  const std::optional<double> relative = rcond.value_or(static_cast<double>(std::max(m, n)) *
                                                        double{std::numeric_limits<T>::epsilon()});
  const V x = matmul(pinv_by("lstsq", a, parts, relative), b);
  const V residuals = sum(square(b - matmul(a, x)), Reduce{.axis = b.dimension() == 1 ? -1 : -2});
  return {x, residuals, rank_by(s / max(s, Reduce{.axis = -1, .keepdims = true}), m, n, relative),
          s};
}

}  // namespace autograd::linalg
