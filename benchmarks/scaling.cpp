/// The time of a gradient against the size of its arrays, and against the number of operations:
/// build/bench/benchmarks/scaling --help
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>
#include <xsimd/xsimd.hpp>

#include "benchmarks/inpaint_by_hand.hpp"
#include "benchmarks/peers/measure.hpp"
#include "benchmarks/programs/workload.hpp"
#include "examples/inpaint/objective.hpp"
#include "examples/support/json.hpp"
#include "examples/support/plot.hpp"

namespace {

using namespace benchmarks;
using V = ag::Var<double>;
using Array = xt::xarray<double>;

/// Repetitions of a workload: seconds of each.
struct Figures {
  std::size_t units = 0;
  std::vector<double> ours, by_hand;
};

/// Workloads of growing size. `units` of each is how many elements or operations it really has.
struct Family {
  std::string name;
  std::function<Workload(std::size_t)> make;
  bool by_hand = true;  ///< is measured too
  std::map<std::size_t, Figures> figures = {};
};

struct Panel {
  std::string name, title, axis, unit;
  std::size_t largest;
  std::vector<Family> families;
};

template <class F, class Hand>
Workload of_size(std::size_t units, Array x, F f, Hand by_hand) {
  Workload result = workload<double>("", std::move(x), f, std::move(by_hand));
  result.units = units;
  return result;
}

// ---- arrays of many elements

V sine_times_x(const V& x) { return ag::sum(ag::sin(x) * x); }

/// One pass over the array for value and gradient.
struct SineTimesX {
  using Batch = xsimd::batch<double>;
  std::size_t n;

  double operator()(const double* x, double* gradient) const {
    Batch total(0.0);
    const std::size_t whole = n - n % Batch::size;
    for (std::size_t i = 0; i < whole; i += Batch::size) {
      const Batch at = Batch::load_unaligned(x + i);
      const auto [sine, cosine] = xsimd::sincos(at);
      total += sine * at;
      (sine + cosine * at).store_unaligned(gradient + i);
    }
    double lanes[Batch::size];
    total.store_unaligned(lanes);
    return std::accumulate(lanes, lanes + Batch::size, rest(whole, x, gradient));
  }

  double rest(std::size_t from, const double* x, double* gradient) const {
    double total = 0;
    for (std::size_t i = from; i < n; ++i) {
      total += std::sin(x[i]) * x[i];
      gradient[i] = std::sin(x[i]) + std::cos(x[i]) * x[i];
    }
    return total;
  }
};

Workload sines(std::size_t n) {
  return of_size(n, numbers<double>({n}), sine_times_x, SineTimesX{n});
}

/// Of a square picture.
Workload restoration(std::size_t n) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n))));
  const auto by_hand = [hand = InpaintByHand<double>(side, side)](auto x, auto gradient) mutable {
    return hand.value_and_gradient(x, gradient);
  };
  return of_size(side * side, numbers<double>({side, side}, 0, 1), examples::err_func_whole<double>,
                 by_hand);
}

Panel elements(std::size_t largest) {
  return {"elements", "A gradient by elements",
          "elements", "element",
          largest,    {{"sum(sin(x) x)", sines}, {"restoration", restoration}}};
}

// ---- many operations

/// Sines, and a sum at the end that makes a number of an array.
Workload chain(std::size_t n, const Array& start) {
  const auto f = [n](V x) {
    for (std::size_t i = 1; i < n; ++i) x = ag::sin(x);
    return ag::sum(x);
  };
  return of_size(n, start, f, [](const double*, double*) { return 0.0; });
}

Workload chain_of_numbers(std::size_t n) { return chain(n, 0.5); }
Workload chain_of_vectors(std::size_t n) { return chain(n, numbers<double>({16}, 0.1, 1)); }

Panel nodes(std::size_t largest) {
  return {
      "nodes",
      "A gradient by operations",
      "operations in a chain",
      "operation",
      largest,
      {{"numbers", chain_of_numbers, false}, {"vectors of 16 elements", chain_of_vectors, false}}};
}

// ---- measuring

