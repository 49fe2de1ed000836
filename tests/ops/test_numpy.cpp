/// The operations of numpy.hpp, and functions that are made of others, where values are special:
/// NaN, infinities, ties, ends.
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
using A = xt::xarray<T>;

/// Empty if both have one shape and the same elements, NaN being the same as NaN.
template <class T>
std::string same(const A<T>& got, const A<T>& expected) {
  if (got.shape() != expected.shape()) return "another shape";
  for (std::size_t i = 0; i < got.size(); ++i) {
    const T x = got.flat(i), y = expected.flat(i);
    if (!(x == y || (std::isnan(x) && std::isnan(y)))) {
      return "element " + std::to_string(i) + " is " + std::to_string(x);
    }
  }
  return "";
}

/// The value of f, its gradient by the raw sweep, which the recorded one must confirm.
template <class T, class F>
A<T> value(const F& f, const A<T>& x) {
  return ag::evaluate(f)(x);
}
template <class T, class F>
A<T> slopes(const F& f, const A<T>& x) {
  const auto total = [&](const ag::Var<T>& a) { return ag::sum(f(a)); };
  const A<T> raw = ag::grad(total)(x);
  const ag::Trace trace;
  const A<T> recorded = ag::grad(total)(ag::Var<T>(x)).value();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const T tolerance = 4 * std::numeric_limits<T>::epsilon() * std::abs(raw.flat(i));
    CHECK((std::isnan(raw.flat(i)) ? std::isnan(recorded.flat(i))
                                   : std::abs(recorded.flat(i) - raw.flat(i)) <= tolerance));
  }
  return raw;
}

}  // namespace

TEMPLATE_TEST_CASE("rounding goes to the even neighbour", "[ops][numpy]", float, double) {
  using T = TestType;
  const A<T> x = {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, T(infinity)};
  const A<T> even = {-2, -2, 0, 0, 2, 2, T(infinity)};
  CHECK(same<T>(value<T>([](auto a) { return ag::rint(a); }, x), even) == "");
  CHECK(same<T>(value<T>([](auto a) { return ag::round(a); }, x), even) == "");
  CHECK(std::signbit(value<T>([](auto a) { return ag::ceil(a); }, A<T>{-0.5, -0.5})(1)));
  CHECK(std::signbit(value<T>([](auto a) { return ag::rint(a); }, A<T>{-0.5, -0.5})(1)));
  CHECK(same<T>(value<T>([](auto a) { return ag::round(a, 1); }, A<T>{0.25, T(0.36)}),
                A<T>{T(0.2), T(0.4)}) == "");
}

TEMPLATE_TEST_CASE("sinc is smooth at 0", "[ops][numpy]", float, double) {
  using T = TestType;
  const auto f = [](const ag::Var<T>& x) { return ag::sinc(x); };
  const A<T> x = {0, T(1e-20), T(-1e-3), T(0.318), T(0.319), 1};
  const A<T> y = value<T>(f, x), slope = slopes<T>(f, x);
  const T bend =
      ag::hvp([&](const ag::Var<T>& a) { return ag::sum(f(a)); })(x, A<T>{1, 0, 0, 0, 0, 0})(0);
  CHECK(y(0) == 1);
  CHECK(y(1) == 1);
  CHECK(slope(0) == 0);
  const double pi = std::acos(-1.0), near = 100 * std::numeric_limits<T>::epsilon();
  CHECK(std::abs(double(bend) + pi * pi / 3) < 10 * near);
  for (std::size_t i = 2; i < x.size(); ++i) {
    const double t = pi * double(x(i));
    const double exact =
        i == 2 ? -pi * t / 3 * (1 - t * t / 10) : pi * (std::cos(t) / t - std::sin(t) / (t * t));
    CHECK(std::abs(double(y(i)) - std::sin(t) / t) < near);
    CHECK(std::abs(double(slope(i)) - exact) < near * (i == 2 ? 0.1 : 10));
  }
}

