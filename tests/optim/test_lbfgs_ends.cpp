// optim::LBFGS: how it ends, what it cannot do, and errors.
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/lbfgs.hpp>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using optim::Criterion;

namespace {

using A = xt::xarray<double>;
using V = ag::Var<double>;
using LBFGS = optim::LBFGS<double>;
using Term = optim::Term<double>;

const Term squares = optim::smooth<double>([](const V& x) { return ag::sum(ag::square(x)); });

/// x^2 with a gradient that points the wrong way: every step goes up.
const Term lying = {"lying",
                    {},
                    [](A& g, const A& x) {
                      g = -2 * x;
                      return x(0) * x(0);
                    },
                    {}};

optim::Result<double> minimized(const Term& f, const A& x0,
                                const optim::MinimizeOptions& options = {}) {
  LBFGS optimizer;
  return optim::minimize(f, x0, optimizer, options);
}

}  // namespace

TEST_CASE("L-BFGS ends at once where the gradient is zero", "[optim][lbfgs]") {
  const auto constant = optim::smooth<double>([](const V& x) { return ag::sum(0.0 * x) + 7.0; });
  for (const Term& f : {constant, squares}) {
    const auto result = minimized(f, {0, 0});
    CHECK(result.criterion == Criterion::gtol);
    CHECK(result.iterations == 0);
    CHECK(difference(result.x, {0, 0}) == "");
    const auto without_rule = minimized(f, {0, 0}, {.gtol = {}});
    CHECK(without_rule.criterion == Criterion::stalled);
    CHECK(without_rule.iterations == 0);
  }
}

TEST_CASE("a line search that fails changes nothing", "[optim][lbfgs]") {
  LBFGS optimizer;
  A x = {1}, gradient = {-2};
  double value = 1;
  CHECK(!optimizer.step(lying, x, value, gradient));
  CHECK(optimizer.pairs().empty());
  optimizer.restore({{A{1}, A{2}}});
  CHECK(!optimizer.step(lying, x, value, gradient));
  CHECK((x == A{1}));
  CHECK((gradient == A{-2}));
  CHECK(value == 1);
  CHECK(optimizer.pairs().size() == 1);
}

TEST_CASE("when no step lowers f, the criterion is stalled", "[optim][lbfgs]") {
  const auto result = minimized(lying, {1});
  CHECK(result.criterion == Criterion::stalled);
  CHECK(result.iterations == 0);
  CHECK(difference(result.x, {1}) == "");
  CHECK(result.objective == 1);

  // Around f = 1e6 the gradient cannot become as small as the rule wants.
  const auto high = optim::smooth<double>(
      [](const V& x) { return 1e6 + ag::sum(ag::cosh(x - 1.0)) + ag::sum(ag::exp(0.1 * x)); });
  const auto precise = minimized(high, {3, -2}, {.gtol = 1e-15});
  CHECK(precise.criterion == Criterion::stalled);
  CHECK(precise.converged());
  const double root = 0.9;  // sinh(x - 1) + 0.1 exp(0.1 x) = 0 is near
  CHECK(difference(precise.x, {root, root}, 0.05) == "");
}

TEST_CASE("where the pairs do not help they are forgotten", "[optim][lbfgs]") {
  // Finite on a line only, along the steepest descent from 0.
  const Term f = {"line",
                  {},
                  [](A& g, const A& x) {
                    g = A{2 * (x(0) - 1), 0};
                    return x(1) == 0 ? (x(0) - 1) * (x(0) - 1) : std::nan("");
                  },
                  {}};
  LBFGS optimizer;
  optimizer.restore({{A{1, 0}, A{1, 1}}});  // makes the direction (3, -1)
  A x = {0, 0}, gradient = {-2, 0};
  double value = 1;
  REQUIRE(optimizer.step(f, x, value, gradient));
  CHECK((x == A{1, 0}));
  CHECK(value == 0);
  REQUIRE(optimizer.pairs().size() == 1);
  CHECK((optimizer.pairs()[0].s == A{1, 0}));
}

