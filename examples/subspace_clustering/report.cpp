#include "examples/subspace_clustering/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "examples/subspace_clustering/spectral_clustering.hpp"
#include "examples/support/csv.hpp"
#include "examples/support/matrix_image.hpp"
#include "examples/support/report.hpp"

namespace examples {
namespace {

using Array = xt::xarray<double>;

/// A way's C and what follows from it.
struct Finding {
  const Way* way;
  double objective;     // of C as it is
  double feasible;      // with c_ii = 0
  double max_diagonal;  // largest |c_ii|
  Labels labels;
  double accuracy;  // 0 where the truth is not known
};

double max_diagonal(const Array& C) {
  double largest = 0;
  for (std::size_t i = 0; i < C.shape(0); ++i) largest = std::max(largest, std::abs(C(i, i)));
  return largest;
}

Array absolute(Array C) {
  for (double& c : C.storage()) c = std::abs(c);
  return C;
}

/// |C| + |C|^T.
Array affinity(const Array& C) {
  Array A = absolute(C);
  for (std::size_t i = 0; i < A.shape(0); ++i) {
    for (std::size_t j = 0; j <= i; ++j) A(i, j) = A(j, i) = A(i, j) + A(j, i);
  }
  return A;
}

Finding examine(const Way& way, const SubspaceProblem& problem, const Labels& truth,
                const SubspaceOptions& options) {
  const Array& C = way.result.x;
  const Labels labels = spectral_clustering(affinity(C), options.subspaces, options.common.seed);
  return {&way,
          problem.value(C),
          problem.value(without_diagonal(C)),
          max_diagonal(C),
          labels,
          truth.empty() ? 0 : clustering_accuracy(labels, truth, options.subspaces)};
}

/// |C| as ink on paper, with the points of each group together.
Image picture(const Array& C, const Labels& groups, double darkest) {
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return groups[a] < groups[b]; });
  Array sorted = C;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) sorted(i, j) = std::abs(C(order[i], order[j]));
  }
  return heat_map(sorted, darkest, 0);
}

Table table_of(const std::vector<Finding>& findings, double bound, bool truth_known) {
  Table table({"way", "objective", "largest |c_ii|", "objective with c_ii = 0", "above the bound",
               "accuracy", "iterations", "seconds", "stopped by"},
              9);
  for (const Finding& f : findings) {
    const auto& result = f.way->result;
    table.add({f.way->name, f.objective, f.max_diagonal, f.feasible, f.feasible - bound,
               truth_known ? Table::Cell(f.accuracy) : "unknown", result.iterations,
               fmt::format("{:.2f}", result.seconds), to_string(result.criterion)});
  }
  return table;
}

/// Which ways did not come to their end. `scale`: the objective at C = 0.
void judge(Report& report, const std::vector<Finding>& findings, double bound, double scale) {
  for (const Finding& f : findings) {
    const auto& result = f.way->result;
    if (result.converged() || f.feasible - bound <= 1e-8 * scale) continue;
    const std::string text = fmt::format(
        "{} has not converged: after {} iterations it is {:.3g} above the lower bound{}.",
        f.way->name, result.iterations, f.feasible - bound,
        f.feasible > scale ? fmt::format("; C = 0, with {:.6g}, is better", scale) : "");
    fmt::print("{}\n", text);
    report.text(text);
  }
}

void add_plots(Report& report, const std::vector<Finding>& findings, double bound) {
  Plot objective{"Exact objective, with c_ii = 0", "iteration", "objective", true, true, {}};
  Plot distance{"Above the lower bound", "iteration", "difference", true, true, {}};
  for (const Finding& f : findings) {
    std::vector<double> above = f.way->objectives;
    for (double& value : above) value -= bound;
    const auto iterations = counting(above.size());
    objective.series.push_back({f.way->name, iterations, f.way->objectives});
    distance.series.push_back({f.way->name, iterations, above});
  }
  report.plot("objective", objective, "The exact objective over the iterations.");
  report.plot("distance", distance,
              "How far that is from the lower bound. The penalty solves another problem: it stays "
              "away.");
}

