#include "examples/quadratic_fit/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "examples/support/report.hpp"

namespace examples {
namespace {

using Array = xt::xarray<double>;

constexpr double least_loss = 0.125;  // at the solution

double distance(const Array& a) { return std::sqrt(xt::sum(xt::square(a - solution))()); }

bool by_question(const Fit& fit) { return fit.key.starts_with("question"); }

Table fits_table(const std::vector<Fit>& fits) {
  Table table({"method", "a2", "a1", "a0", "loss", "distance"}, 8);
  for (const Fit& fit : fits) {
    table.add({fit.name, fit.a(0), fit.a(1), fit.a(2), fit.loss.back(), distance(fit.a)});
  }
  return table;
}

Table derivatives_table(const Array& ours) {
  Table table({"derivative of f(3) by", "in the question", "by autograd"});
  table.add({"a2", "2x = 6", ours(0)});
  table.add({"a1", "x = 3", ours(1)});
  table.add({"a0", "1", ours(2)});
  return table;
}

Series curve(const std::string& name, const Array& a) {
  Series series{name, {}, {}};
  for (int i = -10; i <= 90; ++i) {
    const double x = i / 40.0;
    series.x.push_back(x);
    series.y.push_back(a(0) * x * x + a(1) * x + a(2));
  }
  return series;
}

Plot curves_plot(const std::vector<Fit>& fits) {
  Plot plot{"The points and the parabolas", "x", "y", false, false, {}};
  const Fit& best = *std::min_element(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) {
    return distance(a.a) < distance(b.a);
  });
  plot.series.push_back(curve("least squares, by " + best.name, best.a));
  for (const Fit& fit : fits) {
    if (by_question(fit) && !fit.diverged()) plot.series.push_back(curve(fit.name, fit.a));
  }
  Series points{"points", {}, {}, Draw::points};
  for (const auto [x, y] : samples) {
    points.x.push_back(x);
    points.y.push_back(y);
  }
  plot.series.push_back(points);
  return plot;
}

Plot losses_plot(const std::vector<Fit>& fits) {
  Plot plot{"Mean squared error", "epoch", "above the least, 1/8", true, true, {}};
  for (const Fit& fit : fits) {
    std::vector<double> above = fit.loss;
    for (double& loss : above) loss -= least_loss;
    plot.series.push_back({fit.name, fit.epoch, above});
  }
  return plot;
}

/// What was wrong in the question.
void explain(Report& report) {
  report.text(
      "The question took 2x, x and 1 for the partial derivatives. But f is to be differentiated by "
      "a2, a1 and a0, not by x: they are x^2, x and 1. With 2x and x every step changes a2 by "
      "twice "
      "as much as a1. So a2 - 2 a1 keeps the value that it had at the start, and each start ends "
      "at another parabola: \"a different result each time\".");
  report.text(
      "And its step subtracts rate * (y - f(x)) * derivative. The cost is 1/2 (y - f(x))^2, whose "
      "derivative has a minus: what is to be subtracted is -(y - f(x)) * derivative. As it stands "
      "in the question the loss grows without end. (The runs here have that sign mended.)");
}

void add_figures(Report& report, const std::vector<Fit>& fits) {
  for (const Fit& fit : fits) {
    report.figures(fit.key, std::span(fit.a.data(), 3), fit.name);
    report.figure(fit.key + "_loss", fit.loss.back(), "its mean squared error");
    report.figure(fit.key + "_distance", distance(fit.a), "its distance from (-1, 5/2, 0)");
    if (fit.key == "lbfgs") report.figure("lbfgs_iterations", fit.epoch.back(), "its iterations");
  }
}

void fail_if_diverged(Report& report, const std::vector<Fit>& fits, double rate) {
  std::vector<std::string> names;
  for (const Fit& fit : fits) {
    if (fit.diverged()) names.push_back(fit.name);
  }
  if (names.empty()) return;
  report.fail(fmt::format("The rate {} is too large for: {}. Their losses grow.", rate,
                          fmt::join(names, "; ")));
}

}  // namespace

int show(const std::vector<Fit>& fits, const Array& partial_derivatives,
         const QuadraticOptions& options) {
  const Table derivatives = derivatives_table(partial_derivatives), results = fits_table(fits);
  derivatives.print();
  fmt::print("{} epochs at rate {}\n", options.epochs, options.learning_rate);
  results.print();

  Report report(
      options.common, "Quadratic fit",
      "Four ways to fit a2 x^2 + a1 x + a0 to (0,0) (1,1) (1,2) (2,1) from (1, 1, 1). The "
      "solution is (-1, 5/2, 0).");
  explain(report);
  fail_if_diverged(report, fits, options.learning_rate);
  report.plot("parabolas", curves_plot(fits),
              "The parabola of least squares, and where the question's derivatives lead.");
  report.plot("losses", losses_plot(fits),
              "How fast the mean squared error falls to its least value. With the question's "
              "derivatives it does not.");
  report.table(derivatives, "The partial derivatives at x = 3.");
  report.table(results, "After all epochs, beside a few iterations of L-BFGS.");
  add_figures(report, fits);
  for (const Fit& fit : fits) {
    if (fit.key == "lbfgs") report.expect(distance(fit.a) < 1e-8, "L-BFGS finds (-1, 5/2, 0)");
  }
  return report.finish();
}

}  // namespace examples
