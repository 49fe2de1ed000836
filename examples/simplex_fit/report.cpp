#include "examples/simplex_fit/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "examples/support/report.hpp"

namespace examples {
namespace {

using Runs = std::vector<SimplexRun>;

Plot fitted_curve(const SimplexRun& best, const xt::xarray<double>& y) {
  const auto at = counting(y.size());
  return {"The curve and its fit",
          "element",
          "",
          false,
          false,
          {{"y", at, {y.begin(), y.end()}, Draw::lines_and_points},
           {"aC + b (aC)^2", at, {best.fit.begin(), best.fit.end()}, Draw::lines_and_points}}};
}

/// Some runs in colour, the others in gray behind them; from the first evaluation on.
Plot histories(const Runs& runs) {
  const std::size_t colored = std::min<std::size_t>(runs.size(), 10);
  Plot plot{"Objective of each start", "evaluations", "objective", true, true, {}};
  const auto add = [&](std::size_t begin, std::size_t end, Draw draw) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto& history = runs[i].result.objectives[0];
      plot.series.push_back({runs[i].start, counting(history.size()), history, draw});
    }
  };
  add(colored, runs.size(), Draw::background);
  add(0, colored, Draw::lines);
  return plot;
}

Table ends(const Runs& runs) {
  Table table({"start", "a1", "a2", "a3", "a4", "b", "objective", "iterations", "stopped by"}, 10);
  for (const auto& [start, a, b, fit, result] : runs) {
    table.add({start, a(0), a(1), a(2), a(3), b, result.objective, result.iterations,
               to_string(result.criterion)});
  }
  return table;
}

}  // namespace

int show(const Runs& runs, const xt::xarray<double>& y, const CommonOptions& options) {
  const auto objective = [](const SimplexRun& run) { return run.result.objective; };
  const SimplexRun& best = *std::ranges::min_element(runs, {}, objective);
  const SimplexRun& worst = *std::ranges::max_element(runs, {}, objective);
  const auto converged =
      std::ranges::count_if(runs, [](const SimplexRun& run) { return run.result.converged(); });

  const Table table = ends(runs);
  table.print();
  const std::string summary = fmt::format("best: {:.10f}; {} of {} starts have converged",
                                          objective(best), converged, runs.size());
  fmt::print("{}\n", summary);
  Report report(options, "Simplex fit",
                "CVXPY refuses min ||y - (aC + b (aC)^2)||^2 over the simplex since it is not "
                "convex. A projected optimizer descends from several starts.");
  report.plot("objective", histories(runs), "The objective on the way from each start.");
  report.plot("curve", fitted_curve(best, y), "The curve y and the best fit that was found.");
  report.table(table,
               "All starts: the corners, the middle, and points at random; " + summary + ".");
  report.figure("objective", objective(best), "the least of all starts");
  report.figures("a", std::span(best.a.data(), best.a.size()),
                 "weights of the best, on the simplex");
  report.figure("b", best.b, "b of the best");
  report.figure("objective_worst", objective(worst), "the largest of all starts");
  report.figure("starts", runs.size(), "starts tried");
  report.figure("converged", converged, "starts that have converged");
  report.expect(objective(best) < 0.06954392, "the best known value, 0.0695439153, is reached");
  return report.finish();
}

}  // namespace examples