TEMPLATE_TEST_CASE("functions that know NaN", "[ops][numpy]", float, double) {
  using T = TestType;
  const T inf = T(infinity), none = T(no_number), high = std::numeric_limits<T>::max();
  const A<T> x = {none, inf, -inf, 2};
  const auto at = [&](const auto& f) { return value<T>(f, x); };
  CHECK(same<T>(at([](auto a) { return ag::nan_to_num(a); }), A<T>{0, high, -high, 2}) == "");
  CHECK(same<T>(slopes<T>([](auto a) { return ag::nan_to_num(a); }, x), A<T>{0, 0, 0, 1}) == "");
  CHECK(same<T>(at([](auto a) { return ag::isnan(a); }), A<T>{1, 0, 0, 0}) == "");
  CHECK(same<T>(at([](auto a) { return ag::isinf(a); }), A<T>{0, 1, 1, 0}) == "");
  CHECK(same<T>(at([](auto a) { return ag::isfinite(a); }), A<T>{0, 0, 0, 1}) == "");
  CHECK(same<T>(at([](auto a) { return ag::logical_not(a); }), A<T>{0, 0, 0, 0}) == "");
  CHECK(same<T>(at([](auto a) { return ag::fmax(a, 1); }), A<T>{1, inf, 1, 2}) == "");
  CHECK(same<T>(slopes<T>([](auto a) { return ag::fmax(a, 1); }, x), A<T>{0, 1, 0, 1}) == "");
  CHECK(same<T>(slopes<T>([](auto a) { return ag::fmin(a, 2); }, x), A<T>{0, 0, 1, 0.5}) == "");
  CHECK(std::isnan(slopes<T>([](auto a) { return ag::fmax(a, a); }, A<T>{none, none})(0)));
  CHECK(same<T>(at([](auto a) { return ag::heaviside(a, 7); }), A<T>{none, 1, 0, 1}) == "");
  CHECK(same<T>(value<T>([](auto a) { return ag::heaviside(a, 7); }, A<T>{0}), A<T>{7}) == "");
}

TEMPLATE_TEST_CASE("remainders have signs", "[ops][numpy]", float, double) {
  using T = TestType;
  const auto each = [](const auto& f) {
    return ag::evaluate(f)(A<T>{7, -7, 7, -7, 6}, A<T>{3, 3, -3, -3, 3});
  };
  CHECK(same<T>(each([](auto a, auto b) { return ag::mod(a, b); }), A<T>{1, 2, -2, -1, 0}) == "");
  CHECK(same<T>(each([](auto a, auto b) { return ag::fmod(a, b); }), A<T>{1, -1, 1, -1, 0}) == "");
  CHECK(same<T>(each([](auto a, auto b) { return ag::floor_divide(a, b); }),
                A<T>{2, -3, -3, 2, 2}) == "");
  const auto [by_a, by_b] = ag::grad<0, 1>([](auto a, auto b) { return ag::sum(ag::mod(a, b)); })(
      A<T>{7, -7, 6}, A<T>{3, 3, 3});
  CHECK(same<T>(by_a, A<T>{1, 1, 1}) == "");
  CHECK(same<T>(by_b, A<T>{-2, 3, -2}) == "");
  CHECK(same<T>(ag::evaluate([](auto a, auto b) { return ag::floor_divide(a, b); })(
                    A<T>{-1, 1, 1}, A<T>{T(infinity), T(infinity), 0}),
                A<T>{-1, 0, T(infinity)}) == "");
}

TEMPLATE_TEST_CASE("what is close", "[ops][numpy]", float, double) {
  using T = TestType;
  const ag::Trace trace;
  using V = ag::Var<T>;
  const T inf = T(infinity), none = T(no_number);
  const V a = A<T>{1, inf, inf, none, 1, 0}, b = A<T>{T(1.000001), inf, -inf, none, inf, T(1e-9)};
  CHECK(same<T>(ag::isclose(a, b).value(), A<T>{1, 1, 0, 0, 0, 1}) == "");
  CHECK(same<T>(ag::isclose(a, b, {.equal_nan = true}).value(), A<T>{1, 1, 0, 1, 0, 1}) == "");
  CHECK(same<T>(ag::isclose(a, b, {.rtol = 0, .atol = 0}).value(), A<T>{0, 1, 0, 0, 0, 0}) == "");
  CHECK_FALSE(ag::allclose(a, b));
  CHECK(ag::allclose(a[0], b[0]));
  CHECK_FALSE(ag::array_equal(a, a));  // NaN
  CHECK(ag::array_equal(b[0], b[0]));
}

