// What each transform computes, and what goes in and comes out.
#include <autograd/autograd.hpp>
#include <cmath>
#include <string>
#include <type_traits>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

/// x0^2 x1 + sin(x2), with derivatives that are easy to write down.
V polynomial(const V& x) { return ag::square(x[0]) * x[1] + ag::sin(x[2]); }
A gradient_of_polynomial(const A& x) { return {2 * x(0) * x(1), x(0) * x(0), std::cos(x(2))}; }
A hessian_of_polynomial(const A& x) {
  return {{2 * x(1), 2 * x(0), 0}, {2 * x(0), 0, 0}, {0, 0, -std::sin(x(2))}};
}

/// A vector of two elements from a vector of three.
V pair_of(const V& x) { return ag::stack({x[0] * x[1], ag::exp(x[2])}); }
A jacobian_of_pair(const A& x) { return {{x(1), x(0), 0}, {0, 0, std::exp(x(2))}}; }

const A point = {1.5, -2, 0.5};

}  // namespace

// ---- grad and value_and_grad

TEMPLATE_TEST_CASE("grad is a function from arrays to arrays", "[transforms]", float, double) {
  const xt::xarray<TestType> x = {{1, 2, 3}, {4, 5, 6}};
  const auto gradient = ag::grad([](const ag::Var<TestType>& y) { return ag::sum(y * y * y); });
  const auto g = gradient(x);
  STATIC_REQUIRE(std::is_same_v<decltype(g), const xt::xarray<TestType>>);
  CHECK(difference(g, 3 * x * x) == "");
  CHECK(difference(gradient(x), 3 * x * x) == "");  // it may be called again
}

TEST_CASE("grad of a function with a name", "[transforms]") {
  CHECK(difference(ag::grad(polynomial)(point), gradient_of_polynomial(point)) == "");
}

TEMPLATE_TEST_CASE("numbers in, numbers out", "[transforms]", float, double) {
  const auto cube = [](const ag::Var<TestType>& x) { return x * x * x; };
  const auto g = ag::grad(cube)(TestType(2));
  STATIC_REQUIRE(std::is_same_v<decltype(g), const TestType>);
  CHECK(g == 12);
  const auto [value, slope] = ag::value_and_grad(cube)(TestType(2));
  STATIC_REQUIRE(std::is_same_v<decltype(value), const TestType>);
  CHECK(value == 8);
  CHECK(slope == 12);
  const auto curvature = ag::hessian(cube)(TestType(2));
  STATIC_REQUIRE(std::is_same_v<decltype(curvature), const TestType>);
  CHECK(curvature == 12);
}

TEST_CASE("Vars in, Vars out", "[transforms]") {
  const ag::Trace trace;
  const V x = point;
  const auto g = ag::grad(polynomial)(x);
  STATIC_REQUIRE(std::is_same_v<decltype(g), const V>);
  CHECK(difference(g.value(), gradient_of_polynomial(point)) == "");
  const auto [value, g2] = ag::value_and_grad(polynomial)(x);
  STATIC_REQUIRE(std::is_same_v<decltype(value), const V>);
  CHECK(value.item() == polynomial(x).item());
  CHECK(difference(g2.value(), gradient_of_polynomial(point)) == "");
}

TEST_CASE("several arguments have one gradient each", "[transforms]") {
  const auto f = [](const V& w, const V& x, const V& b) { return ag::sum(w * x) + b; };
  const A w = {1, 2}, x = {3, 4};
  const auto [value, gradients] = ag::value_and_grad(f)(w, x, 0.5);
  const auto [gw, gx, gb] = gradients;
  STATIC_REQUIRE(std::is_same_v<decltype(gb), const double>);
  CHECK(value == 11.5);
  CHECK(difference(gw, x) == "");
  CHECK(difference(gx, w) == "");
  CHECK(gb == 1);
}

