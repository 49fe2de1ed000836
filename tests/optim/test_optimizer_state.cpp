// The state of optimizers: inspected, saved, restored.
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <sstream>
#include <stdexcept>

#include "tests/support/expect.hpp"

using expect::difference;
using expect::error_of;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using A = xt::xarray<double>;

/// A few steps with gradients that depend on w.
template <class O, class Array>
void walk(O& optimizer, Array& w, int steps) {
  for (int i = 0; i < steps; ++i) optimizer.step(w, Array(w - 3));
}

template <class O>
void check_continuation() {
  using Array = xt::xarray<typename O::Element>;
  Array w = {{1, 2}, {5, 7}};
  O first;
  walk(first, w, 3);
  std::stringstream file;
  first.state().save(file);
  Array there = w;
  walk(first, there, 4);

  O second;
  auto state = second.state();
  state.load(file);
  second.restore(state);
  CHECK(second.iterations() == 3);
  Array here = w;
  walk(second, here, 4);
  CHECK((here == there));
}

}  // namespace

TEMPLATE_TEST_CASE("a saved optimizer goes on as if nothing had happened",
                   "[optim][optimizer_state]", float, double) {
  check_continuation<optim::SGD<TestType>>();
  check_continuation<optim::Adam<TestType>>();
  check_continuation<optim::AdamW<TestType>>();
  check_continuation<optim::RMSprop<TestType>>();
}

TEST_CASE("several arrays, also empty ones and numbers, survive", "[optim][optimizer_state]") {
  A w = {1, 2}, b = 3.0, none = A::from_shape({0, 2});
  const A g = {1, 1}, h = 1.0;
  const optim::Parameter<double> parameters[] = {{&w, &g}, {&b, &h}, {&none, &none}};
  optim::SGD<double> sgd({.learning_rate = 0.5, .momentum = 0.5});
  sgd.step(parameters);
  std::stringstream file;
  sgd.state().save(file);
  auto state = sgd.state();
  sgd.step(parameters);
  state.load(file);
  CHECK(state.iterations == 1);
  CHECK(difference(state.at("velocity", 0), {-0.5, -0.5}) == "");
  CHECK(difference(state.at("velocity", 1), -0.5) == "");
  CHECK(difference(state.at("velocity", 2), none) == "");
}

TEST_CASE("what is not a state of this kind is refused", "[optim][optimizer_state]") {
  optim::Adam<double> adam;
  optim::SGD<double> sgd;
  A w = {1};
  adam.step(w, A{1});
  CHECK(invalid_argument([&] { sgd.restore(adam.state()); }) ==
        "SGD: this is the state of another kind of optimizer");
  auto damaged = adam.state();
  damaged.slots[1].arrays.clear();
  CHECK(invalid_argument([&] { adam.restore(damaged); }) ==
        "Adam: the state is damaged: shapes of variance differ from those of mean");
  optim::SGD<double> pytorch({.convention = optim::Convention::pytorch});
  sgd.step(w, A{1});
  CHECK(invalid_argument([&] { pytorch.restore(sgd.state()); }) ==
        "SGD: this is the state of another kind of optimizer");
  CHECK(out_of_range([&] { adam.state().at("velocity"); }) ==
        "optimizer state: there is no velocity of parameter 0");
  CHECK(out_of_range([&] { adam.state().at("mean", 1); }) ==
        "optimizer state: there is no mean of parameter 1");

  std::stringstream other;
  adam.state().save(other);
  auto state = sgd.state();
  CHECK(error_of<std::runtime_error>([&] { state.load(other); }) ==
        "optimizer state: this is of another kind of optimizer");
  std::stringstream closed;
  closed.setstate(std::ios::badbit);
  CHECK(error_of<std::runtime_error>([&] { adam.state().save(closed); }) ==
        "optimizer state: cannot be written");
  CHECK(error_of<std::runtime_error>([&] { state.load(closed); }) ==
        "optimizer state: cannot be read");
}

TEST_CASE("a state that ends too early leaves the old one in place", "[optim][optimizer_state]") {
  optim::Adam<double> adam;
  A w = {1, 2};
  adam.step(w, A{1, 1});
  std::stringstream file;
  adam.state().save(file);
  auto state = adam.state();
  state.iterations = 7;
  for (const std::size_t missing : {1, 12, 20, 60, 200}) {
    std::stringstream shorter(file.str().substr(0, file.str().size() - missing));
    CHECK(error_of<std::runtime_error>([&] { state.load(shorter); }) ==
          "optimizer state: it ends too early");
  }
  CHECK(state.iterations == 7);
  CHECK(difference(state.at("mean"), adam.state().at("mean")) == "");
}

TEST_CASE("L-BFGS goes on from saved pairs", "[optim][optimizer_state]") {
  const auto f = optim::smooth<double>([](const autograd::Var<double>& x) {
    return autograd::sum(autograd::square(autograd::square(x) - A{1, 4, 9}));
  });
  optim::LBFGS<double> first, second;
  const auto half = optim::minimize(f, A{2, 2, 2}, first, {.maxit = 5});
  std::stringstream file;
  first.state().save(file);
  auto state = second.state();
  state.load(file);
  second.restore(state);
  CHECK(second.pairs().size() == 5);
  const auto rest = optim::minimize(f, half.x, first, {.maxit = 4});
  CHECK((optim::minimize(f, half.x, second, {.maxit = 4}).x == rest.x));

  optim::SGD<double> sgd;
  CHECK(invalid_argument([&] { second.restore(sgd.state()); }) ==
        "LBFGS: this is the state of another kind of optimizer");
}
