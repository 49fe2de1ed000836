/// Rows of linear algebra. Arguments are shifted by a multiple of the identity, so that matrices
/// are far from singular; references are elimination and substitution as in a textbook.
#include <cmath>
#include <string>
#include <vector>

#include "tests/ops/op_cases_matrices.hpp"

namespace op_cases {
namespace {

Matrix cholesky_of(const Matrix& a) {
  Matrix L(a.size(), std::vector<double>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = (a[i][j] + a[j][i]) / 2;
      for (std::size_t k = 0; k < j; ++k) rest -= L[i][k] * L[j][k];
      L[i][j] = i == j ? std::sqrt(rest) : rest / L[j][j];
    }
  }
  return L;
}

/// The part of a matrix that a triangular solver reads, or its transpose.
Matrix triangle_of(Matrix a, const linalg::Triangular& t) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      if (i == j && t.unit_diagonal) a[i][j] = 1;
      if (t.lower ? j > i : j < i) a[i][j] = 0;
    }
  }
  return t.trans ? transposed(a) : a;
}

/// The reference of a solver whose matrix is made of the first argument.
template <class F>
Reference solution(const F& matrix) {
  return [=](const std::vector<Array>& x) {
    const Shape a = shape_of(x[0]);
    const bool vector = x[1].dimension() == 1;
    Array b = x[1];
    if (vector) b.reshape({b.size(), std::size_t(1)});
    Shape shape = broadcast(Shape(a.begin(), a.end() - 2), batch_of(shape_of(b), 2));
    shape.insert(shape.end(), {a.back(), Index(b.shape().back())});
    Array y = matrices(shape, [&](const Place& batch) {
      Matrix columns = matrix_at(b, batch);
      eliminate(matrix(matrix_at(x[0], batch, shift)), columns);
      return columns;
    });
    if (vector) y.reshape({y.size() / std::size_t(std::max<Index>(1, b.shape(1)))});
    if (vector && a.size() > 2) y.reshape(std::vector<Index>(shape.begin(), shape.end() - 1));
    return y;
  };
}

void add_solve(Table& table) {
  const auto solve = [&](const Shape& a, const Shape& b) {
    table
        .add(
            "solve", text(a) + " and " + text(b), {in(a), in(b)},
            [](auto x, auto y) { return linalg::solve(shifted(x), y); },
            solution([](const Matrix& m) { return m; }))
        .of_fixed_size();
  };
  solve({1, 1}, {1});
  solve({3, 3}, {3});
  solve({4, 4}, {4, 2});
  solve({4, 4}, {4, 1});
  solve({2, 3, 3}, {2, 3, 2});
  solve({3, 3}, {2, 3, 2});
  solve({2, 3, 3}, {3, 2});
  solve({2, 3, 3}, {3});
  solve({2, 1, 3, 3}, {3, 3, 1});
  solve({0, 0}, {0, 2});
  solve({0, 3, 3}, {3, 2});
  solve({3, 3}, {3, 0});
}

double det_of(const Matrix& a) {
  Matrix none = identity(a.size());
  return eliminate(a, none);
}

void add_factored(Table& table) {
  add_by_matrix(
      table, "inv", [](auto x) { return linalg::inv(shifted(x)); }, "",
      [](const Matrix& a) {
        Matrix inverse = identity(a.size());
        eliminate(a, inverse);
        return inverse;
      });
  add_number_by_matrix(
      table, "det", [](auto x) { return linalg::det(shifted(x)); }, "", det_of);
  add_number_by_matrix(
      table, "slogdet", [](auto x) { return linalg::slogdet(shifted(x)).logabsdet; }, "",
      [](const Matrix& a) { return std::log(std::abs(det_of(a))); });
  add_number_by_matrix(
      table, "slogdet", [](auto x) { return linalg::slogdet(-shifted(x)).sign; }, " sign",
      [](const Matrix& a) { return a.size() % 2 == 0 ? 1.0 : -1.0; });
  for (auto row = table.rows.end() - 6; row != table.rows.end(); ++row) row->constant();
  add_by_matrix(
      table, "cholesky", [](auto x) { return linalg::cholesky(shifted(x)); }, "", cholesky_of);
}

/// Functions of a symmetric matrix, which is factored in another way, made of any matrix.
template <class T>
ag::Var<T> symmetric(const ag::Var<T>& x) {
  const ag::Var<T> y = shifted(x);
  return (y + ag::swapaxes(y, -1, -2)) / 2;
}
Matrix symmetric(Matrix a) {
  const Matrix given = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) a[i][j] = (given[i][j] + given[j][i]) / 2;
  }
  return a;
}
void add_definite(Table& table) {
  for (const Shape& b : {Shape{3}, {3, 2}, {2, 3, 2}}) {
    table
        .add(
            "solve", "symmetric and " + text(b), {in({3, 3}), in(b)},
            [](auto x, auto y) { return linalg::solve(symmetric(x), y); },
            solution([](const Matrix& a) { return symmetric(a); }))
        .of_fixed_size();
  }
  add_by_matrix(
      table, "inv", [](auto x) { return linalg::inv(symmetric(x)); }, " symmetric",
      [](const Matrix& a) {
        Matrix inverse = identity(a.size());
        eliminate(symmetric(a), inverse);
        return inverse;
      });
  add_number_by_matrix(
      table, "det", [](auto x) { return linalg::det(symmetric(x)); }, " symmetric",
      [](const Matrix& a) { return det_of(symmetric(a)); });
  add_number_by_matrix(
      table, "slogdet", [](auto x) { return linalg::slogdet(symmetric(x)).logabsdet; },
      " symmetric", [](const Matrix& a) { return std::log(det_of(symmetric(a))); });
}

void add_solve_triangular(Table& table) {
  const auto solve = [&](const Shape& a, const Shape& b, const linalg::Triangular& t) {
    const std::string what = std::string(t.lower ? " lower" : " upper") +
                             (t.trans ? " transposed" : "") + (t.unit_diagonal ? " unit" : "");
    table
        .add(
            "solve_triangular", text(a) + " and " + text(b) + what, {in(a), in(b)},
            [=](auto x, auto y) { return linalg::solve_triangular(shifted(x), y, t); },
            solution([=](const Matrix& m) { return triangle_of(m, t); }))
        .of_fixed_size();
  };
  for (const bool lower : {true, false}) {
    for (const bool trans : {true, false}) {
      const linalg::Triangular t{.trans = trans, .lower = lower};
      solve({1, 1}, {1}, t);
      solve({3, 3}, {3}, t);
      solve({4, 4}, {4, 2}, t);
      solve({3, 3}, {2, 3, 2}, t);
      solve({2, 3, 3}, {3}, t);
      solve({0, 0}, {0, 2}, t);
      solve({3, 3}, {3, 2}, {.trans = trans, .lower = lower, .unit_diagonal = true});
    }
  }
}

}  // namespace

void add_linalg(Table& table) {
  add_solve(table);
  add_factored(table);
  add_definite(table);
  add_solve_triangular(table);
}

}  // namespace op_cases
