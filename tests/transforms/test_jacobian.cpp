// Jacobians of functions with more results than arguments, which are computed column by column:
// the same numbers, errors and orders as row by row.
#include <autograd/autograd.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

/// Row by row, by one vjp for each element of the result; NaN is equal to NaN.
template <class T, class F>
std::string against_rows(const F& f, const xt::xarray<T>& x, double tolerance = 1e-12) {
  const xt::xarray<T> y = ag::evaluate(f)(x), J = ag::jacobian(f)(x);
  for (std::size_t i = 0; i < y.size(); ++i) {
    xt::xarray<T> g = xt::zeros<T>(y.shape());
    g.flat(i) = 1;
    const xt::xarray<T> row = ag::vjp(f)(x, g);
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double actual = J.flat(i * x.size() + j), expected = row.flat(j);
      const bool both_nan = std::isnan(actual) && std::isnan(expected);
      if (both_nan || difference(actual, expected, tolerance) == "") continue;
      return "row " + std::to_string(i) + ": " + difference(actual, expected, tolerance);
    }
  }
  return "";
}

/// 200 numbers from each argument.
V spread(const V& x) {
  const A t = xt::linspace<double>(-1, 1, 200);
  return ag::sin(ag::sum(x) * t) * ag::exp(x[0] * t) + ag::norm(x) * t;
}

}  // namespace

TEMPLATE_TEST_CASE("tall jacobians agree with their rows", "[transforms][jacobian]", float,
                   double) {
  using W = ag::Var<TestType>;
  using B = xt::xarray<TestType>;
  const double tolerance = sizeof(TestType) == 4 ? 2e-5 : 1e-12;
  const B x = {0.5, -1.5, 2};
  const B t = xt::linspace<TestType>(-1, 1, 60);
  const B m = xt::reshape_view(xt::linspace<TestType>(-1, 1, 180), {60, 3});
  const auto check = [&](const auto& f) { CHECK(against_rows(f, x, tolerance) == ""); };
  check([&](const W& v) { return ag::outer(t, v); });
  check([&](const W& v) { return ag::tanh(ag::matmul(m, v)); });
  check([&](const W& v) { return ag::reshape(ag::outer(t, ag::exp(v)), {3, 5, 12}); });
  check([&](const W& v) { return ag::transpose(ag::outer(t, v) * ag::norm(v)); });
  check([&](const W& v) { return ag::concatenate({ag::matmul(m, v), ag::flip(v), v}); });
  check([&](const W& v) { return ag::maximum(ag::outer(t, v), ag::max(v)); });
  check([&](const W& v) { return ag::cumsum(ag::outer(t, v), 0) / ag::logsumexp(v); });
  check([&](const W& v) { return ag::take(v, xt::xarray<int>(xt::ones<int>({40}))); });
  check([&](const W& v) { return ag::broadcast_to(v, {50, 3}); });
  check([&](const W&) { return W(t); });
}

TEST_CASE("tall jacobians by a number, of no result and by several arguments",
          "[transforms][jacobian]") {
  const A t = xt::linspace<double>(-1, 1, 50);
  CHECK(difference(ag::jacobian([&](const V& s) { return ag::sin(s * t); })(0.5),
                   t * xt::cos(0.5 * t)) == "");
  const auto f = [&](const V& a, double b, const V& c) { return a[0] * t + b * a[1] * c * t; };
  const auto [ja, jc] = ag::jacobian<0, 2>(f)(A{1, 2}, 3.0, 4.0);
  CHECK(difference(xt::view(ja, xt::all(), 0), t) == "");
  CHECK(difference(xt::view(ja, xt::all(), 1), 12 * t) == "");
  CHECK(difference(jc, 6 * t) == "");
  const A empty = A::from_shape({0});
  const auto constant = [&](const V&) { return V(t); };
  CHECK(difference(ag::jacobian(constant)(empty), A::from_shape({50, 0})) == "");
}

TEST_CASE("tall jacobians can be differentiated", "[transforms][jacobian]") {
  const A x = {0.5, -1.5, 2};
  const auto weighted = [](const V& v) { return ag::sum(ag::square(ag::jacobian(spread)(v))); };
  CHECK_NOTHROW(ag::check_gradients(weighted, {x}, {.order = 2}));
  const auto row = [](const V& v) {
    const A e = xt::eye<double>(200);
    std::vector<V> rows;
    for (int i = 0; i < 200; ++i) rows.push_back(ag::vjp(spread)(v, V(A(xt::row(e, i)))));
    return ag::stack(rows);
  };
  CHECK(difference(ag::jacobian(ag::jacobian(spread))(x), ag::jacobian(row)(x)) == "");
}

