/// Rows of norms, powers and exponentials of matrices, and of linear systems of other forms.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/op_cases_matrices.hpp"

namespace op_cases {
namespace {

/// Singular values, descending, by turning pairs of columns until all are orthogonal.
std::vector<double> singular_values(Matrix a) {
  if (a.size() < a[0].size()) a = transposed(a);
  const std::size_t n = a[0].size();
  const auto dot = [&](std::size_t i, std::size_t j) {
    double total = 0;
    for (const auto& row : a) total += row[i] * row[j];
    return total;
  };
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) {
        const double angle = 0.5 * std::atan2(2 * dot(i, j), dot(i, i) - dot(j, j));
        for (auto& row : a) {
          const double x = row[i], y = row[j];
          row[i] = std::cos(angle) * x + std::sin(angle) * y;
          row[j] = std::cos(angle) * y - std::sin(angle) * x;
        }
      }
    }
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(std::sqrt(dot(i, i)));
  std::sort(values.rbegin(), values.rend());
  return values;
}

void add_matrix_norms(Table& table) {
  const auto norm = [&](const char* name, linalg::NormOrder ord, const NumberByMatrix& each) {
    add_numbers(
        table, "norm", std::string(" of matrices, ") + name, {{3, 4}, {4, 3}, {2, 3, 3}, {1, 1}},
        [=](auto x) {
          return linalg::norm(growing(x), ord, {-2, -1});
        },
        [=](const Matrix& x) { return each(growing(x)); });
  };
  norm("2", 2, [](const Matrix& a) { return singular_values(a).front(); });
  norm("-2", -2, [](const Matrix& a) { return singular_values(a).back(); });
  norm("nuc", "nuc", [](const Matrix& a) {
    double total = 0;
    for (double each : singular_values(a)) total += each;
    return total;
  });
  norm("fro", "fro", [](const Matrix& a) { return std::sqrt(trace(product(transposed(a), a))); });
  const auto row_sums = [](const Matrix& a) {
    std::vector<double> sums;
    for (const auto& row : a) {
      sums.push_back(0);
      for (double each : row) sums.back() += std::abs(each);
    }
    std::sort(sums.begin(), sums.end());
    return sums;
  };
  norm("inf", ag::inf, [=](const Matrix& a) { return row_sums(a).back(); });
  norm("-inf", -ag::inf, [=](const Matrix& a) { return row_sums(a).front(); });
  norm("1", 1, [=](const Matrix& a) { return row_sums(transposed(a)).back(); });
  norm("-1", -1, [=](const Matrix& a) { return row_sums(transposed(a)).front(); });
  table
      .add(
          "norm", "of matrices in other axes", {in({3, 2, 4})},
          [](auto x) {
            return linalg::norm(x, "nuc", {.axis = {2, 0}, .keepdims = true});
          },
          [](const std::vector<Array>& x) {
            return build({1, 2, 1}, [&](const Place& p) {
              double total = 0;
              const Array part = xt::view(x[0], xt::all(), p[1], xt::all());
              for (double each : singular_values(matrix_at(part, {}))) total += each;
              return total;
            });
          })
      .of_fixed_size();
  add_numbers(
      table, "cond", "", {{3, 3}, {4, 3}, {2, 3, 3}},
      [](auto x) { return linalg::cond(growing(x)); },
      [](const Matrix& x) {
        const auto s = singular_values(growing(x));
        return s.front() / s.back();
      });
}

void add_powers(Table& table) {
  for (const int n : {-2, -1, 0, 1, 2, 5}) {
    add_matrices(
        table, "matrix_power", " to the power " + std::to_string(n), {{1, 1}, {3, 3}, {2, 3, 3}},
        [=](auto x) { return linalg::matrix_power(shifted(x) / 6, n); },
        [=](const Matrix& x) {
          Matrix a = x;
          for (std::size_t i = 0; i < a.size(); ++i) {
            for (double& each : a[i]) each /= 6;
            a[i][i] += shift / 6;
          }
          Matrix result = identity(a.size()), inverse = result;
          eliminate(a, inverse);
          for (int i = 0; i < std::abs(n); ++i) result = product(result, n < 0 ? inverse : a);
          return result;
        });
    if (n != 0) continue;
    for (auto row = table.rows.end() - 3; row != table.rows.end(); ++row) row->constant();
  }
  for (const double scale : {0.002, 0.03, 0.12, 0.25, 0.6, 1.5}) {
    add_matrices(
        table, "expm", " times " + std::to_string(scale), {{1, 1}, {3, 3}, {2, 3, 3}},
        [=](auto x) { return linalg::expm(x * scale); },
        [=](const Matrix& x) {
          return exponential(sum(Matrix(x.size(), std::vector<double>(x.size())), x, scale));
        });
  }
  add_matrices(
      table, "sqrtm", "", {{1, 1}, {3, 3}, {4, 4}, {2, 3, 3}},
      [](auto x) {
        const auto s = shifted(x);
        return linalg::sqrtm(ag::matmul(s, s));
      },
      [](Matrix x) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i][i] += shift;
        return x;
      });
  table
      .add(
          "multi_dot", "three", {in({2, 3}), in({3, 4}), in({4, 2})},
          [](auto x, auto y, auto z) {
            return linalg::multi_dot({x, y, z});
          },
          contraction("ij,jk,kl->il"))
      .takes_heap();
  table
      .add(
          "multi_dot", "vectors at the ends", {in({3}), in({3, 4}), in({4})},
          [](auto x, auto y, auto z) {
            return linalg::multi_dot({x, y, z});
          },
          contraction("j,jk,k->"))
      .takes_heap();
}