TEST_CASE("numbers choose the arguments to differentiate by", "[transforms]") {
  const auto f = [](const V& a, const V& b, const V& c) { return ag::sum(a * b * b * c); };
  const A a = {1, 2}, b = {3, 4}, c = {5, 6};
  CHECK(difference(ag::grad<1>(f)(a, b, c), 2 * a * b * c) == "");
  const auto [ga, gc] = ag::grad<0, 2>(f)(a, b, c);
  CHECK(difference(ga, b * b * c) == "");
  CHECK(difference(gc, a * b * b) == "");
  const auto [last, first] = ag::value_and_grad<2, 0>(f)(a, b, c).second;  // in the order given
  CHECK(difference(last, a * b * b) == "");
  CHECK(difference(first, b * b * c) == "");
}

TEST_CASE("one Var among the arguments makes all results Vars", "[transforms]") {
  const ag::Trace trace;
  const A a = {1, 2};
  const V b = A{3, 4};
  const auto f = [](const V& x, const V& y) { return ag::sum(x * y * y); };
  const auto [ga, gb] = ag::grad(f)(a, b);
  STATIC_REQUIRE(std::is_same_v<decltype(ga), const V>);
  CHECK(difference(ga.value(), {9, 16}) == "");
  CHECK(difference(gb.value(), {6, 16}) == "");
}

TEST_CASE("arguments that are not arrays of floating-point numbers pass as they are",
          "[transforms]") {
  const auto f = [](const V& x, const std::string& kind, const xt::xarray<int>& places, int power) {
    V y = ag::take(x, places);
    for (int i = 1; i < power; ++i) y *= ag::take(x, places);
    return kind == "sum" ? ag::sum(y) : ag::prod(y);
  };
  const A x = {1, 2, 3, 4};
  const xt::xarray<int> places = {0, 2, 2};
  CHECK(difference(ag::grad<0>(f)(x, "sum", places, 2), {2, 0, 12, 0}) == "");
  CHECK(difference(ag::grad<0>(f)(x, std::string("prod"), places, 1), {9, 0, 6, 0}) == "");
  const auto [value, g] = ag::value_and_grad<0>(f)(x, "sum", places, 1);
  CHECK(value == 7);
  CHECK(difference(g, {1, 0, 2, 0}) == "");
}

TEST_CASE("so they do in vjp, jacobian and elementwise_grad", "[transforms]") {
  const auto scaled = [](const V& x, int factor) { return factor * x * x; };
  const A x = {1, 2}, g = {3, 4};
  CHECK(difference(ag::vjp<0>(scaled)(x, 5, g), 10 * x * g) == "");
  CHECK(difference(ag::jacobian<0>(scaled)(x, 5), {{10, 0}, {0, 20}}) == "");
  CHECK(difference(ag::elementwise_grad<0>(scaled)(x, 5), 10 * x) == "");
}

TEST_CASE("into writes the gradient to an array that is there already", "[transforms]") {
  const auto f = ag::value_and_grad(polynomial);
  A g;
  const double value = f.into(g, point);
  CHECK(difference(value, f(point).first) == "");
  CHECK(difference(g, gradient_of_polynomial(point)) == "");
  const double* const memory = g.data();
  const A other = {3, 2, 1};
  f.into(g, other);
  CHECK(g.data() == memory);
  CHECK(difference(g, gradient_of_polynomial(other)) == "");
}

TEST_CASE("into gives the array the shape of the argument", "[transforms]") {
  A g = {{1, 2, 3}};
  const auto f = ag::value_and_grad([](const V& x) { return ag::sum(x * x); });
  CHECK(f.into(g, A{3, 4}) == 25);
  CHECK(difference(g, {6, 8}) == "");
  CHECK(f.into(g, 3.0) == 9);
  CHECK(difference(g, 6.0) == "");
  CHECK(
      invalid_argument([&] { ag::value_and_grad([](const V& x) { return x; }).into(g, point); }) ==
      "value_and_grad: function must return a scalar, got shape (3,). Use jacobian(f), or sum(...) "
      "the result");
}

