/// "Each m is a zero tensor. What am I missing?" - a question about Keras' SGD:
///
///     for p, g, m in zip(params, grads, moments):
///         v = self.momentum * m - lr * g  # velocity
///         self.updates.append(K.update(m, v))
///
/// m is zero in the first step only: `update` stores v in it, so the next step continues with it.
/// The table of this program shows m, v and a weight step by step, and its pictures what m is for.

#include <autograd/autograd.hpp>
#include <optim/optim.hpp>

#include "examples/sgd_momentum/report.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;

MomentumOptions options(int argc, const char* const* argv) {
  MomentumOptions options;
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

/// A small model: y = w[0] x + w[1] on three points, mean squared error. Since all x are on one
/// side of 0, it is a ravine: steep where both weights grow, nearly level where one makes up for
/// the other.
ag::Var<double> loss(const ag::Var<double>& w) {
  const Array x = {2, 3, 4};
  const Array y = {4, 3, 2};
  return ag::mean(ag::square(ag::view(w, 0) * x + ag::view(w, 1) - y));
}

/// Descends from w = 0; with a momentum of 0 it is as if m stayed zero.
MomentumRun descend(const MomentumOptions& options, double momentum) {
  optim::SGD<double> sgd({.learning_rate = options.learning_rate,
                          .momentum = momentum,
                          .nesterov = options.nesterov && momentum > 0});
  const auto gradient_of = ag::value_and_grad(loss);
  Array w = {0, 0}, m = {0, 0};
  MomentumRun run;
  for (std::uint64_t step = 0; step < options.steps; ++step) {
    const auto [value, g] = gradient_of(w);
    run.push_back({w, value, m, g});
    sgd.step(w, g);
    m = sgd.velocity();
  }
  run.push_back({w, ag::evaluate(loss)(w)(), m, {}});
  return run;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("sgd_momentum", [&] {
    const MomentumOptions given = options(argc, argv);
    const Array minimum = {-1, 6};
    return show(descend(given, given.momentum), descend(given, 0),
                {minimum, ag::hessian(loss)(minimum)}, given);
  });
}
