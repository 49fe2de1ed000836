#pragma once

#include <autograd/xtensor.hpp>
#include <vector>

#include "examples/support/command_line.hpp"

namespace examples {

/// What the command line of sgd_momentum says.
struct MomentumOptions {
  double learning_rate = 0.02;
  double momentum = 0.9;
  std::uint64_t steps = 100;
  bool nesterov = false;
  CommonOptions common;
};

/// Before a step.
struct MomentumMoment {
  xt::xarray<double> w;  // weights
  double loss;
  xt::xarray<double> m, g;  // what is stored, and the gradient
};

/// Before each step, and after the last one.
using MomentumRun = std::vector<MomentumMoment>;

/// A loss of two weights: 1/2 (w - minimum)^T hessian (w - minimum).
struct Bowl {
  xt::xarray<double> minimum, hessian;
};

/// Shows, judges and writes how the weights went, with momentum and without. Returns the exit code
/// of the program.
int show(const MomentumRun& with, const MomentumRun& without, const Bowl& bowl,
         const MomentumOptions& options);

}  // namespace examples