TEST_CASE("points without a finite value are never taken", "[optim][lbfgs]") {
  const auto barrier = optim::smooth<double>([](const V& x) { return ag::sum(x - ag::log(x)); });
  LBFGS optimizer;
  bool finite = true;
  const auto watch = [&](const optim::Iteration<double>& at) {
    finite = finite && std::isfinite(at.objective) && at.x(0) > 0 && at.x(1) > 0;
    return false;
  };
  const auto result = optim::minimize(barrier, {30, 0.01}, optimizer, {}, watch);
  CHECK(result.criterion == Criterion::gtol);
  CHECK(difference(result.x, {1, 1}, 1e-6) == "");
  CHECK(finite);
}

TEST_CASE("value and gradient are those at x, however the line search ended", "[optim][lbfgs]") {
  const auto kink = optim::smooth<double>(
      [](const V& x) { return ag::sum(ag::maximum(0.4 - x, 2.0 * (x - 0.4))); });
  for (int evaluations = 1; evaluations < 12; ++evaluations) {
    LBFGS optimizer({.max_line_search = evaluations});
    A x = {0}, gradient = {-1}, expected;
    double value = 0.4;
    if (!optimizer.step(kink, x, value, gradient)) continue;
    CHECK(value < 0.4);
    CHECK(kink.value_and_grad(expected, x) == value);
    CHECK((expected == gradient));
  }
}

TEST_CASE("changes without curvature are not remembered", "[optim][lbfgs]") {
  const auto line = optim::smooth<double>([](const V& x) { return ag::sum(x); });
  LBFGS optimizer;
  A x = {1, 2}, gradient = {1, 1};
  double value = 3;
  REQUIRE(optimizer.step(line, x, value, gradient));
  CHECK(value < 3);
  CHECK(optimizer.pairs().empty());
}

TEST_CASE("a start without a finite gradient diverges", "[optim][lbfgs]") {
  const auto root = optim::smooth<double>([](const V& x) { return ag::sum(ag::sqrt(x)); });
  CHECK(minimized(root, {0}).diverged());
}

TEST_CASE("the callback ends L-BFGS", "[optim][lbfgs]") {
  LBFGS optimizer;
  const auto quartic =
      optim::smooth<double>([](const V& x) { return ag::sum(ag::square(ag::square(x))); });
  const auto result = optim::minimize(quartic, {4, 3}, optimizer, {},
                                      [](const auto& at) { return at.number == 3; });
  CHECK(result.criterion == Criterion::callback);
  CHECK(result.iterations == 3);
}

TEST_CASE("options of L-BFGS that make no sense are errors", "[optim][lbfgs]") {
  const auto error_of = [](const optim::LBFGSOptions<double>& options) {
    return invalid_argument([&] { LBFGS{options}; });
  };
  const double nan = std::nan("");
  CHECK(error_of({.memory = 0}) == "LBFGS: memory must be positive, got 0");
  CHECK(error_of({.c1 = 0}) == "LBFGS: c1 must be in (0, 0.5), got 0");
  CHECK(error_of({.c1 = 0.5}) == "LBFGS: c1 must be in (0, 0.5), got 0.5");
  CHECK(error_of({.c1 = nan}) == "LBFGS: c1 must be in (0, 0.5), got nan");
  CHECK(error_of({.c1 = 0.25, .c2 = 0.25}) == "LBFGS: c2 must be in (0.25, 1), got 0.25");
  CHECK(error_of({.c2 = 1}) == "LBFGS: c2 must be in (0.0001, 1), got 1");
  CHECK(error_of({.max_line_search = 0}) == "LBFGS: max_line_search must be positive, got 0");
  CHECK(error_of({.low = 2, .high = 1}) ==
        "LBFGS: low must not exceed high: element 0 has 2 and 1");
  CHECK(error_of({.low = A{0, 5}, .high = 1}) ==
        "LBFGS: low must not exceed high: element 1 has 5 and 1");
  CHECK(error_of({.low = 0, .high = A{1, nan}}) ==
        "LBFGS: low must not exceed high: element 1 has 0 and nan");
  CHECK(error_of({.low = A{0, 0}, .high = A{1, 1, 1}}) ==
        "LBFGS: shapes differ: low has shape (2,), high has shape (3,)");

  LBFGS optimizer;
  optimizer.options.memory = 0;
  CHECK(invalid_argument([&] {
          optim::minimize(squares, {1, 2}, optimizer);
        }) == "LBFGS: memory must be positive, got 0");
}

