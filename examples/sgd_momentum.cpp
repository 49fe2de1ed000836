/// "Each m is a zero tensor. What am I missing?" - a question about Keras' SGD:
///
///     for p, g, m in zip(params, grads, moments):
///         v = self.momentum * m - lr * g  # velocity
///         self.updates.append(K.update(m, v))
///
/// m is zero in the first step only: `update` stores v in it, so the next step continues with it.
/// The table of this program shows m, v and the weight step by step.

#include <autograd/autograd.hpp>
#include <optim/optim.hpp>

#include "examples/support/command_line.hpp"
#include "examples/support/report.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;

struct Options {
  double learning_rate = 0.1;
  double momentum = 0.9;
  std::uint64_t steps = 12;
  bool nesterov = false;
  CommonOptions common;
};

Options options(int argc, const char* const* argv) {
  Options options;
  CommandLine line("sgd_momentum",
                   "Shows velocity and weights of SGD with momentum, step by step.");
  line.number("--learning-rate", options.learning_rate, {1e-6, 0.5}, "lr of Keras");
  line.number("--momentum", options.momentum, {0, 0.999}, "part of m that is kept");
  line.count("--steps", options.steps, {3, 100'000}, "steps to take");
  line.flag("--nesterov", options.nesterov, "step with the velocity that comes next");
  line.parse(argc, argv);
  options.common = line.common();
  return options;
}

/// A small model: y = w[0] x + w[1] on three points, mean squared error.
ag::Var<double> loss(const ag::Var<double>& w) {
  const Array x = {-1, 0, 1};
  const Array y = {-1, 1, 3};
  return ag::mean(ag::square(ag::view(w, 0) * x + ag::view(w, 1) - y));
}

struct Run {
  Table table;
  std::vector<double> losses, losses_without;
  bool follows_formula = true;
};

/// Descends with momentum, and beside it as if m stayed zero.
Run descend(const Options& options) {
  optim::SGD<double> sgd({.learning_rate = options.learning_rate,
                          .momentum = options.momentum,
                          .nesterov = options.nesterov});
  optim::SGD<double> without({.learning_rate = options.learning_rate});
  const auto gradient_of = ag::value_and_grad(loss);
  Array w = {0, 0}, w_without = w, m = {0, 0};
  Run run{Table({"step", "m before", "gradient g", "v = momentum m - lr g", "weight w[0]",
                 "w[0] if m were always 0"}),
          {},
          {}};
  for (std::uint64_t step = 1; step <= options.steps; ++step) {
    const auto [value, g] = gradient_of(w);
    const auto [value_without, g_without] = gradient_of(w_without);
    run.losses.push_back(value);
    run.losses_without.push_back(value_without);

    sgd.step(w, g);
    without.step(w_without, g_without);

    const double v = options.momentum * m(0) - options.learning_rate * g(0);
    run.follows_formula &= std::abs(sgd.velocity()(0) - v) <= 1e-15 * (1 + std::abs(v));
    run.table.add({step, m(0), g(0), v, w(0), w_without(0)});
    m = sgd.velocity();
  }
  return run;
}

int show(const Options& options) {
  const Run run = descend(options);
  run.table.print();
  Report report(options.common, "SGD with momentum",
                "Is m always zero in Keras' SGD? Only in the first step: each step stores its "
                "velocity v in m, and the next one continues with it.");
  report.table(run.table, "m of each step is v of the step before.");
  const auto steps = counting(run.losses.size());
  report.plot(
      "loss",
      {"Loss with momentum and without",
       "step",
       "mean squared error",
       false,
       true,
       {{"with momentum", steps, run.losses}, {"if m were always 0", steps, run.losses_without}}},
      "What the velocity changes: the same model, data and rate.");
  report.figure("steps", options.steps, "steps taken");
  report.figure("loss_final", run.losses.back(), "loss before the last step, with momentum");
  report.figure("loss_final_without_momentum", run.losses_without.back(), "the same without");
  report.expect(run.follows_formula, "the velocity is momentum * m - lr * g in every step");
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("sgd_momentum", [&] { return show(options(argc, argv)); });
}
