/// How workloads are measured.
#pragma once

#include <string>

#include "benchmarks/programs/workload.hpp"

namespace benchmarks {

struct Figures {
  std::string name;
  double seconds = 0;          ///< of a gradient, ours: median
  double seconds_by_hand = 0;  ///< by hand: median
  double ratio = 0;            ///< median of the ratios of neighbouring repetitions
  double gradient_to_objective = 0;
  double nanoseconds_per_unit = 0;  ///< ours
  double value = 0;                 ///< of the objective, or the norm of the first result
  double difference = 0;            ///< of ours and by hand, relative
  std::size_t arena_bytes = 0;
  std::size_t allocations = 0;  ///< heap allocations in one warm gradient
};

/// Medians of `repetitions` repetitions, in each of which value, gradient and the gradient by hand
/// take turns; each repetition of each fills `seconds`. Throws std::runtime_error when the
/// gradients differ by more than the tolerance.
Figures measure(const Workload& workload, int repetitions, double seconds);

}  // namespace benchmarks