/// Solves a x + x b = q as one system for the elements of x.
Matrix sylvester(const Matrix& a, const Matrix& b, const Matrix& q) {
  const std::size_t m = a.size(), n = b.size();
  Matrix all(m * n, std::vector<double>(m * n)), right(m * n, std::vector<double>(1));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < m; ++k) all[i * n + j][k * n + j] += a[i][k];
      for (std::size_t k = 0; k < n; ++k) all[i * n + j][i * n + k] += b[k][j];
      right[i * n + j][0] = q[i][j];
    }
  }
  eliminate(all, right);
  Matrix x = q;
  for (std::size_t i = 0; i < m * n; ++i) x[i / n][i % n] = right[i][0];
  return x;
}

void add_sylvester(Table& table) {
  const auto solve = [&](const Shape& a, const Shape& b, const Shape& q, const Shape& result) {
    table
        .add(
            "solve_sylvester", text(a) + ", " + text(b) + " and " + text(q), {in(a), in(b), in(q)},
            [](auto x, auto y, auto z) {
              return linalg::solve_sylvester(shifted(x), shifted(y), z);
            },
            [=](const std::vector<Array>& x) {
              return matrices(result, [&](const Place& p) {
                return sylvester(matrix_at(x[0], p, shift), matrix_at(x[1], p, shift),
                                 matrix_at(x[2], p));
              });
            })
        .of_fixed_size();
  };
  solve({1, 1}, {1, 1}, {1, 1}, {1, 1});
  solve({3, 3}, {2, 2}, {3, 2}, {3, 2});
  solve({2, 3, 3}, {3, 3}, {3, 3}, {2, 3, 3});
  solve({2, 2}, {2, 2}, {3, 2, 2}, {3, 2, 2});
}

/// The matrix whose diagonals are given, with a shifted main diagonal.
Matrix from_diagonals(const Matrix& ab, std::size_t upper) {
  const std::size_t n = ab[0].size();
  Matrix a(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (upper + i >= j && upper + i - j < ab.size()) a[i][j] = ab[upper + i - j][j];
    }
    a[i][i] += shift;
  }
  return a;
}

void add_banded(Table& table) {
  const auto solve = [&](Index lower, Index upper, const Shape& batch, const Shape& b) {
    Shape ab = batch;
    ab.insert(ab.end(), {lower + upper + 1, b.end()[b.size() == 1 ? -1 : -2]});
    table
        .add(
            "solve_banded",
            std::to_string(lower) + " and " + std::to_string(upper) + ", " + text(ab) + ", " +
                text(b),
            {in(ab), in(b)},
            [=](auto x, auto y) {
              const auto zeros = ag::broadcast_to(0 * ag::sum(x), {1, x.shape(-1)});
              const auto main = zeros + shift;
              const auto added = ag::pad(main, {{upper, lower}, {0, 0}});
              return linalg::solve_banded({lower, upper}, x + added, y);
            },
            [=](const std::vector<Array>& x) {
              Array columns = x[1];
              if (columns.dimension() == 1) columns.reshape({columns.size(), std::size_t(1)});
              Shape result = broadcast(batch, batch_of(shape_of(columns), 2));
              result.insert(result.end(), {ab.back(), Index(columns.shape().back())});
              Array y = matrices(result, [&](const Place& p) {
                Matrix right = matrix_at(columns, p);
                eliminate(from_diagonals(matrix_at(x[0], p), std::size_t(upper)), right);
                return right;
              });
              if (x[1].dimension() == 1) y.reshape({y.size()});
              return y;
            })
        .of_fixed_size()
        .takes_heap();
  };
  solve(0, 0, {}, {3});
  solve(1, 1, {}, {4});
  solve(2, 1, {}, {5, 2});
  solve(0, 2, {2}, {4, 1});
  solve(1, 1, {}, {2, 3, 2});
  solve(2, 3, {}, {2});
}

}  // namespace

void add_matrix_functions(Table& table) {
  add_matrix_norms(table);
  add_powers(table);
  add_sylvester(table);
  add_banded(table);
  table
      .add(
          "matrix_rank", "as a constant", {in({3, 3})},
          [](auto x) {
            return decltype(x)(ag::sum(0 * x) + double(linalg::matrix_rank(growing(x))()));
          },
          [](const std::vector<Array>&) { return Array(3.0); })
      .of_fixed_size()
      .constant()
      .takes_heap();
}

}  // namespace op_cases
