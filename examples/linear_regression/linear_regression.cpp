/// "Why does the value of b & m continue to update for all the iterations? Why is there no check
/// for convergence?" - fits y = m x + b by gradient descent, from (0, 0), and shows what happens at
/// the minimum: the gradient vanishes, so that updates change nothing any more. A check only saves
/// time. And a rate that is too large never gets there.

#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/optim.hpp>
#include <optional>

#include "examples/linear_regression/report.hpp"
#include "examples/support/curvature.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

/// What step_gradient descends: the mean squared error of y = m x + b, as a function of (b, m).
auto error_function(const LinePoints& points) {
  return [x = points.x, y = points.y](const Var& line) {
    const auto b = ag::view(line, 0), m = ag::view(line, 1);
    return ag::mean(ag::square(y - (m * x + b)));
  };
}

/// Gradient descent with a fixed rate; with a tolerance it ends where the gradient is smaller.
Descent descend(const optim::Term<double>& f, double rate, std::uint64_t iterations,
                std::optional<double> tolerance) {
  Descent descent{rate, {}, {}};
  optim::SGD<double> sgd({.learning_rate = rate});
  const auto keep = [&](std::uint64_t iteration, const Array& line) {
    Array gradient;
    const double loss = f.value_and_grad(gradient, line);
    descent.trail.push_back({iteration, line, loss, std::hypot(gradient(0), gradient(1))});
  };
  std::uint64_t next = 1;  // dense at first, ever rarer later
  const auto record = [&](const optim::Iteration<double>& at) {
    if (at.number != next && at.number != iterations) return false;
    next = std::max(next + 1, next * 5 / 4);
    keep(at.number, at.x);
    return false;
  };
  const Array start = {0, 0};
  keep(0, start);
  descent.result = optim::minimize(f, start, sgd, {.gtol = tolerance, .maxit = iterations}, record);
  return descent;
}

int fit(const LineOptions& options) {
  const LinePoints points = line_points(options);
  const auto error = error_function(points);
  const auto f = optim::smooth<double>(error);
  const Curvature curvature(ag::hessian(error)(Array{0, 0}));
  const double rate = options.learning_rate, too_large = 1.1 * 2 / curvature.largest;

  const LineRuns runs{descend(f, rate, options.iterations, {}),
                      descend(f, rate, options.iterations, options.tolerance),
                      descend(f, too_large, options.iterations, {}), curvature};
  return show(runs, points, options);
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("linear_regression", [&] { return fit(line_options(argc, argv)); });
}
