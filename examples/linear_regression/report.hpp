#pragma once

#include <optim/optim.hpp>
#include <vector>

#include "examples/linear_regression/data.hpp"
#include "examples/support/curvature.hpp"

namespace examples {

/// A gradient descent, in units of the scaled points.
struct Descent {
  struct Moment {
    std::uint64_t iteration;
    xt::xarray<double> line;  // (b, m)
    double loss, gradient_norm;
  };

  double rate;
  optim::Result<double> result;
  std::vector<Moment> trail;
};

struct LineRuns {
  Descent all, checked, too_large;  // without a check, with one, with a rate that diverges
  Curvature curvature;              // of the error

  double largest_stable_rate() const { return 2 / curvature.largest; }
};

/// Shows, judges and writes what the descents have found. Returns the exit code of the program.
int show(const LineRuns& runs, const LinePoints& points, const LineOptions& options);

}  // namespace examples
