/// Random functions: a seed gives an expression of a dozen operations on one or two arrays. All of
/// them are smooth enough for differences, and keep their values in range.
#pragma once

#include <string>
#include <vector>

#include "tests/ops/op_runs.hpp"

namespace random_graph {

namespace ag = autograd;
using Index = ag::Index;

/// Numbers that a seed determines on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {
    for (int i = 0; i < 4; ++i) below(2);
  }
  Index below(Index n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<Index>((state_ >> 33) % static_cast<std::uint64_t>(n));
  }
  double between(double low, double high) {
    return low + (high - low) * double(below(1 << 20)) / double(1 << 20);
  }

 private:
  std::uint64_t state_;
};

/// The arguments of the function that belongs to a seed.
std::vector<xt::xarray<double>> arguments(std::uint64_t seed);

/// The function. Each call takes the same decisions, so that it is a function; what it does is
/// appended to `story` if there is one.
template <class T>
ag::Var<T> evaluate(std::uint64_t seed, std::span<const ag::Var<T>> x, std::string* story = {});

/// The same as a problem for ops/op_runs.hpp.
template <class T>
op_cases::Problem<T> problem(std::uint64_t seed) {
  op_cases::Problem<T> p;
  for (const auto& x : arguments(seed)) p.x.push_back(xt::cast<T>(x));
  p.f = [=](std::span<const ag::Var<T>> x) { return evaluate(seed, x); };
  return p;
}

}  // namespace random_graph