TEMPLATE_TEST_CASE("ties and NaN in order", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number);
  const A<T> x = {3, none, 1, 3, 1};
  CHECK(same<T>(value<T>([](auto a) { return ag::sort(a); }, x), A<T>{1, 1, 3, 3, none}) == "");
  const auto first_of_three = [](const auto& a) { return ag::sort(a)[2]; };
  CHECK(same<T>(slopes<T>(first_of_three, x), A<T>{1, 0, 0, 0, 0}) == "");
  const ag::Trace trace;
  CHECK((ag::argsort(ag::Var<T>(x)) == xt::xarray<ag::Index>{2, 4, 0, 3, 1}));
  CHECK((ag::searchsorted(ag::Var<T>(A<T>{1, 3, none}), ag::Var<T>(A<T>{3, none, 9})) ==
         xt::xarray<ag::Index>{1, 2, 2}));
}

TEMPLATE_TEST_CASE("quantiles of special numbers", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number), inf = T(infinity);
  const auto median = [](const auto& a) { return ag::median(a); };
  CHECK(std::isnan(value<T>(median, A<T>{1, none, 2})()));
  CHECK(same<T>(slopes<T>(median, A<T>{1, none, 2}), A<T>{0, 1, 0}) == "");
  CHECK(std::isnan(value<T>(median, A<T>::from_shape({0}))()));
  CHECK(value<T>(median, A<T>{1, inf})() == inf);
  CHECK(value<T>(median, A<T>{inf, inf})() == inf);
  CHECK(same<T>(slopes<T>(median, A<T>{2, 2, 2, 2}), A<T>{0, 0.5, 0.5, 0}) == "");
  CHECK(value<T>([](auto a) { return ag::quantile(a, 1); }, A<T>{1, 5, 3})() == 5);
}

TEMPLATE_TEST_CASE("statistics of nothing but NaN", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number);
  const A<T> x = {none, none};
  const auto of = [&](const auto& f) { return value<T>(f, x)(); };
  CHECK(of([](auto a) { return ag::nansum(a); }) == 0);
  CHECK(of([](auto a) { return ag::nanprod(a); }) == 1);
  CHECK(std::isnan(of([](auto a) { return ag::nanmean(a); })));
  CHECK(std::isnan(of([](auto a) { return ag::nanmax(a); })));
  CHECK(std::isnan(of([](auto a) { return ag::nanmin(a); })));
  CHECK(std::isnan(of([](auto a) { return ag::nanvar(a); })));
  const A<T> one = {none, 3};
  CHECK(value<T>([](auto a) { return ag::nanvar(a); }, one)() == 0);
  CHECK(std::isnan(value<T>([](auto a) { return ag::nanstd(a, {}, 1); }, one)()));
  CHECK(same<T>(slopes<T>([](auto a) { return ag::nanmax(a); }, A<T>{none, 3, 3, 1}),
                A<T>{0, 0.5, 0.5, 0}) == "");
  CHECK(same<T>(slopes<T>([](auto a) { return ag::nanstd(a); }, A<T>{none, 3, 3}), A<T>{0, 0, 0}) ==
        "");
}

TEMPLATE_TEST_CASE("interpolation at points and beyond", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number), inf = T(infinity);
  const auto f = [](const ag::Var<T>& x) { return ag::interp(x, A<T>{0, 1, 3}, A<T>{0, 10, 70}); };
  const A<T> x = {-inf, -1, 0, 1, 3, 4, inf, none};
  CHECK(same<T>(value<T>(f, x), A<T>{0, 0, 0, 10, 70, 70, 70, none}) == "");
  CHECK(same<T>(slopes<T>(f, A<T>{-1, 0, 1, 2, 3, 4}), A<T>{0, 10, 30, 30, 0, 0}) == "");
}

