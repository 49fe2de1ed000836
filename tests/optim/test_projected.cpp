// Projected optimizers.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/optim.hpp>
#include <utility>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;

namespace {

using A = xt::xarray<double>;

}  // namespace

TEMPLATE_TEST_CASE("after each step the array is in its set", "[optim][projected]", float, double) {
  xt::xarray<TestType> w = {0.5, 0.5};
  optim::Projected sgd(optim::SGD<TestType>({.learning_rate = 1, .momentum = 0.5}),
                       optim::box<TestType>(0, 1));
  sgd.step(w, {-0.25, 2});
  CHECK(difference(w, {0.75, 0}) == "");
  sgd.step(w, {0, 0});  // the velocity goes on: 0.125, -1
  CHECK(difference(w, {0.875, 0}) == "");
  CHECK(difference(sgd.velocity(), {0.125, -1}) == "");
}

namespace {

/// The nearest point of a set to (2, 0.2, -1), by a projected optimizer.
template <class O>
A nearest(O optimizer, optim::Projection<double> set) {
  const auto f = optim::smooth<double>([](const ag::Var<double>& x) {
    return ag::sum(ag::square(x - A{2, 0.2, -1}));
  });
  optim::Projected projected(std::move(optimizer), std::move(set));
  return optim::minimize(f, A{0, 0, 1}, projected, {.gtol = {}, .maxit = 4000}).x;
}

}  // namespace

TEST_CASE("every optimizer can be wrapped", "[optim][projected]") {
  const optim::SGD<double> sgd({.learning_rate = 0.1});
  CHECK(difference(nearest(sgd, optim::simplex<double>()), {1, 0, 0}) == "");
  CHECK(difference(nearest(sgd, optim::l2_ball<double>()), A{2, 0.2, -1} / std::sqrt(5.04)) == "");
  const auto box = optim::box<double>(0, 1);
  CHECK(difference(nearest(sgd, box), {1, 0.2, 0}) == "");
  const auto check = [&](const auto& optimizer) {
    CHECK(difference(nearest(optimizer, box), {1, 0.2, 0}, 1e-3) == "");
  };
  check(optim::Adam<double>({.learning_rate = 0.1}));
  check(optim::AdamW<double>({.learning_rate = 0.1, .weight_decay = 0}));
  check(optim::RMSprop<double>({.learning_rate = 0.1, .decay = 0.1}));
  check(optim::LBFGS<double>());
}

TEMPLATE_TEST_CASE("projected L-BFGS descends to the minimum on the simplex", "[optim][projected]",
                   float, double) {
  // The gradient of |x|^2 / 2 weighted by 1, 2, 4 is the same for all elements at (4, 2, 1) / 7.
  const xt::xarray<TestType> weights = {1, 2, 4};
  const auto f = optim::smooth<TestType>(
      [&](const ag::Var<TestType>& x) { return TestType(0.5) * ag::sum(weights * ag::square(x)); });
  optim::Projected lbfgs(optim::LBFGS<TestType>(), optim::simplex<TestType>());
  const xt::xarray<TestType> outside = {3, -1, 0};
  const auto result = optim::minimize(f, outside, lbfgs, {.gtol = 1e-5});
  CHECK(difference(result.x, A{4, 2, 1} / 7, 1e-4) == "");
  CHECK(result.converged());
  const auto& history = result.objectives[0];
  CHECK(std::is_sorted(history.rbegin(), history.rend()));
}

TEST_CASE("minimize stays in the set, and knows when it is done", "[optim][projected]") {
  const auto f =
      optim::smooth<double>([](const ag::Var<double>& x) { return ag::sum(ag::square(x - 2.0)); });
  optim::Projected sgd(optim::SGD<double>({.learning_rate = 0.25}), optim::box<double>(0, 1));
  const auto at_bound = optim::minimize(f, A{0.5}, sgd);
  CHECK(at_bound.criterion == optim::Criterion::gtol);
  CHECK(difference(at_bound.x, A{1}) == "");
  const auto outside = optim::minimize(f, A{2}, sgd);
  CHECK(outside.iterations == 0);
  CHECK(difference(outside.x, A{1}) == "");
  CHECK(outside.objective == 1);
}

TEST_CASE("a Projected of a Projected projects onto both", "[optim][projected]") {
  optim::Projected inner(optim::SGD<double>({.learning_rate = 1}), optim::box<double>(0, 1));
  const A start = {0.5, 0.5};
  optim::Projected both(inner, optim::fixed<double>(xt::xarray<bool>{true, false}, start));
  A w = start;
  both.step(w, A{7, -7});
  CHECK(difference(w, {0.5, 1}) == "");
}

TEST_CASE("one projection for each array, or none", "[optim][projected]") {
  A a = {1, 1}, b = {5};
  const A g = {1, 1}, h = {1};
  const optim::Parameter<double> parameters[] = {{&a, &g}, {&b, &h}};
  using Projections = std::vector<optim::Projection<double>>;
  optim::Projected sgd(optim::SGD<double>({.learning_rate = 2}),
                       Projections{optim::non_negative<double>(), {}});
  sgd.step(parameters);
  CHECK(difference(a, {0, 0}) == "");
  CHECK(difference(b, A{3}) == "");

  optim::Projected one(optim::SGD<double>(), optim::non_negative<double>());
  CHECK(invalid_argument([&] { one.step(parameters); }) ==
        "Projected: 2 arrays, but 1 projections");
  CHECK(difference(b, A{3}) == "");
  CHECK(one.iterations() == 0);
}
