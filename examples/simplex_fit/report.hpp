#pragma once

#include <optim/optim.hpp>
#include <string>
#include <vector>

#include "examples/support/command_line.hpp"

namespace examples {

/// What came of a start.
struct SimplexRun {
  std::string start;
  xt::xarray<double> a;
  double b;
  xt::xarray<double> fit;  // aC + b (aC)^2
  optim::Result<double> result;
};

/// Shows, judges and writes what came of all starts; `y` is what `fit` should be. Returns the exit
/// code of the program.
int show(const std::vector<SimplexRun>& runs, const xt::xarray<double>& y,
         const CommonOptions& options);

}  // namespace examples