/// 100, 200, 500, 1000 and so on.
std::vector<std::size_t> sizes_to(std::size_t largest) {
  std::vector<std::size_t> sizes;
  for (std::size_t power = 100; power <= largest; power *= 10) {
    for (const std::size_t factor : {1, 2, 5}) {
      if (factor * power <= largest) sizes.push_back(factor * power);
    }
  }
  return sizes;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

double seconds_of(const std::function<void()>& work, double seconds) {
  work();
  const double about = peers::seconds_of(work, 2);
  return peers::seconds_of(work, std::max(1, static_cast<int>(seconds / about)));
}

void require_equal(const Workload& workload, const std::string& name) {
  if (workload.difference() <= workload.tolerance) return;
  throw std::runtime_error(fmt::format("{}: the gradient and the one by hand differ by {:.1e}",
                                       name, workload.difference()));
}

void repeat(Family& family, std::size_t size, double seconds) {
  const Workload workload = family.make(size);
  Figures& figures = family.figures[size];
  figures.units = workload.units;
  figures.ours.push_back(seconds_of(workload.gradient, seconds));
  if (!family.by_hand) return;
  figures.by_hand.push_back(seconds_of(workload.by_hand, seconds));
  require_equal(workload, family.name);
}

/// All sizes take turns, so that a change of the machine's mood bends no line; each on a thread of
/// its own, so that it begins with an empty tape.
void measure(Panel& panel, int repetitions, double seconds) {
  for (int i = 0; i < repetitions; ++i) {
    for (const std::size_t size : sizes_to(panel.largest)) {
      for (Family& family : panel.families) {
        std::async(std::launch::async, repeat, std::ref(family), size, seconds).get();
      }
    }
  }
}

// ---- what is shown

struct Line {
  std::string name;
  std::vector<double> units = {}, seconds = {};
};

Line line_of(const Family& family, std::vector<double> Figures::*side, const std::string& name) {
  Line line{name};
  for (const auto& [size, figures] : family.figures) {
    line.units.push_back(static_cast<double>(figures.units));
    line.seconds.push_back(median(figures.*side));
  }
  return line;
}

std::vector<Line> lines_of(const Panel& panel) {
  std::vector<Line> lines;
  for (const Family& family : panel.families) {
    lines.push_back(line_of(family, &Figures::ours, family.name));
    if (!family.by_hand) continue;
    lines.push_back(line_of(family, &Figures::by_hand, family.name + ", by hand"));
  }
  return lines;
}

void print(const Panel& panel) {
  const std::vector<Line> lines = lines_of(panel);
  const std::vector<std::size_t> sizes = sizes_to(panel.largest);
  fmt::print("\nNanoseconds for each {}:\n\n| {} |", panel.unit, panel.axis);
  for (const Line& line : lines) fmt::print(" {} |", line.name);
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < lines.size(); ++i) fmt::print("---|");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    fmt::print("\n| {} |", sizes[i]);
    for (const Line& line : lines) fmt::print(" {:.3g} |", line.seconds[i] * 1e9 / line.units[i]);
  }
  fmt::print("\n");
}

void add(examples::JsonObject& json, const Panel& panel) {
  for (const Line& line : lines_of(panel)) {
    json.add(panel.name + ", " + line.name + ": sizes", line.units);
    json.add(panel.name + ", " + line.name + ": seconds", line.seconds);
  }
}

bool draw(const Panel& panel, const std::string& stem) {
  examples::Plot plot{panel.title, panel.axis, "milliseconds", true, true, {}};
  for (Line& line : lines_of(panel)) {
    for (double& seconds : line.seconds) seconds *= 1e3;
    plot.series.push_back({line.name, line.units, line.seconds, examples::Draw::lines_and_points});
  }
  return write_plot(stem + "-" + panel.name, plot);
}

}  // namespace

int main(int argc, char** argv) {
  std::string json_file, stem;
  int repetitions = 7;
  double seconds = 0.03;
  std::size_t most_elements = 10'000'000, most_nodes = 1'000'000;
  CLI::App app{"Measures how the time of a gradient grows with its arrays and its operations."};
  app.add_option("--repetitions", repetitions, "of all sizes; medians are shown")
      ->capture_default_str();
  app.add_option("--seconds", seconds, "that one measurement fills")->capture_default_str();
  app.add_option("--elements", most_elements, "at most")->capture_default_str();
  app.add_option("--nodes", most_nodes, "at most")->capture_default_str();
  app.add_option("--json", json_file, "file of all figures");
  app.add_option("--plot", stem, "draws STEM-elements.png and STEM-nodes.png, with CSV files");
  CLI11_PARSE(app, argc, argv);

  ag::set_num_threads(1);
  examples::JsonObject json;
  for (Panel panel : {elements(most_elements), nodes(most_nodes)}) {
    measure(panel, repetitions, seconds);
    print(panel);
    add(json, panel);
    if (!stem.empty() && !draw(panel, stem)) fmt::print(stderr, "gnuplot did not draw\n");
  }
  if (!json_file.empty()) json.write(json_file);
}
