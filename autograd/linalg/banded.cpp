/// Linear systems with banded matrices.
#include <algorithm>
#include <utility>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/linalg/stacks.hpp"
#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

/// The factors of the matrices of a stack, in memory of the tape.
struct Banded {
  lapack::Band band;
  const Layout* layout;  ///< of the diagonals
  T* columns;
  int* pivots;
  bool transposed;
};

/// Copies the diagonals, which are rows, to the columns that LAPACK takes, and factors them.
void factor(const Banded& to, const T* diagonals) {
  const lapack::Band& band = to.band;
  const Index rows = band.lower + band.upper + 1;
  const auto batch = batch_of(to.layout->dims());
  for (Index i = 0; i < count_of(batch); ++i) {
    T* const columns = to.columns + i * band.rows() * band.n;
    std::fill_n(columns, band.rows() * band.n, T(0));
    for (Index row = 0; row < rows; ++row) {
      for (Index j = 0; j < band.n; ++j) {
        columns[j * band.rows() + band.lower + row] = diagonals[(i * rows + row) * band.n + j];
      }
    }
    if (!lapack::factor_banded(band, columns, to.pivots + i * band.n)) {
      refuse_singular("solve_banded", batch, i);
    }
  }
}

V solve_by(const Banded* banded, const V& ab, const V& b);

/// The diagonals of p q^T, as solve_banded takes them: the element (row, j) is the sum of
/// p[row - upper + j] q[j] over the columns of p and q, and 0 where there is no such row of p.
V diagonals_of_product(const lapack::Band& band, const V& p, const V& q) {
  std::vector<V> rows;
  Widths widths(static_cast<std::size_t>(p.dimension() - 1));
  for (Index below = -band.upper; below <= band.lower; ++below) {
    const Index from = std::clamp<Index>(-below, 0, band.n);
    const Index end = std::clamp<Index>(band.n - below, from, band.n), count = end - from;
    const Index start = std::clamp<Index>(from + below, 0, band.n - count);
    const V products = rows_from(p, start, count) * rows_from(q, from, count);
    widths.back() = {from, band.n - end};
    rows.push_back(pad(sum(products, -1), widths));
  }
  return stack(std::span<const V>(rows), -2);
}

/// For x = a^-1 b the cotangent of b is h = a^-T g, and that of a is -h x^T on the diagonals of a.
/// With a^T in place of a the latter is the transpose.
void vjp_banded(VjpContext<T>& context) {
  Banded turned = context.attributes<Banded>();
  turned.transposed = !turned.transposed;
  const V h = solve_by(keep(turned), context.x(0), context.g), x = context.y();
  if (context.wants(0)) {
    context.add(0, -(turned.transposed ? diagonals_of_product(turned.band, h, x)
                                       : diagonals_of_product(turned.band, x, h)));
  }
  if (context.wants(1)) context.add(1, h);
}
constexpr Op<T> banded_op{"solve_banded", nullptr, vjp_banded};

V solve_by(const Banded* banded, const V& ab, const V& b) {
  const View<const T> right = tape().value("solve_banded", b);
  const Layout* layout = tape().row_major(b.shape(), "solve_banded");
  const auto compute = [&](View<T> x) {
    Arena& scratch = tape().gradients;
    const ArenaScope memory(scratch);
    const auto batch = batch_of(layout->dims());
    const Numbers number(scratch, batch_of(banded->layout->dims()), batch);
    const lapack::Band& band = banded->band;
    const Index n = band.n, k = layout->dims().back();
    T* const columns = scratch.take<T>(static_cast<std::size_t>(n * k));
    copy<T>(x, right);
    for (Index i = 0; i < count_of(batch); ++i) {
      T* const rows = x.data + i * n * k;
      transpose_matrix(columns, n, rows, k, k, n, false);
      lapack::solve_banded(band, k, banded->columns + number(i) * band.rows() * n,
                           banded->pivots + number(i) * n, banded->transposed, columns);
      transpose_matrix(rows, k, columns, n, n, k, false);
    }
  };
  return record(banded_op, layout, const_cast<Banded*>(banded), compute, ab, b);
}

/// Throws unless ab holds the diagonals of a square matrix, and b fits.
void check_banded(const std::pair<Index, Index>& l_and_u, const V& ab, const V& b) {
  const auto [lower, upper] = l_and_u;
  if (lower < 0 || upper < 0 || ab.dimension() < 2 || ab.shape(-2) != lower + upper + 1) {
    fail("solve_banded", "ab must have {} + {} + 1 rows, one for each diagonal: ab has shape {}",
         lower, upper, to_string(ab.shape()));
  }
  check_work("solve_banded", ab.shape());
  if (b.dimension() == 0 || b.shape(b.dimension() == 1 ? 0 : -2) != ab.shape(-1)) {
    fail("solve_banded",
         "b must have as many rows as ab has columns: ab has shape {}, b has shape {}",
         to_string(ab.shape()), to_string(b.shape()));
  }
}

const Banded* factored(const std::pair<Index, Index>& l_and_u, const V& ab) {
  const View<const T> value = tape().value("solve_banded", ab);
  const lapack::Band band{ab.shape(-1), l_and_u.first, l_and_u.second};
  const Index count = count_of(batch_of(ab.shape()));
  const Layout* columns = tape().row_major(Dims{count, band.n, band.rows()}, "solve_banded");
  Banded* const banded =
      keep(Banded{band, tape().row_major(ab.shape(), "solve_banded"),
                  tape().allocate("solve_banded", columns).data,
                  tape().arena.take<int>(static_cast<std::size_t>(count * band.n)), false});
  const ArenaScope memory(tape().gradients);
  factor(*banded, rows_of(tape().gradients, value));
  return banded;
}

}  // namespace

V solve_banded(const std::pair<Index, Index>& l_and_u, const V& ab, const V& b) {
  check_banded(l_and_u, ab, b);
  const V columns = b.dimension() == 1 ? expand_dims(b, 1) : b;
  const Dims batch =
      broadcast_shapes("solve_banded", batch_of(ab.shape()), batch_of(columns.shape()), "ab");
  const Dims shape = with_axes_behind(batch, {columns.shape(-2), columns.shape(-1)});
  const V x = solve_by(factored(l_and_u, ab), ab,
                       same(shape, columns.shape()) ? columns : broadcast_to(columns, shape));
  return b.dimension() == 1 ? squeeze(x, -1) : x;
}

}  // namespace autograd::linalg
