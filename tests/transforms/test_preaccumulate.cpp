// Steps of numbers that record their derivatives in place of their operations.
#include <array>
#include <autograd/autograd.hpp>
#include <limits>
#include <type_traits>

#include "autograd/tape/tape.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

struct Line {
  double slope, offset;
  auto operator()(const auto& x) const { return slope * x + offset; }
};

constexpr double infinite = std::numeric_limits<double>::infinity();

/// One step of Runge and Kutta for a pendulum with friction c.
constexpr auto pendulum = [](const auto& p, const auto& q, const auto& c, double h) {
  using S = std::remove_cvref_t<decltype(p)>;
  const auto slope = [&](const S& p, const S& q) { return std::array<S, 2>{q, -sin(p) - c * q}; };
  const auto k1 = slope(p, q);
  const auto k2 = slope(p + h / 2 * k1[0], q + h / 2 * k1[1]);
  const auto k3 = slope(p + h / 2 * k2[0], q + h / 2 * k2[1]);
  const auto k4 = slope(p + h * k3[0], q + h * k3[1]);
  return std::array<S, 2>{p + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]),
                          q + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])};
};

/// The energy after ten steps, of x = (p, q, c).
V energy(const V& x, bool preaccumulates) {
  std::array<V, 2> state{x[0], x[1]};
  for (int i = 0; i < 10; ++i) {
    state = preaccumulates ? ag::preaccumulate<2>(pendulum, state[0], state[1], x[2], 0.1)
                           : pendulum(state[0], state[1], x[2], 0.1);
  }
  return ag::square(state[1]) / 2 - ag::cos(state[0]);
}

constexpr auto steps = [](const V& x) { return energy(x, true); };
constexpr auto operations = [](const V& x) { return energy(x, false); };
const A start = {1.0, 0.5, 0.2};

/// Compares a function of three numbers on Vars with itself on dual numbers: values, gradients and
/// second derivatives.
template <class T, class F>
void compare(const F& f, const xt::xarray<T>& x, double tolerance) {
  const auto plain = [&](const ag::Var<T>& a, const ag::Var<T>& b, const ag::Var<T>& c) {
    return f(a, b, c);
  };
  const auto packed = [&](const ag::Var<T>& a, const ag::Var<T>& b, const ag::Var<T>& c) {
    return ag::preaccumulate(f, a, b, c)[0];
  };
  const auto of_vector = [](const auto& g) {
    return [&g](const ag::Var<T>& v) { return g(v[0], v[1], v[2]); };
  };
  const auto expected = of_vector(plain);
  const auto actual = of_vector(packed);
  CHECK(difference(ag::evaluate(actual)(x), ag::evaluate(expected)(x), tolerance) == "");
  CHECK(difference(ag::grad(actual)(x), ag::grad(expected)(x), tolerance) == "");
  CHECK(difference(ag::hessian(actual)(x), ag::hessian(expected)(x), tolerance) == "");
}

}  // namespace

TEST_CASE("derivatives of every order are those of the operations", "[transforms][preaccumulate]") {
  CHECK(difference(ag::evaluate(steps)(start), ag::evaluate(operations)(start)) == "");
  CHECK(difference(ag::grad(steps)(start), ag::grad(operations)(start)) == "");
  CHECK(difference(ag::hessian(steps)(start), ag::hessian(operations)(start)) == "");
  const A v = {0.3, -1.0, 2.0};
  CHECK(difference(ag::hvp(steps)(start, v), ag::hvp(operations)(start, v)) == "");
  CHECK(difference(ag::jvp(steps)(start, v), ag::jvp(operations)(start, v)) == "");
  const auto third = [](const auto& f) { return ag::jacobian(ag::hessian(f))(start); };
  CHECK(difference(third(steps), third(operations)) == "");
}

TEST_CASE("a step is one node for each result", "[transforms][preaccumulate]") {
  const ag::Trace trace;
  const V x = 1.0, y = 2.0, c = 0.2;
  const auto size = [] { return ag::Tape<double>::current().size(); };
  const auto before = size();
  static_cast<void>(ag::preaccumulate<2>(pendulum, x, y, c, 0.1));
  CHECK(size() - before == 2);
}

