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

/// What singular values are rounded by, relative to the largest.
T rounding_of(Index m, Index n) {
  return static_cast<T>(std::max(m, n)) * std::numeric_limits<T>::epsilon();
}
/// The singular values that count as 0, relative to the largest. A negative number stands for the
/// machine epsilon.
T limit_of(std::optional<double> rcond, Index m, Index n) {
  if (!rcond) return rounding_of(m, n);
  return *rcond < 0 ? std::numeric_limits<T>::epsilon() : static_cast<T>(*rcond);
}

/// The first matrix of a stack that has a larger rank than its pseudoinverse.
struct Truncated {
  const char* op;
  Index matrix;
};

/// For y = a^+ the cotangent of a is
///
///     -y^T g y^T + (1 - a y) g^T y y^T + y^T y g^T (1 - y a),
///
/// as long as a has the rank of y, and keeps it. Formula: Golub and Pereyra, "The differentiation
/// of pseudo-inverses and nonlinear least squares problems whose variables separate" (1973).
void vjp_pinv(VjpContext<T>& context) {
  if (const auto* truncated = context.attributes_if_any<Truncated>()) {
    fail<std::runtime_error>(
        truncated->op, "rcond drops singular values of {} that are not 0; derivatives need them",
        which(batch_of(context.y().shape()), truncated->matrix));
  }
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

/// Whether singular values are dropped that are more than rounding.
bool truncates(const T* s, Index m, Index n, T rcond) {
  return std::any_of(s, s + std::min(m, n), [=](T each) {
    return !(each > rcond * s[0]) && each > rounding_of(m, n) * s[0];
  });
}

/// The pseudoinverse, with the parts of the decomposition of a.
V pinv_by(const char* op, const V& a, const V& parts, T rcond) {
  const View<const T> value = tape().value(op, parts);
  const Index m = a.shape(-2), n = a.shape(-1), k = std::min(m, n);
  const auto batch = batch_of(a.shape());
  Truncated* truncated = nullptr;
  for (Index i = 0; i < count_of(batch) && !truncated; ++i) {
    const T* const s = value.data + (i * (m + 1 + n) + m) * k;
    if (truncates(s, m, n, rcond)) truncated = keep(Truncated{op, i});
  }
  const auto compute = [&](View<T> y) {
    for (Index i = 0; i < count_of(batch); ++i) {
      multiply_parts(value.data + i * (m + 1 + n) * k, m, n, rcond, y.data + i * n * m);
    }
  };
  const Layout* layout = tape().row_major(with_axes_behind(batch, {n, m}), op);
  return record(pinv_op, layout, truncated, compute, a);
}

/// How many singular values of each matrix are larger than `tol`, or else than the largest times
/// `relative`.
xt::xarray<Index> rank_by(const V& s, T relative, std::optional<double> tol = {}) {
  const View<const T> value = tape().value("matrix_rank", s);
  const auto batch = s.shape().first(s.shape().size() - 1);
  auto result = xt::xarray<Index>::from_shape(std::vector<std::size_t>(batch.begin(), batch.end()));
  const Index k = s.shape(-1);
  const ArenaScope memory(tape().gradients);
  const T* rows = rows_of(tape().gradients, value);
  for (Index i = 0; i < count_of(batch); ++i, rows += k) {
    const T smallest = tol ? static_cast<T>(*tol) : k > 0 ? relative * rows[0] : 0;
    result.data()[i] = std::count_if(rows, rows + k, [&](T each) { return each > smallest; });
  }
  return result;
}

}  // namespace

V pinv(const V& a, std::optional<double> rcond) {
  const V parts = svd_of("pinv", a);
  return pinv_by("pinv", a, parts, limit_of(rcond, a.shape(-2), a.shape(-1)));
}

xt::xarray<Index> matrix_rank(const V& a, std::optional<double> tol) {
  return rank_by(values_of("matrix_rank", a), rounding_of(a.shape(-2), a.shape(-1)), tol);
}

Lstsq<V> lstsq(const V& a, const V& b, std::optional<double> rcond) {
  const V parts = svd_of("lstsq", a);
  if (b.dimension() == 0 || b.shape(b.dimension() == 1 ? 0 : -2) != a.shape(-2)) {
    fail("lstsq", "b must have as many rows as a: a has shape {}, b has shape {}",
         to_string(a.shape()), to_string(b.shape()));
  }
  const Index m = a.shape(-2), n = a.shape(-1);
  const V s = squeeze(rows_from(parts, m, 1), -2);
  const T limit = limit_of(rcond, m, n);
  const V x = matmul(pinv_by("lstsq", a, parts, limit), b);
  const V residuals = sum(square(b - matmul(a, x)), Reduce{.axis = b.dimension() == 1 ? -1 : -2});
  return {x, residuals, rank_by(s, limit), s};
}

}  // namespace autograd::linalg
