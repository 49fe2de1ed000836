// minimize: which rule ends it, divergence, histories, callbacks.
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/optim.hpp>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;

namespace {

using A = xt::xarray<double>;
using optim::Criterion;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// sum (x - 3)^2: a step of rate 0.25 halves the distance from 3.
optim::Term<double> bowl() {
  return optim::smooth<double>(
      [](const ag::Var<double>& x) { return ag::sum(ag::square(x - 3.0)); });
}

optim::Result<double> descend(const optim::MinimizeOptions& options, double rate = 0.25,
                              const optim::Callback<double>& callback = {}) {
  optim::SGD<double> sgd({.learning_rate = rate});
  return optim::minimize(bowl(), A{1}, sgd, options, callback);
}

}  // namespace

TEST_CASE("each rule ends the descent where it says", "[optim][minimize]") {
  // From 1: objectives 4, 1, 1/4, 1/16, ..., distances from 3: 2, 1, 1/2, ...
  const auto ends = [](const optim::MinimizeOptions& options, Criterion criterion,
                       std::uint64_t iterations) {
    const auto result = descend(options);
    CHECK(to_string(result.criterion) == to_string(criterion));
    CHECK(result.iterations == iterations);
    CHECK(result.converged() == (criterion < Criterion::maxit));
    CHECK(!result.diverged());
    CHECK(result.objectives[0].size() == iterations + 1);
    CHECK(result.objective == std::pow(0.25, double(iterations)) * 4);
    CHECK(difference(result.x, A{3 - 2 * std::pow(0.5, double(iterations))}) == "");
  };
  ends({.gtol = {}, .maxit = 3}, Criterion::maxit, 3);
  ends({.atol = 0.1, .gtol = {}}, Criterion::atol, 3);
  ends({.dtol = 0.2, .gtol = {}}, Criterion::dtol, 3);   // 1/4 - 1/16
  ends({.xtol = 0.3, .gtol = {}}, Criterion::xtol, 3);   // moves 1, 1/2, 1/4
  ends({.gtol = 0.6}, Criterion::gtol, 3);               // gradients 4, 2, 1, 1/2
  ends({.rtol = 3.1, .gtol = {}}, Criterion::rtol, 1);   // |1 - 4| / 1
  ends({.atol = 0.1, .gtol = 0.6}, Criterion::atol, 3);  // the first of those that hold
}

TEST_CASE("xtol is per element", "[optim][minimize]") {
  optim::SGD<double> sgd({.learning_rate = 0.25});
  const A start = xt::ones<double>({100});
  const auto result = optim::minimize(bowl(), start, sgd, {.xtol = 0.3, .gtol = {}});
  CHECK(result.iterations == 3);
}

TEST_CASE("a stationary start ends at once", "[optim][minimize]") {
  optim::SGD<double> sgd;
  const auto result = optim::minimize(bowl(), A{3}, sgd);
  CHECK(result.criterion == Criterion::gtol);
  CHECK(result.iterations == 0);
  CHECK(result.objective == 0);
  CHECK(difference(result.x, A{3}) == "");
  CHECK(result.message() == "GTOL after 0 iterations, objective 0");
}

