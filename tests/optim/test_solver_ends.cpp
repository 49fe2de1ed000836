// Solvers whose objective or whose x stands still before they are done.
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "tests/optim/proximal.hpp"

using expect::difference;
using optim::Stopping;

namespace {

using A = xt::xarray<double>;
using F = optim::Term<double>;
using Result = optim::Result<double>;

/// Ends of solvers that look for a point of both sets, by the rules.
std::vector<Result> points_of_both(const F& f, const F& g, const A& x0, const Stopping& stopping) {
  const std::vector<F> list = {f, g};
  const auto same =
      optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {x0.size()});
  return {optim::douglas_rachford(f, g, x0, {}, stopping),
          optim::generalized_forward_backward(optim::zero<double>(), list, x0, {}, stopping),
          optim::chambolle_pock(f, g, same, x0, {}, stopping)};
}

}  // namespace

TEST_CASE("an objective that has always been 0 does not end a solver", "[optim][solver_ends]") {
  // As in pyunlocbox, which gives the same for Douglas-Rachford: MAXIT, (0.3125, 3.6875).
  const F box = optim::indicator(optim::box<double>({0, -9}, {1, 9}));
  const F line = optim::indicator(optim::affine<double>({{1, 1}}, {4}));
  for (const Stopping& stopping : {Stopping{}, Stopping{.dtol = 1e-3, .rtol = {}}}) {
    for (const Result& result : points_of_both(box, line, {-5, -5}, stopping)) {
      CHECK(to_string(result.criterion) == "MAXIT");
      CHECK(std::abs(result.x(0) + result.x(1) - 4) < 1e-9);
      CHECK((result.x(0) > -1e-9 && result.x(0) < 1 + 1e-9));
    }
  }
  const Result end = optim::douglas_rachford(box, line, A{-5, -5});
  CHECK(difference(end.x, {0.3125, 3.6875}) == "");
  // One that has become 0 may.
  const F at_0 = {"below 0",
                  [](const A& x) { return std::max(0.0, x(0)); },
                  [](A& g, const A& x) {
                    g = xt::cast<double>(x > 0.0);
                    return std::max(0.0, x(0));
                  },
                  {}};
  CHECK(to_string(optim::gradient_descent(at_0, A{1.5}, {.step = 1}).criterion) == "RTOL");
}

TEST_CASE("x that stands still ends no solver that is still under way", "[optim][solver_ends]") {
  // From far outside x stays in the same corner until the hidden variables have come nearer.
  const F line = optim::indicator(optim::affine<double>({{1, 1}}, {0.5}));
  F box = optim::indicator(optim::box<double>({0, 0}, {1, 1}));
  const A x0 = {40, -2000};
  for (const double offset : {0.0, 1.0}) {
    box.eval = [=](const A&) { return offset; };
    for (const Stopping& stopping : {Stopping{.rtol = {}, .xtol = 1e-9, .maxit = 100000},
                                     Stopping{.rtol = offset == 0 ? std::optional<double>() : 1e-3,
                                     .xtol = 1e-9,
                                     .maxit = 100000}}) {
      for (const Result& result : points_of_both(line, box, x0, stopping)) {
        CAPTURE(offset, result.message());
        CHECK(result.converged());
        CHECK(std::abs(result.x(0) + result.x(1) - 0.5) < 1e-6);
        CHECK((xt::amin(result.x)() > -1e-6 && xt::amax(result.x)() < 1 + 1e-6));
      }
    }
  }
}

TEST_CASE("FISTA does not end where its momentum presses x against a bound",
          "[optim][solver_ends]") {
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = {0.9}});
  const F unit = optim::indicator(optim::box<double>(0, 1));
  for (const double step : {0.01, 0.003, 0.001}) {
    CAPTURE(step);
    const Result result =
        optim::forward_backward(f, unit, A{0}, {.step = step}, {.rtol = 1e-12, .maxit = 5000});
    CHECK(std::abs(result.x(0) - 0.9) < 1e-4);
  }
}

TEST_CASE("momentum that presses against a bound is no end of minimize", "[optim][minimize]") {
  const F f = optim::norm_l2<double>({.y = {0.9}});
  for (const optim::MinimizeOptions& rule : {optim::MinimizeOptions{.rtol = 1e-9, .gtol = {}},
                                             optim::MinimizeOptions{.dtol = 1e-12, .gtol = {}},
                                             optim::MinimizeOptions{.xtol = 1e-9, .gtol = {}}}) {
    optim::Projected sgd(optim::SGD<double>({.learning_rate = 0.01, .momentum = 0.9}),
                         optim::box<double>(0, 1));
    std::vector<double> path;
    const Result result = optim::minimize(f, A{0}, sgd, rule, [&](const auto& at) {
      path.push_back(at.x(0));
      return false;
    });
    CHECK(std::count(path.begin(), path.end(), 1.0) > 1);  // at the bound for a while
    CHECK(std::abs(result.x(0) - 0.9) < 1e-4);
  }
}