void add_pictures(Report& report, const std::vector<Finding>& findings, const Labels& truth) {
  const Array C = absolute(findings.back().way->result.x);
  const double largest = *std::max_element(C.storage().begin(), C.storage().end());
  const double darkest = largest > 0 ? largest / 2 : 1;
  for (const Finding& f : findings) {
    report.picture(f.way->name + ".png",
                   picture(f.way->result.x, truth.empty() ? f.labels : truth, darkest),
                   fmt::format("|C| by {}, points of a {} side by side.", f.way->name,
                               truth.empty() ? "found cluster" : "subspace"));
  }
}

void add_figures(Report& report, const Finding& f, bool truth_known) {
  const std::string& name = f.way->name;
  const auto& result = f.way->result;
  report.figure("objective_" + name, f.objective, "exact objective of its C");
  report.figure("max_diagonal_" + name, f.max_diagonal, "largest |c_ii|, which should be 0");
  report.figure("iterations_" + name, result.iterations, "iterations");
  report.figure("seconds_" + name, result.seconds, "with the objective after each iteration");
  if (truth_known) report.figure("accuracy_" + name, f.accuracy, "points in the right cluster");
}

void add_labels(Report& report, const std::vector<Finding>& findings,
                const std::filesystem::path& out) {
  const std::size_t n = findings[0].labels.size();
  Array labels = xt::zeros<double>({n, findings.size()});
  std::vector<std::string> names;
  for (std::size_t way = 0; way < findings.size(); ++way) {
    names.push_back(findings[way].way->name);
    for (std::size_t i = 0; i < n; ++i)
      labels(i, way) = static_cast<double>(findings[way].labels[i]);
  }
  write_csv(out / "clusters.csv", names, labels);
  report.file("clusters.csv", "The cluster of each point.");
}

/// `scale`: the objective at C = 0.
void check(Report& report, const std::vector<Finding>& findings, double bound, double scale,
           bool truth_known) {
  const Finding &penalty = findings[0], &projection = findings[1], &proximal = findings[2];
  const double tolerance = 1e-8 * scale;
  report.expect(proximal.objective <= projection.objective + tolerance,
                "the proximal way is not above the projection");
  report.expect(proximal.objective - bound <= tolerance, "the lower bound proves the optimum");
  report.expect(projection.max_diagonal == 0 && proximal.max_diagonal == 0,
                "projection and proximal operator meet the constraint exactly");
  if (!truth_known) return;
  report.expect(std::max(penalty.feasible, projection.objective) - bound <= 1e-4 * scale,
                "penalty (with c_ii set to 0) and projection agree with it to four digits");
  for (const Finding& f : findings) {
    report.expect(f.accuracy == 1, f.way->name + " finds the subspaces");
  }
}

}  // namespace

Array without_diagonal(Array C) {
  optim::zero_diagonal<double>()(C);
  return C;
}

int show(const std::vector<Way>& ways, const SubspaceProblem& problem, const Points& points,
         const SubspaceOptions& options) {
  const bool truth_known = !points.truth.empty();
  std::vector<Finding> findings;
  for (const Way& way : ways) findings.push_back(examine(way, problem, points.truth, options));
  const double bound = problem.lower_bound(ways.back().result.x);

  fmt::print("{} points of {} numbers, {} clusters\n", points.X.shape(1), points.X.shape(0),
             options.subspaces);
  const Table table = table_of(findings, bound, truth_known);
  table.print();
  fmt::print("no C with c_ii = 0 has an objective below {:.9g}\n", bound);

  Report report(options.common, "Subspace clustering",
                "min sum ||x_i - X c_i||^2 + lambda ||c_i|| such that c_ii = 0. A penalty leaves a "
                "diagonal that is not 0; a projection or a proximal operator does not.");
  const double scale = problem.value(xt::zeros_like(ways[0].result.x));
  judge(report, findings, bound, scale);
  add_pictures(report, findings, points.truth);
  add_plots(report, findings, bound);
  report.table(table, "The three ways, and how far they are from the proven lower bound.");
  for (const Finding& finding : findings) add_figures(report, finding, truth_known);
  report.figure("objective_penalty_feasible", findings[0].feasible,
                "that of the penalty with c_ii set to 0");
  report.figure("objective",
                std::min({findings[0].feasible, findings[1].objective, findings[2].objective}),
                "the least with c_ii = 0");
  report.figure("lower_bound", bound, "no C with c_ii = 0 has less");
  add_labels(report, findings, options.common.out);
  check(report, findings, bound, scale, truth_known);
  return report.finish();
}

}  // namespace examples
