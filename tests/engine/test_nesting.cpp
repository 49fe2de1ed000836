// Derivatives of derivatives, closures over outer Vars, and functions that do not depend on their
// arguments in the ordinary way.
#include <autograd/autograd.hpp>
#include <cmath>
#include <complex>
#include <string>
#include <type_traits>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using namespace xt::placeholders;
using expect::difference;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {0.3, -1.2, 2};

const std::string dependence_lost =
    ": the function uses a Var of an enclosing differentiation, but its arguments are arrays, so "
    "the result would lose that dependence; pass the arguments as Var, or use stop_gradient on the "
    "outer one";

}  // namespace

// ---- higher orders

TEMPLATE_TEST_CASE("derivatives of numbers to order four", "[engine][nesting]", float, double) {
  using T = TestType;
  const auto f = [](const ag::Var<T>& x) { return ag::sin(T(2) * x) * ag::exp(x); };
  // The n-th derivative is the imaginary part of (1 + 2i)^n e^((1 + 2i) x).
  const auto exact = [](int n, T x) {
    const std::complex<double> z(1, 2);
    return (std::pow(z, n) * std::exp(z * double(x))).imag();
  };
  const auto d1 = ag::grad(f);
  const auto d2 = ag::grad(d1);
  const auto d3 = ag::grad(d2);
  const auto d4 = ag::grad(d3);
  const T x = T(0.7);
  const double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-13;
  CHECK(difference(d1(x), exact(1, x), tolerance) == "");
  CHECK(difference(d2(x), exact(2, x), tolerance) == "");
  CHECK(difference(d3(x), exact(3, x), tolerance) == "");
  CHECK(difference(d4(x), exact(4, x), tolerance) == "");
}

TEST_CASE("derivatives of arrays to order four", "[engine][nesting]") {
  const auto d1 = ag::elementwise_grad([](const V& x) { return ag::tanh(x); });
  const auto d2 = ag::elementwise_grad(d1);
  const auto d3 = ag::elementwise_grad(d2);
  const auto d4 = ag::elementwise_grad(d3);
  const A y = xt::tanh(point), slope = 1 - y * y;
  CHECK(difference(d1(point), slope) == "");
  CHECK(difference(d2(point), -2 * y * slope) == "");
  CHECK(difference(d3(point), slope * (6 * y * y - 2)) == "");
  CHECK(difference(d4(point), y * slope * (16 - 24 * y * y)) == "");
}

TEST_CASE("derivatives through matrix products and norms to order three", "[engine][nesting]") {
  const A x = {{1, 2}, {3, 5}};
  const auto cube = [](const V& m) { return ag::trace(ag::matmul(m, ag::matmul(m, m))); };
  const auto g = [&](const V& m) { return ag::sum(ag::grad(cube)(m)); };
  const auto h = [&](const V& m) { return ag::sum(ag::grad(g)(m)); };
  // The gradient of trace(m^3) is 3 (m^2)^T; with J full of ones the others are 3 (Jm + mJ)^T, 6 J
  // J.
  CHECK(difference(ag::grad(cube)(x), {{21, 54}, {36, 93}}) == "");
  CHECK(difference(ag::grad(g)(x), {{21, 36}, {30, 45}}) == "");
  CHECK(difference(ag::grad(h)(x), {{12, 12}, {12, 12}}) == "");
  const auto norm = [](const V& v) { return ag::norm(v); };
  const A v = {3, 4};
  CHECK(difference(ag::hessian(norm)(v), {{16 / 125., -12 / 125.}, {-12 / 125., 9 / 125.}}) == "");
}

TEST_CASE("transforms of different kinds nest", "[engine][nesting]") {
  const auto f = [](const V& x) { return ag::sum(x * x * x * x); };
  const A v = {1, 2, 3};
  const auto curvature = [&](const V& x) { return ag::sum(ag::hvp(f)(x, v) * v); };
  CHECK(difference(ag::grad(curvature)(point), 24 * point * v * v) == "");
  const auto along = [&](const V& x) { return ag::jvp(f)(x, v); };
  CHECK(difference(ag::grad(along)(point), 12 * point * point * v) == "");
  CHECK(difference(ag::jvp(along)(point, v), xt::sum(12 * point * point * v * v)()) == "");
  const auto diagonal = [&](const V& x) { return ag::sum(ag::diag(ag::hessian(f)(x))); };
  CHECK(difference(ag::grad(diagonal)(point), 24 * point) == "");
  const auto residual = [](const V& x) { return ag::square(x); };
  CHECK(difference(ag::jacobian(ag::jacobian(residual))(A{1, 2}),
                   {{{2, 0}, {0, 0}}, {{0, 0}, {0, 2}}}) == "");
}