TEST_CASE("hessians as jacobians of gradients", "[transforms][jacobian]") {
  const A x = {0.5, -1.5, 2};
  const auto f = [](const V& v) { return ag::sum(ag::sin(v * ag::sum(v))) * ag::norm(v); };
  CHECK(difference(ag::jacobian(ag::grad(f))(x), ag::hessian(f)(x)) == "");
}

TEST_CASE("kinks, infinities and NaN are those of the rows", "[transforms][jacobian]") {
  const A t = xt::linspace<double>(-1, 1, 41);  // 0 is among them
  const A zeros = xt::zeros<double>({41, 2});
  A m = xt::ones<double>({41, 2});
  m(3, 0) = 0;
  for (const A& x : {A{0, 1}, A{-1, 0}, A{NAN, 1}, A{INFINITY, 1}, A{1e200, -1e200}}) {
    const auto check = [&](const auto& f) { CHECK(against_rows(f, x) == ""); };
    check([&](const V& v) { return ag::where(v[0] > 0, ag::sqrt(v[0]), 0) * t; });
    check([&](const V& v) { return ag::matmul(m, ag::sqrt(v)); });
    check([&](const V& v) { return ag::sqrt(ag::matmul(m, v)); });
    check([&](const V& v) { return ag::sqrt(ag::matmul(zeros, v)); });
    check([&](const V& v) { return ag::log(ag::matmul(zeros, v) - 1.0); });
    check([&](const V& v) { return ag::abs(ag::outer(t, v)); });
    check([&](const V& v) { return ag::norm(v) * t; });
    check([&](const V& v) { return ag::max(v) * t + ag::relu(v[0]) * t; });
    check([&](const V& v) { return ag::prod(v) * t / v[1]; });
    check([&](const V& v) { return ag::power(ag::abs(v[0]), 0.5 + ag::abs(t)); });
  }
}

TEST_CASE("tall jacobians of large arrays, tile by tile", "[transforms][jacobian]") {
  const A t = xt::linspace<double>(-1, 1, 9000);
  const auto f = [&](const V& v) { return ag::sin(v[0] * t) * ag::exp(v[1] * t) + v[2] / t; };
  const A x = {0.5, 2, -1}, J = ag::jacobian(f)(x);
  CHECK(difference(xt::view(J, xt::all(), 2), 1 / t) == "");
  CHECK(difference(xt::view(J, xt::all(), 1), t * xt::sin(0.5 * t) * xt::exp(2 * t)) == "");
}

TEST_CASE("operations that can only be differentiated once have tall jacobians",
          "[transforms][jacobian]") {
  const auto cube = ag::custom<double>(
      "cube", [](const A& x) { return A(x * x * x); },
      [](const A& g, const A&, const A& x) { return A(3 * x * x * g); });
  const A t = xt::linspace<double>(-1, 1, 50);
  const auto f = [&](const V& x) { return cube(x * t); };
  CHECK(difference(ag::jacobian(f)(2.0), 12 * t * t * t) == "");
  const ag::Trace trace;
  CHECK(logic_error([&] { return ag::jacobian(f)(V(2)); }) ==
        "cube: its vjp works on arrays, so it has no second derivative; write it with Vars");
}

TEST_CASE("a guard stops tall jacobians only where it stops rows", "[transforms][jacobian]") {
  const A t = xt::linspace<double>(-1, 1, 50);
  const ag::FiniteGuard guard;
  const auto f = [&](const V& x) { return ag::where(x > 0, ag::sqrt(x), 0) * t; };
  CHECK(difference(ag::jacobian(f)(0.0), 0 * t) == "");
}

TEST_CASE("tall jacobians through custom operations go by rows", "[transforms][jacobian][custom]") {
  const auto clipped = ag::custom<double>(
      "clipped", [](const A& x) { return x; },
      [](const V& g, const V&, const V&) { return ag::clip(g, -1, 1); });
  const auto constant = ag::custom<double>(
      "constant", [](const A& x) -> A { return 2 * x; },
      [](const V& g, const V&, const V&) { return V(A(2 * g.value())); });
  const A x = {1.0};
  const auto spread_by = [](const auto& op) {
    return [op](const V& a) { return op(ag::broadcast_to(3 * a[0], {20})); };
  };
  CHECK(difference(ag::jacobian(spread_by(clipped))(x), A(3 * xt::ones<double>({20, 1}))) == "");
  CHECK(difference(ag::jacobian(spread_by(constant))(x), A(6 * xt::ones<double>({20, 1}))) == "");
}
