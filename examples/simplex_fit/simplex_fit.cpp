/// "CVXPY DCPError for convex function": minimise ||y - (aC + b (aC)^2)||^2 for a on the
/// probability simplex and -100 <= b <= 100. CVXPY is right to refuse, since the function is not
/// convex; a projected optimizer solves it all the same, from several starts.

#include <fmt/format.h>

#include <algorithm>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <string>
#include <vector>

#include "examples/simplex_fit/report.hpp"
#include "examples/support/random.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using namespace xt::placeholders;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

const Array y = {0.10394265, 0.25867508, 0.31258457, 0.36452763, 0.36608997};
const Array C = {{0., 0.00169811, 0.01679245, 0.04075472, 0.03773585},
                 {0., 0.00892802, 0.03154158, 0.06091544, 0.07315024},
                 {0., 0.00962264, 0.03245283, 0.06245283, 0.07283019},
                 {0.04396226, 0.05245283, 0.12245283, 0.18358491, 0.23886792}};
const std::size_t m = C.shape(0);

/// The unknowns as one vector (a, b / scale): in these units all of them are of the size of 1.
constexpr double scale = 10, b_limit = 100;

Var model(const Var& x) {
  const Var a = ag::view(x, xt::range(0, -1));
  const Var b = scale * ag::view(x, -1);
  const Var aC = ag::matmul(a, C);
  return aC + b * ag::square(aC);
}

Var objective(const Var& x) { return ag::sum(ag::square(y - model(x))); }

/// a on the simplex, b between its bounds.
optim::Projection<double> feasible() {
  return [simplex = optim::simplex<double>(), a = Array::from_shape({m})](Array& x) mutable {
    std::copy_n(x.data(), m, a.data());
    simplex(a);
    std::copy_n(a.data(), m, x.data());
    x(m) = std::clamp(x(m), -b_limit / scale, b_limit / scale);
  };
}

struct Start {
  std::string name;
  Array x;
};

/// The corners of the simplex, its middle, and points at random.
std::vector<Start> starts(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Start> starts;
  for (std::size_t i = 0; i < count; ++i) {
    Array x = xt::zeros<double>({m + 1});
    for (std::size_t j = 0; j < m; ++j) {
      x(j) = i < m ? double(i == j) : i == m ? 1.0 / double(m) : random.uniform();
    }
    if (i > m) x(m) = random.uniform(-b_limit, b_limit) / scale;
    starts.push_back({i < m    ? fmt::format("corner {}", i + 1)
                      : i == m ? "middle"
                               : fmt::format("random {}", i - m),
                      x});
  }
  return starts;
}

optim::Result<double> solve(Array x, std::uint64_t iterations) {
  const auto projection = feasible();
  projection(x);
  optim::Projected descent(optim::SGD<double>({.learning_rate = 0.1, .momentum = 0.9}), projection);
  return optim::minimize(optim::smooth<double>(objective), x, descent,
                         {.xtol = 1e-13, .gtol = {}, .maxit = iterations});
}

/// From every start.
std::vector<SimplexRun> runs(const std::vector<Start>& starts, std::uint64_t iterations) {
  std::vector<SimplexRun> runs;
  for (const Start& start : starts) {
    const auto result = solve(start.x, iterations);
    const Array a = xt::view(result.x, xt::range(0, m));
    runs.push_back({start.name, a, scale * result.x(m), ag::evaluate(model)(result.x), result});
  }
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("simplex_fit", [&] {
    std::uint64_t count = 10, iterations = 20'000;
    CommandLine line("simplex_fit", "Solves the problem that CVXPY refuses, from several starts.");
    line.count("--starts", count, {1, 1000}, "corners and middle first, then random points");
    line.count("--iterations", iterations, {1, 10'000'000}, "at most, from each start");
    line.parse(argc, argv);
    const CommonOptions& common = line.common();
    if (common.quick) count = std::min<std::uint64_t>(count, 6);
    return show(runs(starts(count, common.seed), iterations), y, common);
  });
}
