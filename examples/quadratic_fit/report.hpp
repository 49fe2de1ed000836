#pragma once

#include <algorithm>
#include <autograd/xtensor.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "examples/support/command_line.hpp"

namespace examples {

/// The points, and the coefficients a2, a1, a0 of the parabola that fits them best.
inline constexpr double samples[][2] = {{0, 0}, {1, 1}, {1, 2}, {2, 1}};
inline const xt::xarray<double> solution = {-1, 2.5, 0};

/// What the command line of quadratic_fit says.
struct QuadraticOptions {
  std::uint64_t epochs = 100'000;
  double learning_rate = 0.0005;
  CommonOptions common;
};

/// Coefficients on their way, and their mean squared error at some epochs.
struct Fit {
  std::string key, name;
  xt::xarray<double> a;
  std::vector<double> epoch = {}, loss = {};

  /// Dense at first, ever rarer later.
  bool due(std::uint64_t now) const {
    return epoch.empty() ||
           static_cast<double>(now) >= std::max(epoch.back() + 1, epoch.back() * 1.1);
  }
  void keep(std::uint64_t now, double value) {
    epoch.push_back(static_cast<double>(now));
    loss.push_back(value);
  }
  bool diverged() const { return !(loss.back() <= loss.front()); }
};

/// Shows, judges and writes what was found: the right fits and, at the end, two by the question's
/// derivatives. `partial_derivatives`: of f(3) by a2, a1, a0. Returns the exit code of the program.
int show(const std::vector<Fit>& fits, const xt::xarray<double>& partial_derivatives,
         const QuadraticOptions& options);

}  // namespace examples