TEST_CASE("grad wants a scalar", "[transforms]") {
  const auto vector = [](const V& x) { return x + x; };
  const A x = {{1, 2}, {3, 4}};
  const std::string what =
      ": function must return a scalar, got shape (2, 2). Use jacobian(f), or "
      "sum(...) the result";
  CHECK(invalid_argument([&] { return ag::grad(vector)(x); }) == "grad" + what);
  CHECK(invalid_argument([&] { return ag::value_and_grad(vector)(x); }) == "value_and_grad" + what);
  CHECK(invalid_argument([&] { return ag::hessian(vector)(x); }) == "hessian" + what);
  CHECK(invalid_argument([&] { return ag::hvp(vector)(x, x); }) == "hvp" + what);
  const ag::Trace trace;
  CHECK(invalid_argument([&] { return ag::grad(vector)(V(x)); }) == "grad" + what);
  // One element is a scalar, whatever its rank.
  CHECK(difference(ag::grad([](const V& y) { return ag::sum(y, {.keepdims = true}); })(x),
                   xt::ones_like(x)) == "");
}

TEST_CASE("evaluate computes the function itself", "[transforms]") {
  CHECK(difference(ag::evaluate(pair_of)(point), {-3, std::exp(0.5)}) == "");
  CHECK(difference(ag::evaluate([](const V& a, const V& b) { return a - b; })(point, 1.0),
                   point - 1) == "");
}

// ---- products with derivatives

TEST_CASE("elementwise_grad differentiates each element by its own", "[transforms]") {
  const A x = {{0.1, -0.4}, {2, 5}};
  const auto derivative = ag::elementwise_grad([](const V& y) { return ag::sin(y); });
  CHECK(difference(derivative(x), xt::cos(x)) == "");
  CHECK(difference(ag::elementwise_grad(derivative)(x), -xt::sin(x)) == "");
  CHECK(difference(derivative(0.5), std::cos(0.5)) == "");
  const auto second = ag::elementwise_grad<1>([](const V& a, const V& b) { return a * b * b; });
  CHECK(difference(second(x, x), 2 * x * x) == "");
}

TEST_CASE("vjp and jvp are products with the jacobian", "[transforms]") {
  const A g = {2, -1}, v = {0.5, 1, -3};
  const A j = ag::jacobian(pair_of)(point);
  CHECK(difference(j, jacobian_of_pair(point)) == "");
  const A from_left = {2 * j(0, 0) - j(1, 0), 2 * j(0, 1) - j(1, 1), 2 * j(0, 2) - j(1, 2)};
  CHECK(difference(ag::vjp(pair_of)(point, g), from_left) == "");
  const A from_right = {0.5 * j(0, 0) + j(0, 1) - 3 * j(0, 2),
                        0.5 * j(1, 0) + j(1, 1) - 3 * j(1, 2)};
  CHECK(difference(ag::jvp(pair_of)(point, v), from_right) == "");
}

TEST_CASE("vjp and jvp of several arguments", "[transforms]") {
  const auto f = [](const V& a, const V& b) { return a * a * b; };
  const A a = {1, 2}, b = {3, 4}, g = {5, 6}, v = {7, 8};
  const auto [ga, gb] = ag::vjp(f)(a, b, g);
  CHECK(difference(ga, 2 * a * b * g) == "");
  CHECK(difference(gb, a * a * g) == "");
  CHECK(difference(ag::vjp<1>(f)(a, b, g), a * a * g) == "");
  CHECK(difference(ag::jvp(f)(a, b, v, g), 2 * a * b * v + a * a * g) == "");
}

