#pragma once

#include <autograd/autograd.hpp>
#include <cmath>

namespace examples {

/// min over C of sum_i ||x_i - X c_i||^2 + lambda ||c_i|| such that c_ii = 0, for columns x_i of X
/// and c_i of C.
struct SubspaceProblem {
  using Array = xt::xarray<double>;
  using Var = autograd::Var<double>;

  Array X;  // of shape (d, n)
  double lambda = 0;

  Var fit(const Var& C) const {
    const Var all = autograd::borrow(X);
    return autograd::sum(autograd::square(all - autograd::matmul(all, C)));
  }

  /// Where a column of C is 0, the gradient of its norm is 0: that of the square root of its sum of
  /// squares would be NaN.
  Var objective(const Var& C) const {
    return fit(C) + lambda * autograd::sum(autograd::norm(C, {.axis = 0}));
  }

  double value(const Array& C) const {
    return autograd::evaluate([this](const Var& C) { return objective(C); })(C)();
  }

  /// What no feasible C falls below, from the dual problem. For each column, whatever the vector u,
  ///   u.x_i - ||u||^2 / 4  such that  ||X^T u without element i|| <= lambda
  /// is at most the optimum, and equal to it for u = 2 (x_i - X c_i) at the optimal c_i. Other C
  /// give this u a factor that makes it feasible, and a bound that is not higher.
  double lower_bound(const Array& C) const {
    const Array U = autograd::evaluate([this](const Var& C) {
      const Var all = autograd::borrow(X);
      return 2 * (all - autograd::matmul(all, C));
    })(C);
    const Array XtU = autograd::evaluate([this](const Var& U) {
      return autograd::matmul(autograd::transpose(Var(autograd::borrow(X))), U);
    })(U);
    double bound = 0;
    for (std::size_t i = 0; i < X.shape(1); ++i) bound += dual_value(U, XtU, i);
    return bound;
  }

 private:
  double dual_value(const Array& U, const Array& XtU, std::size_t i) const {
    double squares = 0, ux = 0, uu = 0;
    for (std::size_t j = 0; j < XtU.shape(0); ++j) squares += j == i ? 0 : XtU(j, i) * XtU(j, i);
    for (std::size_t j = 0; j < U.shape(0); ++j) {
      ux += U(j, i) * X(j, i);
      uu += U(j, i) * U(j, i);
    }
    const double norm = std::sqrt(squares);
    const double factor = norm > lambda ? lambda / norm : 1;
    return factor * ux - factor * factor * uu / 4;
  }
};

}  // namespace examples
