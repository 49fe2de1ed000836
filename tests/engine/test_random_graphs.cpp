/// Random functions of a dozen operations: both sweeps agree with each other and with differences
/// at both orders, and float with double. A seed that fails is named; RANDOM_GRAPH_SEED=n tries
/// another first seed.

#include <cstdlib>
#include <string>
#include <type_traits>

#include "tests/engine/random_graph.hpp"
#include "tests/support/catch.hpp"

namespace {

using op_cases::distance;
using op_cases::Problem;
using random_graph::problem;

constexpr std::uint64_t graphs = 400;

std::uint64_t first_seed() {
  const char* text = std::getenv("RANDOM_GRAPH_SEED");
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

/// What the function does, for the message.
std::string story(std::uint64_t seed) {
  std::string text = "seed " + std::to_string(seed) + ": ";
  Problem<double> p = problem<double>(seed);
  p.f = [&](std::span<const autograd::Var<double>> x) {
    return random_graph::evaluate(seed, x, &text);
  };
  value(p);
  return text;
}

/// Runs `body` for each seed; its message names the seed.
template <class F>
void for_each_seed(const F& body) {
  for (std::uint64_t seed = first_seed(); seed < first_seed() + graphs; ++seed) {
    INFO(story(seed));
    body(seed);
  }
}

}  // namespace

TEST_CASE("gradients of random graphs agree with differences at both orders",
          "[engine][random_graphs]") {
  for_each_seed([](std::uint64_t seed) {
    CHECK_NOTHROW(check(problem<double>(seed), {.step = 3e-4, .tolerance = 1e-5, .seed = seed}));
  });
}

TEMPLATE_TEST_CASE("the raw sweep agrees with the recorded one on random graphs",
                   "[engine][random_graphs]", float, double) {
  const double tolerance = std::is_same_v<TestType, float> ? 1e-4 : 1e-11;
  for_each_seed([&](std::uint64_t seed) {
    const auto p = problem<TestType>(seed);
    CHECK(distance(gradients(p), recorded_gradients(p)) <= tolerance);
  });
}

TEST_CASE("random graphs in float agree with those in double", "[engine][random_graphs]") {
  for_each_seed([](std::uint64_t seed) {
    const auto single = problem<float>(seed);
    const auto exact = problem<double>(seed);
    CHECK(distance(value(single), value(exact)) <= 1e-4);
    CHECK(distance(gradients(single), gradients(exact)) <= 1e-3);
  });
}
