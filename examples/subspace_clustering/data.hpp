#pragma once

#include <autograd/xtensor.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "examples/support/command_line.hpp"

namespace examples {

/// What the command line of subspace_clustering says.
struct SubspaceOptions {
  std::filesystem::path data;  // empty: generated points
  std::uint64_t subspaces = 3;
  std::uint64_t dimension = 3, ambient = 30, points = 30;  // of generated points
  double noise = 0.05;
  double lambda = 0.5;
  double lambda_diagonal = 100;
  std::uint64_t iterations = 5000;
  CommonOptions common;
};

/// Throws InputError for options that contradict each other.
SubspaceOptions subspace_options(int argc, const char* const* argv);

/// Points near a union of subspaces.
struct Points {
  std::string name;
  xt::xarray<double> X;            // of shape (d, n): each column is a point
  std::vector<std::size_t> truth;  // the subspace of each point; empty where it is not known
};

/// As many points are used at most: C has n x n elements.
inline constexpr std::size_t max_points = 2000;

/// Points of `subspaces` random subspaces, `points` of each, one subspace after the other: normal
/// coefficients times a normal basis, whose vectors have a root mean square length of 1, and normal
/// noise of the root mean square length `noise`.
Points random_points(const SubspaceOptions& options);

/// The points of --data or, without it, random ones. Throws InputError when the file cannot be
/// read, has fewer than 2 points or than clusters, more than max_points, or numbers of which the
/// largest is not between 1e-10 and 1e10.
Points points_of(const SubspaceOptions& options);

}  // namespace examples
