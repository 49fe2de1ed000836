/// Where functions have no derivative, or none by the formula: what the gradient is there. First
/// order by the raw and by the recorded sweep, and second order.

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;
using Catch::Matchers::WithinRel;
using op_cases::distance;

namespace {

template <class T>
using Array = xt::xarray<T>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14;

/// grad(f)(x), computed by the recorded sweep.
template <class T, class F>
Array<T> recorded_gradient(const F& f, const Array<T>& x) {
  const ag::Trace trace;
  return ag::grad(f)(ag::Var<T>(x)).value();
}

/// Checks the gradient of f, which returns one number, by both sweeps.
template <class T, class F>
void check_gradient(const F& f, const Array<T>& x, const Array<double>& expected) {
  CHECK(distance(Array<T>(ag::grad(f)(x)), expected) <= tolerance<T>);
  CHECK(distance(recorded_gradient(f, x), expected) <= tolerance<T>);
}

/// The same for functions that work element by element, and for their second derivatives.
template <class T, class F>
void check_slopes(const F& f, const Array<T>& x, const Array<double>& first,
                  const Array<double>& second) {
  const auto slope = ag::elementwise_grad(f);
  check_gradient([&](const auto& a) { return ag::sum(f(a)); }, x, first);
  check_gradient([&](const auto& a) { return ag::sum(slope(a)); }, x, second);
}

/// The gradient, and a Hessian that must be zero.
template <class T, class F>
void check_flat(const F& f, const Array<T>& x, const Array<double>& first) {
  check_gradient(f, x, first);
  CHECK(xt::all(xt::equal(ag::hessian(f)(x), T(0))));
}

/// f(a, b) is differentiated by both; results are {by a, by b}.
template <class T, class F>
void check_pair(const F& f, const Array<T>& a, const Array<T>& b, const Array<double>& by_a,
                const Array<double>& by_b) {
  const auto total = [&](const auto& x, const auto& y) { return ag::sum(f(x, y)); };
  const auto [ga, gb] = ag::grad(total)(a, b);
  CHECK(distance(Array<T>(ga), by_a) <= tolerance<T>);
  CHECK(distance(Array<T>(gb), by_b) <= tolerance<T>);
  const ag::Trace trace;
  const auto [va, vb] = ag::grad(total)(ag::Var<T>(a), ag::Var<T>(b));
  CHECK(distance(Array<T>(va.value()), by_a) <= tolerance<T>);
  CHECK(distance(Array<T>(vb.value()), by_b) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("abs, relu, sign and floor", "[ops][kinks]", float, double) {
  const Array<TestType> x = {-2, -0.0f, 0, 3};
  check_slopes([](auto a) { return ag::abs(a); }, x, {-1, 0, 0, 1}, {0, 0, 0, 0});
  check_slopes([](auto a) { return ag::relu(a); }, x, {0, 0, 0, 1}, {0, 0, 0, 0});
  check_slopes([](auto a) { return ag::sign(a); }, x, {0, 0, 0, 0}, {0, 0, 0, 0});
  check_slopes([](auto a) { return ag::floor(a); }, x, {0, 0, 0, 0}, {0, 0, 0, 0});
  check_slopes([](auto a) { return ag::abs(a) * a; }, x, {4, 0, 0, 6}, {-2, 0, 0, 2});
  CHECK(ag::grad([](auto a) { return ag::abs(a); })(TestType(0)) == 0);
  CHECK(ag::grad([](auto a) { return ag::relu(a); })(TestType(0)) == 0);
}

TEMPLATE_TEST_CASE("maximum and minimum share where both are equal", "[ops][kinks]", float,
                   double) {
  const Array<TestType> a = {1, 2, 3}, b = {1, 5, 0};
  check_pair([](auto p, auto q) { return ag::maximum(p, q); }, a, b, {0.5, 0, 1}, {0.5, 1, 0});
  check_pair([](auto p, auto q) { return ag::minimum(p, q); }, a, b, {0.5, 1, 0}, {0.5, 0, 1});
  check_flat([](auto p) { return ag::sum(ag::maximum(p, 2)); }, a, {0, 0.5, 1});
  check_flat([](auto p) { return ag::sum(ag::minimum(p, 2)); }, a, {1, 0.5, 0});
  const Array<TestType> scalar = 2;
  check_gradient(
      [](auto s) {
        return ag::sum(ag::maximum(s, Array<TestType>{1, 2, 3}));
      },
      scalar, Array<double>(1.5));
}

TEMPLATE_TEST_CASE("the largest elements share equally", "[ops][kinks]", float, double) {
  const Array<TestType> x = {{3, 1, 3}, {0, 0, 0}, {5, 7, 2}};
  const double third = 1.0 / 3;
  const auto rows = [](auto f) { return [=](auto a) { return ag::sum(f(a, {.axis = 1})); }; };
  check_flat(rows([](auto a, const ag::Reduce& r) { return ag::max(a, r); }), x,
             {{0.5, 0, 0.5}, {third, third, third}, {0, 1, 0}});
  check_flat(rows([](auto a, const ag::Reduce& r) { return ag::min(a, r); }), x,
             {{0, 1, 0}, {third, third, third}, {0, 0, 1}});
  check_flat([](auto a) { return ag::max(a); }, x, {{0, 0, 0}, {0, 0, 0}, {0, 1, 0}});
  check_flat([](auto a) { return ag::min(a); }, x, {{0, 0, 0}, {third, third, third}, {0, 0, 0}});
  check_flat([](auto a) { return ag::max(ag::abs(a)); }, Array<TestType>{-2, 2, 1}, {-0.5, 0.5, 0});
  check_flat([](auto a) { return ag::norm(a, ag::inf); }, Array<TestType>{-2, 2, 1},
             {-0.5, 0.5, 0});
}

TEMPLATE_TEST_CASE("the ends of clip", "[ops][kinks]", float, double) {
  const Array<TestType> x = {-3, -1, 0, 2, 5};
  const Array<double> inside = {0, 1, 1, 1, 0};
  check_slopes([](auto a) { return ag::clip(a, -1, 2); }, x, inside, {0, 0, 0, 0, 0});
  check_slopes([](auto a) { return ag::clip(a, -1, 2) * a; }, x, {-1, -2, 0, 4, 2},
               {0, 2, 2, 2, 0});
  CHECK(ag::grad([](auto a) { return ag::clip(a, -1, 2); })(TestType(7)) == 0);
  CHECK(ag::grad([](auto a) { return ag::clip(a, -1, 2); })(TestType(2)) == 1);
}

TEMPLATE_TEST_CASE("clip with bounds that have changed places is the upper one", "[ops][kinks]",
                   float, double) {
  const Array<TestType> x = {-3, 1, 1.5, 2, 5}, low = {2, 2, 2, 2, 2}, high = {1, 1, 1, 1, 1};
  const auto clip = [](auto a, auto b, auto c) { return ag::clip(a, b, c); };
  CHECK(distance(Array<TestType>(ag::evaluate(clip)(x, low, high)), high) == 0);
  const auto by_bounds = [&](auto b, auto c) { return ag::clip(x, b, c); };
  check_pair(by_bounds, low, high, {0, 0, 0, 0, 0}, {1, 1, 1, 1, 1});
  check_slopes([](auto a) { return ag::clip(a, 2, 1); }, x, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0});
}

TEMPLATE_TEST_CASE("norms of any order of zero", "[ops][kinks]", float, double) {
  const Array<TestType> zero = {0, 0, 0};
  for (double p : {0.5, 1.0, 1.5, 2.0, 3.0, ag::inf}) {
    INFO("p = " << p);
    check_flat([p](auto a) { return ag::norm(a, p); }, zero, {0, 0, 0});
  }
  check_gradient([](auto a) { return ag::norm(a, 0.5); }, Array<TestType>{0, 4}, {no_number, 1});
}

TEMPLATE_TEST_CASE("the norm of zero", "[ops][kinks]", float, double) {
  using Zeros = Array<TestType>;
  const Zeros x = {{3, 4, 0}, {0, 0, 0}};
  const Zeros zero = {0, 0, 0};
  check_flat([](auto a) { return ag::norm(a); }, zero, {0, 0, 0});
  check_flat([](auto a) { return ag::norm(a, "fro"); }, Zeros{{0, 0}, {0, 0}}, {{0, 0}, {0, 0}});
  check_flat([](auto a) { return ag::norm(a, 1); }, zero, {0, 0, 0});
  check_flat([](auto a) { return ag::norm(a, 3); }, zero, {0, 0, 0});
  check_flat([](auto a) { return ag::norm(a, ag::inf); }, zero, {0, 0, 0});
  check_flat([](auto a) { return ag::norm(a, {.axis = 0, .keepdims = true}); }, zero, {0, 0, 0});
  check_gradient([](auto a) { return ag::sum(ag::norm(a, {.axis = 1})); }, x,
                 {{0.6, 0.8, 0}, {0, 0, 0}});
  check_gradient([](auto a) { return ag::sum(ag::norm(ag::diff(a), {.axis = 1})); },
                 Zeros{{7, 7, 7}, {0, 3, 7}}, {{0, 0, 0}, {-0.6, -0.2, 0.8}});
  CHECK(ag::grad([](auto a) { return ag::norm(a); })(TestType(0)) == 0);
}

TEMPLATE_TEST_CASE("the second derivative of norms, some of zero", "[ops][kinks]", float, double) {
  using T = TestType;
  const Array<T> x = {{3, 4}, {0, 0}};
  const auto f = [](auto a) { return ag::sum(ag::norm(a, {.axis = 1})); };
  const Array<T> h = ag::hessian(f)(x);
  Array<double> expected = xt::zeros<double>({2, 2, 2, 2});
  expected(0, 0, 0, 0) = 16.0 / 125;
  expected(0, 0, 0, 1) = expected(0, 1, 0, 0) = -12.0 / 125;
  expected(0, 1, 0, 1) = 9.0 / 125;
  CHECK(distance(h, expected) <= tolerance<T>);
  CHECK(distance(Array<T>(ag::hvp(f)(x, Array<T>{{1, 0}, {1, 1}})),
                 Array<double>{{16.0 / 125, -12.0 / 125}, {0, 0}}) <= tolerance<T>);
}

TEMPLATE_TEST_CASE("the deviation of equal elements", "[ops][kinks]", float, double) {
  const Array<TestType> x = {{2, 2, 2, 2}, {1, 3, 1, 3}};
  check_flat([](auto a) { return ag::std(a); }, Array<TestType>{5, 5, 5}, {0, 0, 0});
  check_flat([](auto a) { return ag::std(a, {}, 1); }, Array<TestType>{5, 5, 5}, {0, 0, 0});
  check_gradient([](auto a) { return ag::std(a); }, Array<TestType>{0.1f, 0.1f, 0.1f}, {0, 0, 0});
  check_gradient([](auto a) { return ag::sum(ag::std(a, {.axis = 1})); }, x,
                 {{0, 0, 0, 0}, {-0.25, 0.25, -0.25, 0.25}});
  check_flat([](auto a) { return ag::std(a); }, Array<TestType>{5}, {0});
}

TEMPLATE_TEST_CASE("hypot at the origin", "[ops][kinks]", float, double) {
  const Array<TestType> a = {0, 3, 0}, b = {0, 4, -2};
  check_pair([](auto p, auto q) { return ag::hypot(p, q); }, a, b, {0, 0.6, 0}, {0, 0.8, -1});
  check_slopes([](auto p) { return ag::hypot(p, p); }, Array<TestType>{0}, {0}, {0});
  check_slopes([](auto p) { return ag::hypot(p, 0); }, Array<TestType>{0, -2}, {0, -1}, {0, 0});
}

TEMPLATE_TEST_CASE("what is smooth where a root has a kink", "[ops][kinks]", float, double) {
  using T = TestType;
  const Array<T> zero = {0, 0}, equal = {3, 3, 3};
  const auto check_hessian = [](const auto& f, const Array<T>& x, const Array<double>& expected) {
    CHECK(distance(Array<T>(ag::hessian(f)(x)), expected) <= tolerance<T>);
    const ag::Trace trace;
    const auto h = ag::hessian(f)(ag::Var<T>(x));
    CHECK(distance(Array<T>(h.value()), expected) <= tolerance<T>);
  };
  const Array<double> two = {{2, 0}, {0, 2}}, one = {{1, 0}, {0, 1}};
  check_hessian([](auto x) { return ag::square(ag::norm(x)); }, zero, two);
  check_hessian([](auto x) { return ag::norm(x) * ag::norm(x); }, zero, two);
  check_hessian([](auto x) { return ag::power(ag::norm(x), 2); }, zero, two);
  check_hessian([](auto x) { return ag::square(-ag::norm(x)); }, zero, two);
  check_hessian([](auto x) { return ag::square(ag::norm(x) / 2) * 2; }, zero, one);
  check_hessian([](auto x) { return 0.5 * ag::norm(x) * ag::norm(x); }, zero, one);
  check_hessian([](auto x) { return ag::norm(x) * (ag::norm(x) / 2); }, zero, one);
  check_hessian([](auto x) { return ag::square(ag::hypot(x[0], x[1])); }, zero, two);
  check_hessian([](auto x) { return ag::hypot(x[0], x[1]) * ag::hypot(x[0], x[1]); }, zero, two);
  check_hessian([](auto x) { return ag::norm(2 * x) * ag::norm(2 * x) / 4; }, zero, two);
  check_hessian([&](auto x) { return ag::norm(x - equal) * ag::norm(x - equal) / 2; }, equal,
                xt::eye(3));
  check_hessian([](auto x) { return -(-ag::norm(x) * ag::norm(x)); }, zero, two);
  check_hessian([](auto x) { return ag::square(2 * (3 * ag::norm(x))) / 36; }, zero, two);
  check_hessian([](auto x) { return ag::std(x) * ag::std(x) * 9; }, equal,
                {{4, -2, -2}, {-2, 4, -2}, {-2, -2, 4}});
  check_hessian([](auto x) { return ag::sum(ag::square(ag::abs(x))); }, zero, two);
  check_hessian([](auto x) { return ag::sum(ag::abs(x) * ag::abs(x)); }, zero, two);
  check_hessian([](auto x) { return ag::square(ag::std(x)) * 9; }, equal,
                {{4, -2, -2}, {-2, 4, -2}, {-2, -2, 4}});
  check_hessian([](auto x) { return ag::square(ag::std(x, {}, 1)) * 3; }, equal,
                {{2, -1, -1}, {-1, 2, -1}, {-1, -1, 2}});
}

TEMPLATE_TEST_CASE("squares of the norms of rows and columns", "[ops][kinks]", float, double) {
  using T = TestType;
  const auto two_everywhere = [](const auto& f, const Array<T>& x) {
    const Array<T> h = ag::hvp(f)(x, xt::ones_like(x));
    return xt::allclose(h, T(2));
  };
  const Array<T> x = {{0, 0, 0}, {1, 2, 2}};
  for (const ag::Index axis : {0, 1}) {
    for (const bool keepdims : {false, true}) {
      const ag::Reduce over{.axis = axis, .keepdims = keepdims};
      const auto squares = [=](auto a) { return ag::sum(ag::square(ag::norm(a, over))); };
      const auto products = [=](auto a) { return ag::sum(ag::norm(a, over) * ag::norm(a, over)); };
      CHECK(two_everywhere(squares, x));
      CHECK(two_everywhere(products, x));
      CHECK((ag::grad(squares)(x) == 2 * x));
    }
  }
  const auto dots = [](auto a) {
    const auto r = ag::norm(a, {.axis = 1});
    return ag::dot(r, r);
  };
  CHECK(two_everywhere(dots, x));
  const Array<T> square = {{0, 0}, {0, 1}};
  CHECK(two_everywhere([](auto a) { return ag::square(ag::norm(a)); }, square));
  const auto mixed = [](auto a) {  // two different norms: nothing to make of it
    return ag::sum(ag::norm(a, {.axis = 0}) * ag::norm(a, {.axis = 1}));
  };
  CHECK(ag::evaluate(mixed)(square)() == 1);
  check_gradient(mixed, Array<T>{{3, 4}, {0, 0}}, {{6.8, 2.4}, {0, 0}});
}

TEMPLATE_TEST_CASE("products of roots do not overflow before they are products", "[ops][kinks]",
                   float, double) {
  using T = TestType;
  const T large = sizeof(T) == 4 ? T(1e30) : T(1e200), small = 1 / large;
  const auto scaled = [](T scale) {
    return [=](auto x) { return ag::sum(ag::square(ag::abs(x) / scale)); };
  };
  for (const T scale : {large, small}) {
    const Array<T> x = {scale, -2 * scale};
    CHECK_THAT(ag::evaluate(scaled(scale))(x)(), WithinRel(T(5), T(1e-6)));
    CHECK(distance(Array<T>(ag::grad(scaled(scale))(x) * scale), Array<double>{2, -4}) <= 1e-6);
    const auto hypots = [=](auto a) {
      const auto r = ag::hypot(a[0], a[1]) * (1 / scale);
      return r * r;
    };
    CHECK_THAT(ag::evaluate(hypots)(x)(), WithinRel(T(5), T(1e-6)));
  }
}

TEMPLATE_TEST_CASE("the factors of roots overflow only where the product does", "[ops][kinks]",
                   float, double) {
  using T = TestType;
  using V = ag::Var<T>;
  const T small = sizeof(T) == 4 ? T(1e-40) : T(1e-310),
          large = sizeof(T) == 4 ? T(1e30) : T(1e200);
  const std::vector<std::function<V(const V&)>> multiples = {
      [=](const V& r) { return r / small; }, [=](const V& r) { return -r / small; },
      [=](const V& r) { return r / V(1 / large) / V(1 / large); },
      [=](const V& r) { return V(large) * (V(large) * r); }};
  for (const auto& multiple : multiples) {
    const auto check = [&](const auto& root) {
      const auto square = [&](const V& x) {
        const V r = multiple(root(x));
        return r * r;
      };
      const Array<T> y = ag::evaluate(square)(Array<T>{0, 0});
      CHECK((y == Array<T>{0, 0}));
    };
    check([](const V& x) { return ag::abs(x); });
    check([](const V& x) { return ag::sqrt(x); });
    check([](const V& x) { return ag::hypot(x, x); });
  }
  const auto norm = [=](const V& x) {
    const V r = ag::norm(x) / small;
    return r * r;
  };
  CHECK(ag::evaluate(norm)(Array<T>{0, 0})() == 0);
  const auto scaled = [](const V& x) {
    const V r = -ag::abs(x) / 3;
    return r * r;
  };
  check_slopes<T>(scaled, {0, 1}, {0, 2.0 / 9}, {2.0 / 9, 2.0 / 9});
}

TEST_CASE("two arguments in the same memory are two variables", "[ops][kinks]") {
  const Array<double> x = {3, 4};
  const auto f = [](auto a, auto b) { return ag::norm(a) * ag::norm(b); };
  const auto [ga, gb] = ag::grad(f)(x, x);
  CHECK((ga == x));
  CHECK((gb == x));
  const ag::Trace trace;
  const ag::Var<double> v(x);
  const auto [va, vb] = ag::grad(f)(v, v);
  CHECK((va.value() == x));
  CHECK((vb.value() == x));
}

TEMPLATE_TEST_CASE("an infinite cotangent reaches the largest element only", "[ops][kinks]", float,
                   double) {
  const auto f = [](auto x) { return ag::sqrt(ag::max(x) - 3); };
  check_gradient(f, Array<TestType>{3, 1}, {infinity, 0});
  check_gradient([](auto x) { return ag::sqrt(ag::max_pool2d(x, 2) - 3)[0][0]; },
                 Array<TestType>{{3, 1}, {0, 2}}, {{infinity, 0}, {0, 0}});
}

TEMPLATE_TEST_CASE("clip with a bound that is NaN", "[ops][kinks]", float, double) {
  using T = TestType;
  const T none = std::numeric_limits<T>::quiet_NaN();
  const auto clipped = [](T x, const Array<T>& low, const Array<T>& high) {
    return ag::evaluate([&](auto a) { return ag::clip(a, low, high); })(Array<T>{x})(0);
  };
  const Array<T> zero = 0, one = 1, nan = none;
  for (const T x : {T(-1), T(0.5), T(2)}) {
    CHECK(std::isnan(clipped(x, nan, one)));
    CHECK(std::isnan(clipped(x, zero, nan)));
    CHECK(std::isnan(clipped(x, Array<T>{none}, one)));
    CHECK(clipped(x, Array<T>{0}, Array<T>{1}) == std::clamp(x, T(0), T(1)));
  }
}

TEMPLATE_TEST_CASE("the square of a square root", "[ops][kinks]", float, double) {
  using T = TestType;
  const Array<T> x = {0, 4, -1};
  const auto squared = [](auto a) { return ag::square(ag::sqrt(a)); };
  const Array<T> value = ag::evaluate(squared)(x);
  CHECK(value(0) == 0);
  CHECK(value(1) == 4);
  CHECK(std::isnan(value(2)));
  const Array<T> slope = ag::elementwise_grad(squared)(x);
  CHECK(slope(0) == 1);
  CHECK(slope(1) == 1);
  CHECK(std::isnan(slope(2)));
}

TEMPLATE_TEST_CASE("products with zeros are exact", "[ops][kinks]", float, double) {
  using T = TestType;
  const auto prod = [](auto a) { return ag::prod(a); };
  check_gradient(prod, Array<T>{2, 0, 3, 4}, {0, 24, 0, 0});
  check_gradient(prod, Array<T>{2, 0, 0, 4}, {0, 0, 0, 0});
  check_gradient(prod, Array<T>{0}, {1});
  check_gradient(prod, Array<T>{0, 5}, {5, 0});
  check_gradient([](auto a) { return ag::sum(ag::prod(a, {.axis = 0})); },
                 Array<T>{{0, 1}, {2, 0}, {3, 4}}, {{6, 0}, {0, 4}, {0, 0}});
  const Array<double> one = {{0, 12, 0, 0}, {12, 0, 8, 6}, {0, 8, 0, 0}, {0, 6, 0, 0}};
  const Array<double> two = {{0, 0, 0, 0}, {0, 0, 8, 0}, {0, 8, 0, 0}, {0, 0, 0, 0}};
  CHECK(distance(Array<T>(ag::hessian(prod)(Array<T>{2, 0, 3, 4})), one) == 0);
  CHECK(distance(Array<T>(ag::hessian(prod)(Array<T>{2, 0, 0, 4})), two) == 0);
}

TEMPLATE_TEST_CASE("running products with zeros are exact", "[ops][kinks]", float, double) {
  using T = TestType;
  const auto sums = [](auto a) { return ag::sum(ag::cumprod(a, 0)); };
  const auto last = [](auto a) { return ag::cumprod(a)[-1]; };
  check_gradient(sums, Array<T>{2, 0, 3, 4}, {1, 32, 0, 0});
  check_gradient(sums, Array<T>{0, 5, 0, 4}, {6, 0, 0, 0});
  check_gradient(sums, Array<T>{0}, {1});
  check_gradient(sums, Array<T>{{0, 1}, {2, 0}, {3, 4}}, {{9, 1}, {0, 5}, {0, 0}});
  const Array<double> one = {{0, 12, 0, 0}, {12, 0, 8, 6}, {0, 8, 0, 0}, {0, 6, 0, 0}};
  const Array<double> two = {{0, 0, 0, 0}, {0, 0, 8, 0}, {0, 8, 0, 0}, {0, 0, 0, 0}};
  CHECK(distance(Array<T>(ag::hessian(last)(Array<T>{2, 0, 3, 4})), one) == 0);
  CHECK(distance(Array<T>(ag::hessian(last)(Array<T>{2, 0, 0, 4})), two) == 0);
}

TEMPLATE_TEST_CASE("running products that are not used receive nothing", "[ops][kinks]", float,
                   double) {
  using T = TestType;
  const T none = std::numeric_limits<T>::quiet_NaN();
  const auto before = [](auto a) { return ag::cumprod(a)[1]; };
  check_gradient(before, Array<T>{2, 3, none, 4}, {3, 2, 0, 0});
  const Array<T> bend = ag::hessian(before)(Array<T>{2, 3, none, 4});
  CHECK(distance(bend, Array<double>{{0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}) == 0);
  const Array<T> slope = ag::grad([](auto a) { return ag::cumprod(a)[2]; })(Array<T>{2, 3, none});
  CHECK(std::isnan(slope(0)));
  CHECK(std::isnan(slope(1)));
  CHECK(slope(2) == 6);
}

TEMPLATE_TEST_CASE("powers of zero", "[ops][kinks]", float, double) {
  using T = TestType;
  const Array<T> zero = {0};
  const auto to_the = [](double b) { return [=](auto a) { return ag::power(a, b); }; };
  check_slopes(to_the(0), zero, {0}, {0});
  check_slopes(to_the(1), zero, {1}, {0});
  check_slopes(to_the(2), zero, {0}, {2});
  check_slopes(to_the(3), zero, {0}, {0});
  check_slopes(to_the(0.5), zero, {infinity}, {-infinity});
  check_slopes(to_the(3), Array<T>{-2}, {12}, {-12});
  const Array<T> a = {0, 0, 0, 2}, b = {1, 2, 0, 3};
  check_pair([](auto p, auto q) { return ag::power(p, q); }, a, b, {1, 0, 0, 12},
             {0, 0, 0, 8 * std::log(2.0)});
  const Array<T> negative = {-1, T(-0.5), -2};
  check_pair([](auto p, auto q) { return ag::power(p, q); }, Array<T>{0, 0, 0}, negative,
             {-infinity, -infinity, -infinity}, {no_number, no_number, no_number});
}

TEMPLATE_TEST_CASE("logaddexp and logsumexp of infinities", "[ops][kinks]", float, double) {
  using T = TestType;
  const T inf = T(infinity);
  const Array<T> a = {-inf, inf, 2, inf, -inf}, b = {1, 1, -inf, inf, -inf};
  check_pair([](auto p, auto q) { return ag::logaddexp(p, q); }, a, b, {0, 1, 1, 0.5, 0.5},
             {1, 0, 0, 0.5, 0.5});
  const auto lse = [](auto x) { return ag::logsumexp(x); };
  check_gradient(lse, Array<T>{-inf, 3, -inf, 3}, {0, 0.5, 0, 0.5});
  check_gradient(lse, Array<T>{inf, 3, -inf}, {1, 0, 0});
  check_gradient(lse, Array<T>{10, 10}, {0.5, 0.5});
  check_gradient(lse, Array<T>{1000, -1000}, {1, 0});
  CHECK(distance(Array<T>(ag::hessian(lse)(Array<T>{-inf, 3, 3})),
                 Array<double>{{0, 0, 0}, {0, 0.25, -0.25}, {0, -0.25, 0.25}}) <= 1e-6);
  const auto first = [](auto x) { return ag::softmax(x)[0]; };
  check_gradient(first, Array<T>{5, -inf, 5}, {0.25, 0, -0.25});
  CHECK(xt::all(xt::isfinite(ag::hessian(first)(Array<T>{5, -inf, 5}))));
}

TEST_CASE("the formula that docs/numpy.md gives for arcsinh has none", "[ops][kinks]") {
  const auto arcsinh = [](auto x) {
    const auto s = ag::where(x < 0, -1, 1);
    return s * ag::log1p(s * x + x * (x / (1 + ag::hypot(x, 1))));
  };
  const Array<double> x = {-1e300, -1e8, -2, -1e-10, 0, 1e-10, 2, 1e8, 1e300};
  CHECK(distance(Array<double>(ag::evaluate(arcsinh)(x)), Array<double>(xt::asinh(x))) <= 1e-15);
  const Array<double> moderate = {-100, -2, -1e-10, 0, 1e-10, 2, 100};
  const Array<double> one = 1 + moderate * moderate;
  check_slopes(arcsinh, moderate, 1 / xt::sqrt(one), -moderate / (one * xt::sqrt(one)));
  const auto arccosh = [](auto x) { return ag::log1p(x - 1 + ag::sqrt(x - 1) * ag::sqrt(x + 1)); };
  const Array<double> above = {1, 1 + 1e-12, 1.5, 1e10, 1e300};
  CHECK(distance(Array<double>(ag::evaluate(arccosh)(above)), Array<double>(xt::acosh(above))) <=
        1e-15);
}
