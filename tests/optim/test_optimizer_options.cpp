// Several arrays, schedules, clipping, heap memory and errors of the optimizers.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <tuple>
#include <type_traits>

#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;

namespace {

using A = xt::xarray<double>;

/// Where one step of rate 1 goes from 0.
A step_from_zero(const optim::Clip& clip, const A& gradient) {
  A w = xt::zeros_like(gradient);
  optim::SGD<double>({.learning_rate = 1, .clip = clip}).step(w, gradient);
  return w;
}

template <class O>
std::size_t allocations_of_step(O optimizer) {
  xt::xarray<typename O::Element> w = xt::ones<double>({40}), b = w, g = w;
  const optim::Parameter<typename O::Element> parameters[] = {{&w, &g}, {&b, &g}};
  optimizer.step(parameters);
  const std::size_t before = allocations::count();
  for (int i = 0; i < 5; ++i) optimizer.step(parameters);
  return allocations::count() - before;
}

}  // namespace

TEST_CASE("several arrays move together, each with its own velocity",
          "[optim][optimizer_options]") {
  const auto loss = [](const ag::Var<double>& W, const ag::Var<double>& b) {
    return ag::sum(W) + 2.0 * ag::sum(b);
  };
  A W = {{1, 2}, {3, 4}}, b = {5};
  optim::SGD<double> sgd({.learning_rate = 0.5, .momentum = 0.5});
  for (int i = 0; i < 2; ++i) sgd.step(std::tie(W, b), ag::grad(loss)(W, b));
  CHECK(difference(W, {{-0.25, 0.75}, {1.75, 2.75}}) == "");  // 0.5, then 0.75
  CHECK(difference(b, A{2.5}) == "");                         // 1, then 1.5
  CHECK(difference(sgd.velocity(1), A{-1.5}) == "");
  CHECK(sgd.iterations() == 2);
}

TEST_CASE("a schedule is a function of the steps done", "[optim][optimizer_options]") {
  A w = {0};
  optim::SGD<double> sgd({.learning_rate = [](std::uint64_t step) {
    return std::max(1.5 / static_cast<double>(step + 1), 0.6);
  }});
  for (int i = 0; i < 3; ++i) sgd.step(w, A{1});
  CHECK(difference(w, A{-(1.5 + 0.75 + 0.6)}) == "");
}

TEST_CASE("a schedule is called once in each step; its rate may be 0",
          "[optim][optimizer_options]") {
  int calls = 0;
  optim::SGD<double> sgd({.learning_rate = [&](std::uint64_t step) {
    ++calls;
    return step == 3 ? -2.0 : 0.5 * static_cast<double>(step);
  }});
  CHECK(calls == 0);
  A w = {1};
  for (int i = 0; i < 3; ++i) sgd.step(w, A{1});
  CHECK(calls == 3);
  CHECK(difference(w, A{1 - 1.5}) == "");
  CHECK(invalid_argument([&] { sgd.step(w, A{1}); }) ==
        "SGD: learning_rate must be in [0, inf), got -2");
  CHECK(difference(w, A{1 - 1.5}) == "");
  CHECK(sgd.iterations() == 3);
}

TEST_CASE("clipping", "[optim][optimizer_options]") {
  const A g = {3, -4};
  CHECK(difference(step_from_zero({}, g), {-3, 4}) == "");
  CHECK(difference(step_from_zero({.value = 3.5}, g), {-3, 3.5}) == "");
  CHECK(difference(step_from_zero({.norm = 10}, g), {-3, 4}) == "");
  CHECK(difference(step_from_zero({.norm = 1}, g), {-0.6, 0.8}) == "");
  CHECK(difference(step_from_zero({.global_norm = 1}, g), {-0.6, 0.8}) == "");
  CHECK(difference(step_from_zero({.norm = 1}, {0, 0}), {0, 0}) == "");
}

TEMPLATE_TEST_CASE("gradients of any finite size are clipped", "[optim][optimizer_options]", float,
                   double) {
  using Array = xt::xarray<TestType>;
  const TestType huge = std::is_same_v<TestType, float> ? TestType(1e30) : TestType(1e300);
  for (const TestType size : {huge, 1 / huge}) {
    const Array gradient = {3 * size, -4 * size};
    for (const bool together : {false, true}) {
      Array w = {0, 0};
      optim::Clip clip;
      (together ? clip.global_norm : clip.norm) = size;
      optim::SGD<TestType>({.learning_rate = 1, .clip = clip}).step(w, gradient);
      CHECK(difference(xt::cast<double>(w) / double(size), {-0.6, 0.8}, 1e-6) == "");
    }
  }
}

