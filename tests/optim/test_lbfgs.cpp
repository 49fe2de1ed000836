// optim::LBFGS without bounds.
#include <autograd/autograd.hpp>
#include <cmath>
#include <functional>
#include <optim/lbfgs.hpp>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using optim::Criterion;

namespace {

using A = xt::xarray<double>;
using LBFGS = optim::LBFGS<double>;
using Term = optim::Term<double>;

template <class T>
ag::Var<T> rosenbrock(const ag::Var<T>& x) {
  const ag::Var<T> next = ag::view(x, xt::range(1, x.shape(0)));
  const ag::Var<T> here = ag::view(x, xt::range(0, x.shape(0) - 1));
  return ag::sum(T(100) * ag::square(next - ag::square(here)) + ag::square(T(1) - here));
}

/// (-1.2, 1, -1.2, 1, ...)
template <class T = double>
xt::xarray<T> usual_start(std::size_t n) {
  xt::xarray<T> x = xt::xarray<T>::from_shape({n});
  for (std::size_t i = 0; i < n; ++i) x(i) = i % 2 == 0 ? T(-1.2) : T(1);
  return x;
}

/// 1/2 sum d x^2 - sum c x, without heap memory once the gradient has its shape.
Term diagonal_quadratic(const A& d, const A& c) {
  const auto value_and_grad = [d, c](A& g, const A& x) {
    g.resize(x.shape());
    double f = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double p = x.data()[i];
      g.data()[i] = d.data()[i] * p - c.data()[i];
      f += p * (0.5 * d.data()[i] * p - c.data()[i]);
    }
    return f;
  };
  return {"quadratic", {}, value_and_grad, {}};
}

/// A function of two variables by its value and gradient.
Term plain(std::function<double(A& g, const A& x)> f) { return {"plain", {}, f, {}}; }

/// The value and the gradient of f beside x, as `step` wants them.
struct State {
  A x, gradient;
  double value;

  State(const Term& f, const A& x0) : x(x0), value(f.value_and_grad(gradient, x)) {}
  bool step(LBFGS& optimizer, const Term& f) { return optimizer.step(f, x, value, gradient); }
};

double dot(const A& a, const A& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a.flat(i) * b.flat(i);
  return total;
}

/// The product of the inverse Hessian of the (full) BFGS formula for the pairs, on gamma I, with g.
A product_by_bfgs(const std::vector<LBFGS::Pair>& pairs, const A& g) {
  const std::size_t n = g.size();
  const auto& last = pairs.back();
  A H = dot(last.s, last.y) / dot(last.y, last.y) * xt::eye<double>(n);
  for (const auto& [s, y] : pairs) {
    const double rho = 1 / dot(s, y);
    A V = xt::eye<double>(n), next = xt::zeros<double>({n, n});
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) V(i, j) -= rho * y(i) * s(j);
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        next(i, j) = rho * s(i) * s(j);
        for (std::size_t k = 0; k < n; ++k) {
          for (std::size_t l = 0; l < n; ++l) next(i, j) += V(k, i) * H(k, l) * V(l, j);
        }
      }
    }
    H = next;
  }
  A product = xt::zeros<double>({n});
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) product(i) += H(i, j) * g(j);
  }
  return product;
}

}  // namespace

TEST_CASE("L-BFGS minimises the function of Rosenbrock", "[optim][lbfgs]") {
  const auto [n, most] = GENERATE(std::pair{2, 50}, std::pair{50, 400});
  const Term f = optim::smooth<double>(rosenbrock<double>);
  LBFGS optimizer;
  const auto result = optim::minimize(f, usual_start(n), optimizer, {.gtol = 1e-8});
  CHECK(result.criterion == Criterion::gtol);
  CHECK(difference(result.x, xt::ones<double>({n}), 1e-7) == "");
  CHECK(result.objective < 1e-14);
  CHECK(result.iterations < static_cast<std::uint64_t>(most));
  CHECK(result.objectives[0].size() == result.iterations + 1);
}

TEST_CASE("L-BFGS works with float", "[optim][lbfgs]") {
  const auto f = optim::smooth<float>(rosenbrock<float>);
  optim::LBFGS<float> optimizer;
  const auto result = optim::minimize(f, usual_start<float>(2), optimizer, {.gtol = 1e-3});
  CHECK(result.converged());
  CHECK(difference(xt::cast<double>(result.x), A{1, 1}, 1e-3) == "");
}

