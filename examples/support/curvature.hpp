#pragma once

#include <autograd/xtensor.hpp>
#include <cmath>

namespace examples {

/// The eigenvalues of the Hessian, of shape (2, 2), of a function of two variables. If it is
/// quadratic, gradient descent with a fixed rate diverges above 2 / largest; and in the direction
/// of the least, each step with a rate that does not leaves 1 - rate * least of the error.
struct Curvature {
  explicit Curvature(const xt::xarray<double>& hessian) {
    const double a = hessian(0, 0), b = hessian(0, 1), c = hessian(1, 1);
    largest = 0.5 * (a + c) + std::hypot(0.5 * (a - c), b);
    least = (a * c - b * b) / largest;
  }

  double least, largest;
};

}  // namespace examples
