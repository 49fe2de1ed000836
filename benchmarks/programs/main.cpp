/// Measures whole programs beside hand-written gradients: build/bench/benchmarks/programs --help
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <future>
#include <string>
#include <utility>

#include "benchmarks/programs/measure.hpp"
#include "examples/support/json.hpp"

namespace {

using namespace benchmarks;

Workloads all_workloads() {
  Workloads all;
  for (const auto& family :
       {scalar_chains, restorations, autoencoders, quadratic_fits, perceptrons, image_losses,
        gaussian_mixtures, gaussian_processes, k_means, lstm, runge_kutta, second_order}) {
    for (Workload& workload : family()) all.push_back(std::move(workload));
  }
  return all;
}

/// On a thread of its own, so that each workload begins with an empty tape.
Figures measure_alone(const Workload& workload, int repetitions, double seconds) {
  return std::async(std::launch::async, measure, std::cref(workload), repetitions, seconds).get();
}

void print(const Figures& f) {
  fmt::print("{:<44} {:>11.2f} {:>11.2f} {:>7.2f} {:>7.2f} {:>10.1f} {:>9.2f} {:>5}\n", f.name,
             f.seconds * 1e6, f.seconds_by_hand * 1e6, f.ratio, f.gradient_to_objective,
             f.nanoseconds_per_unit, static_cast<double>(f.arena_bytes) / 1e6, f.allocations);
  std::fflush(stdout);
}

void add(examples::JsonObject& json, const Figures& f) {
  json.add(f.name + ": seconds", f.seconds);
  json.add(f.name + ": seconds by hand", f.seconds_by_hand);
  json.add(f.name + ": ratio", f.ratio);
  json.add(f.name + ": value", f.value);
  json.add(f.name + ": gradient to objective", f.gradient_to_objective);
  json.add(f.name + ": arena bytes", f.arena_bytes);
  json.add(f.name + ": allocations", f.allocations);
}

}  // namespace

int main(int argc, char** argv) {
  std::string only, json_file;
  int repetitions = 15, threads = 1;
  double seconds = 0.03;
  CLI::App app{"Measures programs beside hand-written gradients."};
  app.add_option("--only", only, "workloads whose name contains this");
  app.add_option("--repetitions", repetitions, "interleaved; medians are shown")
      ->capture_default_str();
  app.add_option("--seconds", seconds, "that one repetition fills")->capture_default_str();
  app.add_option("--threads", threads, "of the library and of BLAS")->capture_default_str();
  app.add_option("--json", json_file, "file of all figures");
  CLI11_PARSE(app, argc, argv);

  autograd::set_num_threads(threads);
  fmt::print("{:<44} {:>11} {:>11} {:>7} {:>7} {:>10} {:>9} {:>5}\n", "workload", "ours (us)",
             "hand (us)", "ratio", "g / f", "ns / unit", "MB", "heap");
  examples::JsonObject json;
  for (const Workload& workload : all_workloads()) {
    if (workload.name.find(only) == std::string::npos) continue;
    const Figures figures = measure_alone(workload, repetitions, seconds);
    print(figures);
    add(json, figures);
  }
  if (!json_file.empty()) json.write(json_file);
}