TEMPLATE_TEST_CASE("every function of dual numbers", "[transforms][preaccumulate]", float, double) {
  using T = TestType;
  const double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-12;
  const xt::xarray<T> x = {T(0.3), T(0.7), T(0.45)};
  compare<T>([](auto a, auto b, auto c) { return a + b - c + 2 - a * b / c + 3 * a / 2; }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return 1 - a + (1 / b) * (2 + c) - (c - 1); }, x,
             tolerance);
  compare<T>(
      [](auto a, auto b, auto c) {
        a += b;
        a *= c;
        a -= 2 * b;
        a /= c + 1;
        return -a;
      },
      x, tolerance);
  compare<T>([](auto a, auto b, auto c) { return exp(a) + expm1(b) * ag::negative(c); }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return log(a) * log1p(b) + log2(c) * log10(a); }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return sqrt(a) + cbrt(b) * ag::square(c); }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return abs(a - b) * ag::sign(b) + floor(c) * a; }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return sin(a) + cos(b) * tan(c); }, x, tolerance);
  compare<T>([](auto a, auto b, auto c) { return ag::arcsin(a) + ag::arccos(b) * ag::arctan(c); },
             x, tolerance);
  compare<T>([](auto a, auto b, auto c) { return sinh(a) + cosh(b) * tanh(c); }, x, tolerance);
  compare<T>([](auto a, auto b, auto c) { return ag::arcsinh(a - b) * ag::arcsinh(c); }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return ag::sigmoid(a) + ag::softplus(b) * erf(c); }, x,
             tolerance);
  compare<T>([](auto a, auto b, auto c) { return ag::relu(a - b) + ag::relu(b) * c; }, x,
             tolerance);
  compare<T>(
      [](auto a, auto b, auto c) { return ag::power(a, b) + ag::power(b, 3) * ag::power(2, c); }, x,
      tolerance);
  compare<T>(
      [](auto a, auto b, auto c) {
        return ag::maximum(a, b) * ag::minimum(b, c) + ag::maximum(a, 1) * ag::minimum(0, c);
      },
      x, tolerance);
  compare<T>(
      [](auto a, auto b, auto c) { return hypot(a, b) + ag::arctan2(b, c) * ag::logaddexp(a, c); },
      x, tolerance);
  compare<T>(
      [](auto a, auto b, auto c) {
        return ag::where(a < b, a * b, c) + ag::where(a > b, b, 1) * ag::where(a == b, 2, c);
      },
      x, tolerance);
}

TEST_CASE("branches are those of the values", "[transforms][preaccumulate]") {
  const auto bent = [](auto a, auto b, auto c) {
    if (a < b && !(a >= 1) && 0 <= c && b != c) return a * b;
    while (a > 0.1) a = a / 2;
    return a * c;
  };
  for (double a : {0.2, 0.9, 3.0}) compare<double>(bent, {a, 0.5, 0.7}, 1e-12);
}

TEST_CASE("at kinks and poles it does as the operations", "[transforms][preaccumulate]") {
  const auto kinks = [](auto a, auto b, auto c) {
    return abs(a) + ag::maximum(b, c) + ag::relu(a) * b;
  };
  compare<double>(kinks, {0.0, 2.0, 2.0}, 1e-12);
  const auto unused_pole = [](const V& x) {
    return ag::preaccumulate([](auto a, auto b) { return b + 0 * sqrt(a); }, x[0], x[1])[0];
  };
  CHECK(difference(ag::grad(unused_pole)(A{0, 1}), {0, 1}) == "");
  const auto pole = [](const V& x) {
    return ag::preaccumulate([](auto a, auto b) { return b * sqrt(a); }, x[0], x[1])[0];
  };
  CHECK(ag::grad(pole)(A{0, 1})(0) == infinite);
  CHECK(ag::grad(pole)(A{0, 1})(1) == 0);
  const auto square_of_root = [](const V& x) {
    return ag::preaccumulate([](auto a) { return ag::square(sqrt(a)); }, x[0])[0];
  };
  CHECK(ag::grad(square_of_root)(A{0, 1})(0) == 1);
}

TEST_CASE("squares of roots are smooth, inside and across steps", "[transforms][preaccumulate]") {
  const auto length = [](auto a, auto b) { return hypot(a, b); };
  const auto square = [](auto a, auto s) { return a * a * s; };
  const auto second = [](const auto& f, const A& at) { return ag::hessian(f)(at); };
  const A two = {{2, 0}, {0, 2}};
  const auto leaves = [&](const V& x) {
    return ag::square(ag::preaccumulate(length, x[0], x[1])[0]);
  };
  CHECK(difference(second(leaves, {0, 0}), two) == "");
  const auto inside = [&](const V& x) {
    return ag::preaccumulate([](auto a, auto b) { return hypot(a, b) * hypot(a, b); }, x[0],
                             x[1])[0];
  };
  CHECK(difference(second(inside, {0, 0}), two) == "");
  const auto enters = [&](const V& x) { return ag::preaccumulate(square, abs(x[0]), x[1])[0]; };
  CHECK(difference(second(enters, {0, 1}), {{2, 0}, {0, 0}}) == "");
}

