#include "examples/linear_regression/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "examples/support/report.hpp"

namespace examples {
namespace {

using Array = xt::xarray<double>;

/// A mean squared error in units of the file.
double unscaled(double loss, const LinePoints& points) {
  return loss * points.y_unit * points.y_unit;
}

Table trail_table(const Descent& descent, const LinePoints& points) {
  Table table({"iteration", "b", "m", "loss", "gradient norm"}, 10);
  for (const Descent::Moment& moment : descent.trail) {
    const Line line = points.line(moment.line);
    table.add(
        {moment.iteration, line.b, line.m, unscaled(moment.loss, points), moment.gradient_norm});
  }
  return table;
}

Table ends_table(const LineRuns& runs, const LinePoints& points, const LineOptions& options) {
  Table table({"run", "stopped by", "iterations", "b", "m", "loss"}, 10);
  const auto add = [&](const std::string& name, const optim::Result<double>& result) {
    const Line line = points.line(result.x);
    table.add({name, to_string(result.criterion), result.iterations, line.b, line.m,
               unscaled(result.objective, points)});
  };
  add("all iterations", runs.all.result);
  add(fmt::format("stop at gradient norm {}", options.tolerance), runs.checked.result);
  add(fmt::format("rate {:.3g}: too large", runs.too_large.rate), runs.too_large.result);
  return table;
}

Series over_iterations(const char* name, const Descent& descent, double Descent::Moment::*value) {
  Series series{name, {}, {}};
  for (const Descent::Moment& moment : descent.trail) {
    series.x.push_back(static_cast<double>(moment.iteration));
    series.y.push_back(moment.*value);
  }
  return series;
}

Plot line_plot(const LinePoints& points, const Array& solution) {
  const Array x = points.x * points.x_unit + points.x_shift;
  const Array y = points.y * points.y_unit + points.y_shift;
  const Line line = points.line(solution);
  const std::vector<double> ends = {xt::amin(x)(), xt::amax(x)()};
  return {"The points and the line",
          "x",
          "y",
          false,
          false,
          {{"points", {x.begin(), x.end()}, {y.begin(), y.end()}, Draw::points},
           {fmt::format("y = {:.6g} x {} {:.6g}", line.m, line.b < 0 ? '-' : '+', std::abs(line.b)),
            ends,
            {line.m * ends[0] + line.b, line.m * ends[1] + line.b}}}};
}

/// On a quadratic function a rate above 2 / curvature leads away from every point but the minimum.
bool rate_too_large(const LineRuns& runs) {
  return runs.all.result.diverged() ||
         (!runs.checked.result.converged() && runs.all.rate >= runs.largest_stable_rate());
}

/// What is to be said of the descents: no comfort unless they have converged.
std::string verdict(const LineRuns& runs, const LinePoints& points, const LineOptions& options) {
  const optim::Result<double>& checked = runs.checked.result;
  const char* advice = options.scale ? "" : " --scale shifts and stretches the points first.";
  if (rate_too_large(runs)) {
    return fmt::format(
        "The rate {:.3g} is too large: on these points gradient descent diverges above {:.3g}, "
        "2 / largest curvature.{}",
        runs.all.rate, runs.largest_stable_rate(), advice);
  }
  if (!checked.converged()) {
    return fmt::format(
        "The check never fired: after {} iterations the gradient norm is {:.3g}, not below {:.3g}. "
        "The curvature is between {:.3g} and {:.3g}; the rate can be {:.3g} at most.{}",
        checked.iterations, runs.all.trail.back().gradient_norm, options.tolerance,
        runs.curvature.least, runs.curvature.largest, runs.largest_stable_rate(), advice);
  }
  const Line all = points.line(runs.all.result.x), early = points.line(checked.x);
  return fmt::format("Stopping or not changes b by {:.2g} and m by {:.2g}.",
                     std::abs(early.b - all.b), std::abs(early.m - all.m));
}

/// How much the check changes b or m.
double difference(const LineRuns& runs, const LinePoints& points) {
  const Line all = points.line(runs.all.result.x), early = points.line(runs.checked.result.x);
  return std::max(std::abs(all.b - early.b), std::abs(all.m - early.m));
}

void add_plots(Report& report, const LineRuns& runs, const LinePoints& points) {
  const std::vector<Descent::Moment>& trail = runs.all.trail;
  const bool at_rest = trail.back().gradient_norm <= 1e-10 * trail.front().gradient_norm;
  const auto loss = &Descent::Moment::loss, norm = &Descent::Moment::gradient_norm;
  if (!rate_too_large(runs)) {
    report.plot("line", line_plot(points, runs.all.result.x), "The line after all iterations.");
  }
  report.plot(
      "convergence",
      {fmt::format("Gradient descent with rate {:.3g}", runs.all.rate),
       "iteration",
       "loss, gradient norm",
       true,
       true,
       {over_iterations("loss", runs.all, loss), over_iterations("gradient norm", runs.all, norm)}},
      at_rest ? "The gradient norm falls to rounding error and stays there; the loss stays, too."
              : "Loss and gradient norm over the iterations.");
  report.plot("divergence",
              {fmt::format("Gradient descent with rate {:.3g}", runs.too_large.rate),
               "iteration",
               "loss",
               false,
               true,
               {over_iterations("loss", runs.too_large, loss)}},
              "A rate above 2 / curvature overshoots more in every step.");
}

void add_figures(Report& report, const LineRuns& runs, const LinePoints& points) {
  const optim::Result<double>&all = runs.all.result, &checked = runs.checked.result;
  const Line line = points.line(all.x);
  report.figure("b", line.b, "intercept after all iterations");
  report.figure("m", line.m, "slope after all iterations");
  report.figure("loss", unscaled(all.objective, points), "mean squared error there");
  report.figure("gradient_norm", runs.all.trail.back().gradient_norm,
                "norm of the gradient there, of the error that was descended");
  report.figure("rate", runs.all.rate, "learning rate");
  report.figure("largest_stable_rate", runs.largest_stable_rate(), "2 / largest curvature");
  report.figure("ended", to_string(all.criterion), "the rule that ended all iterations");
  report.figure("stopped_after", checked.iterations, "iterations with the check");
  report.figure("stopped_by", to_string(checked.criterion), "the rule that ended it");
  if (checked.converged()) {
    report.figure("difference", difference(runs, points), "largest change of b and m by the check");
  }
  report.figure("too_large_rate", runs.too_large.rate, "a rate that diverges");
  report.figure("too_large_ended", to_string(runs.too_large.result.criterion),
                "how it was reported");
}

}  // namespace

int show(const LineRuns& runs, const LinePoints& points, const LineOptions& options) {
  const Table trail = trail_table(runs.all, points), ends = ends_table(runs, points, options);
  trail.print();
  ends.print();

  Report report(options.common, "Linear regression",
                "Do b and m get lost when gradient descent goes on after convergence? No: at the "
                "minimum the gradient is 0, and nothing is subtracted any more.");
  if (options.scale) {
    report.text(
        "The points were shifted and stretched to mean 0 and standard deviation 1, since the best "
        "rate depends on their units. b, m and loss are in units of the file, the gradient norm is "
        "that of the scaled points.");
  }
  const std::string text = verdict(runs, points, options);
  if (rate_too_large(runs)) {
    report.fail(text);
  } else {
    fmt::print("{}\n", text);
    report.text(text);
  }
  add_plots(report, runs, points);
  report.table(trail, "Without a check: loss, line and gradient norm over the iterations.");
  report.table(ends, "With and without a check, and with a rate that is too large.");
  add_figures(report, runs, points);
  if (options.data.empty()) {
    report.expect(runs.too_large.result.diverged(), "a rate too large is reported as divergence");
    report.expect(runs.checked.result.converged() && difference(runs, points) < 1e-5,
                  "stopping or not agrees");
  }
  return report.finish();
}

}  // namespace examples
