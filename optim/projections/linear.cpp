// Projections that need linear algebra.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "optim/base/arrays.hpp"
#include "optim/base/linalg.hpp"
#include "optim/base/vectors.hpp"
#include "optim/projections.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::dot;
using detail::norm;
using detail::shape_text;

using Matrix = xt::xarray<double>;

/// A x = b as Q x = c, where the rows of Q are orthonormal.
struct Equations {
  Matrix Q, c;
};

/// Directions of A with singular values below `tolerance`, relative to the largest, are left out.
Equations orthonormal(const Matrix& A, const Matrix& b, double tolerance) {
  const std::size_t m = A.shape(0), n = A.shape(1);
  const detail::Svd<double> svd = detail::svd(A);
  std::size_t rank = 0;
  while (rank < svd.s.size() && svd.s(rank) > tolerance * svd.s(0)) ++rank;
  Equations result = {Matrix::from_shape({rank, n}), Matrix::from_shape({rank})};
  std::copy_n(svd.Vt.data(), rank * n, result.Q.data());
  for (std::size_t i = 0; i < rank; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < m; ++j) sum += svd.U(j, i) * b(j);
    result.c(i) = sum / svd.s(i);
  }
  return result;
}

/// Adds to x the smallest vector that makes Q x = c. Returns its norm; `step` is scratch.
template <class T>
double add_missing(const Equations& equations, xt::xarray<T>& x, std::vector<double>& step) {
  const std::size_t n = x.size();
  step.assign(n, 0);
  for (std::size_t i = 0; i < equations.c.size(); ++i) {
    const double* row = equations.Q.data() + i * n;
    const double missing = equations.c(i) - dot(row, x.data(), n);
    for (std::size_t j = 0; j < n; ++j) step[j] += missing * row[j];
  }
  for (std::size_t j = 0; j < n; ++j) x.data()[j] = static_cast<T>(x.data()[j] + step[j]);
  return detail::norm_of(n, [&](std::size_t j) { return step[j]; });
}

/// Moves x to the nearest point with Q x = c. Where that is nearer to 0 by far than x was, the
/// rounding of x is large there: the same again removes it.
template <class T>
void solve(const Equations& equations, xt::xarray<T>& x, std::vector<double>& step) {
  while (add_missing(equations, x, step) > 16 * norm(x)) continue;
}

void check_solution(const Equations& equations, const Matrix& A, const Matrix& b,
                    double tolerance) {
  const std::size_t n = A.shape(1);
  Matrix x = xt::zeros<double>({n}), residual = b;
  std::vector<double> scratch;
  solve(equations, x, scratch);
  for (std::size_t i = 0; i < b.size(); ++i) residual(i) -= dot(A.data() + i * n, x.data(), n);
  if (norm(residual) <= tolerance * (norm(A) * norm(x) + norm(b))) return;
  fail("affine", "A x = b has no solution: at best, A x - b has norm {}", norm(residual));
}

template <class T>
void check_equations(const xt::xarray<T>& A, const xt::xarray<T>& b) {
  if (A.dimension() != 2 || b.dimension() != 1 || A.shape(0) != b.shape(0)) {
    fail("affine", "A must be (m, n) and b (m): A has shape {}, b has shape {}", shape_text(A),
         shape_text(b));
  }
  detail::check_finite("affine", "A", A);
  detail::check_finite("affine", "b", b);
}

template <class T>
void check_square(const char* op, const xt::xarray<T>& x) {
  if (x.dimension() == 2 && x.shape(0) == x.shape(1)) return;
  fail(op, "x must be a square matrix: x has shape {}", shape_text(x));
}

template <class T>
void make_symmetric(xt::xarray<T>& x) {
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    for (std::size_t j = 0; j < i; ++j) x(i, j) = x(j, i) = std::midpoint(x(i, j), x(j, i));
  }
}

/// Multiplies each eigenvector by its eigenvalue, or by 0 if that is negative.
template <class T>
void drop_negative(detail::Eigh<T>& eigh) {
  const std::size_t n = eigh.values.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) eigh.vectors(i, j) *= std::max(T(0), eigh.values(j));
  }
}

}  // namespace

template <Scalar T>
Projection<T> affine(const xt::xarray<T>& A, const xt::xarray<T>& b) {
  check_equations(A, b);
  const double rounding =
      static_cast<double>(std::max(A.shape(0), A.shape(1))) * std::numeric_limits<T>::epsilon();
  const Matrix A_double = xt::cast<double>(A), b_double = xt::cast<double>(b);
  Equations equations = orthonormal(A_double, b_double, rounding);
  check_solution(equations, A_double, b_double, 10 * rounding);
  return [equations = std::move(equations), scratch = std::vector<double>(),
          columns = A.shape(1)](xt::xarray<T>& x) mutable {
    if (x.size() != columns) {
      fail("affine",
           "x must have an element for each column of A: x has shape {}, A has {} columns",
           shape_text(x), columns);
    }
    detail::check_finite("affine", "x", x);
    solve(equations, x, scratch);
  };
}

template <Scalar T>
Projection<T> positive_semidefinite() {
  return [](xt::xarray<T>& x) {
    check_square("positive_semidefinite", x);
    detail::check_finite("positive_semidefinite", "x", x);
    make_symmetric(x);
    detail::Eigh<T> eigh = detail::eigh(x);
    if (x.size() == 0 || eigh.values(0) >= 0) return;
    const xt::xarray<T> rows = xt::transpose(eigh.vectors);
    drop_negative(eigh);
    x = detail::matmul(eigh.vectors, rows);
    make_symmetric(x);
  };
}

template Projection<float> affine(const xt::xarray<float>&, const xt::xarray<float>&);
template Projection<double> affine(const xt::xarray<double>&, const xt::xarray<double>&);
template Projection<float> positive_semidefinite();
template Projection<double> positive_semidefinite();

}  // namespace optim
