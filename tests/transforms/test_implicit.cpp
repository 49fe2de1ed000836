/// checkpoint, fixed_point and root.
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/tape/tape.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace {

namespace ag = autograd;
using expect::difference;
using A = xt::xarray<double>;
using V = ag::Var<double>;

const A x = {0.3, -0.7, 1.2}, v = {1, 2, -1};

template <class A>
struct Layer {
  A W, b;
};

V apply(const Layer<V>& layer, const V& at) { return ag::tanh(ag::matmul(layer.W, at) + layer.b); }
V through(const Layer<V>& layer, const V& at) { return ag::sum(ag::square(apply(layer, at))); }
V through_checkpoint(const Layer<V>& layer, const V& at) {
  return ag::sum(ag::square(ag::checkpoint(apply)(layer, at)));
}

const Layer<A> layer{A{{0.2, -0.4, 0.1}, {0.6, 0.3, -0.2}, {-0.5, 0.1, 0.3}}, A{0.1, 0, -0.2}};

V newton_of_root(const V& a, const V& at) { return 0.5 * (at + a / at); }

/// x = tanh(W x + b + t), a contraction.
struct Equation {
  V operator()(const std::pair<Layer<V>, V>& parameters, const V& at) const {
    return 0.9 * apply(parameters.first, at) + 0.1 * parameters.second;
  }
};

std::size_t memory_held() {
  const auto& tape = ag::Tape<double>::current();
  return tape.arena.capacity() + tape.gradients.capacity();
}

}  // namespace

TEST_CASE("a checkpoint changes no derivative", "[transforms][implicit]") {
  const Layer<A> direction{layer.W * 0.5 + 0.1, layer.b - 1};
  const auto [by_layer, by_x] = ag::grad(through_checkpoint)(layer, x);
  const auto [same_by_layer, same_by_x] = ag::grad(through)(layer, x);
  CHECK(difference(by_layer.W, same_by_layer.W) == "");
  CHECK(difference(by_layer.b, same_by_layer.b) == "");
  CHECK(difference(by_x, same_by_x) == "");
  const auto [product, by_x_too] = ag::hvp(through_checkpoint)(layer, x, direction, v);
  const auto [same_product, same_by_x_too] = ag::hvp(through)(layer, x, direction, v);
  CHECK(difference(product.W, same_product.W) == "");
  CHECK(difference(by_x_too, same_by_x_too) == "");
  CHECK(difference(ag::jvp(through_checkpoint)(layer, x, direction, v),
                   ag::jvp(through)(layer, x, direction, v)) == "");
  ag::check_gradients(through_checkpoint, std::tuple(layer, x), {.order = 3});
  CHECK(difference(ag::evaluate([](const V& at) {
                     return ag::checkpoint([](const V& y) { return y * y; })(at);
                   })(x),
                   x * x) == "");
}

TEST_CASE("a pair may be the only argument of a checkpoint", "[transforms][implicit]") {
  const auto product = [](const std::pair<V, V>& p) { return ag::sum(p.first * p.second); };
  const auto [by_first, by_second] = ag::grad(
      [&](const std::pair<V, V>& p) { return ag::checkpoint(product)(p); })(std::pair(x, v));
  CHECK(difference(by_first, v) == "");
  CHECK(difference(by_second, x) == "");
}