TEMPLATE_TEST_CASE("interpolation beside infinite points", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number), inf = T(infinity);
  const auto at = [](const A<T>& x, const A<T>& xp, const A<T>& fp) {
    return ag::evaluate([](auto... a) { return ag::interp(a...); })(x, xp, fp);
  };
  const A<T> points = {0, 1, 2};
  CHECK(same<T>(at({1}, points, {1, 2, inf}), {2}) == "");
  CHECK(same<T>(at({0, 0.5}, points, {-inf, 2, 3}), {-inf, -inf}) == "");
  CHECK(same<T>(at({0, 0.5, 1, 1.5, 2}, points, {inf, inf, -inf}), {inf, inf, inf, none, -inf}) ==
        "");
  CHECK(same<T>(at({-1, 0.5, 3, none}, {-inf, 1, inf}, {4, 5, 6}), {5, 5, 5, none}) == "");

  const auto total = [](auto... a) { return ag::sum(ag::interp(a...)); };
  const A<T> x = {1, 0.5}, fp = {1, 2, inf};
  const auto check = [&](const A<T>& by_x, const A<T>& by_xp, const A<T>& by_fp) {
    CHECK(same<T>(by_x, {0, 1}) == "");
    CHECK(same<T>(by_xp, {-0.5, -0.5, 0}) == "");
    CHECK(same<T>(by_fp, {0.5, 1.5, 0}) == "");
  };
  const auto [by_x, by_xp, by_fp] = ag::grad<0, 1, 2>(total)(x, points, fp);
  check(by_x, by_xp, by_fp);
  const ag::Trace trace;
  using V = ag::Var<T>;
  const auto [dx, dxp, dfp] = ag::grad<0, 1, 2>(total)(V(x), V(points), V(fp));
  check(dx.value(), dxp.value(), dfp.value());
}

TEMPLATE_TEST_CASE("digitize counts NaN as the largest edge", "[ops][numpy]", float, double) {
  using T = TestType;
  const ag::Trace trace;
  const T none = T(no_number);
  using V = ag::Var<T>;
  const V x = A<T>{0, 1.5, 5, none}, rising = A<T>{1, 2, none}, falling = A<T>{none, 2, 1};
  CHECK((ag::digitize(x, rising) == xt::xarray<ag::Index>{0, 1, 2, 3}));
  CHECK((ag::digitize(x, rising, true) == xt::xarray<ag::Index>{0, 1, 2, 2}));
  CHECK((ag::digitize(x, falling) == xt::xarray<ag::Index>{3, 2, 1, 0}));
}

TEMPLATE_TEST_CASE("the sign of an infinity", "[ops][numpy]", float, double) {
  using T = TestType;
  const T inf = T(infinity), none = T(no_number);
  const A<T> a = {2, 2, -2, 2, 0}, b = {inf, -inf, -inf, none, inf};
  const auto f = [&](const ag::Var<T>& x) { return ag::copysign(x, b); };
  CHECK(same<T>(value<T>(f, a), {2, -2, -2, 2, 0}) == "");
  CHECK(same<T>(slopes<T>(f, a), {1, -1, 1, 1, 0}) == "");
}

TEMPLATE_TEST_CASE("as many degrees of freedom as elements, or more", "[ops][numpy]", float,
                   double) {
  using T = TestType;
  const T inf = T(infinity);
  const auto of = [](const auto& f, const A<T>& x) { return value<T>(f, x)(); };
  for (const int ddof : {2, 3}) {
    CHECK(of([&](auto x) { return ag::cov(x, {.ddof = ddof}); }, {1, 3}) == inf);
    CHECK(of([&](auto x) { return ag::var(x, {}, ddof); }, {1, 3}) == inf);
    CHECK(of([&](auto x) { return ag::std(x, {}, ddof); }, {1, 3}) == inf);
    CHECK(std::isnan(of([&](auto x) { return ag::std(x, {}, ddof); }, {1, 1})));
  }
}

