/// Rows of decompositions, norms and functions of matrices. Factors, whose signs are a matter of
/// choice, stand in products that do not depend on them.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/op_cases_matrices.hpp"

namespace op_cases {
namespace {

template <class T>
ag::Var<T> turned(const ag::Var<T>& x) {
  return ag::swapaxes(x, -1, -2);
}
/// A symmetric matrix whose eigenvalues are far from each other.
template <class T>
ag::Var<T> spread_apart(const ag::Var<T>& x) {
  static const xt::xarray<T> diagonal = {{0, 0, 0, 0}, {0, 5, 0, 0}, {0, 0, 10, 0}, {0, 0, 0, 15}};
  const ag::Var<T> d = ag::borrow(diagonal);
  const ag::Index n = x.shape(-1);
  const auto first = xt::range(0, n);
  return (x + turned(x)) / 4 + ag::view(d, first, first);
}
Matrix spread_apart(const Matrix& x) {
  Matrix a = x;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) a[i][j] = (x[i][j] + x[j][i]) / 4;
    a[i][i] += 5 * double(i);
  }
  return a;
}

void add_eigh(Table& table) {
  add_matrices(
      table, "eigh", "", square,
      [](auto x) {
        const auto [w, v] = linalg::eigh(spread_apart(x));
        return ag::matmul(v * ag::expand_dims(exp(-w / 4), -2), turned(v));
      },
      [](const Matrix& x) {
        return exponential(
            sum(Matrix(x.size(), std::vector<double>(x.size())), spread_apart(x), -0.25));
      });
  add_numbers(
      table, "eigvalsh", "", square,
      [](auto x) {
        const auto w = linalg::eigvalsh(spread_apart(x)) / 5;
        return ag::sum(w * ag::square(w), -1);
      },
      [](const Matrix& x) {
        const Matrix a = spread_apart(x);
        return trace(product(a, product(a, a))) / 125;
      });
}

void add_svd(Table& table) {
  add_matrices(
      table, "svd", "", tall_and_wide(),
      [](auto x) {
        const auto [u, s, vh] = linalg::svd(growing(x), {.full_matrices = false});
        return ag::matmul(u * ag::expand_dims(s * ag::square(s), -2), vh);
      },
      [](const Matrix& x) {
        const Matrix a = growing(x);
        return product(product(a, transposed(a)), a);
      });
  add_numbers(
      table, "svdvals", "", tall_and_wide(),
      [](auto x) { return ag::sum(ag::square(ag::square(linalg::svdvals(growing(x)))), -1); },
      [](const Matrix& x) {
        const Matrix a = growing(x), squares = product(transposed(a), a);
        return trace(product(squares, squares));
      });
}

/// (a^T a)^-1 a^T.
Matrix pseudoinverse(const Matrix& a) {
  if (a.size() < a[0].size()) return transposed(pseudoinverse(transposed(a)));
  Matrix result = transposed(a);
  eliminate(product(transposed(a), a), result);
  return result;
}

void add_qr(Table& table) {
  add_matrices(
      table, "qr", " Q", tall,
      [](auto x) {
        const auto [q, r] = linalg::qr(growing(x));
        return ag::matmul(q, turned(q));
      },
      [](const Matrix& x) {
        const Matrix a = growing(x);
        return product(a, pseudoinverse(a));
      });
  add_matrices(
      table, "qr", " R", tall_and_wide(),
      [](auto x) {
        const auto r = linalg::qr(growing(x)).R;
        return ag::matmul(turned(r), r);
      },
      [](const Matrix& x) {
        const Matrix a = growing(x);
        return product(transposed(a), a);
      });
}

void add_least_squares(Table& table) {
  add_matrices(
      table, "pinv", "", tall_and_wide(), [](auto x) { return linalg::pinv(growing(x)); },
      [](const Matrix& x) { return pseudoinverse(growing(x)); });
  const auto lstsq = [&](const Shape& a, const Shape& b) {
    table
        .add(
            "lstsq", text(a) + " and " + text(b), {in(a), in(b)},
            [](auto x, auto y) { return linalg::lstsq(growing(x), y).x; },
            [](const std::vector<Array>& x) {
              Array y = x[1];
              if (y.dimension() == 1) y.reshape({y.size(), std::size_t(1)});
              const Matrix solution =
                  product(pseudoinverse(growing(matrix_at(x[0], {}))), matrix_at(y, {}));
              Array result = build(
                  {Index(solution.size()), Index(solution[0].size())},
                  [&](const Place& p) { return solution[std::size_t(p[0])][std::size_t(p[1])]; });
              if (x[1].dimension() == 1) result.reshape({result.size()});
              return result;
            })
        .of_fixed_size()
        .takes_heap();
  };
  lstsq({4, 2}, {4});
  lstsq({4, 3}, {4, 2});
  lstsq({3, 3}, {3});
  lstsq({2, 4}, {2, 1});
}

}  // namespace

void add_decompositions(Table& table) {
  add_eigh(table);
  add_svd(table);
  add_qr(table);
  add_least_squares(table);
  add_matrix_functions(table);
}

}  // namespace op_cases