TEMPLATE_TEST_CASE("jvp and hvp by numbers are numbers", "[transforms]", float, double) {
  using T = TestType;
  using W = ag::Var<T>;
  const auto product = [](const W& a, const W& b) { return a * a * b; };
  const auto slope = ag::jvp(product)(T(2), T(3), T(5), T(7));
  STATIC_REQUIRE(std::is_same_v<decltype(slope), const T>);
  CHECK(slope == 2 * 2 * 3 * 5 + 2 * 2 * 7);
  const auto cube = [](const W& x) { return x * x * x; };
  const auto curved = ag::hvp(cube)(T(2), T(5));
  STATIC_REQUIRE(std::is_same_v<decltype(curved), const T>);
  CHECK(curved == 60);
  CHECK(ag::jvp(ag::grad(cube))(T(2), T(5)) == 60);
  const auto line = [](const W& t) { return t * t * xt::xarray<T>{1, 2, 3}; };
  CHECK(invalid_argument([&] { return ag::jvp(line)(T(2), T(1)); }) ==
        "jvp: a function of numbers must return one element, got shape (3,). Use jacobian(f), or "
        "arrays as arguments");
  CHECK(difference(ag::jvp(line)(xt::xarray<T>(T(2)), T(1)), A{4, 8, 12}) == "");
}

TEST_CASE("a constant has the derivative 0", "[transforms]") {
  const auto seven = [](const V&) { return V(7); };
  CHECK(difference(ag::grad(seven)(point), A{0, 0, 0}) == "");
  CHECK(difference(ag::jvp(seven)(point, point), 0.0) == "");
  CHECK(difference(ag::hessian(seven)(point), xt::zeros<double>({3, 3})) == "");
}

TEST_CASE("vjp, jvp and hvp of Vars are Vars", "[transforms]") {
  const ag::Trace trace;
  const V x = point;
  const A g = {2, -1}, v = {0.5, 1, -3};
  const V left = ag::vjp(pair_of)(x, g), right = ag::jvp(pair_of)(point, V(v));
  CHECK(difference(left.value(), ag::vjp(pair_of)(point, g)) == "");
  CHECK(difference(right.value(), ag::jvp(pair_of)(point, v)) == "");
  const V curved = ag::hvp(polynomial)(x, v);
  CHECK(difference(curved.value(), ag::hvp(polynomial)(point, v)) == "");
}

TEST_CASE("vectors and cotangents have the shape of what they belong to", "[transforms]") {
  const A wrong = {1, 2, 3, 4};
  CHECK(invalid_argument([&] { return ag::vjp(pair_of)(point, wrong); }) ==
        "vjp: the cotangent has shape (4,), expected shape (2,)");
  CHECK(invalid_argument([&] { return ag::vjp(pair_of)(point, 1.0); }) ==
        "vjp: the cotangent has shape (), expected shape (2,)");
  CHECK(invalid_argument([&] { return ag::jvp(pair_of)(point, wrong); }) ==
        "jvp: the vector has shape (4,), expected shape (3,)");
  CHECK(invalid_argument([&] { return ag::hvp(polynomial)(point, wrong); }) ==
        "hvp: the vector has shape (4,), expected shape (3,)");
}

// ---- jacobian and hessian

TEST_CASE("a jacobian has the shape of the result, then that of the argument", "[transforms]") {
  const A x = xt::ones<double>({2, 3}), b = {1, 2, 3};
  const auto f = [](const V& m, const V& v) { return ag::matmul(m, v); };
  const auto [jx, jb] = ag::jacobian(f)(x, b);
  REQUIRE(difference(xt::zeros_like(jx), xt::zeros<double>({2, 2, 3})) == "");
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      const A row = xt::view(jx, i, j);
      CHECK(difference(row, (i == j ? 1 : 0) * b) == "");
    }
  }
  CHECK(difference(jb, x) == "");
  CHECK(difference(ag::jacobian<1>(f)(x, b), x) == "");
}

