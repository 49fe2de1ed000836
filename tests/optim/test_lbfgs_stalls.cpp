// optim::LBFGS where no step helps any more, and where none is the last.
#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/optim.hpp>
#include <string>
#include <type_traits>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using optim::Criterion;

namespace {

using A = xt::xarray<double>;
using V = ag::Var<double>;
using LBFGS = optim::LBFGS<double>;
using Term = optim::Term<double>;

optim::Result<double> minimized(const Term& f, const A& x0,
                                const optim::MinimizeOptions& options = {}) {
  LBFGS optimizer;
  return optim::minimize(f, x0, optimizer, options);
}

}  // namespace

TEST_CASE("a stall is convergence only where the gradient is small", "[optim][lbfgs]") {
  // Along the kink x_0 = 0 nothing says that x_1 might fall.
  const auto kinks = optim::smooth<double>([](const V& x) { return ag::sum(ag::abs(x)) + 1.0; });
  const auto result = minimized(kinks, {1, -2.3});
  CHECK(result.criterion == Criterion::stalled);
  CHECK(!result.converged());
  CHECK(!result.small_gradient);
  CHECK(result.gradient_norm == std::sqrt(2.0));
  CHECK(result.message().find("STALLED after ") == 0);
  CHECK(result.message().find(", the gradient is not small: its norm is 1.4142135623730951") !=
        std::string::npos);

  const auto offset = optim::smooth<double>([](const V& x) { return 1e6 + ag::sum(ag::cosh(x)); });
  const auto precise = minimized(offset, {3, -2}, {.gtol = 1e-15});
  CHECK(precise.converged());
  CHECK(precise.message().find(", the gradient is small: its norm is ") != std::string::npos);
}

TEST_CASE("a stall costs no more than two line searches", "[optim][lbfgs]") {
  const auto kinks = optim::smooth<double>(
      [](const V& x) { return ag::sum(ag::abs(x)) + 0.5 * ag::sum(ag::square(x - 0.3)); });
  const auto offset = optim::smooth<double>([](const V& x) { return 1e6 + ag::sum(ag::cosh(x)); });
  const auto evaluations_of_stall = [](Term f, const A& x0) {
    int evaluations = 0, at_the_end = 0;
    f.value_and_grad = [&evaluations, f](A& g, const A& x) {
      return ++evaluations, f.value_and_grad(g, x);
    };
    LBFGS optimizer;
    const auto result = optim::minimize(f, x0, optimizer, {.gtol = 1e-15}, [&](const auto&) {
      at_the_end = evaluations;
      return false;
    });
    CHECK(result.criterion == Criterion::stalled);
    return evaluations - at_the_end;
  };
  CHECK(evaluations_of_stall(kinks, {1, -2.3, 0.7}) <= 50);
  CHECK(evaluations_of_stall(offset, {3, -2}) <= 12);  // rounding ends both searches
}

TEST_CASE("a function without lower bound diverges", "[optim][lbfgs]") {
  const auto line = optim::smooth<double>([](const V& x) { return ag::sum(x); });
  const auto cubic = optim::smooth<double>([](const V& x) { return ag::sum(x * x * x); });
  const auto hill = optim::smooth<double>([](const V& x) { return -ag::sum(ag::square(x)); });
  const auto exponential = optim::smooth<double>([](const V& x) { return -ag::sum(ag::exp(x)); });
  for (const Term& f : {line, cubic, hill, exponential}) {
    const auto result = minimized(f, {1, -2});
    CHECK(result.diverged());
    CHECK(!result.converged());
    CHECK(result.objective < -1e10);
  }
  optim::SGD<double> sgd({.learning_rate = 1e8});
  CHECK(optim::minimize(line, A{1, 2}, sgd, {.rtol = 1e-3}).diverged());
  // Far down, but bounded.
  const auto deep = optim::smooth<double>(
      [](const V& x) { return 0.5 * ag::sum(ag::square(x)) - 1e7 * ag::sum(x); });
  const auto result = minimized(deep, {0, 0, 0});
  CHECK(result.converged());
  CHECK(difference(result.x / 1e7, {1, 1, 1}, 1e-9) == "");
}

TEST_CASE("large gradients do not overflow", "[optim][lbfgs]") {
  const A weights = {1, 10, 100};
  const auto f = optim::smooth<double>(
      [&](const V& x) { return 1e200 * ag::sum(weights * ag::square(x - 1.0)); });
  for (const auto& low : {A::from_shape({0}), A(-9.0)}) {
    LBFGS optimizer({.low = low});
    const auto result = optim::minimize(f, {3, -2, 7}, optimizer, {.gtol = 1e190});
    CHECK(result.converged());
    CHECK(result.iterations < 30);
    CHECK(difference(result.x, {1, 1, 1}, 1e-9) == "");
  }
}

TEMPLATE_TEST_CASE("small gradients count beside large x", "[optim][lbfgs]", float, double) {
  // x - gradient is x, by rounding.
  using Array = xt::xarray<TestType>;
  const TestType far = std::is_same_v<TestType, float> ? 1e8f : 1e17;
  const auto f = optim::smooth<TestType>(
      [](const ag::Var<TestType>& x) { return TestType(0.25) * ag::sum(x); });
  const Array x = {far, far}, gradient = {0.25, 0.25};
  optim::LBFGS<TestType> bounded({.low = Array{0, far}});
  CHECK(bounded.gradient_norm(x, gradient) == 0.25);
  optim::Projected projected(optim::SGD<TestType>(),
                             optim::box<TestType>(Array{0, far}, {2 * far, 2 * far}));
  CHECK(std::abs(projected.gradient_norm(x, gradient) - 0.25) < 1e-3);
  const auto result = optim::minimize(f, x, bounded);
  CHECK((result.x == Array{0, far}));
}
