// optim::SGD: the formulas of Keras.
#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/optim.hpp>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using A = xt::xarray<double>;

}  // namespace

TEMPLATE_TEST_CASE("a step goes down the gradient", "[optim]", float, double) {
  xt::xarray<TestType> w = {1, -2};
  const xt::xarray<TestType> g = {4, 8};
  optim::SGD<TestType> sgd({.learning_rate = 0.25});
  sgd.step(w, g);
  CHECK(difference(w, {0, -4}) == "");
  sgd.step(w, g);
  CHECK(difference(w, {-1, -6}) == "");
}

TEST_CASE("the defaults are those of Keras", "[optim]") {
  const optim::SGDOptions options;
  CHECK(options.learning_rate(0) == 0.01);
  CHECK(options.momentum == 0);
  CHECK(!options.nesterov);
  A w = 1.0;
  optim::SGD<double>().step(w, A(1.0));
  CHECK(difference(w, 0.99) == "");
}

TEMPLATE_TEST_CASE("momentum remembers former steps", "[optim]", float, double) {
  xt::xarray<TestType> w = {1};
  optim::SGD<TestType> sgd({.learning_rate = 0.25, .momentum = 0.5});
  CHECK(out_of_range([&] { sgd.velocity(); }) ==
        "optimizer state: there is no velocity of parameter 0");
  sgd.step(w, {4});  // velocity 0.5 * 0 - 0.25 * 4 = -1
  CHECK(difference(w, A{0}) == "");
  sgd.step(w, {2});  // velocity 0.5 * -1 - 0.25 * 2 = -1
  CHECK(difference(w, A{-1}) == "");
  sgd.step(w, {-8});  // velocity 0.5 * -1 + 0.25 * 8 = 1.5
  CHECK(difference(w, A{0.5}) == "");
  CHECK(difference(sgd.velocity(), A{1.5}) == "");
}

TEMPLATE_TEST_CASE("Nesterov steps with the velocity that comes next", "[optim]", float, double) {
  xt::xarray<TestType> w = {1};
  optim::SGD<TestType> sgd({.learning_rate = 0.25, .momentum = 0.5, .nesterov = true});
  sgd.step(w, {4});  // velocity -1, step 0.5 * -1 - 0.25 * 4 = -1.5
  CHECK(difference(w, A{-0.5}) == "");
  sgd.step(w, {2});  // velocity -1, step 0.5 * -1 - 0.25 * 2 = -1
  CHECK(difference(w, A{-1.5}) == "");
  sgd.step(w, {-8});  // velocity 1.5, step 0.5 * 1.5 + 0.25 * 8 = 2.75
  CHECK(difference(w, A{1.25}) == "");
}

TEST_CASE("the rate may change from step to step", "[optim]") {
  A w = {1};
  optim::SGD<double> sgd({.learning_rate = 0.5});
  for (int i = 0; i < 3; ++i) {
    sgd.options.learning_rate = 1.0 / (1 << i);
    sgd.step(w, A{1});
  }
  CHECK(difference(w, A{1 - 1.75}) == "");
}

TEST_CASE("arrays of every shape", "[optim]") {
  const auto check = [](const A& start) {
    optim::SGD<double> sgd({.learning_rate = 0.5, .momentum = 0.5});
    A w = start;
    sgd.step(w, xt::ones_like(w));
    sgd.step(w, xt::ones_like(w));
    CHECK(difference(w, start - 1.25) == "");
  };
  check(A(7.0));
  check(A::from_shape({0}));
  check(A::from_shape({2, 0}));
  check({{1, 2, 3}, {4, 5, 6}});
  check(xt::ones<double>({2, 1, 3}));
}

TEST_CASE("a minimum is found with gradients of autograd", "[optim]") {
  const A target = {{1, 2}, {3, 4}};
  const auto loss = [&](const ag::Var<double>& x) { return ag::sum(ag::square(x - target)); };
  const auto minimum = [&](optim::SGDOptions options) {
    optim::SGD<double> sgd(options);
    A w = xt::zeros<double>({2, 2});
    for (int i = 0; i < 300; ++i) sgd.step(w, ag::grad(loss)(w));
    return w;
  };
  CHECK(difference(minimum({.learning_rate = 0.1}), target) == "");
  CHECK(difference(minimum({.learning_rate = 0.05, .momentum = 0.5}), target) == "");
  CHECK(difference(minimum({.learning_rate = 0.05, .momentum = 0.5, .nesterov = true}), target) ==
        "");
}

TEST_CASE("options that make no sense are errors", "[optim]") {
  const auto error_of = [](optim::SGDOptions options) {
    return invalid_argument([&] { optim::SGD<double>{options}; });
  };
  CHECK(error_of({.learning_rate = -0.5}) == "SGD: learning_rate must be in [0, inf), got -0.5");
  CHECK(error_of({.learning_rate = std::nan("")}) ==
        "SGD: learning_rate must be in [0, inf), got nan");
  CHECK(error_of({.momentum = 1}) == "SGD: momentum must be in [0, 1), got 1");
  CHECK(error_of({.momentum = -0.1}) == "SGD: momentum must be in [0, 1), got -0.1");
  CHECK(error_of({.momentum = std::nan("")}) == "SGD: momentum must be in [0, 1), got nan");
  optim::SGD<double> sgd;
  sgd.options.learning_rate = -1;
  A w = {1};
  CHECK(invalid_argument([&] { sgd.step(w, A{1}); }) ==
        "SGD: learning_rate must be in [0, inf), got -1");
}

TEST_CASE("arrays that do not fit change nothing", "[optim]") {
  optim::SGD<double> sgd({.learning_rate = 0.5, .momentum = 0.5});
  A w = {1, 2};
  CHECK(invalid_argument([&] {
          sgd.step(w, A{1, 2, 3});
        }) == "SGD: shapes differ: w has shape (2,), the gradient has shape (3,)");
  CHECK(difference(w, {1, 2}) == "");
  A longer = {1, 2, 3};
  sgd.step(longer, longer);  // the optimizer is as if it were new
  CHECK(invalid_argument([&] { sgd.step(w, w); }) ==
        "SGD: one optimizer serves the same arrays: w has shape (2,), before it had shape (3,)");
  CHECK(difference(w, {1, 2}) == "");
}