TEST_CASE("arguments of L-BFGS that do not fit are errors", "[optim][lbfgs]") {
  LBFGS optimizer;
  A x = {1, 2}, gradient = {2, 4}, longer = {2, 4, 6};
  double value = 5;
  const auto step_error = [&](const Term& f, A& at, A& g) {
    return invalid_argument([&] { optimizer.step(f, at, value, g); });
  };
  CHECK(step_error(squares, x, longer) ==
        "LBFGS: shapes differ: x has shape (2,), the gradient has shape (3,)");
  CHECK(step_error({"steps", {}, {}, {}}, x, gradient) == "LBFGS: the term steps has no gradient");
  CHECK(invalid_argument([&] {
          optim::minimize({"steps", {}, {}, {}}, {1, 2}, optimizer);
        }) == "LBFGS: the term steps has no gradient");

  optimizer.options.low = A{0, 0, 0};
  CHECK(step_error(squares, x, gradient) ==
        "LBFGS: shapes differ: x has shape (2,), low has shape (3,)");
  optimizer.options.low = A{-1, 2.5};
  optimizer.options.high = 3;
  CHECK(step_error(squares, x, gradient) ==
        "LBFGS: x must be within the bounds: element 1 is 2, not in [2.5, 3]");
  CHECK((x == A{1, 2}));

  optimizer.options = {};
  REQUIRE(optimizer.step(squares, x, value, gradient));
  A other = {1, 2, 3};
  CHECK(step_error(squares, other, longer) ==
        "LBFGS: one optimizer serves one array: x has shape (3,), before it had shape (2,)");
}

TEST_CASE("a function whose gradient has another shape is refused", "[optim][lbfgs]") {
  const Term wrong = {"wrong",
                      {},
                      [](A& g, const A&) {
                        g = A{1, 2, 3};
                        return 1.0;
                      },
                      {}};
  CHECK(invalid_argument([&] {
          minimized(wrong, {1, 2});
        }) == "LBFGS: the gradient of wrong has shape (3,), x has shape (2,)");
}

TEST_CASE("pairs that make no sense are not restored", "[optim][lbfgs]") {
  LBFGS optimizer({.memory = 2});
  const auto error_of = [&](const std::vector<LBFGS::Pair>& pairs) {
    return invalid_argument([&] { optimizer.restore(pairs); });
  };
  const LBFGS::Pair good = {{1, 2}, {3, 4}};
  optimizer.restore({good});
  CHECK(error_of({good, good, good}) == "LBFGS: 3 pairs are more than the memory holds: 2");
  CHECK(error_of({good, {{1, 2}, {3, 4, 5}}}) ==
        "LBFGS: shapes of pairs differ: (2,), (2,) and (3,)");
  CHECK(error_of({good, {{1, 2}, {2, -1}}}) == "LBFGS: pair 1 has no positive curvature s.y");
  CHECK(error_of({{{1, 2}, {3, std::nan("")}}}) == "LBFGS: pair 0 has no positive curvature s.y");
  CHECK(optimizer.pairs().size() == 1);
}

TEST_CASE("steps too short to change f are made longer", "[optim][lbfgs]") {
  // At 1e9 neighbouring floats are 64 apart: a first step of length 1 changes nothing.
  const auto f =
      optim::smooth<float>([](const ag::Var<float>& x) { return ag::sum(ag::square(x)); });
  optim::LBFGS<float> optimizer;
  const auto result = optim::minimize(f, {1e9f, 1e9f}, optimizer);
  CHECK(result.criterion == Criterion::gtol);
  CHECK(difference(xt::cast<double>(result.x), {0, 0}, 1e-6) == "");
}
