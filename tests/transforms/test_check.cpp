// The checker is checked: wrong rules must be caught, right ones must pass.
#include <autograd/autograd.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "autograd/engine/raw_sweep.hpp"
#include "autograd/engine/vjp_context.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using Catch::Matchers::StartsWith;
using expect::error_of;
using expect::invalid_argument;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {0.5, 1.5, -2};

/// x^2 with the derivative that is given, on Vars.
template <class Derivative>
auto square_with(Derivative derivative) {
  return ag::custom<double>(
      "square", [](const A& x) { return x * x; },
      [=](const V& g, const V&, const V& x) { return g * derivative(x); });
}

V right(const V& x) { return 2 * x; }
V wrong_sign(const V& x) { return -2 * x; }
V missing_factor(const V& x) { return x; }
V slightly_wrong(const V& x) { return 2.001 * x; }
V wrong_in_one_element(const V& x) { return ag::set(2 * x, 1, 0); }
/// Right as a number, but its own derivative is lost.
V wrong_at_order_two(const V& x) { return ag::stop_gradient(2 * x); }

/// x^3 with a derivative that is right, but whose own derivative is lost.
V cube_wrong_at_order_two(const V& x) {
  return ag::custom<double>(
      "cube", [](const A& a) { return a * a * a; },
      [](const V& g, const V&, const V& a) { return g * ag::stop_gradient(3 * a * a); })(x);
}
/// x^4, right to order two.
V fourth_wrong_at_order_three(const V& x) {
  return ag::custom<double>(
      "fourth", [](const A& a) { return a * a * a * a; },
      [](const V& g, const V&, const V& a) { return 4 * g * cube_wrong_at_order_two(a); })(x);
}

template <class F>
std::string failure(const F& f, ag::CheckOptions options = {}) {
  return error_of<std::runtime_error>([&] { ag::check_gradients(f, {point}, options); });
}

}  // namespace

TEST_CASE("right rules pass", "[transforms][check]") {
  CHECK_NOTHROW(ag::check_gradients(square_with(right), {point}));
  CHECK_NOTHROW(ag::check_gradients(square_with(right), {point}, {.order = 4}));
  CHECK_NOTHROW(ag::check_gradients([](const V& x) { return ag::norm(x); }, {point}));
  CHECK_NOTHROW(ag::check_gradients([](const V& x) { return x; }, {A(2.0)}));
  CHECK_NOTHROW(ag::check_gradients([](const V& x) { return x * x; }, {A::from_shape({0})}));
}

TEST_CASE("functions of one to four arguments, in float and double", "[transforms][check]") {
  const A a = {1, 2}, b = {{3, 4}, {5, 6}};
  CHECK_NOTHROW(ag::check_gradients([](const V& x, const V& y) { return x * y; }, {a, b}));
  CHECK_NOTHROW(
      ag::check_gradients([](const V& x, const V& y, const V& z) { return x / y * z; }, {a, b, a}));
  CHECK_NOTHROW(ag::check_gradients(
      [](const V& x, const V& y, const V& z, const V& w) { return x * y + z * w; }, {a, b, a, b}));
  using W = ag::Var<float>;
  const xt::xarray<float> c = {1, 2};
  CHECK_NOTHROW(ag::check_gradients([](const W& x, const W& y) { return ag::sin(x * y); }, {c, c}));
  CHECK(invalid_argument([&] {
          ag::check_gradients([](const V& x) { return x; }, {a, b});
        }) == "check_gradients: the function does not take 2 arguments (at most 4)");
}

TEST_CASE("rules that are wrong at order one are caught there", "[transforms][check]") {
  const std::string caught =
      "check_gradients: order 1: the derivative along a random direction is ";
  for (const ag::CheckOptions options : {ag::CheckOptions{.order = 1}, {.order = 2}, {.seed = 7}}) {
    CHECK_THAT(failure(square_with(wrong_sign), options), StartsWith(caught));
    CHECK_THAT(failure(square_with(missing_factor), options), StartsWith(caught));
    CHECK_THAT(failure(square_with(slightly_wrong), options), StartsWith(caught));
    CHECK_THAT(failure(square_with(wrong_in_one_element), options), StartsWith(caught));
  }
}

TEST_CASE("rules that are wrong at a higher order only are caught there", "[transforms][check]") {
  const std::string what = ": the derivative along a random direction is ";
  const auto second = square_with(wrong_at_order_two);
  CHECK_NOTHROW(ag::check_gradients(second, {point}, {.order = 1}));
  CHECK_THAT(failure(second, {.order = 2}), StartsWith("check_gradients: order 2" + what));
  const auto third = fourth_wrong_at_order_three;
  CHECK_NOTHROW(ag::check_gradients(third, {point}, {.order = 2}));
  CHECK_THAT(failure(third, {.order = 3}), StartsWith("check_gradients: order 3" + what));
}

