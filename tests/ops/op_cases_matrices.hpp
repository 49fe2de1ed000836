/// What the rows of linear algebra share: matrices as lists of rows, and elimination.
#pragma once

#include <autograd/linalg.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {

namespace linalg = ag::linalg;
using Matrix = std::vector<std::vector<double>>;

/// x + shift I. The multiples of identities are made once, so that rows take no heap memory.
inline constexpr double shift = 6;
template <class T>
ag::Var<T> shifted(const ag::Var<T>& x) {
  static const std::vector<xt::xarray<T>> identities = [] {
    std::vector<xt::xarray<T>> list;
    for (std::size_t n = 0; n <= 4; ++n) list.push_back(T(shift) * xt::eye<T>(n));
    return list;
  }();
  return x + ag::borrow(identities.at(std::size_t(x.shape(-1))));
}

inline Place batch_of(const Place& p, std::size_t axes) {
  return {p.begin(), p.end() - Index(axes)};
}

/// The matrix of a stack at a place of its leading axes, to which they broadcast.
inline Matrix matrix_at(const Array& a, const Place& batch, double added = 0) {
  const Shape shape = shape_of(a);
  const auto rows = static_cast<std::size_t>(shape.end()[-2]);
  const auto columns = static_cast<std::size_t>(shape.end()[-1]);
  Matrix result(rows, std::vector<double>(columns));
  Place p(batch);
  p.insert(p.end(), {0, 0});
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t j = 0; j < result[i].size(); ++j) {
      p[p.size() - 2] = Index(i);
      p[p.size() - 1] = Index(j);
      result[i][j] = at(a, p) + (i == j ? added : 0);
    }
  }
  return result;
}

/// Solves a x = b by elimination, and returns the determinant.
inline double eliminate(Matrix a, Matrix& b) {
  double det = 1;
  for (std::size_t k = 0; k < a.size(); ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < a.size(); ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    det *= pivot == k ? a[k][k] : -a[k][k];
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i == k) continue;
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = 0; j < a.size(); ++j) a[i][j] -= factor * a[k][j];
      for (std::size_t j = 0; j < b[i].size(); ++j) b[i][j] -= factor * b[k][j];
    }
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (double& x : b[i]) x /= a[i][i];
  }
  return det;
}

inline Matrix identity(std::size_t n) {
  Matrix result(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) result[i][i] = 1;
  return result;
}

/// The array whose matrices are f(place in the batch).
template <class F>
Array matrices(const Shape& shape, const F& f) {
  return build(shape, [&](const Place& p) {
    const Matrix m = f(batch_of(p, 2));
    return m[std::size_t(p.end()[-2])][std::size_t(p.end()[-1])];
  });
}

/// A function of each matrix of one stack.
template <class F>
void add_by_matrix(Table& table, const char* op, const F& f, const std::string& situation,
                   const std::function<Matrix(const Matrix&)>& each) {
  for (const Shape& shape : {Shape{1, 1}, {3, 3}, {4, 4}, {2, 3, 3}, {2, 1, 2, 2}, {0, 0}}) {
    table
        .add(op, text(shape) + situation, {in(shape)}, f,
             [=](const std::vector<Array>& x) {
               return matrices(
                   shape, [&](const Place& batch) { return each(matrix_at(x[0], batch, shift)); });
             })
        .of_fixed_size();
  }
}

/// A number for each matrix of one stack.
template <class F>
void add_number_by_matrix(Table& table, const char* op, const F& f, const std::string& situation,
                          const std::function<double(const Matrix&)>& each) {
  for (const Shape& shape : {Shape{1, 1}, {3, 3}, {4, 4}, {2, 3, 3}, {2, 1, 2, 2}, {0, 0}}) {
    table
        .add(op, text(shape) + situation, {in(shape)}, f,
             [=](const std::vector<Array>& x) {
               return build(Shape(shape.begin(), shape.end() - 2), [&](const Place& batch) {
                 return each(matrix_at(x[0], batch, shift));
               });
             })
        .of_fixed_size();
  }
}

inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), std::vector<double>(b.empty() ? 0 : b[0].size()));
  for (std::size_t i = 0; i < c.size(); ++i) {
    for (std::size_t j = 0; j < c[i].size(); ++j) {
      for (std::size_t k = 0; k < b.size(); ++k) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

inline Matrix transposed(const Matrix& a) {
  Matrix t(a.empty() ? 0 : a[0].size(), std::vector<double>(a.size()));
  for (std::size_t i = 0; i < t.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) t[i][j] = a[j][i];
  }
  return t;
}

inline Matrix sum(Matrix a, const Matrix& b, double factor = 1) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) a[i][j] += factor * b[i][j];
  }
  return a;
}
inline double trace(const Matrix& a) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i][i];
  return total;
}

/// exp(a), by its series at a / 64.
inline Matrix exponential(const Matrix& a) {
  const Matrix none(a.size(), std::vector<double>(a.size()));
  const Matrix part = sum(none, a, 1.0 / 64);
  Matrix result = identity(a.size()), term = result;
  for (int i = 1; i < 20; ++i) {
    term = product(term, sum(none, part, 1.0 / i));
    result = sum(result, term);
  }
  for (int i = 0; i < 6; ++i) result = product(result, result);
  return result;
}

using ByMatrix = std::function<Matrix(const Matrix&)>;
using NumberByMatrix = std::function<double(const Matrix&)>;

/// Rows of matrices of the given shapes, without the shift of add_by_matrix.
template <class F>
void add_matrices(Table& table, const char* op, const std::string& situation,
                  const std::vector<Shape>& shapes, const F& f, const ByMatrix& each,
                  bool takes_heap = false) {
  for (const Shape& shape : shapes) {
    Row& row = table.add(op, text(shape) + situation, {in(shape)}, f, [=](const auto& x) {
      Shape result(shape.begin(), shape.end() - 2);
      const Matrix first = each(matrix_at(x[0], Place(result.size(), 0)));
      result.push_back(Index(first.size()));
      result.push_back(first.empty() ? 0 : Index(first[0].size()));
      return matrices(result, [&](const Place& p) { return each(matrix_at(x[0], p)); });
    });
    row.of_fixed_size();
    if (takes_heap) row.takes_heap();
  }
}
template <class F>
void add_numbers(Table& table, const char* op, const std::string& situation,
                 const std::vector<Shape>& shapes, const F& f, const NumberByMatrix& each) {
  for (const Shape& shape : shapes) {
    table
        .add(op, text(shape) + situation, {in(shape)}, f,
             [=](const auto& x) {
               return build(Shape(shape.begin(), shape.end() - 2),
                            [&](const Place& p) { return each(matrix_at(x[0], p)); });
             })
        .of_fixed_size();
  }
}

inline const std::vector<Shape> square = {{1, 1}, {3, 3}, {4, 4}, {2, 3, 3}, {2, 1, 2, 2}};
inline const std::vector<Shape> tall = {{1, 1}, {3, 3}, {4, 3}, {3, 1}, {2, 3, 2}};
inline const std::vector<Shape> wide = {{3, 4}, {1, 3}, {2, 2, 3}};
inline std::vector<Shape> tall_and_wide() {
  std::vector<Shape> all = tall;
  all.insert(all.end(), wide.begin(), wide.end());
  return all;
}

/// Matrices whose singular values keep a distance, since their columns grow.
template <class T>
ag::Var<T> growing(const ag::Var<T>& x) {
  static const xt::xarray<T> scales = {1, 4, 12, 30};
  const ag::Index n = x.shape(-1);
  return (x + ag::tril(ag::broadcast_to(ag::Var<T>(T(3)), x.shape()))) *
         ag::view(ag::Var<T>(ag::borrow(scales)), xt::range(0, n)) / T(20);
}
inline Matrix growing(Matrix x) {
  const double scales[] = {1, 4, 12, 30};
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x[i].size(); ++j) {
      x[i][j] = (x[i][j] + (j <= i ? 3 : 0)) * scales[j] / 20;
    }
  }
  return x;
}

void add_matrix_functions(Table& table);

}  // namespace op_cases
