// Everything of xtensor that goes into a differentiated function, and how its results are read.
#include <autograd/autograd.hpp>
#include <cmath>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/support/expect.hpp"

#if __has_include(<xtensor/containers/xfixed.hpp>)
#include <xtensor/containers/xfixed.hpp>
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/views/xstrided_view.hpp>
#else
#include <xtensor/xfixed.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xstrided_view.hpp>
#endif

namespace ag = autograd;
using namespace xt::placeholders;
using expect::difference;

namespace {

template <class T>
using Array = xt::xarray<T>;
using V = ag::Var<double>;
using A = Array<double>;

/// Its gradient, x^2 times the place of the element, tells every element from the others.
template <class T>
ag::Var<T> weighted_cubes(const ag::Var<T>& x) {
  Array<T> weights =
      Array<T>::from_shape(std::vector<std::size_t>(x.shape().begin(), x.shape().end()));
  for (std::size_t i = 0; i < weights.size(); ++i) weights.flat(i) = T(i + 1);
  return ag::sum(x * x * x * weights) / 3;
}
template <class T>
Array<T> gradient_of_weighted_cubes(const Array<T>& x) {
  Array<T> result = x * x;
  for (std::size_t i = 0; i < x.size(); ++i) result.flat(i) *= T(i + 1);
  return result;
}

/// The gradient at any expression is an xarray of its shape, with the right elements.
template <class T, class E>
void check_gradient_at(const E& x) {
  const Array<T> elements = x;
  const auto g = ag::grad(weighted_cubes<T>)(x);
  STATIC_REQUIRE(std::is_same_v<decltype(g), const Array<T>>);
  CHECK(difference(g, gradient_of_weighted_cubes(elements), 1e-6) == "");
  const ag::Trace trace;
  const V constant = xt::cast<double>(x);
  CHECK(difference(constant.value(), elements) == "");
}

}  // namespace

// ---- arguments

TEMPLATE_TEST_CASE("containers of xtensor are arguments", "[transforms][arguments]", float,
                   double) {
  using T = TestType;
  check_gradient_at<T>(Array<T>{{1, 2, 3}, {4, 5, 6}});
  check_gradient_at<T>(xt::xtensor<T, 2>{{1, 2, 3}, {4, 5, 6}});
  check_gradient_at<T>(xt::xtensor_fixed<T, xt::xshape<2, 3>>{{1, 2, 3}, {4, 5, 6}});
  check_gradient_at<T>(xt::xarray<T, xt::layout_type::column_major>{{1, 2, 3}, {4, 5, 6}});
  check_gradient_at<T>(xt::xtensor<T, 2, xt::layout_type::column_major>{{1, 2, 3}, {4, 5, 6}});
  std::vector<T> memory = {1, 2, 3, 4, 5, 6};
  check_gradient_at<T>(xt::adapt(memory, std::vector<std::size_t>{3, 2}));
  check_gradient_at<T>(Array<T>(T(3)));
  check_gradient_at<T>(Array<T>::from_shape({0}));
  check_gradient_at<T>(Array<T>::from_shape({2, 0, 3}));
}

TEMPLATE_TEST_CASE("expressions of xtensor are arguments", "[transforms][arguments]", float,
                   double) {
  using T = TestType;
  const Array<T> a = {{1, 2, 3}, {4, 5, 6}};
  check_gradient_at<T>(a + a);
  check_gradient_at<T>(T(2) * a - xt::sin(a));
  check_gradient_at<T>(xt::transpose(a));
  check_gradient_at<T>(xt::transpose(a + a));
  check_gradient_at<T>(xt::broadcast(Array<T>{1, 2, 3}, {2, 3}));
  check_gradient_at<T>(xt::ones<T>({2, 2}));
  check_gradient_at<T>(xt::cast<T>(xt::xarray<int>{1, 2, 3}));
}