TEST_CASE("norms are clipped array by array or together", "[optim][optimizer_options]") {
  const auto steps = [](const optim::Clip& clip) {
    A w = {0}, b = {0};
    const A g = {3}, h = {4};
    const optim::Parameter<double> parameters[] = {{&w, &g}, {&b, &h}};
    optim::SGD<double>({.learning_rate = 1, .clip = clip}).step(parameters);
    return A{w(0), b(0)};
  };
  CHECK(difference(steps({.norm = 1}), {-1, -1}) == "");
  CHECK(difference(steps({.global_norm = 1}), {-0.6, -0.8}) == "");
  CHECK(difference(steps({.global_norm = 6}), {-3, -4}) == "");
}

TEMPLATE_TEST_CASE("steps after the first take no heap memory", "[optim][optimizer_options]", float,
                   double) {
  if (!allocations::counted) return;
  CHECK(allocations_of_step(optim::SGD<TestType>({.momentum = 0.9, .clip = {.global_norm = 1}})) ==
        0);
  CHECK(allocations_of_step(optim::Adam<TestType>()) == 0);
  CHECK(allocations_of_step(optim::AdamW<TestType>()) == 0);
  CHECK(allocations_of_step(optim::RMSprop<TestType>({.momentum = 0.5, .centered = true})) == 0);
}

TEST_CASE("options out of range are errors", "[optim][optimizer_options]") {
  const auto sgd = [](optim::SGDOptions options) {
    return invalid_argument([&] { optim::SGD<double>{options}; });
  };
  CHECK(sgd({.decay = -1}) == "SGD: decay must be in [0, inf), got -1");
  CHECK(sgd({.weight_decay = -1}) == "SGD: weight_decay must be in [0, inf), got -1");
  CHECK(sgd({.clip = {.value = -1}}) == "SGD: clip limits must not be negative, got -1");
  CHECK(sgd({.clip = {.value = 1, .norm = 1}}) ==
        "SGD: only one of clip.value, clip.norm and clip.global_norm may be set");
  CHECK(sgd({.convention = optim::Convention::pytorch, .dampening = 1}) ==
        "SGD: dampening must be in [0, 1), got 1");
  CHECK(sgd({.dampening = 0.5}) ==
        "SGD: dampening belongs to PyTorch's convention, without nesterov");
  const auto adam = [](optim::AdamOptions options) {
    return invalid_argument([&] { optim::Adam<double>{options}; });
  };
  CHECK(adam({.beta_1 = 1}) == "Adam: beta_1 must be in [0, 1), got 1");
  CHECK(adam({.beta_2 = -0.5}) == "Adam: beta_2 must be in [0, 1), got -0.5");
  CHECK(adam({.epsilon = -1}) == "Adam: epsilon must be in [2.2250738585072014e-308, inf), got -1");
  CHECK(invalid_argument([] { optim::Adam<float>({.beta_2 = 1 - 1e-9}); }) ==
        "Adam: beta_2 must be in [0, 1), got 1");  // in float
  CHECK(invalid_argument([] { optim::AdamW<float>({.weight_decay = -1}); }) ==
        "AdamW: weight_decay must be in [0, inf), got -1");
  CHECK(invalid_argument([] { optim::RMSprop<float>({.rho = 2}); }) ==
        "RMSprop: rho must be in [0, 1), got 2");
}

TEST_CASE("a step with the wrong number of arrays changes nothing", "[optim][optimizer_options]") {
  A w = {1}, b = {2};
  optim::SGD<double> sgd({.learning_rate = 1});
  sgd.step(w, A{0});
  const A g = {1};
  const optim::Parameter<double> two[] = {{&w, &g}, {&b, &g}};
  CHECK(invalid_argument([&] { sgd.step(two); }) ==
        "SGD: one optimizer serves the same arrays: got 2, before 1");
  CHECK(difference(w, A{1}) == "");
  CHECK(sgd.iterations() == 1);
}