TEST_CASE("checkpoints need less memory", "[transforms][implicit][memory]") {
  const auto steps = [](const V& at) {
    V y = at;
    for (int i = 0; i < 40; ++i) y = ag::cumsum(ag::sin(y)) * 0.01;
    return y;
  };
  const auto plain = [&](const V& at) {
    V y = at;
    for (int i = 0; i < 10; ++i) y = steps(y);
    return ag::sum(y);
  };
  const auto checked = [&](const V& at) {
    V y = at;
    for (int i = 0; i < 10; ++i) y = ag::checkpoint(steps)(y);
    return ag::sum(y);
  };
  const A at = xt::linspace<double>(0, 1, 20'000);
  ag::empty_cache();
  const A expected = ag::grad(plain)(at);
  const std::size_t kept = memory_held();
  ag::empty_cache();
  CHECK(difference(ag::grad(checked)(at), expected) == "");
  CHECK(memory_held() < kept / 3);
}

TEST_CASE("a fixed point has the derivative of its equation", "[transforms][implicit]") {
  const auto root = [](const V& a) { return ag::fixed_point(newton_of_root, a, 1.0); };
  CHECK(ag::value_and_grad(root)(2.0).first == Approx(std::sqrt(2.0)));
  CHECK(ag::grad(root)(2.0) == Approx(0.5 / std::sqrt(2.0)));
  CHECK(ag::grad(ag::grad(root))(2.0) == Approx(-0.25 * std::pow(2.0, -1.5)));
  CHECK(ag::grad(ag::grad(ag::grad(root)))(2.0) == Approx(0.375 * std::pow(2.0, -2.5)));
  CHECK(ag::jvp(root)(2.0, 1.0) == Approx(0.5 / std::sqrt(2.0)));

  const auto solution = [](const std::pair<Layer<V>, V>& parameters) {
    return ag::fixed_point(Equation(), parameters, A{0, 0, 0}, {.tolerance = 1e-13});
  };
  ag::check_gradients(solution, std::make_tuple(std::pair(layer, x)), {.order = 3});
}

TEST_CASE("fixed points of floats", "[transforms][implicit]") {
  using W = ag::Var<float>;
  const auto root = [](const W& a) {
    return ag::fixed_point([](const W& b, const W& y) { return 0.5 * (y + b / y); }, a, 1.0f);
  };
  CHECK(ag::grad(root)(2.0f) == Approx(0.5 / std::sqrt(2.0)).epsilon(1e-5));
}

TEST_CASE("functions that depend on more than their arguments are refused",
          "[transforms][implicit]") {
  const auto hidden = [](const V& a) {
    return ag::checkpoint([&](const V& at) { return at * a; })(V(3.0));
  };
  CHECK_THROWS_WITH(ag::grad(hidden)(2.0),
                    "checkpoint: its function uses a Var that is differentiated by and is no "
                    "argument of it, so that its dependence would be lost; pass the Var as an "
                    "argument");
  const auto itself = [](const V& a) {
    return ag::checkpoint([&](const V&) { return a; })(V(3.0));
  };
  CHECK_THROWS_AS(ag::grad(itself)(2.0), std::logic_error);
  const auto hidden_in_point = [](const V& a) {
    return ag::fixed_point([&](const V&, const V& at) { return newton_of_root(a, at); }, V(2.0),
                           1.0);
  };
  CHECK_THROWS_AS(ag::grad(hidden_in_point)(2.0), std::logic_error);
}

TEST_CASE("fixed points that do not converge", "[transforms][implicit]") {
  const auto with = [](auto f, ag::FixedPointOptions options = {}) {
    return [=](const V& a) { return ag::fixed_point(f, a, V(1.0), options); };
  };
  const auto doubled = [](const V& a, const V& at) { return a * at; };
  CHECK_THROWS_WITH(ag::grad(with(doubled, {.maxit = 3}))(2.0),
                    "fixed_point: not converged after 3 steps: the last one changed x by 4");
  CHECK_THROWS_AS(ag::grad(with(doubled))(std::numeric_limits<double>::quiet_NaN()),
                  std::runtime_error);
  const auto partly = [](const V& a, const V& at) { return ag::sqrt(a) + 0.0 * at; };
  for (const A& a : {A{-1, 4, 4}, A{4, -1, 4}, A{4, 4, -1}}) {
    const auto point = [&](const V& b) { return ag::fixed_point(partly, b, A{0, 0, 0}); };
    CHECK_THROWS_AS(ag::evaluate(point)(a), std::runtime_error);
  }
  const auto wider = [](const V& a, const V& at) { return ag::stack({a, at}); };
  CHECK_THROWS_WITH(ag::grad(with(wider))(2.0),
                    "fixed_point: the function returns shape (2,) for an x of shape ()");
  CHECK_THROWS_WITH(ag::grad(with(doubled, {.maxit = 0}))(2.0),
                    "fixed_point: maxit must be positive, got 0");
  CHECK_THROWS_WITH(ag::grad(with(doubled, {.tolerance = -1}))(2.0),
                    "fixed_point: the tolerance must not be negative, got -1");
}

TEST_CASE("a root has the derivative of its equation", "[transforms][implicit]") {
  const auto cube_root = [](const V& a) {
    return ag::root([](const V& b, const V& at) { return at * at * at - b; }, a, V(1.0));
  };
  CHECK(ag::value_and_grad(cube_root)(8.0).first == Approx(2));
  CHECK(ag::grad(cube_root)(8.0) == Approx(1 / 12.0));
  CHECK(ag::grad(ag::grad(cube_root))(8.0) == Approx(-2 / 9.0 * std::pow(8.0, -5 / 3.0)));
  CHECK(ag::jvp(cube_root)(8.0, 1.0) == Approx(1 / 12.0));

  const auto equation = [](const std::pair<Layer<V>, V>& p, const V& at) {
    return at + 0.5 * apply(p.first, at) - p.second;
  };
  const auto solution = [&](const std::pair<Layer<V>, V>& p) {
    return ag::root(equation, p, A{0, 0, 0});
  };
  ag::check_gradients(solution, std::make_tuple(std::pair(layer, x)), {.order = 3});
  // Newton's full steps would leave the domain of arctan's root: they are halved.
  const auto far = [](const V& a) {
    return ag::root([](const V& b, const V& at) { return ag::arctan(at) - b; }, a, V(20.0));
  };
  CHECK(ag::value_and_grad(far)(0.5).first == Approx(std::tan(0.5)));
  // Where full steps leave the domain f has NaN, wherever they stand.
  const auto logarithm = [](const V& b, const V& at) { return ag::log(at) - b; };
  for (const A& start : {A{20, 2}, A{2, 20}}) {
    const auto e = [&](const V& a) { return ag::root(logarithm, a, start); };
    CHECK(difference(ag::evaluate(e)(1.0), A{std::exp(1.0), std::exp(1.0)}, 1e-9) == "");
  }
}

TEST_CASE("roots that are not found", "[transforms][implicit]") {
  const auto with = [](auto f, ag::FixedPointOptions options = {}) {
    return [=](const V& a) { return ag::root(f, a, V(1.0), options); };
  };
  const auto none = [](const V& a, const V& at) { return at * at + a; };
  CHECK_THROWS_AS(ag::grad(with(none, {.maxit = 20}))(1.0), std::runtime_error);
  const auto kink = [](const V& a, const V& at) { return ag::abs(at) + a; };
  const auto near_kink = [&](const V& a) { return ag::root(kink, a, V(0.5), {.tolerance = 1e-6}); };
  CHECK_THROWS_WITH(ag::grad(near_kink)(1.0),
                    "root: no step makes f smaller, whose largest element is 1");
  const auto wider = [](const V& a, const V& at) { return ag::stack({a, at}); };
  CHECK_THROWS_WITH(ag::grad(with(wider))(2.0),
                    "root: the function returns shape (2,) for an x of shape ()");
  CHECK_THROWS_WITH(ag::grad(with(none, {.maxit = 0}))(2.0), "root: maxit must be positive, got 0");
  const auto hidden = [](const V& a) {
    return ag::root([&](const V&, const V& at) { return at - a; }, V(2.0), V(1.0));
  };
  CHECK_THROWS_AS(ag::grad(hidden)(2.0), std::logic_error);
}
