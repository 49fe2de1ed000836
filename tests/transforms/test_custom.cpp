// Operations of the user's own.
#include <autograd/autograd.hpp>
#include <functional>
#include <string>
#include <tuple>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {{0.5, 1}, {-2, 3}};

/// x^3, differentiable to every order.
template <class T>
auto cube() {
  using Array = xt::xarray<T>;
  using Var = ag::Var<T>;
  return ag::custom<T>(
      "cube", [](const Array& x) { return x * x * x; },
      [](const Var& g, const Var&, const Var& x) { return 3 * g * x * x; });
}

/// The same with a derivative on arrays.
auto cube_on_arrays() {
  return ag::custom<double>(
      "cube", [](const A& x) { return x * x * x; },
      [](const A& g, const A&, const A& x) { return 3 * g * x * x; });
}

const std::string no_second_derivative =
    "cube: its vjp works on arrays, so it has no second derivative; write it with Vars";

}  // namespace

TEMPLATE_TEST_CASE("a vjp on Vars serves every order", "[transforms][custom]", float, double) {
  using T = TestType;
  const xt::xarray<T> x = point;
  const auto f = [](const ag::Var<T>& y) { return cube<T>()(y); };
  CHECK(difference(ag::evaluate(f)(x), x * x * x) == "");
  const auto d1 = ag::elementwise_grad(f);
  const auto d2 = ag::elementwise_grad(d1);
  const auto d3 = ag::elementwise_grad(d2);
  CHECK(difference(d1(x), 3 * x * x) == "");
  CHECK(difference(d2(x), 6 * x) == "");
  CHECK(difference(d3(x), xt::full_like(x, 6)) == "");
  CHECK_NOTHROW(ag::check_gradients(f, {x}, {.order = 3}));
}

TEST_CASE("a custom operation called negative is not our own", "[transforms][custom]") {
  const auto twice = ag::custom<double>(
      "negative", [](const A& x) { return 2 * x; },
      [](const V& g, const V&, const V&) { return 2 * g; });
  const auto f = [&](const V& x) {
    const V r = twice(ag::abs(x));
    return r * r;
  };
  CHECK(difference(ag::evaluate(f)(A{-3, 1}), {36, 4}) == "");
  CHECK(difference(ag::elementwise_grad(f)(A{-3, 1}), {-24, 8}) == "");
}

TEST_CASE("a vjp on arrays serves the first order", "[transforms][custom]") {
  const auto f = [](const V& x) { return ag::sum(cube_on_arrays()(x)); };
  CHECK(difference(ag::grad(f)(point), 3 * point * point) == "");
  CHECK(difference(ag::jacobian(cube_on_arrays())(A{1, 2}), {{3, 0}, {0, 12}}) == "");
  CHECK(difference(ag::vjp(cube_on_arrays())(2.0, 10.0), 120) == "");
  CHECK_NOTHROW(ag::check_gradients([](const V& x) { return ag::sum(x * x); }, {point}));
}

TEST_CASE("a vjp on arrays has no second order, and says so", "[transforms][custom]") {
  const auto f = [](const V& x) { return ag::sum(cube_on_arrays()(x)); };
  CHECK(logic_error([&] { return ag::hessian(f)(point); }) == no_second_derivative);
  CHECK(logic_error([&] { return ag::hvp(f)(point, point); }) == no_second_derivative);
  CHECK(logic_error([&] { return ag::jvp(f)(point, point); }) == no_second_derivative);
  CHECK(logic_error([&] { return ag::grad(ag::grad(f))(2.0); }) == no_second_derivative);
  const ag::Trace trace;
  CHECK(logic_error([&] { return ag::grad(f)(V(point)); }) == no_second_derivative);
}

TEST_CASE("a vjp may use the output", "[transforms][custom]") {
  const auto exponential = ag::custom<double>(
      "exponential", [](const A& x) { return xt::exp(x); },
      [](const V& g, const V& y, const V&) { return g * y; });
  const auto d3 = ag::elementwise_grad(ag::elementwise_grad(ag::elementwise_grad(exponential)));
  CHECK(difference(d3(point), xt::exp(point)) == "");
}

TEST_CASE("several inputs have one contribution each, in a tuple", "[transforms][custom]") {
  const auto on_vars = ag::custom<double>(
      "scaled_product", [](const A& a, const A& b, const A& c) { return a * b * c(); },
      [](const V& g, const V&, const V& a, const V& b, const V& c) {
        return std::tuple(g * b * c, g * a * c, ag::sum(g * a * b));
      });
  const auto on_arrays = ag::custom<double>(
      "scaled_product", [](const A& a, const A& b, const A& c) { return A(a * b * c()); },
      [](const A& g, const A&, const A& a, const A& b, const A& c) {
        return std::tuple<A, A, A>(g * b * c(), g * a * c(), A(xt::sum(g * a * b)()));
      });
  const A a = {1, 2}, b = {3, 4};
  const auto check = [&](const auto& op) {
    const auto f = [&](const V& x, const V& y, const V& z) { return ag::sum(op(x, y, z)); };
    const auto [ga, gb, gc] = ag::grad(f)(a, b, 5.0);
    CHECK(difference(ga, 5 * b) == "");
    CHECK(difference(gb, 5 * a) == "");
    CHECK(gc == 11);
    CHECK(difference(ag::grad<1>(f)(a, b, 5.0), 5 * a) == "");
  };
  check(on_vars);
  check(on_arrays);
  CHECK_NOTHROW(ag::check_gradients(on_vars, {a, b, A(5)}));
}

