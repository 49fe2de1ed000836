/// Least squares: half the sum of (s - x0 - x1 t - x2 t^2 - ...)^2 over n points t from -1 to 1,
/// where s is the sign of t.
#include <algorithm>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

struct Problem {
  std::size_t n;
  Array x;

  explicit Problem(const json& input) : n(input["n"]), x(array(input["x"])) {}

  double point(std::size_t i) const {
    return -1 + 2.0 * static_cast<double>(i) / static_cast<double>(n - 1);
  }
  static double sign(double t) { return (t > 0) - (t < 0); }

  double by_hand(const Array& coefficients) const {
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double t = point(i);
      double residual = sign(t), power = 1;
      for (double coefficient : coefficients) {
        residual -= coefficient * power;
        power *= t;
      }
      total += residual * residual;
    }
    return total / 2;
  }

  /// What does not depend on x: a row for each power of t, and the signs. Rows are long.
  struct Constants {
    Array powers, signs;
  };
  Constants constants() const {
    Constants c{Array::from_shape({x.size(), n}), Array::from_shape({n})};
    Array t = c.signs;
    for (std::size_t i = 0; i < n; ++i) {
      t(i) = point(i);
      c.signs(i) = sign(t(i));
      c.powers(0, i) = 1;
    }
    for (std::size_t j = 1; j < x.size(); ++j) {
      const double *const before = &c.powers(j - 1, 0), *const points = t.data();
      double* const row = &c.powers(j, 0);
      for (std::size_t i = 0; i < n; ++i) row[i] = before[i] * points[i];
    }
    return c;
  }

  /// One product of matrices stands for all polynomials.
  auto value_and_gradient() const {
    const Constants c = constants();
    const auto f = [&](const V& coefficients) {
      const V values = ag::matmul(coefficients, ag::borrow(c.powers));
      return ag::sum(ag::square(ag::borrow(c.signs) - values)) / 2;
    };
    return ag::value_and_grad(f)(x);
  }

  double primal() const { return by_hand(x); }
  Array gradient() const { return value_and_gradient().second; }
  double check() const {
    const auto f = [this](const std::vector<Array>& at) { return by_hand(at[0]); };
    const auto [value, gradient] = value_and_gradient();
    return std::max(relative_error(value, primal()), gradient_error(f, {x}, {gradient}));
  }
};

}  // namespace

int main(int argc, char** argv) { return run_gradient<Problem>(argc, argv); }
