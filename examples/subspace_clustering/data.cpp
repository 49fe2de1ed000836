#include "examples/subspace_clustering/data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"
#include "examples/support/random.hpp"

namespace examples {
namespace {

void check_size(const Points& points, std::size_t clusters) {
  const std::size_t n = points.X.shape(1);
  const auto refuse = [&](const std::string& why) {
    throw InputError(fmt::format("{}: {} x {} numbers, where each column is a point; {}",
                                 points.name, points.X.shape(0), n, why));
  };
  if (n < 2) refuse("at least 2 points are needed");
  if (n < clusters) refuse(fmt::format("{} clusters need as many points", clusters));
  if (n > max_points) refuse(fmt::format("at most {} points are allowed", max_points));
}

void check_numbers(const Points& points) {
  double largest = 0;
  for (const double x : points.X.storage()) largest = std::max(largest, std::abs(x));
  if (largest >= 1e-10 && largest <= 1e10) return;
  throw InputError(
      fmt::format("{}: the largest number is {:.3g}; scale it to between 1e-10 and 1e10",
                  points.name, largest));
}

}  // namespace

SubspaceOptions subspace_options(int argc, const char* const* argv) {
  SubspaceOptions options;
  CommandLine line("subspace_clustering",
                   "Finds the subspaces that points lie in: min sum_i ||x_i - X c_i||^2 + lambda "
                   "||c_i|| such that c_ii = 0, in three ways.");
  line.file("--data", options.data, "CSV of X: each column is a point; none: random points");
  line.count("--subspaces", options.subspaces, {1, 8}, "subspaces, and clusters to look for");
  line.count("--dimension", options.dimension, {1, 1000}, "of each random subspace");
  line.count("--ambient", options.ambient, {1, 1000}, "dimension of the space around them");
  line.count("--points", options.points, {2, max_points / 8}, "random points in each subspace");
  line.number("--noise", options.noise, {0, 100},
              "root mean square length of the noise of a point");
  line.number("--lambda", options.lambda, {0, 1e6}, "weight of the column norms");
  line.number("--lambda-diagonal", options.lambda_diagonal, {0, 1e9},
              "weight of the squared diagonal, for the penalty");
  line.count("--iterations", options.iterations, {1, 1'000'000}, "at most, of each way");
  for (const char* generated : {"--dimension", "--ambient", "--points", "--noise"}) {
    line.exclude("--data", generated);
  }
  line.parse(argc, argv);
  options.common = line.common();
  if (options.common.quick) options.iterations = std::min<std::uint64_t>(options.iterations, 1000);
  if (options.dimension <= options.ambient) return options;
  throw InputError(
      fmt::format("--dimension: subspaces of dimension {} do not fit into {} (--ambient)",
                  options.dimension, options.ambient));
}

Points random_points(const SubspaceOptions& options) {
  const std::size_t d = options.ambient, n = options.subspaces * options.points;
  Random random(options.common.seed);
  Points points{"random points", xt::zeros<double>({d, n}), {}};
  const double unit = 1 / std::sqrt(static_cast<double>(d));
  for (std::size_t subspace = 0; subspace < options.subspaces; ++subspace) {
    const auto basis = random.normal<double>({d, options.dimension});
    for (std::size_t point = 0; point < options.points; ++point) {
      const auto coefficients = random.normal<double>({options.dimension});
      const std::size_t column = points.truth.size();
      for (std::size_t i = 0; i < d; ++i) {
        double x = options.noise * random.normal();
        for (std::size_t j = 0; j < options.dimension; ++j) x += basis(i, j) * coefficients(j);
        points.X(i, column) = unit * x;
      }
      points.truth.push_back(subspace);
    }
  }
  return points;
}

Points points_of(const SubspaceOptions& options) {
  if (options.data.empty()) return random_points(options);
  Points points{options.data.string(), read_csv(options.data), {}};
  check_size(points, options.subspaces);
  check_numbers(points);
  return points;
}

}  // namespace examples