// ---- closures

TEST_CASE("an inner derivative does not confuse the outer variable with its own",
          "[engine][nesting]") {
  // d/dx of x * d/dy (x * y) is d/dx of x * x.
  const auto f = [](const V& x) {
    const auto inner = [&](const V& y) { return x * y; };
    return x * ag::grad(inner)(V(7));
  };
  CHECK(ag::grad(f)(3.0) == 6);
  CHECK(ag::grad(ag::grad(f))(3.0) == 2);
}

TEST_CASE("an inner derivative at the outer variable counts both ways", "[engine][nesting]") {
  // d/dy (x y^2) at y = x is 2 x^2.
  const auto f = [](const V& x) { return ag::grad([&](const V& y) { return x * y * y; })(x); };
  CHECK(ag::grad(f)(3.0) == 12);
  CHECK(ag::grad(ag::grad(f))(3.0) == 4);
}

TEST_CASE("three levels see each other's variables", "[engine][nesting]") {
  // d/dz (x y z^2) at z = y is 2 x y^2; its derivative by y at y = x is 4 x^2.
  const auto f = [](const V& x) {
    const auto g = [&](const V& y) {
      return ag::grad([&](const V& z) { return x * y * z * z; })(y);
    };
    return ag::grad(g)(x);
  };
  CHECK(ag::grad(f)(3.0) == 24);
}

TEST_CASE("gradient steps can be differentiated by their start", "[engine][nesting]") {
  const auto loss = [](const V& w) { return ag::sum(w * w * w * w); };
  const auto after_two_steps = [&](const V& start) {
    V w = start;
    for (int i = 0; i < 2; ++i) w -= 0.1 * ag::grad(loss)(w);
    return loss(w);
  };
  const double w = 0.5, u = w - 0.4 * w * w * w, v = u - 0.4 * u * u * u;
  const double slope = 4 * v * v * v * (1 - 1.2 * u * u) * (1 - 1.2 * w * w);
  CHECK(difference(ag::grad(after_two_steps)(A{w}), A{slope}) == "");
}

TEST_CASE("an argument that is not chosen keeps its dependence", "[engine][nesting]") {
  const auto f = [](const V& a, const V& b) { return a * a * b * b; };
  const auto inner = [&](const V& x) { return ag::grad<0>(f)(3.0, x); };  // 6 x^2
  CHECK(ag::grad(inner)(2.0) == 24);
}

// ---- arrays in, inside a differentiation

TEST_CASE("arrays in lose nothing silently when the function captures an outer Var",
          "[engine][nesting]") {
  const A a = {1, 2};
  const auto by = [&](auto transform) {
    return logic_error([&] { return ag::grad([&](const V& x) { return transform(x); })(2.0); });
  };
  const auto times = [](const V& x) { return [=](const V& y) { return ag::sum(x * y); }; };
  CHECK(by([&](const V& x) { return ag::sum(ag::grad(times(x))(a)); }) == "grad" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::vjp(times(x))(a, 1.0)); }) ==
        "vjp" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::jvp(times(x))(a, a)); }) ==
        "jvp" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::jacobian(times(x))(a)); }) ==
        "jacobian" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::hessian(times(x))(a)); }) ==
        "hessian" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::hvp(times(x))(a, a)); }) ==
        "hvp" + dependence_lost);
  CHECK(by([&](const V& x) { return ag::sum(ag::elementwise_grad(times(x))(a)); }) ==
        "elementwise_grad" + dependence_lost);
}

