#include "examples/sgd_momentum/report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <string>

#include "examples/support/curvature.hpp"
#include "examples/support/report.hpp"

namespace examples {
namespace {

/// The first steps, of which the question is, and the last one.
constexpr std::size_t steps_shown = 12;

Table steps_table(const MomentumRun& with, const MomentumRun& without,
                  const MomentumOptions& options) {
  Table table({"step", "m before", "gradient g", "v = momentum m - lr g", "weight w[0]",
               "w[0] if m were always 0"});
  for (std::size_t step = 1; step < with.size(); ++step) {
    if (step > steps_shown && step + 1 < with.size()) continue;
    const MomentumMoment& before = with[step - 1];
    const double v = options.momentum * before.m(0) - options.learning_rate * before.g(0);
    table.add({step, before.m(0), before.g(0), v, with[step].w(0), without[step].w(0)});
  }
  return table;
}

/// What the optimizer keeps is the velocity of the formula, in every step.
bool follows_formula(const MomentumRun& run, const MomentumOptions& options) {
  for (std::size_t step = 1; step < run.size(); ++step) {
    const MomentumMoment& before = run[step - 1];
    const double v = options.momentum * before.m(0) - options.learning_rate * before.g(0);
    if (std::abs(run[step].m(0) - v) > 1e-15 * (1 + std::abs(v))) return false;
  }
  return true;
}

Series losses(const char* name, const MomentumRun& run) {
  Series series{name, counting(run.size(), 0), {}};
  for (const MomentumMoment& moment : run) series.y.push_back(moment.loss);
  return series;
}

Series path(const char* name, const MomentumRun& run) {
  Series series{name, {}, {}, Draw::lines_and_points};
  for (const MomentumMoment& moment : run) {
    series.x.push_back(moment.w(0));
    series.y.push_back(moment.w(1));
  }
  return series;
}

/// Where the loss has one value. With hessian = L L^T the contour is the image of a circle under
/// the inverse of L^T.
Series contour(const Bowl& bowl, double loss) {
  const auto& H = bowl.hessian;
  const double l00 = std::sqrt(H(0, 0)), l10 = H(1, 0) / l00, l11 = std::sqrt(H(1, 1) - l10 * l10);
  const double radius = std::sqrt(2 * loss);
  Series series{fmt::format("loss = {:.3g}", loss), {}, {}, Draw::background};
  for (int i = 0; i <= 120; ++i) {
    const double angle = 2 * std::numbers::pi * i / 120;
    const double w1 = radius * std::sin(angle) / l11;
    series.x.push_back(bowl.minimum(0) + (radius * std::cos(angle) - l10 * w1) / l00);
    series.y.push_back(bowl.minimum(1) + w1);
  }
  return series;
}

Plot paths_plot(const MomentumRun& with, const MomentumRun& without, const Bowl& bowl) {
  Plot plot{"The way of the weights, over lines of equal loss", "w[0]", "w[1]", false, false, {}};
  for (const double loss : {0.1, 0.4, 0.9, 1.6, 2.5}) plot.series.push_back(contour(bowl, loss));
  plot.series.push_back(path("with momentum", with));
  plot.series.push_back(path("if m were always 0", without));
  plot.series.push_back({"minimum", {bowl.minimum(0)}, {bowl.minimum(1)}, Draw::points});
  return plot;
}

/// The least rate with which the largest curvature makes the weights diverge.
double rate_limit(double curvature, double momentum, bool nesterov) {
  return 2 * (1 + momentum) / ((nesterov ? 1 + 2 * momentum : 1) * curvature);
}

std::string too_large(const char* what, double rate, double limit) {
  return fmt::format("The learning rate {} is too large {}: it diverges from {:.4g} on.", rate,
                     what, limit);
}

}  // namespace

int show(const MomentumRun& with, const MomentumRun& without, const Bowl& bowl,
         const MomentumOptions& options) {
  const Curvature curvature(bowl.hessian);
  const double limit = rate_limit(curvature.largest, options.momentum, options.nesterov);
  const double limit_without = rate_limit(curvature.largest, 0, false);
  const double loss = with.back().loss, loss_without = without.back().loss;
  const bool useless = options.learning_rate >= limit;
  const bool useless_without = options.learning_rate >= limit_without;
  const Table table = steps_table(with, without, options);
  table.print();

  Report report(options.common, "SGD with momentum",
                "Is m always zero in Keras' SGD? Only in the first step: each step stores its "
                "velocity v in m, and the next one continues with it.");
  report.text(fmt::format(
      "What m is for: this loss is {:.0f} times as curved in one direction as in the other. The "
      "steep one limits the rate, and along the other single steps are tiny. They add up in m.",
      curvature.largest / curvature.least));
  if (useless) {
    report.fail(too_large("with this momentum", options.learning_rate, limit));
  } else {
    fmt::print("loss after {} steps: {:.3g} with momentum, {:.3g} if m were always 0\n",
               options.steps, loss, loss_without);
  }
  if (useless_without) {
    const std::string text = too_large("without momentum", options.learning_rate, limit_without);
    fmt::print("{}\n", text);
    report.text(text);
  }
  if (!useless && !useless_without) {
    report.plot("paths", paths_plot(with, without, bowl),
                loss < loss_without
                    ? "Without momentum the weights are soon in the ravine, and then "
                      "crawl; with it they gather speed."
                    : "These steps do not show what momentum is for.");
  }
  report.plot("loss",
              {"Loss with momentum and without",
               "step",
               "mean squared error",
               false,
               true,
               {losses("with momentum", with), losses("if m were always 0", without)}},
              "What the velocity changes: the same model, data and rate.");
  report.table(table, "m of each step is v of the step before.");
  report.figure("steps", options.steps, "steps taken");
  report.figure("loss_final", loss, "loss after the last step, with momentum");
  report.figure("loss_final_without_momentum", loss_without, "the same without");
  report.figure("largest_stable_rate", limit, "with momentum");
  report.figure("largest_stable_rate_without_momentum", limit_without, "2 / largest curvature");
  report.expect(follows_formula(with, options),
                "the velocity is momentum * m - lr * g in every step");
  return report.finish();
}

}  // namespace examples