TEST_CASE("a convex quadratic is solved", "[optim][lbfgs]") {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  const std::size_t n = 8;
  A B = xt::zeros<double>({n, n}), x = xt::zeros<double>({n});
  for (double& b : B) b = normal(random);
  for (double& v : x) v = normal(random);
  const auto loss = [&](const ag::Var<double>& at) {
    const auto e = at - x;
    return ag::sum(ag::square(ag::matmul(B, e))) + ag::sum(ag::square(e));
  };
  LBFGS optimizer;
  const auto result = optim::minimize(optim::smooth<double>(loss), A(xt::zeros<double>({n})),
                                      optimizer, {.gtol = 1e-9});
  CHECK(result.criterion == Criterion::gtol);
  CHECK(difference(result.x, x, 1e-9) == "");
  CHECK(result.iterations < 5 * n);
}

TEST_CASE("arrays of every shape are minimised", "[optim][lbfgs]") {
  const auto check = [](const A& target) {
    const auto loss = [&](const ag::Var<double>& x) { return ag::sum(ag::square(x - target)); };
    LBFGS optimizer;
    const auto result = optim::minimize(optim::smooth<double>(loss), A(xt::zeros_like(target)),
                                        optimizer, {.gtol = 1e-10});
    CHECK(result.converged());
    CHECK(difference(result.x, target, 1e-9) == "");
  };
  check(A(3.0));
  check(A::from_shape({0}));
  check(A::from_shape({2, 0}));
  check({{1, 2, 3}, {-4, 5, 60}});
  check(2 * xt::ones<double>({2, 1, 3}));
}

TEST_CASE("the first step goes down the gradient by a length of 1", "[optim][lbfgs]") {
  std::vector<A> tried;
  const Term quadratic = diagonal_quadratic({1, 1}, {30, 40});
  const Term f = plain([&](A& g, const A& x) {
    tried.push_back(x);
    return quadratic.value_and_grad(g, x);
  });
  LBFGS optimizer;
  State state(f, {0, 0});  // gradient (-30, -40)
  REQUIRE(state.step(optimizer, f));
  CHECK(difference(tried[1], {0.6, 0.8}) == "");
}

TEST_CASE("the first two steps, by hand", "[optim][lbfgs]") {
  // f = x^2 / 2 + y^2 from (0.6, 0): the gradient is (0.6, 0), the first trial (-0.4, 0) with slope
  // 0.4 <= 0.9 * 0.6 and f 0.08 < 0.18: taken. Then s = y = (-1, 0) and gamma = 1: the direction is
  // -g = (0.4, 0), which ends at the minimum.
  const Term f = diagonal_quadratic({1, 2}, {0, 0});
  LBFGS optimizer;
  State state(f, {0.6, 0});
  REQUIRE(state.step(optimizer, f));
  CHECK(difference(state.x, {-0.4, 0}) == "");
  CHECK(difference(state.gradient, {-0.4, 0}) == "");
  CHECK(std::abs(state.value - 0.08) < 1e-15);
  REQUIRE(optimizer.pairs().size() == 1);
  CHECK(difference(optimizer.pairs()[0].s, {-1, 0}) == "");
  CHECK(difference(optimizer.pairs()[0].y, {-1, 0}) == "");
  REQUIRE(state.step(optimizer, f));
  CHECK(difference(state.x, {0, 0}) == "");
}

TEST_CASE("the direction is that of the BFGS formula", "[optim][lbfgs]") {
  std::vector<A> tried;
  const auto rosen = optim::smooth<double>(rosenbrock<double>);
  const Term f = plain([&](A& g, const A& x) {
    tried.push_back(x);
    return rosen.value_and_grad(g, x);
  });
  LBFGS optimizer({.memory = 4});
  State state(f, usual_start(5));
  for (int k = 0; k < 12; ++k) {
    const std::vector<LBFGS::Pair> pairs = optimizer.pairs();
    const State before = state;
    tried.clear();
    REQUIRE(state.step(optimizer, f));
    CHECK(optimizer.pairs().size() <= 4);
    if (pairs.empty()) continue;
    const A expected = before.x - product_by_bfgs(pairs, before.gradient);
    CHECK(difference(tried[0], expected, 1e-10) == "");
  }
  CHECK(optimizer.pairs().size() == 4);
}