TEST_CASE("an infinite cotangent reaches what the result depends on",
          "[transforms][preaccumulate]") {
  const auto f = [](const V& x) {
    const auto y = ag::preaccumulate<2>(
        [](auto a, auto b) {
          return std::array{a * 2, b * 3};
        },
        x[0], x[1]);
    return sqrt(y[0]) + y[1];
  };
  CHECK(difference(ag::grad(f)(A{0, 1}), {infinite, 3}) == "");
  const auto recorded = [&](const V& x) { return ag::grad(f)(x); };
  CHECK(difference(ag::evaluate(recorded)(A{0, 1}), {infinite, 3}) == "");
}

TEST_CASE("a cotangent of zero stays zero in a step", "[transforms][preaccumulate]") {
  const auto f = [](const V& x) {
    const auto y = ag::preaccumulate<2>(
        [](auto a, auto b) {
          return std::array{a * 1e308, b * 2};
        },
        x[0], x[1]);
    return ag::where(V(0), y[0] * 10, y[1]);
  };
  CHECK(difference(ag::grad(f)(A{5, 1}), {0, 2}) == "");
}

TEST_CASE("arguments that depend on each other, repeat, or are constants",
          "[transforms][preaccumulate]") {
  const auto product = [](auto a, auto b, auto c) { return a * b * sin(c); };
  const auto f = [&](const auto& call) {
    return [call, product](const V& x) {
      const V y = x * x, constant = 3.0;
      if (call)
        return ag::preaccumulate(product, x, y, x)[0] +
               ag::preaccumulate(product, constant, y, y)[0];
      return product(x, y, x) + product(constant, y, y);
    };
  };
  CHECK(ag::grad(f(true))(0.7) == Approx(ag::grad(f(false))(0.7)));
  CHECK(ag::grad(ag::grad(f(true)))(0.7) == Approx(ag::grad(ag::grad(f(false)))(0.7)));
  const auto third = [](const auto& g) { return ag::grad(ag::grad(ag::grad(g)))(0.7); };
  CHECK(third(f(true)) == Approx(third(f(false))));
}

TEST_CASE("some of several results, and some of several arguments", "[transforms][preaccumulate]") {
  const auto f = [](const V& x, const V& y) {
    const auto z = ag::preaccumulate<3>(
        [](auto a, auto b) {
          return std::array{a * b, a + b, sin(a * b)};
        },
        x, y);
    return z[2] * z[0];
  };
  const auto plain = [](const V& x, const V& y) { return sin(x * y) * (x * y); };
  CHECK(ag::grad<1>(f)(0.3, 2.0) == Approx(ag::grad<1>(plain)(0.3, 2.0)));
  const auto mixed = [](const auto& g) {
    return ag::grad<1>([&](const V& x, const V& y) { return ag::grad<0>(g)(x, y); })(0.3, 2.0);
  };
  CHECK(mixed(f) == Approx(mixed(plain)));
}

TEST_CASE("a struct of numbers is a function", "[transforms][preaccumulate]") {
  const auto f = [](const V& x) { return ag::preaccumulate(Line{3, 1}, x)[0]; };
  CHECK(ag::grad(f)(2.0) == 3);
  CHECK(ag::grad(ag::grad([&](const V& x) { return f(x) * f(x); }))(2.0) == 18);
}

TEST_CASE("arrays are recorded operation by operation", "[transforms][preaccumulate]") {
  const auto f = [](const V& x) {
    return ag::sum(ag::preaccumulate([](auto a, double h) { return h * a * a; }, x, 0.5)[0]);
  };
  CHECK(difference(ag::grad(f)(A{1, 2, 3}), {1, 2, 3}) == "");
}

TEST_CASE("misuse of preaccumulate", "[transforms][preaccumulate]") {
  V kept;
  const auto keep = [&](const V& x) { return kept = x; };
  CHECK(ag::grad(keep)(1.0) == 1);
  const auto later = [&](const V& x) {
    return ag::preaccumulate([](auto a, auto b) { return a * b; }, x, kept)[0];
  };
  CHECK_THAT(logic_error([&] { return ag::grad(later)(1.0); }),
             Catch::Matchers::StartsWith("multiply: Var %"));
  const ag::FiniteGuard guard;
  const auto overflows = [](const V& x) {
    return ag::preaccumulate([](auto a) { return exp(a * 1000); }, x)[0];
  };
  CHECK_THROWS_WITH(ag::grad(overflows)(1.0), Catch::Matchers::StartsWith("exp: "));
}
