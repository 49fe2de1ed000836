#include "benchmarks/programs/measure.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <vector>

#include "tests/support/allocations.hpp"

namespace benchmarks {
namespace {

double seconds_of(const std::function<void()>& work, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / times;
}

int times_that_fill(double seconds, const std::function<void()>& work) {
  work();
  return std::max(1, static_cast<int>(seconds / seconds_of(work, 2)));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::size_t allocations_of(const std::function<void()>& work) {
  const std::size_t before = allocations::count();
  work();
  return allocations::count() - before;
}

}  // namespace

Figures measure(const Workload& workload, int repetitions, double seconds) {
  const int objectives = times_that_fill(seconds, workload.objective);
  const int gradients = times_that_fill(seconds, workload.gradient);
  const int by_hand = times_that_fill(seconds, workload.by_hand);
  std::vector<double> ours, hand, ratios, to_objective;
  for (int i = 0; i < repetitions; ++i) {
    const double value = seconds_of(workload.objective, objectives);
    ours.push_back(seconds_of(workload.gradient, gradients));
    hand.push_back(seconds_of(workload.by_hand, by_hand));
    ratios.push_back(ours.back() / hand.back());
    to_objective.push_back(ours.back() / value);
  }
  Figures figures{workload.name, median(ours), median(hand), median(ratios), median(to_objective)};
  figures.nanoseconds_per_unit = figures.seconds * 1e9 / static_cast<double>(workload.units);
  figures.value = workload.value();
  figures.difference = workload.difference();
  figures.arena_bytes = workload.arena();
  figures.allocations = allocations_of(workload.gradient);
  if (!(figures.difference <= workload.tolerance)) {
    throw std::runtime_error(fmt::format("{}: the gradient and the one by hand differ by {:.1e}",
                                         workload.name, figures.difference));
  }
  return figures;
}

}  // namespace benchmarks
