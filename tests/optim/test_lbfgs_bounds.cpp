// optim::LBFGS within box bounds.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/lbfgs.hpp>
#include <random>
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

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Of two variables.
V rosenbrock(const V& x) {
  return 100.0 * ag::square(x[1] - ag::square(x[0])) + ag::square(1.0 - x[0]);
}

/// 1/2 x' H x - c' x with H positive definite.
struct Quadratic {
  A H, c;

  Quadratic(std::size_t n, std::mt19937& random, double ridge) {
    std::normal_distribution<double> normal;
    A B = xt::zeros<double>({n, n});
    for (double& b : B) b = normal(random);
    H = ridge * xt::eye<double>(n);
    c = xt::zeros<double>({n});
    for (double& v : c) v = 2 * normal(random);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < n; ++k) H(i, j) += B(k, i) * B(k, j);
      }
    }
  }

  std::size_t size() const { return c.size(); }

  A gradient(const A& x) const {
    A g = -c;
    for (std::size_t i = 0; i < size(); ++i) {
      for (std::size_t j = 0; j < size(); ++j) g(i) += H(i, j) * x(j);
    }
    return g;
  }

  double value(const A& x) const {
    const A g = gradient(x);
    double f = 0;
    for (std::size_t i = 0; i < size(); ++i) f += 0.5 * x(i) * (g(i) - c(i));
    return f;
  }

  Term function() const {
    return {"quadratic", {}, [*this](A& g, const A& x) { return g = gradient(x), value(x); }, {}};
  }
};

/// Solves for the elements of x that `free` names while the others stay, by Gauss's elimination
/// (without pivots: the matrix is positive definite).
void solve_free(const Quadratic& q, const std::vector<std::size_t>& free, A& x) {
  for (const std::size_t i : free) x(i) = 0;
  A r = -q.gradient(x), H = q.H;
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = a + 1; b < free.size(); ++b) {
      const double factor = H(free[b], free[a]) / H(free[a], free[a]);
      for (const std::size_t j : free) H(free[b], j) -= factor * H(free[a], j);
      r(free[b]) -= factor * r(free[a]);
    }
  }
  for (std::size_t a = free.size(); a-- > 0;) {
    for (std::size_t b = a + 1; b < free.size(); ++b)
      r(free[a]) -= H(free[a], free[b]) * x(free[b]);
    x(free[a]) = r(free[a]) / H(free[a], free[a]);
  }
}

/// The best of all points that are stationary with some elements on their bounds, by trying all
/// ways of choosing them.
A best_of_active_sets(const Quadratic& q, const A& low, const A& high) {
  const std::size_t n = q.size(), ways = static_cast<std::size_t>(std::lround(std::pow(3, n)));
  A best;
  double lowest = infinity;
  for (std::size_t way = 0; way < ways; ++way) {
    A x = low;
    std::vector<std::size_t> free;
    for (std::size_t i = 0, rest = way; i < n; ++i, rest /= 3) {
      if (rest % 3 == 1) x(i) = high(i);
      if (rest % 3 == 2) free.push_back(i);
    }
    solve_free(q, free, x);
    bool inside = true;
    for (std::size_t i = 0; i < n; ++i) inside = inside && x(i) >= low(i) && x(i) <= high(i);
    if (!inside || q.value(x) >= lowest) continue;
    lowest = q.value(x);
    best = x;
  }
  return best;
}

/// f, which fails the test when evaluated outside of the bounds.
template <class T>
optim::Term<T> only_within(const optim::Term<T>& f, const xt::xarray<T>& low,
                           const xt::xarray<T>& high, int& outside) {
  const auto value_and_grad = [=, &outside](xt::xarray<T>& g, const xt::xarray<T>& x) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      outside += !(x.flat(i) >= low.flat(i) && x.flat(i) <= high.flat(i));
    }
    return f.value_and_grad(g, x);
  };
  return {f.name, f.eval, value_and_grad, {}};
}

}  // namespace

TEST_CASE("a bound that cuts off the minimum of Rosenbrock's function", "[optim][lbfgs]") {
  LBFGS optimizer({.low = A{-infinity, -infinity}, .high = A{0.5, infinity}});
  const auto result =
      optim::minimize(optim::smooth<double>(rosenbrock), {-1.2, 1}, optimizer, {.gtol = 1e-8});
  CHECK(result.criterion == Criterion::gtol);
  CHECK(result.x(0) == 0.5);
  CHECK(difference(result.x, {0.5, 0.25}, 1e-8) == "");
  CHECK(std::abs(result.objective - 0.25) < 1e-12);
}

