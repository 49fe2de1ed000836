/// "Why does the value of b & m continue to update for all the iterations? Why is there no check
/// for convergence?" - fits y = m x + b by gradient descent, from (0, 0), and shows what happens at
/// the minimum: the gradient vanishes, so that updates change nothing any more. A check only saves
/// time. And a rate that is too large never gets there.

#include <fmt/format.h>

#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/optim.hpp>

#include "examples/data/files.hpp"
#include "examples/support/command_line.hpp"
#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"
#include "examples/support/report.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;
using Result = optim::Result<double>;

struct Options {
  std::filesystem::path data;
  double learning_rate = 0.0001;
  double tolerance = 1e-6;
  std::uint64_t iterations = 1'000'000;
  CommonOptions common;
};

Options options(int argc, const char* const* argv) {
  Options options;
  CommandLine line("linear_regression", "Fits a line to points by gradient descent.");
  line.file("CSV", options.data, "two columns x, y; none: reading minutes and speed, invented");
  line.number("--learning-rate", options.learning_rate, {1e-12, 10}, "of gradient descent");
  line.number("--tolerance", options.tolerance, {0, 1}, "of the gradient norm, for the check");
  line.count("--iterations", options.iterations, {10, 100'000'000}, "when there is no check");
  line.parse(argc, argv);
  options.common = line.common();
  return options;
}

Array points_of(const Options& options) {
  const auto csv = reading_csv();
  const Array points =
      options.data.empty()
          ? decode_csv({reinterpret_cast<const char*>(csv.data()), csv.size()}, "reading.csv")
          : read_csv(options.data);
  if (points.shape(1) == 2 && points.shape(0) >= 2) return points;
  throw InputError(fmt::format("{}: {} x {} numbers; needed are two columns x, y and two rows",
                               options.data.string(), points.shape(0), points.shape(1)));
}

/// What step_gradient descends: the mean squared error of y = m x + b, as a function of (b, m).
optim::Function<double> error_function(const Array& points) {
  const Array x = xt::view(points, xt::all(), 0), y = xt::view(points, xt::all(), 1);
  return optim::smooth<double>([x, y](const ag::Var<double>& line) {
    const auto b = ag::view(line, 0), m = ag::view(line, 1);
    return ag::mean(ag::square(y - (m * x + b)));
  });
}

/// What is recorded of a descent: dense at first, ever rarer later.
struct Trail {
  std::vector<double> iteration, loss, gradient_norm;
  Table table{{"iteration", "b", "m", "loss", "gradient norm"}, 10};
};

Result descend(const optim::Function<double>& f, double rate, std::uint64_t iterations,
               std::optional<double> tolerance, Trail& trail) {
  optim::SGD<double> sgd({.learning_rate = rate});
  Array gradient;
  std::uint64_t next = 1;
  const auto record = [&](const optim::Iteration<double>& at) {
    if (at.number != next && at.number != iterations) return false;
    next = std::max(next + 1, next * 5 / 4);
    const double loss = f.value_and_grad(gradient, at.x);
    const double norm = std::hypot(gradient(0), gradient(1));
    trail.iteration.push_back(static_cast<double>(at.number));
    trail.loss.push_back(loss);
    trail.gradient_norm.push_back(norm);
    trail.table.add({at.number, at.x(0), at.x(1), loss, norm});
    return false;
  };
  return optim::minimize(f, Array{0, 0}, sgd, {.gtol = tolerance, .maxit = iterations}, record);
}

/// The smallest rate that diverges is 2 / (largest curvature); this is a little more.
double too_large(const Array& points) {
  const Array x = xt::view(points, xt::all(), 0);
  const double a = 1, b = xt::mean(x)(), c = xt::mean(x * x)();
  return 1.1 / (0.5 * (a + c) + std::hypot(0.5 * (a - c), b));
}

int show(const Options& options) {
  const Array points = points_of(options);
  const auto f = error_function(points);
  Trail trail, ignored, exploding;
  const Result all = descend(f, options.learning_rate, options.iterations, {}, trail);
  const Result checked =
      descend(f, options.learning_rate, options.iterations, options.tolerance, ignored);
  const double large = too_large(points);
  const Result diverged = descend(f, large, options.iterations, {}, exploding);

  Table ends({"run", "stopped by", "iterations", "b", "m", "loss"}, 12);
  const auto add = [&](const std::string& name, const Result& run) {
    ends.add({name, to_string(run.criterion), run.iterations, run.x(0), run.x(1), run.objective});
  };
  add("all iterations", all);
  add(fmt::format("stop at gradient norm {}", options.tolerance), checked);
  add(fmt::format("rate {:.3g}: too large", large), diverged);
  trail.table.print();
  ends.print();
  const double difference = xt::amax(xt::abs(all.x - checked.x))();
  fmt::print("stopping or not changes b and m by {:.2g} at most\n", difference);

  Report report(options.common, "Linear regression",
                "Do b and m get lost when gradient descent goes on after convergence? No: at the "
                "minimum the gradient is 0, and nothing is subtracted any more.");
  report.table(trail.table, "Without a check: loss, line and gradient norm over the iterations.");
  report.table(ends, "With and without a check, and with a rate that is too large.");
  report.plot("convergence",
              {"Gradient descent",
               "iteration",
               "",
               true,
               true,
               {{"loss", trail.iteration, trail.loss},
                {"gradient norm", trail.iteration, trail.gradient_norm}}},
              "The gradient norm falls to rounding error and stays there; the loss stays, too.");
  report.plot("divergence",
              {"A rate too large",
               "iteration",
               "loss",
               false,
               true,
               {{fmt::format("rate {:.3g}", large), exploding.iteration, exploding.loss}}},
              "A rate above 2 / curvature overshoots more in every step.");
  report.figure("b", all.x(0), "intercept after all iterations");
  report.figure("m", all.x(1), "slope after all iterations");
  report.figure("loss", all.objective, "mean squared error there");
  report.figure("gradient_norm", trail.gradient_norm.back(), "norm of the gradient there");
  report.figure("stopped_after", checked.iterations, "iterations with the check");
  report.figure("stopped_by", to_string(checked.criterion), "the rule that ended it");
  report.figure("difference", difference, "largest difference of b and m, with and without check");
  report.figure("too_large_rate", large, "a rate that diverges");
  report.figure("too_large_ended", to_string(diverged.criterion), "how it was reported");
  report.expect(diverged.diverged(), "a rate too large is reported as divergence");
  report.expect(!options.data.empty() || difference < 1e-5, "stopping or not agrees");
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("linear_regression", [&] { return show(options(argc, argv)); });
}
