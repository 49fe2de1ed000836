/// The time of a gradient against the size of its arrays, and against the number of operations:
/// build/bench/benchmarks/scaling --help
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <future>
#include <map>

#include "benchmarks/inpaint_by_hand.hpp"
#include "benchmarks/peers/measure.hpp"
#include "benchmarks/programs/workload.hpp"
#include "examples/inpaint_objective.hpp"
#include "examples/support/json.hpp"
#include "examples/support/plot.hpp"

extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace {

using namespace benchmarks;
using V = ag::Var<double>;
using Array = xt::xarray<double>;
using Work = std::function<void()>;  ///< one gradient

/// One line of a plot. `size_of` is how many elements or nodes a work of that size really has.
struct Line {
  std::string name;
  std::function<Work(std::size_t)> make;
  std::function<std::size_t(std::size_t)> size_of = [](std::size_t n) { return n; };
  std::vector<double> sizes = {}, seconds = {};
};

struct Panel {
  std::string name, title, axis, unit;
  std::size_t largest;
  std::vector<Line> lines;
};

template <class F>
Work gradient(Array x, F f) {
  return [x = std::move(x), g = Array(), of = ag::value_and_grad(f)]() mutable { of.into(g, x); };
}

// ---- arrays of many elements

V sine_times_x(const V& x) { return ag::sum(ag::sin(x) * x); }

std::size_t side(std::size_t n) {
  return static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n))));
}
std::size_t square(std::size_t n) { return side(n) * side(n); }
Array picture(std::size_t n) { return numbers<double>({side(n), side(n)}, 0, 1); }

Work restoration_by_hand(std::size_t n) {
  return
      [x = picture(n), g = picture(n), hand = InpaintByHand<double>(side(n), side(n))]() mutable {
        hand.value_and_gradient(x.data(), g.data());
      };
}

Panel elements(std::size_t largest) {
  const auto sine = [](std::size_t n) { return gradient(numbers<double>({n}), sine_times_x); };
  const auto restoration = [](std::size_t n) {
    return gradient(picture(n), examples::err_func_whole<double>);
  };
  return {"elements",
          "A gradient by elements",
          "elements",
          "element",
          largest,
          {{"sum(sin(x) x)", sine},
           {"restoration, whole", restoration, square},
           {"restoration, by hand", restoration_by_hand, square}}};
}

// ---- many operations

/// n nodes: sines, and what makes a number of an array.
template <class Start>
Work chain(std::size_t n, const Start& start) {
  const std::size_t sines = n - 1;
  return gradient(start, [sines](V x) {
    for (std::size_t i = 0; i < sines; ++i) x = ag::sin(x);
    return ag::sum(x);
  });
}

Panel nodes(std::size_t largest) {
  const auto scalars = [](std::size_t n) { return chain(n, Array(0.5)); };
  const auto vectors = [](std::size_t n) { return chain(n, numbers<double>({16}, 0.1, 1)); };
  return {"nodes",
          "A gradient by operations",
          "operations in a chain",
          "operation",
          largest,
          {{"numbers", scalars}, {"vectors of 16 elements", vectors}}};
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

double seconds_of(const Line& line, std::size_t size, double seconds) {
  Work work = line.make(size);
  work();
  const double about = peers::seconds_of(work, 2);
  return peers::seconds_of(work, std::max(1, static_cast<int>(seconds / about)));
}

/// On a thread of its own, so that each begins with an empty tape.
double measure_alone(const Line& line, std::size_t size, double seconds) {
  return std::async(std::launch::async, seconds_of, std::cref(line), size, seconds).get();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// All sizes of all lines take turns, so that a change of the machine's mood bends no line.
void measure(Panel& panel, int repetitions, double seconds) {
  const std::vector<std::size_t> sizes = sizes_to(panel.largest);
  std::map<std::pair<const Line*, std::size_t>, std::vector<double>> figures;
  for (int i = 0; i < repetitions; ++i) {
    for (const std::size_t size : sizes) {
      for (const Line& line : panel.lines) {
        figures[{&line, size}].push_back(measure_alone(line, size, seconds));
      }
    }
  }
  for (Line& line : panel.lines) {
    for (const std::size_t size : sizes) {
      line.sizes.push_back(static_cast<double>(line.size_of(size)));
      line.seconds.push_back(median(figures[{&line, size}]));
    }
  }
}

// ---- what is shown

void print(const Panel& panel) {
  fmt::print("\n| {} |", panel.axis);
  for (const Line& line : panel.lines) fmt::print(" {} (ns / {}) |", line.name, panel.unit);
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < panel.lines.size(); ++i) fmt::print("---|");
  const std::vector<std::size_t> sizes = sizes_to(panel.largest);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    fmt::print("\n| {} |", sizes[i]);
    for (const Line& line : panel.lines) {
      fmt::print(" {:.3g} |", line.seconds[i] * 1e9 / line.sizes[i]);
    }
  }
  fmt::print("\n");
}

void add(examples::JsonObject& json, const Panel& panel) {
  for (const Line& line : panel.lines) {
    json.add(panel.name + ", " + line.name + ": sizes", line.sizes);
    json.add(panel.name + ", " + line.name + ": seconds", line.seconds);
  }
}

bool draw(const Panel& panel, const std::string& stem) {
  examples::Plot plot{panel.title, panel.axis, "microseconds", true, true, {}};
  for (const Line& line : panel.lines) {
    std::vector<double> microseconds;
    for (const double seconds : line.seconds) microseconds.push_back(seconds * 1e6);
    plot.series.push_back({line.name, line.sizes, microseconds, examples::Draw::lines_and_points});
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

  if (openblas_set_num_threads) openblas_set_num_threads(1);
  examples::JsonObject json;
  for (Panel panel : {elements(most_elements), nodes(most_nodes)}) {
    measure(panel, repetitions, seconds);
    print(panel);
    add(json, panel);
    if (!stem.empty() && !draw(panel, stem)) fmt::print(stderr, "gnuplot did not draw\n");
  }
  if (!json_file.empty()) json.write(json_file);
}