TEST_CASE("bounds that cut nothing off change nothing but rounding", "[optim][lbfgs]") {
  LBFGS optimizer({.low = -infinity, .high = infinity}), free;
  const auto f = optim::smooth<double>(rosenbrock);
  const auto bounded = optim::minimize(f, {-1.2, 1}, optimizer);
  const auto plain = optim::minimize(f, {-1.2, 1}, free);
  CHECK(difference(bounded.x, {1, 1}, 1e-6) == "");
  CHECK(difference(plain.x, bounded.x, 1e-6) == "");
}

TEST_CASE("quadratics within bounds, against all active sets", "[optim][lbfgs]") {
  const auto n = static_cast<std::size_t>(GENERATE(3, 4));
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(n, seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    const Quadratic q(n, random, seed % 2 ? 1.0 : 0.01);
    A low = xt::zeros<double>({n}), high = low, x0 = low;
    for (std::size_t i = 0; i < n; ++i) {
      low(i) = -uniform(random);
      high(i) = uniform(random);
      x0(i) = low(i) + uniform(random) * (high(i) - low(i));
    }
    int outside = 0;
    LBFGS optimizer({.low = low, .high = high});
    const auto result = optim::minimize(only_within(q.function(), low, high, outside), x0,
                                        optimizer, {.gtol = 1e-9});
    const A expected = best_of_active_sets(q, low, high);
    CHECK(result.converged());
    CHECK(difference(result.x, expected, 1e-6) == "");
    CHECK(result.objective <= q.value(expected) + 1e-12);
    CHECK(outside == 0);
  }
}

TEST_CASE("many bounds, weak ones too", "[optim][lbfgs]") {
  // The solution is chosen first: a quarter of the elements at 0, a quarter at 1, with multipliers
  // that make it so.
  const std::size_t n = 60;
  const double weight = GENERATE(1.0, 1e-3);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform;
  Quadratic q(n, random, 1.0);
  A solution = xt::zeros<double>({n}), multipliers = solution;
  for (std::size_t i = 0; i < n; ++i) {
    solution(i) = i % 4 == 0 ? 0 : i % 4 == 1 ? 1 : uniform(random);
    multipliers(i) = i % 4 == 0 ? weight : i % 4 == 1 ? -weight : 0;
  }
  q.c = xt::zeros<double>({n});
  q.c = q.gradient(solution) - multipliers;
  LBFGS optimizer({.low = 0, .high = 1});
  const auto result =
      optim::minimize(q.function(), A(0.5 * xt::ones<double>({n})), optimizer, {.gtol = 1e-8});
  CHECK(result.converged());
  CHECK(difference(result.x, solution, 1e-6) == "");
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 4 < 2) CHECK(result.x(i) == solution(i));
  }
}

TEMPLATE_TEST_CASE("a separable function ends exactly on its bounds", "[optim][lbfgs]", float,
                   double) {
  using T = TestType;
  using Array = xt::xarray<T>;
  const Array target = {-3, 0.25, 7, 0, 1}, weights = {1, 10, 100, 3, 0.5};
  const Array low = {T(-1) / 3, T(0.1), T(0.1), T(0.1), T(0.7)};
  const Array high = {T(1) / 3, T(0.3), T(0.7), T(0.1), T(1.1)};
  const auto loss = [&](const ag::Var<T>& x) { return ag::sum(weights * ag::square(x - target)); };
  int outside = 0;
  optim::LBFGS<T> optimizer({.low = low, .high = high});
  const auto result = optim::minimize(only_within(optim::smooth<T>(loss), low, high, outside),
                                      Array(low + (high - low) / 2), optimizer, {.gtol = 1e-4});
  CHECK(result.converged());
  CHECK(result.x(0) == low(0));
  CHECK(std::abs(result.x(1) - T(0.25)) < 1e-3);
  CHECK(result.x(2) == high(2));
  CHECK(result.x(3) == low(3));
  CHECK(std::abs(result.x(4) - 1) < 1e-3);
  CHECK(outside == 0);
}