TEMPLATE_TEST_CASE("views of xtensor are arguments", "[transforms][arguments]", float, double) {
  using T = TestType;
  const Array<T> a = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
  check_gradient_at<T>(xt::view(a, 1));
  check_gradient_at<T>(xt::view(a, xt::all(), 2));
  check_gradient_at<T>(xt::view(a, xt::range(0, _, 2), xt::range(1, 3)));
  check_gradient_at<T>(xt::view(a, xt::all(), xt::newaxis(), xt::range(_, _, 3)));
  check_gradient_at<T>(xt::view(a, xt::keep(0, 2), xt::all()));
  check_gradient_at<T>(xt::view(a + a, 0));
  check_gradient_at<T>(xt::strided_view(a, {xt::range(_, _, -1), xt::ellipsis()}));
  check_gradient_at<T>(xt::flip(a, 1));
  const xt::xarray<T, xt::layout_type::column_major> c = a;
  check_gradient_at<T>(xt::view(c, xt::range(1, _), xt::range(0, _, 2)));
}

TEST_CASE("integers and truths are constants", "[transforms][arguments]") {
  const xt::xarray<int> count = {1, 2, 3};
  const xt::xarray<bool> mask = {true, false, true};
  const A x = {0.5, 1.5, 2.5};
  const auto f = [&](const V& y) {
    return ag::sum(y * count + ag::where(mask, y, 0) + mask * y) + ag::sum(2 * y - count);
  };
  CHECK(difference(ag::grad(f)(x), {5, 4, 7}) == "");
}

// ---- constants

TEST_CASE("captured arrays are copied, so they may die before the sweep",
          "[transforms][arguments]") {
  const auto f = [](const V& x) {
    V y = x;
    for (int i = 0; i < 3; ++i) {
      A local = {1. + i, 2. + i, 3. + i};
      y = y * local;
      local.fill(std::nan(""));
    }
    return ag::sum(y * A{1, 1, 2});
  };
  CHECK(difference(ag::grad(f)(A{1, 1, 1}), {6, 24, 120}) == "");
}

TEST_CASE("borrow shows an array without copying it", "[transforms][arguments]") {
  const A a = {{1, 2, 3}, {4, 5, 6}};
  const A x = {{2, 2, 2}, {3, 3, 3}};
  CHECK(difference(ag::grad([&](const V& y) { return ag::sum(y * ag::borrow(a)); })(x), a) == "");
  const ag::Trace trace;
  const V shown = ag::borrow(a);
  CHECK(shown.value().data() == a.data());
  const auto view = xt::view(a, xt::all(), xt::range(0, _, 2));
  CHECK(difference(ag::borrow(view).value(), {{1, 3}, {4, 6}}) == "");
  const xt::xarray<float, xt::layout_type::column_major> c = a;
  CHECK(difference(ag::borrow(c).value(), a) == "");
}

// ---- reading

TEST_CASE("value shows arrays of every rank", "[transforms][arguments]") {
  const ag::Trace trace;
  CHECK(V(3).value()() == 3);
  CHECK(V(3).value().dimension() == 0);
  const A cube = xt::reshape_view(xt::arange<double>(24), {2, 3, 4});
  CHECK(difference(V(A{1, 2}).value(), {1, 2}) == "");
  CHECK(difference(V(cube).value(), cube) == "");
  CHECK(V(cube).value()(1, 2, 3) == 23);
  CHECK(difference(V(A::from_shape({2, 0})).value(), A::from_shape({2, 0})) == "");
  CHECK(difference(V(cube).value() + 1, cube + 1) == "");  // an expression like any other
}

