#pragma once

#include <optim/optim.hpp>
#include <string>
#include <vector>

#include "examples/subspace_clustering/data.hpp"
#include "examples/subspace_clustering/objective.hpp"

namespace examples {

/// How one of the ways went.
struct Way {
  std::string name;
  optim::Result<double> result;
  std::vector<double> objectives;  // after each iteration, with c_ii = 0
};

/// C with c_ii = 0.
xt::xarray<double> without_diagonal(xt::xarray<double> C);

/// Shows, checks and writes what the ways penalty, projection and proximal have found. Returns the
/// exit code of the program.
int show(const std::vector<Way>& ways, const SubspaceProblem& problem, const Points& points,
         const SubspaceOptions& options);

}  // namespace examples
