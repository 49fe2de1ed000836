/// "Using quadratic function with unknown constant term, how can I find these unknown constants
/// using gradient descent?" - fits a2 x^2 + a1 x + a0 to four points from (1, 1, 1), the way of the
/// answer there and three others. All derivatives come from autograd.

#include <fmt/format.h>

#include <autograd/autograd.hpp>
#include <optim/optim.hpp>

#include "examples/support/command_line.hpp"
#include "examples/support/report.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

constexpr double samples[][2] = {{0, 0}, {1, 1}, {1, 2}, {2, 1}};
const Array solution = {-1, 2.5, 0};

struct Options {
  std::uint64_t epochs = 100'000;
  double learning_rate = 0.0005;
  CommonOptions common;
};

Options options(int argc, const char* const* argv) {
  Options options;
  CommandLine line("quadratic_fit", "Fits a parabola to four points by gradient descent.");
  line.count("--epochs", options.epochs, {1, 100'000'000}, "passes over the points");
  line.number("--learning-rate", options.learning_rate, {1e-9, 0.05}, "rate of all descents");
  line.parse(argc, argv);
  options.common = line.common();
  if (options.common.quick) options.epochs = std::min<std::uint64_t>(options.epochs, 20'000);
  return options;
}

Var parabola(const Var& a2, const Var& a1, const Var& a0, double x) {
  return a2 * (x * x) + a1 * x + a0;
}

Var cost(const Var& a2, const Var& a1, const Var& a0, double x, double y) {
  return 0.5 * ag::square(y - parabola(a2, a1, a0, x));
}

Var cost_of_sample(const Var& a, double x, double y) {
  return cost(ag::view(a, 0), ag::view(a, 1), ag::view(a, 2), x, y);
}

Var mean_squared_error(const Var& a) {
  Var total = 0.0;
  for (const auto [x, y] : samples) total += 2.0 * cost_of_sample(a, x, y);
  return total / 4.0;
}

double loss(const Array& a) { return ag::evaluate(mean_squared_error)(a)(); }

/// As the answer does it: one coefficient after the other, each with the fresh residual.
Array one_by_one(const Options& options) {
  double a2 = 1, a1 = 1, a0 = 1;
  for (std::uint64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (const auto [x, y] : samples) {
      a2 -= options.learning_rate * ag::grad<0>(cost)(a2, a1, a0, x, y);
      a1 -= options.learning_rate * ag::grad<1>(cost)(a2, a1, a0, x, y);
      a0 -= options.learning_rate * ag::grad<2>(cost)(a2, a1, a0, x, y);
    }
  }
  return {a2, a1, a0};
}

/// All coefficients at once, sample by sample.
Array per_sample(const Options& options) {
  Array a = {1, 1, 1}, gradient;
  optim::SGD<double> sgd({.learning_rate = options.learning_rate});
  for (std::uint64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (const auto [x, y] : samples) {
      ag::value_and_grad([&](const Var& at) { return cost_of_sample(at, x, y); }).into(gradient, a);
      sgd.step(a, gradient);
    }
  }
  return a;
}

/// All samples at once; the rate applies to the sum of their costs, as above.
Array full_batch(const Options& options) {
  optim::SGD<double> sgd({.learning_rate = 2 * options.learning_rate});
  return optim::minimize(optim::smooth<double>(mean_squared_error), Array{1, 1, 1}, sgd,
                         {.gtol = 0, .maxit = options.epochs})
      .x;
}

optim::Result<double> quasi_newton() {
  optim::LBFGS<double> lbfgs;
  return optim::minimize(optim::smooth<double>(mean_squared_error), Array{1, 1, 1}, lbfgs,
                         {.gtol = 1e-10});
}

double distance(const Array& a) { return std::sqrt(xt::sum(xt::square(a - solution))()); }

int show(const Options& options) {
  Report report(
      options.common, "Quadratic fit",
      "Four ways to fit a2 x^2 + a1 x + a0 to (0,0) (1,1) (1,2) (2,1) from (1, 1, 1). The "
      "solution is (-1, 5/2, 0).");
  Table table({"method", "a2", "a1", "a0", "loss", "distance"}, 17);
  const auto add = [&](const std::string& key, const char* method, const Array& a) {
    table.add({method, a(0), a(1), a(2), loss(a), distance(a)});
    report.figures(key, std::vector<double>{a(0), a(1), a(2)}, method);
    report.figure(key + "_loss", loss(a), "its mean squared error");
    report.figure(key + "_distance", distance(a), "its distance from (-1, 5/2, 0)");
  };
  add("one_by_one", "one coefficient after the other", one_by_one(options));
  add("per_sample", "SGD, sample by sample", per_sample(options));
  add("full_batch", "gradient descent", full_batch(options));
  const auto newton = quasi_newton();
  add("lbfgs", "L-BFGS", newton.x);
  report.figure("lbfgs_iterations", newton.iterations, "iterations of L-BFGS");
  fmt::print("{} epochs at rate {}; L-BFGS: {} iterations\n", options.epochs, options.learning_rate,
             newton.iterations);
  table.print();
  report.table(table, "After all epochs, beside a few iterations of L-BFGS.");
  report.expect(distance(newton.x) < 1e-8, "L-BFGS finds (-1, 5/2, 0)");
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("quadratic_fit", [&] { return show(options(argc, argv)); });
}
