/// where() and its kind never leak a NaN or an infinity of the branch not taken: neither its values
/// nor its derivatives, at first and second order, by the raw and by the recorded sweep.

#include <cmath>
#include <limits>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;
using op_cases::distance;

namespace {

template <class T>
using Array = xt::xarray<T>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

template <class T, class F>
Array<T> recorded(const F& f, const Array<T>& x) {
  const ag::Trace trace;
  return f(ag::Var<T>(x)).value();
}

/// Checks the value of an elementwise function and two derivatives of it.
template <class T, class F>
void check(const F& f, const Array<T>& x, const Array<double>& value, const Array<double>& first,
           const Array<double>& second) {
  const auto slope = ag::elementwise_grad(f);
  const auto curvature = ag::elementwise_grad(slope);
  CHECK(distance(Array<T>(ag::evaluate(f)(x)), value) <= 1e-6);
  CHECK(distance(Array<T>(slope(x)), first) <= 1e-6);
  CHECK(distance(recorded(slope, x), first) <= 1e-6);
  CHECK(distance(Array<T>(curvature(x)), second) <= 1e-6);
  CHECK(distance(recorded(curvature, x), second) <= 1e-6);
}

/// The gradient of a function with one result, by both sweeps.
template <class T, class F>
void check_gradient(const F& f, const Array<T>& x, const Array<double>& expected) {
  CHECK(distance(Array<T>(ag::grad(f)(x)), expected) <= 1e-6);
  CHECK(distance(recorded(ag::grad(f), x), expected) <= 1e-6);
}

}  // namespace

TEMPLATE_TEST_CASE("roots and logarithms of the branch not taken", "[ops][where]", float, double) {
  const Array<TestType> x = {-1, 0, 4};
  const double log4 = std::log(4.0);
  check([](auto a) { return ag::where(a > 0, ag::sqrt(a), 0); }, x, {0, 0, 2}, {0, 0, 0.25},
        {0, 0, -1.0 / 32});
  check([](auto a) { return ag::where(a > 0, ag::log(a), 0); }, x, {0, 0, log4}, {0, 0, 0.25},
        {0, 0, -1.0 / 16});
  check([](auto a) { return ag::where(a > 0, a * ag::log(a), 0); }, x, {0, 0, 4 * log4},
        {0, 0, log4 + 1}, {0, 0, 0.25});
  check([](auto a) { return ag::where(a > 0, ag::exp(ag::log(a) * 0.5), 0); }, x, {0, 0, 2},
        {0, 0, 0.25}, {0, 0, -1.0 / 32});
  check([](auto a) { return ag::where(a > 0, ag::log(ag::sqrt(a)), a); }, x, {-1, 0, log4 / 2},
        {1, 1, 0.125}, {0, 0, -1.0 / 32});
}

TEMPLATE_TEST_CASE("quotients and powers of the branch not taken", "[ops][where]", float, double) {
  const Array<TestType> x = {-2, 0, 1};
  check([](auto a) { return ag::where(a != 0, 1 / a, 0); }, x, {-0.5, 0, 1}, {-0.25, 0, -1},
        {-0.25, 0, 2});
  check([](auto a) { return ag::where(a == 0, 1, ag::sin(a) / a); }, Array<TestType>{0}, {1}, {0},
        {0});
  check([](auto a) { return ag::where(a > 0, ag::power(a, 0.5), 0); }, x, {0, 0, 1}, {0, 0, 0.5},
        {0, 0, -0.25});
  check([](auto a) { return ag::where(a > 0, ag::power(a, a), 0); }, x, {0, 0, 1}, {0, 0, 1},
        {0, 0, 2});
  check([](auto a) { return ag::where(a > 0, ag::cbrt(a), ag::square(a)); }, x, {4, 0, 1},
        {-4, 0, 1.0 / 3}, {2, 2, -2.0 / 9});
  check([](auto a) { return ag::where(a > 0, ag::arcsin(a / 2), ag::log1p(a * a)); },
        Array<TestType>{-3, 1}, {std::log(10.0), std::asin(0.5)}, {-0.6, 1 / std::sqrt(3.0)},
        {-0.16, 1 / (3 * std::sqrt(3.0))});
}

TEMPLATE_TEST_CASE("one where in another", "[ops][where]", float, double) {
  const auto f = [](auto a) {
    return ag::where(a > 0, ag::where(a > 1, ag::log(a - 1), 0), ag::sqrt(-a));
  };
  check(f, Array<TestType>{-4, 1, 3}, {2, 0, std::log(2.0)}, {-0.25, 0, 0.5},
        {-1.0 / 32, 0, -0.25});
  const auto twice = [](auto a) {
    const auto safe = ag::where(a > 0, ag::sqrt(a), 1);
    return ag::where(a > 0, 1 / safe, 0) * safe;
  };
  check(twice, Array<TestType>{-4, 0, 4}, {0, 0, 1}, {0, 0, 0}, {0, 0, 0});
}