TEST_CASE("value shows views of every kind", "[transforms][arguments]") {
  const ag::Trace trace;
  const A m = {{1, 2, 3}, {4, 5, 6}};
  const V x = m;
  CHECK(difference(ag::transpose(x).value(), xt::transpose(m)) == "");
  CHECK(difference(ag::view(x, 1).value(), {4, 5, 6}) == "");
  CHECK(difference(ag::view(x, xt::all(), 1).value(), {2, 5}) == "");
  CHECK(difference(ag::view(x, xt::all(), xt::range(_, _, -2)).value(), {{3, 1}, {6, 4}}) == "");
  CHECK(difference(ag::flip(x).value(), {{6, 5, 4}, {3, 2, 1}}) == "");
  CHECK(difference(ag::broadcast_to(x[0], {2, 3}).value(), {{1, 2, 3}, {1, 2, 3}}) == "");
  CHECK(difference(ag::expand_dims(x, 1).value(), {{{1, 2, 3}}, {{4, 5, 6}}}) == "");
  CHECK(difference(ag::diagonal(x).value(), {1, 5}) == "");
}

TEST_CASE("shape, dimension, size and item", "[transforms][arguments]") {
  const ag::Trace trace;
  const V x = xt::ones<double>({2, 3, 4});
  CHECK(ag::to_string(x.shape()) == "(2, 3, 4)");
  CHECK(x.shape(0) == 2);
  CHECK(x.shape(-1) == 4);
  CHECK(x.dimension() == 3);
  CHECK(x.size() == 24);
  CHECK(ag::sum(x).item() == 24);
  CHECK(static_cast<double>(ag::sum(x)) == 24);
  CHECK(V(xt::ones<double>({1, 1})).item() == 1);
  CHECK(x[1][2][3].item() == 1);
}

TEST_CASE("iteration goes over the leading axis", "[transforms][arguments]") {
  const ag::Trace trace;
  const A m = {{1, 2, 3}, {4, 5, 6}};
  const V x = m;
  std::vector<double> sums;
  for (auto row : x) sums.push_back(ag::sum(row).item());
  CHECK(sums == std::vector<double>{6, 15});
  sums.clear();
  for (auto column : ag::transpose(x)) sums.push_back(ag::sum(column).item());
  CHECK(sums == std::vector<double>{5, 7, 9});
  for (auto row : V(A::from_shape({0, 3}))) FAIL("there is no row of shape " << row.dimension());
  CHECK(difference(x[-1].value(), {4, 5, 6}) == "");
  CHECK(x[0][-1].item() == 3);
}

TEST_CASE("assignments make the handle stand for a new array", "[transforms][arguments]") {
  const auto f = [](const V& x) {
    V y = x;
    y += 1;
    y *= x;
    y -= A{1, 2};
    y /= 2;
    CHECK(difference(x.value(), {3, 4}) == "");  // values are immutable
    return ag::sum(y);
  };
  CHECK(difference(ag::grad(f)(A{3, 4}), {3.5, 4.5}) == "");
}

// ---- operators

namespace {

/// The result of an operator between Var<T> and Other, in both orders, is a Var<T>.
template <class T, class Other>
constexpr bool operators_give_vars() {
  const auto both = []<class F>(F) {
    using Left = std::invoke_result_t<F, ag::Var<T>&, Other>;
    using Right = std::invoke_result_t<F, Other, ag::Var<T>&>;
    return std::is_same_v<Left, ag::Var<T>> && std::is_same_v<Right, ag::Var<T>>;
  };
  return both([](auto&& a, auto&& b) { return a + b; }) &&
         both([](auto&& a, auto&& b) { return a - b; }) &&
         both([](auto&& a, auto&& b) { return a * b; }) &&
         both([](auto&& a, auto&& b) { return a / b; }) &&
         both([](auto&& a, auto&& b) { return a < b; }) &&
         both([](auto&& a, auto&& b) { return a <= b; }) &&
         both([](auto&& a, auto&& b) { return a > b; }) &&
         both([](auto&& a, auto&& b) { return a >= b; }) &&
         both([](auto&& a, auto&& b) { return a == b; }) &&
         both([](auto&& a, auto&& b) { return a != b; });
}

using Sum = decltype(std::declval<const A&>() + std::declval<const A&>());
using Slice = decltype(xt::view(std::declval<const A&>(), 0));

static_assert(operators_give_vars<double, ag::Var<double>&>());
static_assert(operators_give_vars<double, const ag::Var<double>>());
static_assert(operators_give_vars<double, A&>());
static_assert(operators_give_vars<double, const A&>());
static_assert(operators_give_vars<double, A>());
static_assert(operators_give_vars<double, Sum>());
static_assert(operators_give_vars<double, Slice&>());
static_assert(operators_give_vars<double, xt::xtensor<double, 2>&>());
static_assert(operators_give_vars<double, xt::xarray<int>&>());
static_assert(operators_give_vars<double, xt::xarray<bool>>());
static_assert(operators_give_vars<double, double>());
static_assert(operators_give_vars<double, int>());
static_assert(operators_give_vars<double, float>());
static_assert(operators_give_vars<float, Array<float>&>());
static_assert(operators_give_vars<float, xt::xarray<int>>());
static_assert(operators_give_vars<float, double>());
static_assert(operators_give_vars<float, int>());

}  // namespace