TEST_CASE("a start outside of the bounds is projected", "[optim][lbfgs]") {
  const A low = {0, -infinity}, high = {2, 3};
  int outside = 0;
  const auto f = only_within(optim::smooth<double>(rosenbrock), low, high, outside);
  LBFGS optimizer({.low = low, .high = high});
  const auto result = optim::minimize(f, {-5, 9}, optimizer);
  CHECK(result.objectives[0][0] == 901);  // at (0, 3)
  CHECK(difference(result.x, {1, 1}, 1e-5) == "");
  CHECK(outside == 0);

  A x = {-5, 9};
  optimizer.project(x);
  CHECK((x == A{0, 3}));
}

TEST_CASE("one bound is enough, and one number for all elements", "[optim][lbfgs]") {
  const auto f = optim::smooth<double>([](const V& x) {
    return ag::sum(ag::square(x - A{{-1, 2}, {3, -4}}));
  });
  LBFGS from_zero({.low = 0.0}), to_one({.high = 1.0});
  const A start = xt::ones<double>({2, 2});
  CHECK(difference(optim::minimize(f, start, from_zero).x, {{0, 2}, {3, 0}}, 1e-6) == "");
  CHECK(difference(optim::minimize(f, start, to_one).x, {{-1, 1}, {1, -4}}, 1e-6) == "");
}

TEST_CASE("a bound that is not a number is refused", "[optim][lbfgs]") {
  CHECK(invalid_argument([] { LBFGS({.low = NAN}); }) ==
        "LBFGS: low must be numbers: element 0 is nan");
  CHECK(invalid_argument([] {
          LBFGS({.high = A{1, NAN}});
        }) == "LBFGS: high must be numbers: element 1 is nan");
}

TEST_CASE("bounds of no width leave nothing to do", "[optim][lbfgs]") {
  LBFGS optimizer({.low = 0.1, .high = 0.1});
  const auto result = optim::minimize(optim::smooth<double>(rosenbrock), {5, 5}, optimizer);
  CHECK(result.criterion == Criterion::gtol);
  CHECK(result.iterations == 0);
  CHECK((result.x == A{0.1, 0.1}));
}

TEST_CASE("the norm of the projected gradient", "[optim][lbfgs]") {
  LBFGS optimizer({.low = 0.0, .high = A{1, 1, 1, infinity}});
  // Steps down the gradient: held by low; 3 cut to 1 - 0.25; free; free.
  CHECK(optimizer.gradient_norm({0, 0.25, 0.5, 9}, {5, -3, 0.25, -2}) ==
        std::sqrt(0.75 * 0.75 + 0.25 * 0.25 + 4));
  CHECK(LBFGS().gradient_norm({0, 0}, {3, 4}) == 5);
}

TEMPLATE_TEST_CASE("steps end exactly on bounds, never outside", "[optim][lbfgs]", float, double) {
  using Array = xt::xarray<TestType>;
  std::mt19937 random(3);
  std::uniform_real_distribution<TestType> uniform(-1, 1);
  for (int k = 0; k < 2000; ++k) {
    const TestType a = uniform(random), b = uniform(random);
    const Array low = {std::min(a, b)}, high = {std::max(a, b)};
    Array x = {uniform(random)}, direction = {3 * uniform(random)}, point;
    optim::detail::Bounds<TestType> bounds;
    bounds.set(low, high, x);
    bounds.project(x);
    if ((x == low) || (x == high)) continue;
    const TestType to = direction(0) > 0 ? high(0) : low(0), room = to - x(0);
    const double expected = std::max(1.0, static_cast<double>(room) / direction(0));
    const double longest = bounds.confine(direction, x);
    CHECK(std::abs(longest - expected) < 1e-5 * expected);
    point = x + static_cast<TestType>(longest) * direction;
    bounds.snap(point, x, longest, direction);
    CHECK(std::abs(point(0) - to) <= (longest == 1 ? 0 : 1e-6));
    bounds.check_inside(point);
    point = x + TestType(2 * longest) * direction;
    bounds.snap(point, x, 2 * longest, direction);
    CHECK(point(0) == to);
  }
}

TEST_CASE("a downhill slope ends on the bounds", "[optim][lbfgs]") {
  const auto f = optim::smooth<double>([](const V& x) { return ag::sum(x * A{1, -2}); });
  LBFGS optimizer({.low = A{-1000, 0}, .high = A{0, 1e6}});
  const auto result = optim::minimize(f, {0, 0}, optimizer);
  CHECK(result.criterion == Criterion::gtol);
  CHECK((result.x == A{-1000, 1e6}));
}
