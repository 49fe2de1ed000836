/// Learning rates: a number, or a function of the step.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <utility>

namespace optim {

/// The rate of each step. A number is the same rate for all; a function is called once in each
/// step, with the number of steps done so far (0 at first). Rates must be finite and not negative:
/// otherwise std::invalid_argument, for a number from the constructor, else from the step.
class LearningRate {
 public:
  LearningRate(double rate) : rate_(rate) {}
  template <std::invocable<std::uint64_t> F>
  LearningRate(F schedule) : schedule_(std::move(schedule)) {}

  double operator()(std::uint64_t iterations) const {
    return schedule_ ? schedule_(iterations) : rate_;
  }
  bool constant() const { return !schedule_; }

 private:
  double rate_ = 0;
  std::function<double(std::uint64_t)> schedule_;
};

}  // namespace optim