TEST_CASE("the message tells both numbers", "[transforms][check]") {
  const auto forgets = ag::custom<double>(
      "forgets", [](const A& x) { return 2 * x; },
      [](const V& g, const V&, const V&) { return g; });
  CHECK(failure(forgets) ==
        "check_gradients: order 1: the derivative along a random direction is -5.17002117 by "
        "differentiation, -5.12262005 by differences");
}

TEST_CASE("derivatives that do not exist on Vars are errors of the second order",
          "[transforms][check]") {
  const auto on_arrays = ag::custom<double>(
      "own", [](const A& x) { return x; }, [](const A& g, const A&, const A&) { return g; });
  CHECK_THROWS_AS(ag::check_gradients(on_arrays, {point}, {.order = 1}), std::logic_error);
}

// ---- the two sweeps

namespace {

/// 2 x, of which the raw sweep and the recorded one have different rules.
void vjp_raw_once(ag::RawSweep<double>& sweep, ag::NodeId id) {
  sweep.add_alias(sweep.tape()[id].inputs[0], sweep.gradient(id));
}
void vjp_recorded_twice(ag::VjpContext<double>& context) { context.add(0, 2 * context.g); }
constexpr ag::Op<double> two_minds{"two_minds", vjp_raw_once, vjp_recorded_twice};

V double_in_two_minds(const V& x) {
  auto& tape = ag::Tape<double>::current();
  const V y = 2 * x;
  return tape.push(two_minds, tape.value("two_minds", y), {tape.id("two_minds", x)});
}

}  // namespace

TEST_CASE("sweeps that disagree are caught", "[transforms][check]") {
  CHECK(failure(double_in_two_minds) ==
        "check_gradients: order 1, argument 0: element 0 is -0.15358165825457348 by the raw sweep, "
        "-0.30716331650914697 by the recorded one");
}

// ---- options

/// x^2 whose derivative does not depend on the cotangent as the trace sees it: jvp would give 0.
V square_detached_from_g(const V& x) {
  return ag::custom<double>(
      "square", [](const A& a) { return a * a; },
      [](const V& g, const V&, const V& a) { return 2 * a * ag::stop_gradient(g); })(x);
}

TEST_CASE("forward derivatives that disagree with reverse ones are caught", "[transforms][check]") {
  CHECK(failure(square_detached_from_g, {.order = 1}) ==
        "check_gradients: the derivative along a random direction is 0 forward (jvp), "
        "0.0354927597 in reverse");
}

namespace {
template <class A>
struct Pair {
  A x;
  std::vector<A> rest;
};
}  // namespace

TEST_CASE("any number of arguments, and containers, are checked", "[transforms][check]") {
  const Pair<A> pair{A{1, 2}, {A{3, 4}, A{5, 6}}};
  const std::tuple at(pair, A{1, 2}, A{{2, 3}}, A{0.3, 0.4}, A{1, 3}, A{2, 2}, 2);
  const auto f = [&](auto square) {
    return
        [=](const Pair<V>& p, const V& a, const V& b, const V& c, const V& d, const V& e, int n) {
          const V y = square(p.rest[1]) * p.x + a * b * c - d / e;
          return std::tuple(p.rest[0] * y, ag::sum(y) * n);
        };
  };
  CHECK_NOTHROW(ag::check_gradients(f(square_with(right)), at));
  CHECK_THROWS_AS(ag::check_gradients(f(square_with(slightly_wrong)), at), std::runtime_error);
  CHECK_THROWS_AS(ag::check_gradients(f(square_with(wrong_at_order_two)), at), std::runtime_error);
  CHECK_NOTHROW(ag::check_gradients(f(square_with(wrong_at_order_two)), at, {.order = 1}));
}

TEST_CASE("an order below one makes no sense", "[transforms][check]") {
  CHECK(invalid_argument([] { ag::check_gradients(right, {point}, {.order = 0}); }) ==
        "check_gradients: order must be at least 1, got 0");
}

TEST_CASE("the tolerance is honoured", "[transforms][check]") {
  CHECK_NOTHROW(ag::check_gradients(square_with(slightly_wrong), {point}, {.tolerance = 1e-2}));
  CHECK_THROWS(ag::check_gradients(square_with(slightly_wrong), {point}, {.tolerance = 1e-5}));
}

TEST_CASE("the step is honoured", "[transforms][check]") {
  const auto fast = [](const V& x) { return ag::sin(1000 * x); };
  CHECK_THROWS(ag::check_gradients(fast, {point}, {.order = 1}));
  CHECK_NOTHROW(ag::check_gradients(fast, {point}, {.order = 1, .step = 1e-6}));
}

TEST_CASE("the seed chooses the directions", "[transforms][check]") {
  const auto wrong = square_with(wrong_sign);
  CHECK(failure(wrong, {.seed = 1}) == failure(wrong, {.seed = 1}));
  CHECK(failure(wrong, {.seed = 1}) != failure(wrong, {.seed = 2}));
}