TEST_CASE("jacobians of scalars, by numbers and of nothing", "[transforms]") {
  CHECK(difference(ag::jacobian(polynomial)(point), gradient_of_polynomial(point)) == "");
  const A direction = {1, 2, 3};
  const auto line = [&](const V& t) { return t * t * direction; };
  CHECK(difference(ag::jacobian(line)(2.0), 4 * direction) == "");
  const auto none = [](const V& x) { return ag::view(x, xt::range(0, 0)); };
  CHECK(difference(ag::jacobian(none)(point), xt::zeros<double>({0, 3})) == "");
  const A empty = A::from_shape({0});
  CHECK(difference(ag::jacobian([](const V& x) { return 2 * x; })(empty), A::from_shape({0, 0})) ==
        "");
}

TEST_CASE("jacobians of Vars can be differentiated", "[transforms]") {
  const auto size = [](const V& x) { return ag::sum(ag::square(ag::jacobian(pair_of)(x))); };
  CHECK(difference(ag::grad(size)(point), {3.0, -4.0, 2 * std::exp(1.0)}) == "");
  const ag::Trace trace;
  const V j = ag::jacobian(pair_of)(V(point));
  CHECK(difference(j.value(), jacobian_of_pair(point)) == "");
}

TEST_CASE("hessians are known matrices, and symmetric", "[transforms]") {
  CHECK(difference(ag::hessian(polynomial)(point), hessian_of_polynomial(point)) == "");
  const A m = {{2, 1}, {5, 3}};  // x m x has the hessian m + m^T
  const auto form = [&](const V& x) { return ag::dot(x, ag::matmul(m, x)); };
  CHECK(difference(ag::hessian(form)(A{1, 2}), {{4, 6}, {6, 6}}) == "");
  const auto awkward = [](const V& x) {
    return ag::logsumexp(x * ag::flip(x)) * ag::norm(ag::tanh(x)) + ag::prod(x);
  };
  const A h = ag::hessian(awkward)(point);
  CHECK(difference(h, xt::transpose(h)) == "");
}

TEST_CASE("a hessian of a matrix has four axes", "[transforms]") {
  const A x = {{1, 2}, {3, 4}};
  const A h = ag::hessian([](const V& y) { return ag::sum(y * y * y); })(x);
  REQUIRE(h.dimension() == 4);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      A expected = xt::zeros<double>({2, 2});
      expected(i, j) = 6 * x(i, j);
      CHECK(difference(xt::view(h, i, j), expected) == "");
    }
  }
}

TEST_CASE("a hessian by one of several arguments", "[transforms]") {
  const auto f = [](const V& a, const V& b) { return ag::sum(a * b * b); };
  const A a = {1, 2}, b = {3, 4};
  CHECK(difference(ag::hessian(f)(a, b), xt::zeros<double>({2, 2})) == "");
  CHECK(difference(ag::hessian<1>(f)(a, b), {{2, 0}, {0, 4}}) == "");
}

TEST_CASE("hvp is the hessian times a vector", "[transforms]") {
  const A v = {0.5, 1, -3}, h = hessian_of_polynomial(point);
  const A expected = {h(0, 0) * 0.5 + h(0, 1), h(1, 0) * 0.5, h(2, 2) * -3};
  CHECK(difference(ag::hvp(polynomial)(point, v), expected) == "");
  CHECK(difference(ag::hvp([](const V& x) { return x * x * x; })(2.0, 0.5), 6.0) == "");
}

TEST_CASE("hvp takes the hessian by all arguments together", "[transforms]") {
  const auto f = [](const V& a, const V& b) { return ag::sum(a * b * b); };
  const A a = {1, 2}, b = {3, 4}, u = {5, 6}, v = {7, 8};
  const auto [ha, hb] = ag::hvp(f)(a, b, u, v);
  CHECK(difference(ha, 2 * b * v) == "");
  CHECK(difference(hb, 2 * b * u + 2 * a * v) == "");
}