TEST_CASE("operators between arrays and Vars compute what they say", "[transforms][arguments]") {
  const ag::Trace trace;
  const A a = {{1, 2}, {3, 4}};
  const V x = A{2, 3};
  CHECK(difference((a + x).value(), {{3, 5}, {5, 7}}) == "");
  CHECK(difference((a - x).value(), {{-1, -1}, {1, 1}}) == "");
  CHECK(difference((x - a).value(), {{1, 1}, {-1, -1}}) == "");
  CHECK(difference((6 / x).value(), {3, 2}) == "");
  CHECK(difference((a / x).value(), {{0.5, 2 / 3.}, {1.5, 4 / 3.}}) == "");
  CHECK(difference((a > x).value(), {{0, 0}, {1, 1}}) == "");
  CHECK(difference((x > a).value(), {{1, 1}, {0, 0}}) == "");
  CHECK(difference((a >= 2 * x - 1).value(), {{0, 0}, {1, 0}}) == "");
  CHECK(difference((xt::view(a, 0) == x - 1).value(), {1, 1}) == "");
  CHECK(difference((xt::xarray<int>{2, 5} != x).value(), {0, 1}) == "");
  CHECK(difference((-x + xt::xarray<bool>{true, false}).value(), {-1, -3}) == "");
}

TEST_CASE("arithmetic of rank 0", "[transforms][arguments]") {
  const auto f = [](const V& x) { return (2 * x + 1) / (3 - x) - x / 2 * 4.f + 1u; };
  const double x = 1.5;
  CHECK(difference(ag::evaluate(f)(x), 4 / 1.5 - 3 + 1) == "");
  CHECK(difference(ag::grad(f)(x), 7 / (1.5 * 1.5) - 2) == "");
  CHECK(difference(ag::grad(f)(A(x)), A(7 / (1.5 * 1.5) - 2)) == "");
}

TEST_CASE("a gradient may be written over its own argument, or over another one",
          "[transforms][arguments]") {
  using V = ag::Var<double>;
  const auto f = [](const V& x, const V& y) { return ag::sum(x * x * y) + ag::sum(ag::exp(x)); };
  const xt::xarray<double> x = {1, 2, 3}, y = {4, 5, 6};
  const auto [value, gradients] = ag::value_and_grad(f)(x, y);
  xt::xarray<double> a = x, b = y;
  CHECK(ag::value_and_grad(f).into(std::tie(a, b), a, b) == value);
  CHECK((a == std::get<0>(gradients)));
  CHECK((b == std::get<1>(gradients)));
  a = x, b = y;
  ag::value_and_grad(f).into(std::tie(b, a), a, b);
  CHECK((b == std::get<0>(gradients)));
  CHECK((a == std::get<1>(gradients)));
}

