/// Linear systems and inverses.
#include <cmath>

#include "autograd/linalg/factors.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

struct SolveBy {
  const Factors<T>* factors;
  bool transposed;
};

/// For x = a^-1 b the cotangent of b is h = a^-T g, and that of a is -h x^T. With a^T in place of a
/// the latter is the transpose.
void vjp_solve(VjpContext<T>& context) {
  const auto& by = context.attributes<SolveBy>();
  const V to_b = solve_by(by.factors, context.x(0), context.g, !by.transposed), x = context.y();
  if (context.wants(0)) {
    context.add(0, -(by.transposed ? times_transposed(x, to_b) : times_transposed(to_b, x)));
  }
  if (context.wants(1)) context.add(1, to_b);
}
constexpr Op<T> solve_op{"solve", nullptr, vjp_solve};

/// For y = a^-1 the cotangent of a is -y^T g y^T.
void vjp_inv(VjpContext<T>& context) {
  const V y = transposed(context.y());
  context.add(0, -matmul(matmul(y, context.g), y));
}
constexpr Op<T> inv_op{"inv", nullptr, vjp_inv};

}  // namespace

V solve_by(const Factors<T>* factors, const V& a, const V& b, bool transposed) {
  const Layout* layout = tape().row_major(b.shape(), "solve");
  const View<const T> right = tape().value("solve", b);
  const Index n = factors->n, k = b.shape(-1);
  const auto compute = [&](View<T> x) {
    copy<T>(x, right);
    const ArenaScope memory(tape().gradients);
    const auto batch = batch_of(layout->dims());
    const Numbers number(tape().gradients, factors->batch(), batch);
    for (Index i = 0; i < count_of(batch); ++i) {
      const Index at = number(i);
      T* const columns = x.data + i * n * k;
      if (factors->definite[at]) {
        lapack::solve_definite(n, k, factors->matrix(at), columns);
      } else {
        lapack::solve(n, k, factors->matrix(at), factors->pivots_of(at), transposed, columns);
      }
    }
  };
  return record(solve_op, layout, keep(SolveBy{factors, transposed}), compute, a, b);
}

V inverse_by(const Factors<T>* factors, const V& a) {
  const auto compute = [&](View<T> y) {
    const Index n = factors->n;
    copy<T>(y, {factors->matrices, factors->layout});
    for (Index i = 0; i < factors->count; ++i) {
      T* const matrix = y.data + i * n * n;
      if (factors->definite[i]) {
        lapack::invert_definite(n, matrix);
      } else if (n > 0 && !std::isnan(*matrix)) {  // else NaN is in all elements
        lapack::invert(tape().gradients, n, matrix, factors->pivots_of(i));
      }
    }
  };
  return record(inv_op, tape().row_major(a.shape(), "inv"), nullptr, compute, a);
}

V solve(const V& a, const V& b) {
  return with_columns("solve", a, b, [](const V& matrices, const V& columns) {
    const Factors<T>* factors = factors_of("solve", matrices);
    factors->require_regular("solve");
    return solve_by(factors, matrices, columns, false);
  });
}

V inv(const V& a) {
  check_square("inv", a);
  const Factors<T>* factors = factors_of("inv", a);
  factors->require_regular("inv");
  return inverse_by(factors, a);
}

}  // namespace autograd::linalg