TEMPLATE_TEST_CASE("where of numbers of rank 0", "[ops][where]", float, double) {
  const auto f = [](auto a) { return ag::where(a > 0, ag::sqrt(a), 0); };
  CHECK(ag::grad(f)(TestType(0)) == 0);
  CHECK(ag::grad(f)(TestType(-1)) == 0);
  CHECK(ag::grad(f)(TestType(4)) == TestType(0.25));
  CHECK(ag::grad(ag::grad(f))(TestType(0)) == 0);
}

TEMPLATE_TEST_CASE("where with constants that are not finite", "[ops][where]", float, double) {
  const Array<TestType> mask = {1, 0, 0},
                        odd = {TestType(1), TestType(no_number), TestType(infinity)};
  const auto f = [&](auto a) { return ag::where(mask, a * odd, a); };
  check(f, Array<TestType>{2, 3, 4}, {2, 3, 4}, {1, 1, 1}, {0, 0, 0});
  const auto g = [&](auto a) { return ag::where(mask, a, a / (odd - odd)); };
  check([&](auto a) { return ag::where(mask, a, 0) + 0 * ag::where(mask, g(a), 0); },
        Array<TestType>{2, 3, 4}, {2, 0, 0}, {1, 0, 0}, {0, 0, 0});
}

TEMPLATE_TEST_CASE("where of reductions of what is not finite", "[ops][where]", float, double) {
  const TestType none = TestType(no_number), inf = TestType(infinity);
  const Array<TestType> x = {{1, none}, {3, 4}, {inf, -inf}};
  const Array<TestType> good = {0, 1, 0};
  const auto rows = [&](auto reduce) {
    return [=](auto a) { return ag::sum(ag::where(good, reduce(a, {.axis = 1}), 0)); };
  };
  const double e = 1 / (1 + std::exp(1.0));
  const auto check_row = [&](const auto& f, double left, double right) {
    check_gradient(rows(f), x, {{0, 0}, {left, right}, {0, 0}});
  };
  using Over = const ag::Reduce&;
  check_row([](auto a, Over r) { return ag::sum(a, r); }, 1, 1);
  check_row([](auto a, Over r) { return ag::norm(a, r); }, 0.6, 0.8);
  check_row([](auto a, Over r) { return ag::max(a, r); }, 0, 1);
  check_row([](auto a, Over r) { return ag::min(a, r); }, 1, 0);
  check_row([](auto a, Over r) { return ag::prod(a, r); }, 4, 3);
  check_row([](auto a, Over r) { return ag::logsumexp(a, r); }, e, 1 - e);
  check_row([](auto a, Over r) { return ag::var(a, r); }, -0.5, 0.5);
  check_row([](auto a, Over r) { return ag::std(a, r); }, -0.5, 0.5);
}

TEMPLATE_TEST_CASE("where of slices and places", "[ops][where]", float, double) {
  const TestType none = TestType(no_number);
  const Array<TestType> x = {4, none, 9};
  check_gradient([](auto a) { return ag::sum(ag::sqrt(ag::view(a, xt::range(0, 3, 2)))); }, x,
                 {0.25, 0, 1.0 / 6});
  check_gradient([](auto a) { return ag::sum(ag::sqrt(ag::set(a, 1, 1))); }, x, {0.25, 0, 1.0 / 6});
  check_gradient(
      [](auto a) {
        return ag::sum(ag::sqrt(ag::take(a, xt::xarray<int>{0, 2})));
      },
      x, {0.25, 0, 1.0 / 6});
  check_gradient([](auto a) { return ag::sum(ag::clip(ag::log(a), -1, 1)); },
                 Array<TestType>{0, 1, 100}, {0, 1, 0});
  check_gradient([](auto a) { return ag::sum(ag::maximum(ag::log(a), -1)); }, Array<TestType>{0, 1},
                 {0, 1});
  check_gradient([](auto a) { return ag::sum(ag::relu(ag::log(a))); }, Array<TestType>{0, 2},
                 {0, 0.5});
  check_gradient([](auto a) { return ag::sum(ag::triu(1 / a)); }, Array<TestType>{{1, 2}, {0, 4}},
                 {{-1, -0.25}, {0, -1.0 / 16}});
}
