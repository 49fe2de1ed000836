/// log(sum(exp(x))), with the largest element taken out so that nothing overflows.
#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

/// The result does not depend on what is taken out, so nothing needs to be known of its derivative.
V log_sum_exp(const V& x) {
  const V largest = ag::stop_gradient(ag::max(x));
  return ag::log(ag::sum(ag::exp(x - largest))) + largest;
}

double by_hand(const Array& x) {
  double largest = x(0), total = 0;
  for (double element : x) largest = std::max(largest, element);
  for (double element : x) total += std::exp(element - largest);
  return std::log(total) + largest;
}

struct Problem {
  Array x;

  explicit Problem(const json& input) : x(array(input["x"])) {}
  double primal() const { return by_hand(x); }
  Array gradient() const { return ag::grad(log_sum_exp)(x); }
  double check() const {
    const auto f = [](const std::vector<Array>& at) { return by_hand(at[0]); };
    const auto [value, gradient] = ag::value_and_grad(log_sum_exp)(x);
    return std::max(relative_error(value, primal()), gradient_error(f, {x}, {gradient}));
  }
};

}  // namespace

int main(int argc, char** argv) { return run_gradient<Problem>(argc, argv); }