TEST_CASE("the outer Var is found wherever it hides", "[engine][nesting]") {
  const A a = {1, 2};
  const auto inner = [&](auto f) {
    return logic_error([&] {
      return ag::grad([&](const V& x) {
        return V(ag::value_and_grad([&](const V& y) { return f(x, y); })(a).first);
      })(2.0);
    });
  };
  const std::string message = "value_and_grad" + dependence_lost;
  CHECK(inner([](const V& x, const V& y) { return ag::sum(ag::exp(2 * x) * y); }) == message);
  CHECK(inner([](const V& x, const V& y) { return ag::sum(y) + x; }) == message);
  CHECK(inner([](const V& x, const V&) { return x; }) == message);
  CHECK(inner([](const V& x, const V&) { return 2 * x; }) == message);
}

TEST_CASE("the same with Vars in keeps the dependence", "[engine][nesting]") {
  const A a = {1, 2};
  const auto f = [&](const V& x) {
    return ag::sum(ag::grad([&](const V& y) { return ag::sum(x * x * y); })(V(a)));
  };
  CHECK(ag::grad(f)(3.0) == 12);
}

TEST_CASE("arrays in are right where nothing is lost", "[engine][nesting]") {
  const A a = {1, 2};
  const auto sum_of_gradient = [&](const auto& f) { return xt::sum(ag::grad(f)(a))(); };
  // An outer Var that is a constant by will, or that only chooses, is no dependence.
  const auto stopped = [&](const V& x) {
    const V constant = ag::stop_gradient(x);
    return x * sum_of_gradient([&](const V& y) { return ag::sum(constant * y); });
  };
  CHECK(ag::grad(stopped)(3.0) == 6);
  const auto masked = [&](const V& x) {
    return x * sum_of_gradient([&](const V& y) { return ag::sum(ag::where(x > 0, y, 5 * y)); });
  };
  CHECK(ag::grad(masked)(3.0) == 2);
  CHECK(ag::grad(masked)(-3.0) == 10);
  // Derivatives of its own, at constants, are not outer ones.
  const auto own = [&](const V& x) {
    return x * sum_of_gradient([&](const V& y) {
             return ag::sum(y * ag::grad([](const V& z) { return z * z; })(V(2)));
           });
  };
  CHECK(ag::grad(own)(3.0) == 8);
}

TEST_CASE("evaluate and value leave differentiation", "[engine][nesting]") {
  const auto f = [](const V& x) {
    const A outside = ag::evaluate([&](const V& y) { return x * y; })(5.0);
    return x * outside + x * x.value() + x * x.item();
  };
  CHECK(ag::grad(f)(2.0) == 14);
}

// ---- unusual functions

TEST_CASE("stop_gradient is a constant with the same value", "[engine][nesting]") {
  const auto f = [](const V& x) { return ag::sum(x * ag::stop_gradient(x)); };
  CHECK(difference(ag::grad(f)(point), point) == "");
  CHECK(difference(ag::hessian(f)(point), xt::zeros<double>({3, 3})) == "");
}

TEST_CASE("a function that ignores its argument has the gradient zero", "[engine][nesting]") {
  const A x = {{1, 2}, {3, 4}};
  const auto [value, g] = ag::value_and_grad([](const V&) { return V(5); })(x);
  CHECK(value == 5);
  CHECK(difference(g, xt::zeros_like(x)) == "");
  const auto [ga, gb] = ag::grad([](const V& a, const V&) { return ag::sum(a); })(x, point);
  CHECK(difference(ga, xt::ones_like(x)) == "");
  CHECK(difference(gb, xt::zeros_like(point)) == "");
  const auto constant = [](const V&) { return V(A{1, 2}); };
  CHECK(difference(ag::jacobian(constant)(x), xt::zeros<double>({2, 2, 2})) == "");
  CHECK(difference(ag::jvp(constant)(x, x), A{0, 0}) == "");
  CHECK(difference(ag::vjp(constant)(x, A{3, 4}), xt::zeros_like(x)) == "");
  CHECK(difference(ag::hvp([](const V& y) { return ag::sum(y); })(x, x), xt::zeros_like(x)) == "");
}

TEST_CASE("a function that returns a Var from outside has the gradient zero", "[engine][nesting]") {
  const ag::Trace trace;
  const V constant = 4;
  const auto [value, g] = ag::value_and_grad([&](const V&) { return constant; })(point);
  CHECK(value == 4);
  CHECK(difference(g, xt::zeros_like(point)) == "");
  const V recorded = ag::grad([&](const V&) { return constant; })(V(point));
  CHECK(difference(recorded.value(), xt::zeros_like(point)) == "");
}