TEST_CASE("a rate too large is reported as divergence, the best iterate is kept",
          "[optim][minimize]") {
  const auto result = descend({.maxit = 10'000}, 1.5);  // the distance doubles
  CHECK(result.diverged());
  CHECK(!result.converged());
  CHECK(result.iterations == 17);  // 4 * 4^17 > 4e10
  CHECK(result.objective == 4);
  CHECK(difference(result.x, A{1}) == "");
  CHECK(result.message() == "DIVERGED after 17 iterations, objective 4");
  CHECK(descend({.maxit = 10'000, .explosion = 100}, 1.5).iterations == 4);
}

TEST_CASE("NaN ends the descent", "[optim][minimize]") {
  const auto root =
      optim::smooth<double>([](const ag::Var<double>& x) { return ag::sum(ag::sqrt(x) + x); });
  optim::SGD<double> sgd({.learning_rate = 1});
  const auto result = optim::minimize(root, A{1}, sgd, {.gtol = {}});
  CHECK(result.diverged());
  CHECK(result.iterations == 1);
  CHECK(difference(result.x, A{1}) == "");
  CHECK(result.objective == 2);
}

TEST_CASE("a gradient that is not finite at the start is divergence", "[optim][minimize]") {
  const auto root =
      optim::smooth<double>([](const ag::Var<double>& x) { return ag::sum(ag::sqrt(x)); });
  optim::SGD<double> sgd;
  const auto result = optim::minimize(root, A{0}, sgd);
  CHECK(result.diverged());
  CHECK(result.iterations == 0);
}

TEST_CASE("an objective of -inf is no solution", "[optim][minimize]") {
  const auto log =
      optim::smooth<double>([](const ag::Var<double>& x) { return ag::sum(ag::log(x)); });
  optim::SGD<double> sgd({.learning_rate = 1});
  const auto result = optim::minimize(log, A{1}, sgd, {.gtol = {}});
  CHECK(result.diverged());
  CHECK(result.objective == 0);
  CHECK(difference(result.x, A{1}) == "");
}

TEST_CASE("a callback watches, and may stop", "[optim][minimize]") {
  std::vector<double> seen;
  const auto result = descend({.gtol = {}}, 0.25, [&](const optim::Iteration<double>& at) {
    CHECK(at.number == seen.size() + 1);
    CHECK(at.objective == std::pow(at.x(0) - 3, 2));
    seen.push_back(at.objective);
    return at.number == 4;
  });
  CHECK(result.criterion == Criterion::callback);
  CHECK(result.iterations == 4);
  CHECK(std::vector<double>(result.objectives[0].begin() + 1, result.objectives[0].end()) == seen);
  CHECK(result.seconds >= 0);
}

TEMPLATE_TEST_CASE("every optimizer finds a minimum", "[optim][minimize]", float, double) {
  using V = ag::Var<TestType>;
  const xt::xarray<TestType> target = {{1, -2}, {3, 0.5}};
  const auto f =
      optim::smooth<TestType>([&](const V& x) { return ag::sum(ag::square(x - target)); });
  const auto check = [&](auto optimizer) {
    const xt::xarray<TestType> start = xt::zeros<TestType>({2, 2});
    const auto result = optim::minimize(f, start, optimizer, {.gtol = {}, .maxit = 3000});
    CHECK(difference(result.x, target, 1e-3) == "");
  };
  check(optim::SGD<TestType>({.learning_rate = 0.1, .momentum = 0.5}));
  check(optim::Adam<TestType>({.learning_rate = 0.1, .decay = 0.1}));
  check(optim::AdamW<TestType>({.learning_rate = 0.1, .decay = 0.1, .weight_decay = 0}));
  check(optim::RMSprop<TestType>({.learning_rate = 0.1, .decay = 0.1}));
}

TEST_CASE("rules that make no sense are errors", "[optim][minimize]") {
  const auto error = [](const optim::MinimizeOptions& options) {
    return invalid_argument([&] { descend(options); });
  };
  CHECK(error({.dtol = -1}) == "minimize: dtol must not be negative, got -1");
  CHECK(error({.rtol = -1}) == "minimize: rtol must not be negative, got -1");
  CHECK(error({.xtol = -2}) == "minimize: xtol must not be negative, got -2");
  CHECK(error({.gtol = std::nan("")}) == "minimize: gtol must not be negative, got nan");
  CHECK(error({.atol = std::nan("")}) == "minimize: atol must be a number");
  CHECK(error({.maxit = 0}) == "minimize: maxit must be positive, got 0");
  CHECK(error({.explosion = 1}) == "minimize: explosion must be greater than 1, got 1");
  optim::SGD<double> sgd;
  CHECK(invalid_argument([&] { optim::minimize(bowl(), A{infinity}, sgd); }) ==
        "minimize: the objective at the start is inf; it must be finite");
  auto without = bowl();
  without.value_and_grad = {};
  CHECK(invalid_argument([&] { optim::minimize(without, A{1}, sgd); }) ==
        "minimize: the term smooth has no gradient");
}
