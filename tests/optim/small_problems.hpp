/// Small problems and other ways to solve them.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/optim/proximal.hpp"

namespace small_problems {

namespace ag = autograd;
using A = xt::xarray<double>;
using F = optim::Term<double>;

/// Iterates until nothing moves any more.
inline const optim::Stopping to_the_end = {.rtol = {}, .xtol = 1e-13, .maxit = 100000};

inline A matmul(const A& a, const A& b) {
  return ag::evaluate(
      [](const ag::Var<double>& a, const ag::Var<double>& b) { return ag::matmul(a, b); })(a, b);
}

/// ||A x - y||^2 and twice the largest eigenvalue of A^T A, or a little more.
struct LeastSquares {
  A a, y;

  F term() const { return optim::norm_l2<double>({.A = a, .y = y}); }
  double lipschitz() const { return 2 * xt::sum(a * a)(); }
};

/// argmin ||A x - y||^2 + mu ||x||_1, one coordinate after the other.
inline A lasso_by_coordinates(const LeastSquares& problem, double mu) {
  const auto& [a, y] = problem;
  A x = xt::zeros<double>({a.shape(1)});
  for (int round = 0; round < 5000; ++round) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      const A column = xt::view(a, xt::all(), j);
      const A rest = y - matmul(a, x) + x(j) * column;
      const double slope = proximal::dot(column, rest);
      const double size = std::max(0.0, std::abs(slope) - mu / 2);
      x(j) = std::copysign(size, slope) / proximal::dot(column, column);
    }
  }
  return x;
}

/// Solves a small system by elimination with pivots.
inline A solve(A a, A b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i) {
      if (std::abs(a(i, k)) > std::abs(a(pivot, k))) pivot = i;
    }
    for (std::size_t j = 0; j < n; ++j) std::swap(a(k, j), a(pivot, j));
    std::swap(b(k), b(pivot));
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = a(i, k) / a(k, k);
      for (std::size_t j = k; j < n; ++j) a(i, j) -= factor * a(k, j);
      b(i) -= factor * b(k);
    }
  }
  for (std::size_t k = 0; k < n; ++k) b(k) /= a(k, k);
  return b;
}

/// The columns that the bits of `set` choose.
inline A chosen_columns(const A& a, unsigned set) {
  std::vector<std::size_t> columns;
  for (std::size_t j = 0; j < a.shape(1); ++j) {
    if (set >> j & 1) columns.push_back(j);
  }
  A result = xt::zeros<double>({a.shape(0), columns.size()});
  for (std::size_t k = 0; k < columns.size(); ++k) {
    xt::view(result, xt::all(), k) = xt::view(a, xt::all(), columns[k]);
  }
  return result;
}

/// x with the given elements at the places that the bits of `set` choose, else 0.
inline A spread(const A& elements, unsigned set, std::size_t n) {
  A x = xt::zeros<double>({n});
  std::size_t k = 0;
  for (std::size_t j = 0; j < n; ++j) {
    if (set >> j & 1) x(j) = elements(k++);
  }
  return x;
}

/// argmin ||A x - y||^2 over x >= 0: the best of the feasible solutions of all active sets.
inline A non_negative_least_squares(const LeastSquares& problem) {
  const auto& [a, y] = problem;
  const std::size_t n = a.shape(1);
  A best = xt::zeros<double>({n});
  for (unsigned set = 1; set < 1u << n; ++set) {
    const A part = chosen_columns(a, set), turned = xt::transpose(part);
    const A x = spread(solve(matmul(turned, part), matmul(turned, y)), set, n);
    if (xt::amin(x)() >= 0 && problem.term().eval(x) < problem.term().eval(best)) best = x;
  }
  return best;
}

/// argmin ||x||_1 subject to A x = b: the best of the basic solutions (it is a linear programme).
inline A basis_pursuit(const A& a, const A& b) {
  A best;
  for (unsigned set = 0; set < 1u << a.shape(1); ++set) {
    if (std::popcount(set) != static_cast<int>(a.shape(0))) continue;
    const A x = spread(solve(chosen_columns(a, set), b), set, a.shape(1));
    if (best.dimension() == 0 || xt::sum(xt::abs(x))() < xt::sum(xt::abs(best))()) best = x;
  }
  return best;
}

}  // namespace small_problems