TEST_CASE("inputs may be arrays, numbers and views", "[transforms][custom]") {
  const auto product = ag::custom<double>(
      "product", [](const A& a, const A& b) { return a * b; },
      [](const V& g, const V&, const V& a, const V& b) { return std::tuple(g * b, g * a); });
  const auto f = [&](const V& x) {
    return ag::sum(product(ag::transpose(x), A{{1, 2}, {3, 4}})) + ag::sum(product(x[0], x[-1]));
  };
  CHECK(difference(ag::grad(f)(point), {{1 - 2, 3 + 3}, {2 + 0.5, 4 + 1}}) == "");
  CHECK_NOTHROW(ag::check_gradients(f, {point}));
}

TEST_CASE("a result of another shape", "[transforms][custom]") {
  const auto total = ag::custom<double>(
      "total", [](const A& x) { return A(xt::sum(x)()); },
      [](const V& g, const V&, const V& x) { return ag::broadcast_to(g, x.shape()); });
  CHECK(difference(ag::grad([&](const V& x) { return ag::square(total(x)); })(point),
                   xt::full_like(point, 5)) == "");
  CHECK_NOTHROW(ag::check_gradients([&](const V& x) { return ag::exp(total(x)); }, {point}));
}

TEST_CASE("state is captured by value", "[transforms][custom]") {
  std::function<V(const V&)> scale;
  {
    const A factors = {{1, 2}, {3, 4}};
    const auto times = [factors](const auto& x) { return x * factors; };
    scale = ag::custom<double>(
        "scale", [times](const A& x) { return times(x); },
        [times](const V& g, const V&, const V&) { return times(g); });
  }
  const auto f = [&](const V& x) {
    const V y = scale(x);
    scale = nullptr;  // the trace keeps what it needs
    return ag::sum(y * y);
  };
  CHECK(difference(ag::grad(f)(point), {{1, 8}, {-36, 96}}) == "");
}

TEST_CASE("custom operations inside nested derivatives", "[transforms][custom]") {
  const auto f = [](const V& x) {
    const auto inner = [&](const V& y) { return ag::sum(cube<double>()(x * y)); };
    return ag::sum(ag::grad(inner)(x) * x);  // 3 x^6 summed
  };
  CHECK(difference(ag::grad(f)(A{1, 2}), {18, 18 * 32}) == "");
  // A derivative inside a derivative rule.
  const auto fourth = ag::custom<double>(
      "fourth", [](const A& x) { return x * x * x * x; },
      [](const V& g, const V&, const V& x) {
        return g * ag::elementwise_grad([](const V& y) { return ag::square(ag::square(y)); })(x);
      });
  CHECK(difference(ag::elementwise_grad(ag::elementwise_grad(fourth))(point), 12 * point * point) ==
        "");
}

TEST_CASE("contributions have the shapes of the inputs", "[transforms][custom]") {
  const auto op_with = [](auto vjp) {
    return ag::custom<double>(
        "own", [](const A& x) { return x; }, vjp);
  };
  const auto error_of_grad = [](const auto& op) {
    return invalid_argument(
        [&] { return ag::grad([&](const V& x) { return ag::sum(op(x)); })(point); });
  };
  const std::string message = "own: its vjp returns shape () for input 0 of shape (2, 2)";
  CHECK(error_of_grad(op_with([](const V& g, const V&, const V&) { return ag::sum(g); })) ==
        message);
  CHECK(error_of_grad(op_with([](const A& g, const A&, const A&) { return A(g(0, 0)); })) ==
        message);
  CHECK(error_of_grad(op_with([](const V& g, const V&, const V&) {
          return ag::stack({g, g});
        })) == "own: its vjp returns shape (2, 2, 2) for input 0 of shape (2, 2)");
  const std::string count = "own: its vjp returns 2 gradients for 1 inputs";
  CHECK(error_of_grad(op_with([](const V& g, const V&, const V&) { return std::tuple(g, g); })) ==
        count);
  CHECK(error_of_grad(op_with([](const A& g, const A&, const A&) { return std::tuple(g, g); })) ==
        count);
}

TEST_CASE("custom operations want Vars that live", "[transforms][custom]") {
  V kept;
  static_cast<void>(ag::evaluate([&](const V& x) { return kept = x; })(1.0));
  CHECK(logic_error([&] { return cube<double>()(kept); }) ==
        "value: Var %0 belongs to a trace that has ended; do not keep Vars after the transform "
        "returns");
}

TEST_CASE("a rule may leave out inputs that have no derivative", "[transforms][custom]") {
  const auto scale = ag::custom<double>(
      "scale", [](const A& x, const A& n) { return A(x * xt::floor(n)); },
      [](const V& g, const V&, const V&, const V& n) {
        return std::tuple(g * ag::floor(n), ag::not_differentiable);
      });
  const A x = {1, 2}, n = {2.5};
  CHECK(difference(ag::grad<0>([&](const V& a, const V& b) { return ag::sum(scale(a, b)); })(x, n),
                   A{2, 2}) == "");
  CHECK_THROWS_WITH(ag::grad([&](const V& a, const V& b) { return ag::sum(scale(a, b)); })(x, n),
                    "scale: it has no derivative by input 1");
}