TEST_CASE("a function may return its argument, or a view of it", "[engine][nesting]") {
  const auto itself = [](const V& x) { return x; };
  CHECK(ag::grad(itself)(3.0) == 1);
  CHECK(ag::hessian(itself)(3.0) == 0);
  CHECK(difference(ag::jacobian(itself)(A{1, 2}), {{1, 0}, {0, 1}}) == "");
  CHECK(difference(ag::jvp(itself)(point, 2 * point), 2 * point) == "");
  const auto last = [](const V& x) { return x[-1]; };
  CHECK(difference(ag::grad(last)(point), {0, 0, 1}) == "");
  CHECK(difference(ag::hessian(last)(point), xt::zeros<double>({3, 3})) == "");
  const auto flipped = [](const V& x) { return ag::flip(x); };
  CHECK(difference(ag::jacobian(flipped)(A{1, 2}), {{0, 1}, {1, 0}}) == "");
  const auto repeated = [](const V& x) { return ag::broadcast_to(x, {2, 2}); };
  const A twice = {{{1, 0}, {0, 1}}, {{1, 0}, {0, 1}}};
  CHECK(difference(ag::jacobian(repeated)(A{1, 2}), twice) == "");
  CHECK(difference(ag::vjp(repeated)(A{1, 2}, A{{1, 2}, {3, 4}}), {4, 6}) == "");
  const ag::Trace trace;
  CHECK(difference(ag::jacobian(flipped)(V(A{1, 2})).value(), {{0, 1}, {1, 0}}) == "");
  CHECK(difference(ag::jacobian(repeated)(V(A{1, 2})).value(), twice) == "");
}

TEST_CASE("an argument may be used through views only", "[engine][nesting]") {
  const A x = {{1, 2, 3}, {4, 5, 6}};
  const auto corners = [](const V& m) { return m[0][0] * m[1][2]; };
  CHECK(difference(ag::grad(corners)(x), {{6, 0, 0}, {0, 0, 1}}) == "");
  const auto overlapping = [](const V& m) {
    const V left = ag::view(m, xt::all(), xt::range(0, 2)),
            right = ag::view(m, xt::all(), xt::range(1, 3));
    return ag::sum(left * right);
  };
  CHECK(difference(ag::grad(overlapping)(x), {{2, 4, 2}, {5, 10, 5}}) == "");
  const auto both = [](const V& m) { return ag::sum(ag::transpose(m) * ag::reshape(m, {3, 2})); };
  CHECK(difference(ag::grad(both)(x), {{2, 7, 7}, {7, 7, 12}}) == "");
}

TEST_CASE("the same array as two arguments", "[engine][nesting]") {
  const auto f = [](const V& a, const V& b) { return ag::sum(a * b * b); };
  const auto [ga, gb] = ag::grad(f)(point, point);
  CHECK(difference(ga, point * point) == "");
  CHECK(difference(gb, 2 * point * point) == "");
  const ag::Trace trace;
  const V x = point;
  const auto [va, vb] = ag::grad(f)(x, x);
  CHECK(difference(va.value(), point * point) == "");
  CHECK(difference(vb.value(), 2 * point * point) == "");
}

TEST_CASE("loops and branches follow the values", "[engine][nesting]") {
  const auto halve = [](V x) {
    V y = 1;
    while (x > 1) {
      y *= x;
      x /= 2;
    }
    return y;
  };
  CHECK(ag::grad(halve)(5.0) == 3 * 25 / 8.0);  // x * x/2 * x/4
  const auto absolute = [](const V& x) { return x >= 0 ? x : -x; };
  CHECK(ag::grad(absolute)(2.0) == 1);
  CHECK(ag::grad(absolute)(-2.0) == -1);
  const auto newton = [](const V& a) {  // the square root of a
    V x = a;
    while (ag::abs(x * x - a) > 1e-14) x = (x + a / x) / 2;
    return x;
  };
  CHECK(difference(ag::grad(newton)(2.0), 1 / std::sqrt(8), 1e-7) == "");
}
