#pragma once

#include <autograd/xtensor.hpp>
#include <cmath>

namespace examples {

/// How fast the slope of a function of two variables changes: the eigenvalues of its Hessian, of
/// shape (2, 2). Gradient descent with a fixed rate diverges on a quadratic function if the rate is
/// above 2 / largest; the error falls by the factor 1 - rate * least in each step at best.
struct Curvature {
  explicit Curvature(const xt::xarray<double>& hessian) {
    const double a = hessian(0, 0), b = hessian(0, 1), c = hessian(1, 1);
    largest = 0.5 * (a + c) + std::hypot(0.5 * (a - c), b);
    least = (a * c - b * b) / largest;
  }

  double least, largest;
};

}  // namespace examples
