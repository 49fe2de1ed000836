/// "Using quadratic function with unknown constant term, how can I find these unknown constants
/// using gradient descent?" - fits a2 x^2 + a1 x + a0 to four points from (1, 1, 1), the way of the
/// answer there and three others. All derivatives come from autograd. Beside them runs the
/// question's own code, with the partial derivatives that are wrong in it.

#include <fmt/format.h>

#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <functional>
#include <optim/optim.hpp>
#include <string>
#include <vector>

#include "examples/quadratic_fit/report.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

QuadraticOptions options(int argc, const char* const* argv) {
  QuadraticOptions options;
  CommandLine line("quadratic_fit", "Fits a parabola to four points by gradient descent.");
  line.count("--epochs", options.epochs, {1, 100'000'000}, "passes over the points");
  line.number("--learning-rate", options.learning_rate, {1e-9, 1}, "rate of all descents");
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

/// Epoch by epoch from `start`, as long as the numbers are finite.
Fit descend(const char* key, const std::string& name, const Array& start,
            const QuadraticOptions& options,
            const std::function<void(Array& a, double x, double y)>& step) {
  Fit fit{key, name, start};
  for (std::uint64_t epoch = 0;; ++epoch) {
    if (fit.due(epoch) || epoch == options.epochs) fit.keep(epoch, loss(fit.a));
    if (epoch == options.epochs || !std::isfinite(fit.loss.back())) return fit;
    for (const auto [x, y] : samples) step(fit.a, x, y);
  }
}

/// As the answer does it: one coefficient after the other, each with the fresh residual.
Fit one_by_one(const QuadraticOptions& options) {
  const double rate = options.learning_rate;
  return descend("one_by_one", "one coefficient after the other", {1, 1, 1}, options,
                 [rate](Array& a, double x, double y) {
                   a(0) -= rate * ag::grad<0>(cost)(a(0), a(1), a(2), x, y);
                   a(1) -= rate * ag::grad<1>(cost)(a(0), a(1), a(2), x, y);
                   a(2) -= rate * ag::grad<2>(cost)(a(0), a(1), a(2), x, y);
                 });
}

/// All coefficients at once, sample by sample.
Fit per_sample(const QuadraticOptions& options) {
  optim::SGD<double> sgd({.learning_rate = options.learning_rate});
  Array gradient;
  return descend("per_sample", "SGD, sample by sample", {1, 1, 1}, options,
                 [&](Array& a, double x, double y) {
                   ag::value_and_grad([&](const Var& at) {
                     return cost_of_sample(at, x, y);
                   }).into(gradient, a);
                   sgd.step(a, gradient);
                 });
}

/// The question's code but for its sign: y - f(x) is added, times "a2_p: 2x, a1_p: x, a0_p: 1".
Fit question(const char* key, const Array& start, const QuadraticOptions& options) {
  const std::string name =
      fmt::format("question's derivatives from ({}, {}, {})", start(0), start(1), start(2));
  return descend(key, name, start, options, [&](Array& a, double x, double y) {
    const double step = options.learning_rate * (y - (a(0) * x * x + a(1) * x + a(2)));
    a += step * Array{2 * x, x, 1};
  });
}

/// By an optimizer, all samples at once.
template <class O>
Fit minimize(const char* key, const char* name, O optimizer, const optim::MinimizeOptions& rules) {
  Fit fit{key, name, {1, 1, 1}};
  fit.keep(0, loss(fit.a));
  const auto result = optim::minimize(optim::smooth<double>(mean_squared_error), fit.a, optimizer,
                                      rules, [&](const optim::Iteration<double>& at) {
                                        if (fit.due(at.number) || at.number == rules.maxit)
                                          fit.keep(at.number, at.objective);
                                        return false;
                                      });
  fit.a = result.x;
  fit.keep(result.iterations, result.diverged() ? INFINITY : result.objective);
  return fit;
}

/// The derivatives of f(x) = a2 x^2 + a1 x + a0 by a2, a1, a0.
Array partial_derivatives(double x) {
  return {ag::grad<0>(parabola)(1.0, 1.0, 1.0, x), ag::grad<1>(parabola)(1.0, 1.0, 1.0, x),
          ag::grad<2>(parabola)(1.0, 1.0, 1.0, x)};
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("quadratic_fit", [&] {
    const QuadraticOptions given = options(argc, argv);
    // The rate applies to the sum of the costs, as in the other descents.
    const optim::SGD<double> sgd({.learning_rate = 2 * given.learning_rate});
    const std::vector<Fit> fits = {
        one_by_one(given),
        per_sample(given),
        minimize("full_batch", "gradient descent", sgd, {.gtol = 0, .maxit = given.epochs}),
        minimize("lbfgs", "L-BFGS", optim::LBFGS<double>(), {.gtol = 1e-10}),
        question("question", {1, 1, 1}, given),
        question("question_from_0", {0, 0, 0}, given)};
    return show(fits, partial_derivatives(3), given);
  });
}