TEMPLATE_TEST_CASE("statistics and columns of empty vectors", "[ops][numpy]", float, double) {
  using T = TestType;
  const ag::Trace trace;
  const ag::Var<T> none = A<T>::from_shape({0});
  CHECK(std::isnan(ag::cov(none).item()));
  CHECK(std::isnan(ag::corrcoef(none).item()));
  CHECK(same<T>(ag::column_stack({none, none}).value(), A<T>::from_shape({0, 2})) == "");
  CHECK(ag::trapezoid(none).item() == 0);
}

TEMPLATE_TEST_CASE("one sample has no area", "[ops][numpy]", float, double) {
  using T = TestType;
  const T none = T(no_number);
  const auto area = [](const ag::Var<T>& y) { return ag::trapezoid(y); };
  CHECK(same<T>(value<T>(area, A<T>{none}), A<T>(0)) == "");
  CHECK(same<T>(slopes<T>(area, A<T>{none}), A<T>{0}) == "");
  CHECK(ag::evaluate([](auto y, auto x) { return ag::trapezoid(y, x); })(A<T>{none}, A<T>{3})() ==
        0);
}

TEST_CASE("names of <cmath> mean the same for Vars", "[ops][numpy]") {
  const ag::Trace trace;
  using std::ceil, std::copysign, std::exp2, std::fmax, std::fmod, std::isnan, std::trunc;
  const ag::Var<double> x = -2.5;
  CHECK(ceil(x).item() == ceil(-2.5));
  CHECK(trunc(x).item() == trunc(-2.5));
  CHECK(exp2(x).item() == exp2(-2.5));
  CHECK(fmod(x, x * 0 + 2).item() == fmod(-2.5, 2.0));
  CHECK(fmax(x, x * 0).item() == fmax(-2.5, 0.0));
  CHECK(copysign(x, -x).item() == copysign(-2.5, 2.5));
  CHECK(isnan(x).item() == 0);
}

TEST_CASE("reductions of numpy.hpp take axes in their place", "[ops][numpy]") {
  const ag::Trace trace;
  const ag::Var<double> x = A<double>{{{1.5, -2, 3}, {4, 0.5, -6}}, {{7, 8, -9}, {0.25, 11, 12}}};
#define CHECK_AXES(reduction)                                                                  \
  CHECK(difference(ag::reduction(x, 1).value(), ag::reduction(x, {.axis = 1}).value()) == ""); \
  CHECK(difference(ag::reduction(x, {0, -1, 1}).value(), ag::reduction(x).value()) == "")
  CHECK_AXES(median);
  CHECK_AXES(ptp);
  CHECK_AXES(count_nonzero);
  CHECK_AXES(nansum);
  CHECK_AXES(nanprod);
  CHECK_AXES(nanmean);
  CHECK_AXES(nanmax);
  CHECK_AXES(nanmin);
#undef CHECK_AXES
  CHECK(difference(ag::nanvar(x, 1, 1).value(), ag::var(x, 1, 1).value()) == "");
  CHECK(difference(ag::nanstd(x, -1).value(), ag::std(x, -1).value()) == "");
  CHECK(difference(ag::quantile(x, 0.5, 1).value(), ag::median(x, 1).value()) == "");
  CHECK(difference(ag::percentile(x, 50, 1).value(), ag::median(x, 1).value()) == "");
}

TEST_CASE("places that repeat: the last value counts, and sums add", "[ops][numpy]") {
  const xt::xarray<ag::Index> twice = {1, 1, 0};
  const A<double> x = {1, 2, 3}, v = {10, 20, 30};
  const auto set = [&](auto a, auto b) { return ag::set(a, twice, b); };
  const auto add = [&](auto a, auto b) { return ag::add_at(a, twice, b); };
  CHECK(same<double>(ag::evaluate(set)(x, v), {30, 20, 3}) == "");
  CHECK(same<double>(ag::evaluate(add)(x, v), {31, 32, 3}) == "");
  const auto [by_x, by_v] =
      ag::grad<0, 1>([&](auto a, auto b) { return ag::sum(set(a, b)); })(x, v);
  CHECK(same<double>(by_x, {0, 0, 1}) == "");
  CHECK(same<double>(by_v, {0, 1, 1}) == "");
}