TEST_CASE("a gradient may be written over another argument of another shape",
          "[transforms][arguments]") {
  using V = ag::Var<double>;
  const auto f = [](const V& W, const V& b) { return ag::sum(ag::square(W) * b) + ag::sum(b * b); };
  for (const std::size_t n : {3, 20000}) {
    const A W = xt::reshape_view(xt::arange<double>(1, 2 * n + 1), {std::size_t{2}, n});
    const A b = xt::arange<double>(3, n + 3);
    const auto [value, gradients] = ag::value_and_grad(f)(W, b);
    A x = W, y = b;
    CHECK(ag::value_and_grad(f).into(std::tie(y, x), x, y) == value);
    CHECK((y == std::get<0>(gradients)));
    CHECK((x == std::get<1>(gradients)));
    x = W, y = b;
    CHECK(ag::value_and_grad<1>(f).into(x, x, y) == value);
    CHECK((x == std::get<1>(gradients)));
  }
}

TEST_CASE("a gradient may be written over what the gradients or the value show",
          "[transforms][arguments]") {
  using V = ag::Var<double>;
  A x = {1, 2, 3}, y = {4, 5, 6};
  const auto product = [](const V& a, const V& b) { return ag::sum(a * b); };
  CHECK(ag::value_and_grad(product).into(std::tie(x, y), x, y) == 32);
  CHECK((x == A{4, 5, 6}));
  CHECK((y == A{1, 2, 3}));
  CHECK(ag::value_and_grad([](const V& a, const V& b) {
          return ag::dot(a, b);
        }).into(std::tie(x, y), x, y) == 32);
  CHECK((x == A{1, 2, 3}));
  CHECK((y == A{4, 5, 6}));
  A one = {7};
  CHECK(ag::value_and_grad([](const V& a) { return a; }).into(one, one) == 7);
  CHECK((one == A{1}));
}

TEST_CASE("equal numbers are separate variables", "[transforms][arguments]") {
  using V = ag::Var<double>;
  const auto f = [](const V& x, const V& y) { return 2.0 * x * x * y + 2.0; };
  CHECK(ag::grad(f)(2.0, 2.0) == std::tuple(16.0, 8.0));
  const ag::Trace trace;
  const V a = 2.0, b = 2.0;
  const auto [by_a, by_b] = ag::grad(f)(a, b);
  CHECK(by_a.item() == 16);
  CHECK(by_b.item() == 8);
  const auto product = [&](const V& x) { return x * a + a * b; };
  CHECK(ag::grad(product)(a).item() == 2);
}

TEST_CASE("arrays without elements, which may lie nowhere, have parts and gradients",
          "[transforms][arguments]") {
  const A x = A::from_shape({3, 0, 4}), y = A::from_shape({4, 0});
  const auto parts = [](const V& v) {
    V total = 0;
    for (auto row : v) total = total + ag::sum(ag::view(row, xt::all(), xt::range(1, 3)));
    return total + ag::sum(ag::flip(ag::view(v, 2, xt::newaxis(), xt::all(), 3)));
  };
  const auto products = [](const V& v, const V& w) {
    return ag::sum(ag::einsum("ijk,kj->ki", {v, w})) +
           ag::sum(ag::einsum("jk,kj->k", {ag::view(v, 1), w}));
  };
  CHECK(difference(ag::evaluate(parts)(x), 0) == "");
  CHECK(difference(ag::grad(parts)(x), x) == "");
  CHECK(difference(ag::evaluate(products)(x, y), 0) == "");
  const auto [by_x, by_y] = ag::grad(products)(x, y);
  CHECK(difference(by_x, x) == "");
  CHECK(difference(by_y, y) == "");
  const ag::Trace trace;
  CHECK(difference(ag::view(V(ag::borrow(x)), 2, xt::all(), 3).value(), A::from_shape({0})) == "");
}

TEST_CASE("zeros of both signs are different constants", "[transforms][arguments]") {
  const ag::Trace trace;
  const ag::Var<float> plus = 0.0F, minus = -0.0F;
  CHECK(std::signbit(minus.item()));
  CHECK(!std::signbit(plus.item()));
}
