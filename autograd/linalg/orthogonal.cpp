/// The decomposition q r.
#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/linalg/stacks.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// Throws if a number on the diagonal of r is 0 to rounding: then q is not determined.
void check_independent(const V& r) {
  const ArenaScope memory(tape().gradients);
  const T* rows = rows_of(tape().gradients, tape().value("qr", r));
  const auto batch = batch_of(r.shape());
  const Index k = r.shape(-1);
  for (Index i = 0; i < count_of(batch); ++i, rows += k * k) {
    T largest = 0, smallest = std::abs(rows[0]);
    for (Index j = 0; j < k; ++j) {
      largest = std::max(largest, std::abs(rows[j * k + j]));
      smallest = std::min(smallest, std::abs(rows[j * k + j]));
    }
    if (smallest > T(k) * std::numeric_limits<T>::epsilon() * largest) continue;
    fail<std::runtime_error>("qr", "{} has linearly dependent columns, so there is no derivative",
                             which(batch, i));
  }
}

/// The factor q of x = q r alone, for x with as many rows as columns or more. With p = -g^T q its
/// cotangent makes that of x (g + q c) r^-T, where c is the symmetric matrix with the lower
/// triangle of p.
void vjp_q(VjpContext<T>& context) {
  const V q = context.y(), g = context.g, x = context.x(0);
  if (q.size() == 0) return;
  const V r = triu(matmul(transposed(q), x));
  check_independent(r);
  const V p = -matmul(transposed(g), q);
  const V c = tril(p) + transposed(tril(p, -1));
  context.add(0, transposed(solve_triangular(r, transposed(g + matmul(q, c)))));
}
constexpr Op<T> q_op{"qr", nullptr, vjp_q};

V q_of(const V& x) {
  const View<const T> value = tape().value("qr", x);
  const Index m = x.shape(-2), k = x.shape(-1);
  const auto batch = batch_of(x.shape());
  const auto compute = [&](View<T> y) {
    copy<T>(y, value);
    for (Index i = 0; i < count_of(batch); ++i) {
      check_finite("qr", y.data + i * m * k, m * k, batch, i);
      lapack::orthonormalise(tape().gradients, m, k, y.data + i * m * k);
    }
  };
  return record(q_op, tape().row_major(x.shape(), "qr"), nullptr, compute, x);
}

}  // namespace

Qr<V> qr(const V& a) {
  check_matrices("qr", a);
  const Index columns = std::min(a.shape(-2), a.shape(-1));
  const V q = q_of(transposed(rows_from(transposed(a), 0, columns)));
  return {q, triu(matmul(transposed(q), a))};
}

}  // namespace autograd::linalg
