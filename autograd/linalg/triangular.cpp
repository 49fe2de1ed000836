/// Cholesky's decomposition, and systems with triangular matrices.
#include <algorithm>
#include <limits>

#include "autograd/linalg/stacks.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// For x = a^-1 b the cotangent of b is h = a^-T g, and that of a is what the triangle shows of
/// -h x^T. With a^T in place of a the latter is the transpose.
void vjp_solve_triangular(VjpContext<T>& context) {
  auto triangle = context.attributes<Triangular>();
  const V x = context.y();
  triangle.trans = !triangle.trans;
  const V to_b = solve_triangular(context.x(0), context.g, triangle);
  if (context.wants(0)) {
    const V to_a = -(triangle.trans ? times_transposed(to_b, x) : times_transposed(x, to_b));
    const Index k = triangle.unit_diagonal ? 1 : 0;
    context.add(0, triangle.lower ? tril(to_a, -k) : triu(to_a, k));
  }
  if (context.wants(1)) context.add(1, to_b);
}
constexpr Op<T> solve_triangular_op{"solve_triangular", nullptr, vjp_solve_triangular};

void check_diagonals(const T* matrices, Index n, std::span<const Index> batch) {
  for (Index i = 0; i < count_of(batch); ++i) {
    for (Index k = 0; k < n; ++k) {
      if (matrices[(i * n + k) * n + k] == 0) refuse_singular("solve_triangular", batch, i);
    }
  }
}

V solve_triangles(const V& a, const V& b, const Triangular& triangle) {
  const Index n = b.shape(-2), k = b.shape(-1);
  const Layout* layout = tape().row_major(b.shape(), "solve_triangular");
  const View<const T> left = tape().value("solve_triangular", a);
  const View<const T> right = tape().value("solve_triangular", b);
  const auto compute = [&](View<T> x) {
    const ArenaScope memory(tape().gradients);
    const T* matrices = rows_of(tape().gradients, left);
    const auto own = batch_of(left.layout->dims()), batch = batch_of(layout->dims());
    if (!triangle.unit_diagonal) check_diagonals(matrices, n, own);
    copy<T>(x, right);
    const Numbers number(tape().gradients, own, batch);
    for (Index i = 0; i < count_of(batch); ++i) {
      lapack::solve_triangle(n, k, matrices + number(i) * n * n,
                             {triangle.lower, triangle.trans, triangle.unit_diagonal},
                             x.data + i * n * k);
    }
  };
  return record(solve_triangular_op, layout, keep(triangle), compute, a, b);
}

/// For a = L L^T the cotangent of a is the symmetric part of L^-T p L^-1, where p is the lower
/// triangle of L^T g with half of its diagonal.
void vjp_cholesky(VjpContext<T>& context) {
  const V L = context.y();
  const auto divided = [&](const V& x) {
    return solve_triangular(L, x, {.trans = true, .lower = true});
  };
  const V product = matmul(transposed(L), context.g);
  const V p = (tril(product) + tril(product, -1)) * T(0.5);
  const V s = divided(transposed(divided(p)));
  context.add(0, (s + transposed(s)) * T(0.5));
}
constexpr Op<T> cholesky_op{"cholesky", nullptr, vjp_cholesky};

/// NaN in the lower triangle.
void fill_with_nan(Index n, T* to) {
  for (Index i = 0; i < n; ++i) {
    std::fill_n(to + i * n, i + 1, std::numeric_limits<T>::quiet_NaN());
  }
}

void decompose(const T* a, Index n, T* to, std::span<const Index> batch, Index i) {
  take_symmetric_part("cholesky", a, n, to, batch, i);
  if (!all_finite(a, n * n)) return fill_with_nan(n, to);
  if (lapack::factor_definite(n, to)) return;
  fail<std::runtime_error>("cholesky", "{} is not positive definite", which(batch, i));
}

}  // namespace

V cholesky(const V& a) {
  check_square("cholesky", a);
  const View<const T> value = tape().value("cholesky", a);
  const Layout* layout = tape().row_major(a.shape(), "cholesky");
  const auto compute = [&](View<T> y) {
    const ArenaScope memory(tape().gradients);
    const T* rows = rows_of(tape().gradients, value);
    const auto batch = batch_of(layout->dims());
    const Index n = a.shape(-1);
    for (Index i = 0; i < count_of(batch); ++i) {
      decompose(rows + i * n * n, n, y.data + i * n * n, batch, i);
    }
  };
  return record(cholesky_op, layout, nullptr, compute, a);
}

V solve_triangular(const V& a, const V& b, const Triangular& triangle) {
  return with_columns("solve_triangular", a, b, [&](const V& matrices, const V& columns) {
    return solve_triangles(matrices, columns, triangle);
  });
}

}  // namespace autograd::linalg