TEST_CASE("pairs hold the last changes, oldest first", "[optim][lbfgs]") {
  const auto f = optim::smooth<double>(rosenbrock<double>);
  LBFGS optimizer({.memory = 3});
  State state(f, usual_start(4));
  std::vector<State> states = {state};
  for (int k = 0; k < 8; ++k) {
    REQUIRE(state.step(optimizer, f));
    states.push_back(state);
  }
  REQUIRE(optimizer.pairs().size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    const State &from = states[5 + k], &to = states[6 + k];
    CHECK(difference(optimizer.pairs()[k].s, to.x - from.x, 0) == "");
    CHECK(difference(optimizer.pairs()[k].y, to.gradient - from.gradient, 0) == "");
  }
}

TEST_CASE("every step of L-BFGS meets the Wolfe conditions", "[optim][lbfgs]") {
  const auto waves = [](const ag::Var<double>& x) {
    return ag::sum(ag::square(x)) + 3.0 * ag::sum(ag::sin(3.0 * x));
  };
  const auto valley = [](const ag::Var<double>& x) {
    return ag::sum(ag::log(1.0 + ag::square(x - 2.0))) + 1e-3 * ag::sum(ag::square(x));
  };
  for (const Term& f : {optim::smooth<double>(rosenbrock<double>), optim::smooth<double>(waves),
                        optim::smooth<double>(valley)}) {
    LBFGS optimizer;
    const auto& options = optimizer.options;
    State state(f, usual_start(6));
    for (int k = 0; k < 40 && optimizer.gradient_norm(state.x, state.gradient) > 1e-5; ++k) {
      const State from = state;
      REQUIRE(state.step(optimizer, f));
      const A s = state.x - from.x;
      const double slope = dot(from.gradient, s);
      CHECK(slope < 0);
      CHECK(state.value <= from.value + options.c1 * slope + 1e-12 * std::abs(from.value));
      CHECK(std::abs(dot(state.gradient, s)) <= -options.c2 * slope * (1 + 1e-9));
    }
  }
}

TEST_CASE("saved pairs restore the optimizer", "[optim][lbfgs]") {
  const auto f = optim::smooth<double>(rosenbrock<double>);
  LBFGS optimizer({.memory = 5}), restored({.memory = 5});
  State state(f, usual_start(6));
  for (int k = 0; k < 9; ++k) REQUIRE(state.step(optimizer, f));
  restored.restore(optimizer.pairs());
  State other = state;
  for (int k = 0; k < 9; ++k) {
    REQUIRE(state.step(optimizer, f));
    REQUIRE(other.step(restored, f));
    CHECK((state.x == other.x));
    CHECK(state.value == other.value);
  }
}

TEST_CASE("the memory may be made smaller", "[optim][lbfgs]") {
  const auto f = optim::smooth<double>(rosenbrock<double>);
  LBFGS optimizer({.memory = 6});
  State state(f, usual_start(4));
  for (int k = 0; k < 8; ++k) REQUIRE(state.step(optimizer, f));
  optimizer.options.memory = 2;
  REQUIRE(state.step(optimizer, f));
  CHECK(optimizer.pairs().size() == 2);
}

TEST_CASE("a warm step of L-BFGS takes no heap memory", "[optim][lbfgs]") {
  if (!allocations::counted) return;
  const bool bounded = GENERATE(false, true);
  const std::size_t n = 40;
  A d = xt::ones<double>({n}), c = xt::ones<double>({n});
  for (std::size_t i = 0; i < n; ++i) d(i) = std::pow(1.4, i);
  const Term f = diagonal_quadratic(d, c);
  LBFGS optimizer({.memory = 3});
  if (bounded) optimizer.options.high = 0.01;
  State state(f, A(xt::zeros<double>({n})));
  for (int k = 0; k < 6; ++k) REQUIRE(state.step(optimizer, f));
  const std::size_t before = allocations::count();
  bool stepped = true;
  for (int k = 0; k < 12; ++k) stepped = state.step(optimizer, f) && stepped;
  CHECK(allocations::count() == before);
  CHECK(stepped);
}
