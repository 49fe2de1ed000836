// Terms with proximal operators: values, gradients, and each operator against its definition.
#include <cmath>
#include <stdexcept>

#include "tests/optim/proximal.hpp"
#include "tests/support/allocations.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using expect::out_of_range;
using proximal::prox;
using proximal::random_array;
using proximal::shortfall;

namespace {

using A = xt::xarray<double>;
using F = optim::Term<double>;

/// The z on a grid over [-4, 4]^2 (of this spacing) that minimises 1/2 ||z - x||^2 + step f(z).
A best_on_grid(const F& f, const A& x, double step, double spacing) {
  A best = x, z = x;
  double least = INFINITY;
  for (z(0) = -4; z(0) <= 4; z(0) += spacing) {
    for (z(1) = -4; z(1) <= 4; z(1) += spacing) {
      const A d = z - x;
      const double value = 0.5 * proximal::dot(d, d) + step * f.eval(z);
      if (value < least) {
        least = value;
        best = z;
      }
    }
  }
  return best;
}

void check_on_grid(const F& f, const A& x, double step) {
  CHECK(difference(prox(f, x, step), best_on_grid(f, x, step, 1.0 / 64), 1.0 / 64) == "");
}

/// The gradient against that of autograd for the same formula.
template <class Formula>
void check_gradient(const F& f, const A& x, const Formula& formula) {
  const auto [value, gradient] = ag::value_and_grad(formula)(x);
  A analytic;
  CHECK(f.value_and_grad(analytic, x) == Approx(value));
  CHECK(f.eval(x) == Approx(value));
  CHECK(difference(analytic, gradient) == "");
}

/// Nothing is taken from the heap by the second use.
void check_allocations(const F& f, const A& start, bool prox_too = true) {
  if (!allocations::counted) return;
  A x = start, gradient = start;
  const auto use = [&] {
    f.eval(x);
    if (f.value_and_grad) f.value_and_grad(gradient, x);
    if (prox_too) f.prox(x, 0.1);
  };
  use();
  const std::size_t before = allocations::count();
  use();
  CHECK(allocations::count() == before);
}

}  // namespace

TEMPLATE_TEST_CASE("norm_l1 shrinks towards y", "[optim][proximal_terms]", float, double) {
  using Array = xt::xarray<TestType>;
  const auto plain = optim::norm_l1<TestType>({.lambda = 2});
  Array x = {3, -3, 0.5, -0.5, 0};
  CHECK(plain.eval(x) == 14);
  CHECK(plain.name == "norm_l1");
  CHECK(!plain.value_and_grad);
  plain.prox(x, TestType(0.5));  // threshold 1
  CHECK(difference(x, {2, -2, 0, 0, 0}) == "");

  const auto general =
      optim::norm_l1<TestType>({.lambda = 0.5, .weights = {1, 0, 4, 2}, .y = {1, 1, 1, -1}});
  x = {2, 9, 0, -4};
  CHECK(general.eval(x) == TestType(0.5 * (1 + 0 + 4 + 6)));
  general.prox(x, 1);  // thresholds 0.5, 0, 2, 1
  CHECK(difference(x, {1.5, 9, 1, -3}) == "");
}

TEST_CASE("norm_l1 minimises what it should", "[optim][proximal_terms]") {
  const A x = random_array({4, 5}, 1), y = random_array({4, 5}, 2);
  const A weights = xt::abs(random_array({4, 5}, 3));
  CHECK(shortfall(optim::norm_l1<double>(), x, 0.7) < 1e-12);
  CHECK(shortfall(optim::norm_l1<double>({.lambda = 0.5, .y = y}), x, 0.7) < 1e-12);
  CHECK(shortfall(optim::norm_l1<double>({.weights = weights}), x, 0.7) < 1e-12);
  CHECK(shortfall(optim::norm_l1<double>({.weights = weights, .y = y}), x, 0.7) < 1e-12);
  check_on_grid(optim::norm_l1<double>({.weights = {1, 2}, .y = {0.5, -1}}), {2, -2.75}, 0.75);
}

TEST_CASE("what is not finite stays so in soft thresholding", "[optim][proximal_terms]") {
  const A z = prox(optim::norm_l1<double>(), {NAN, INFINITY, -INFINITY}, 1);
  CHECK(std::isnan(z(0)));
  CHECK(z(1) == INFINITY);
  CHECK(z(2) == -INFINITY);
}

TEMPLATE_TEST_CASE("norm_l2 without a matrix", "[optim][proximal_terms]", float, double) {
  using Array = xt::xarray<TestType>;
  const auto f = optim::norm_l2<TestType>({.lambda = 3, .y = {1, 2}, .weights = {1, 2}});
  Array x = {2, 0}, gradient;
  CHECK(f.eval(x) == 3 * (1 + 4 * 4));
  CHECK(f.value_and_grad(gradient, x) == 51);
  CHECK(difference(gradient, {6, -48}) == "");
  f.prox(x, TestType(0.5));  // (x + 3 w^2 y) / (1 + 3 w^2)
  CHECK(difference(x, {5.0 / 4, 24.0 / 13}, 1e-6) == "");
  CHECK(f.name == "norm_l2");
}

TEST_CASE("norm_l2 with a matrix: value and gradient agree with autograd",
          "[optim][proximal_terms]") {
  const A a = random_array({4, 3}, 1), rows = xt::abs(random_array({4}, 2));
  const A x = random_array({3}, 3), y = random_array({4}, 4);
  check_gradient(optim::norm_l2<double>({.lambda = 0.7, .A = a, .y = y, .weights = rows}), x,
                 [&](const ag::Var<double>& x) {
                   return 0.7 * ag::sum(ag::square(rows * (ag::matmul(a, x) - y)));
                 });
  const A X = random_array({3, 5}, 5), Y = random_array({4, 5}, 6), W = random_array({4, 5}, 7);
  check_gradient(
      optim::norm_l2<double>({.A = a, .y = Y, .weights = W}), X,
      [&](const ag::Var<double>& x) { return ag::sum(ag::square(W * (ag::matmul(a, x) - Y))); });
  A column = rows;
  column.reshape({4, 1});
  check_gradient(
      optim::norm_l2<double>({.A = a, .weights = column}), X,
      [&](const ag::Var<double>& x) { return ag::sum(ag::square(column * ag::matmul(a, x))); });
  check_gradient(optim::norm_l2<double>({.weights = rows}), Y,
                 [&](const ag::Var<double>& x) { return ag::sum(ag::square(column * x)); });
}

TEST_CASE("norm_l2 minimises what it should", "[optim][proximal_terms]") {
  const A x = random_array({3}, 1), X = random_array({3, 2}, 2), weights = {0.5, 2, 1, 1.5};
  for (std::size_t rows : {2, 3, 4}) {  // a flat, a square and a tall matrix
    const A a = random_array({rows, 3}, 3), y = random_array({rows}, 4);
    const A w = xt::view(weights, xt::range(0, rows)), Y = random_array({rows, 2}, 5);
    CHECK(shortfall(optim::norm_l2<double>({.lambda = 0.5, .A = a, .y = y}), x, 0.7) < 1e-12);
    CHECK(shortfall(optim::norm_l2<double>({.A = a, .y = y, .weights = w}), x, 0.7) < 1e-12);
    CHECK(shortfall(optim::norm_l2<double>({.A = a, .weights = w}), x, 3) < 1e-12);
    CHECK(shortfall(optim::norm_l2<double>({.A = a, .y = Y, .weights = w}), X, 0.7) < 1e-12);
  }
  CHECK(shortfall(optim::norm_l2<double>({.weights = {1, 0, 2}}), X, 0.7) < 1e-12);
  check_on_grid(optim::norm_l2<double>({.A = {{1, 2}, {3, -1}}, .y = {1, 2}}), {2, -2.75}, 0.3);
}

TEST_CASE("norm_l2 serves arrays of several shapes in turn", "[optim][proximal_terms]") {
  const A a = {{2, 0}, {0, 1}, {0, 0}};
  const auto f = optim::norm_l2<double>({.A = a, .weights = {1, 2, 3}});
  for (int round = 0; round < 2; ++round) {
    CHECK(f.eval(A{1, 1}) == 8);
    CHECK(f.eval(A{{1, 2, 0}, {1, 0, 1}}) == 4 + 16 + 4 + 4);
    CHECK(difference(prox(f, {9, 9}, 0.5), {9.0 / 5, 9.0 / 5}) == "");
    CHECK(difference(prox(f, {{9, 5}, {9, 5}}, 0.5), {{9.0 / 5, 1}, {9.0 / 5, 1}}) == "");
  }
}

TEST_CASE("norm_l2 works on after an array that does not fit", "[optim][proximal_terms]") {
  const auto f = optim::norm_l2<double>({.y = {1, 2}});
  CHECK(f.eval(A{1, 4}) == 4);
  CHECK_THROWS_AS(f.eval(A{1, 2, 3, 4}), std::invalid_argument);
  CHECK(f.eval(A{1, 4}) == 4);
}

TEMPLATE_TEST_CASE("norm_l21 shrinks groups", "[optim][proximal_terms]", float, double) {
  using Array = xt::xarray<TestType>;
  const Array start = {{3, 0, 1}, {4, 0, 0}};
  Array x = start;
  const auto columns = optim::norm_l21<TestType>({.lambda = 2});
  CHECK(columns.eval(x) == 12);
  columns.prox(x, 1);  // threshold 2: factors 3/5, 0, 0
  CHECK(difference(x, {{1.8, 0, 0}, {2.4, 0, 0}}, 1e-6) == "");
  x = start;
  const auto rows = optim::norm_l21<TestType>({.axis = -1, .weights = {0, 2}});
  CHECK(rows.eval(x) == 8);
  rows.prox(x, 1);
  CHECK(difference(x, {{3, 0, 1}, {2, 0, 0}}, 1e-6) == "");
  x = start;
  const auto groups = optim::norm_l21<TestType>({.groups = {{0, 1, 1}, {0, 0, 2}}});
  CHECK(groups.eval(x) == 6);
  groups.prox(x, TestType(2.5));
  CHECK(difference(x, {{1.5, 0, 0}, {2, 0, 0}}, 1e-6) == "");
}

TEST_CASE("norm_l21 minimises what it should", "[optim][proximal_terms]") {
  const A x = random_array({3, 4, 2}, 1);
  for (int axis : {0, 1, 2, -2}) {
    CHECK(shortfall(optim::norm_l21<double>({.axis = axis}), x, 0.9) < 1e-12);
  }
  CHECK(shortfall(optim::norm_l21<double>({.axis = 1, .weights = {0, 1, 2, 3, 1, 1}}), x, 0.9) <
        1e-12);
  CHECK(shortfall(optim::norm_l21<double>({.groups = {2, 0, 0, 1, 2}, .weights = {1, 2, 0.5}}),
                  random_array({5}, 2), 0.5) < 1e-12);
  check_on_grid(optim::norm_l21<double>(), {2, -2.75}, 0.75);
}

TEST_CASE("norm_l21 of floats is summed in double", "[optim][proximal_terms]") {
  using Array = xt::xarray<float>;
  const auto columns = optim::norm_l21<float>();
  CHECK(columns.eval(Array{3e19f, 4e19f}) == Approx(5e19));
  const Array ones = xt::ones<float>({20000000});
  CHECK(columns.eval(ones) == Approx(std::sqrt(2e7)));
  Array x = {3e19f, 4e19f};
  columns.prox(x, 2.5e19f);
  CHECK(x(0) == Approx(1.5e19));
  CHECK(x(1) == Approx(2e19));
}

TEST_CASE("groups along any axis are those of the array with this axis in front",
          "[optim][proximal_terms]") {
  const A x = random_array({3, 4, 2}, 1);
  for (int axis : {0, 1, 2}) {
    const auto front =
        ag::evaluate([axis](const ag::Var<double>& x) { return ag::moveaxis(x, axis, 0); });
    const A z = prox(optim::norm_l21<double>({.axis = axis}), x, 0.9);
    CHECK(difference(front(z), prox(optim::norm_l21<double>(), front(x), 0.9)) == "");
  }
}

TEST_CASE("norm_nuclear shrinks singular values", "[optim][proximal_terms]") {
  const auto f = optim::norm_nuclear<double>(2);
  CHECK(f.eval(A{{0, 3}, {-4, 0}}) == Approx(14));
  CHECK(f.eval(A{{1, 1}, {1, 1}}) == Approx(4));
  CHECK(difference(prox(f, {{0, 3, 0}, {-1, 0, 0}}, 1), {{0, 1, 0}, {0, 0, 0}}) == "");
  CHECK(difference(prox(f, {{2, 2}, {2, 2}}, 1), {{1, 1}, {1, 1}}) == "");
  CHECK(shortfall(f, random_array({3, 5}, 1), 0.4) < 1e-12);
  CHECK(shortfall(f, random_array({5, 3}, 2), 0.4) < 1e-12);
  const auto single = optim::norm_nuclear<float>();
  CHECK(single.eval(xt::xarray<float>{{3, 0}, {0, 4}}) == Approx(7));
}

TEST_CASE("norm_nuclear of what is not finite is not a number", "[optim][proximal_terms]") {
  const auto f = optim::norm_nuclear<double>();
  CHECK(std::isnan(f.eval(A{{1, INFINITY}, {2, 3}})));
  CHECK(std::isnan(prox(f, {{1, NAN}, {2, 3}}, 1)(0, 0)));
}

TEST_CASE("zero and smooth terms", "[optim][proximal_terms]") {
  const auto zero = optim::zero<double>();
  A gradient;
  CHECK(zero.eval(A{1, 2}) == 0);
  CHECK(zero.value_and_grad(gradient, A{1, 2}) == 0);
  CHECK(difference(gradient, {0, 0}) == "");
  CHECK(difference(prox(zero, {1, 2}, 3), {1, 2}) == "");
  const auto f = optim::smooth<double>(
      [](const ag::Var<double>& x) { return ag::sum(ag::square(x)); }, "squares");
  CHECK(f.name == "squares");
  CHECK(f.eval(A{1, 2}) == 5);
  CHECK(f.value_and_grad(gradient, A{1, 2}) == 5);
  CHECK(difference(gradient, {2, 4}) == "");
  CHECK(!f.prox);
}

TEST_CASE("a lambda of 0 switches a term off", "[optim][proximal_terms]") {
  const A x = {{1, -2}, {3, 4}};
  for (const F& f : {optim::norm_l1<double>({.lambda = 0}), optim::norm_l2<double>({.lambda = 0}),
                     optim::norm_l2<double>({.lambda = 0, .A = {{1, 2}}}),
                     optim::norm_l21<double>({.lambda = 0}), optim::norm_nuclear<double>(0),
                     optim::norm_tv<double>({.lambda = 0})}) {
    INFO(f.name);
    CHECK(f.eval(x) == 0);
    CHECK(difference(prox(f, x, 2), x) == "");
  }
}

TEST_CASE("empty arrays have the value 0", "[optim][proximal_terms]") {
  const A x = A::from_shape({0, 3});
  for (const F& f : {optim::norm_l1<double>(), optim::norm_l2<double>(), optim::norm_l21<double>(),
                     optim::norm_nuclear<double>(), optim::norm_tv<double>()}) {
    INFO(f.name);
    CHECK(f.eval(x) == 0);
    CHECK(difference(prox(f, x, 2), x) == "");
  }
}

TEST_CASE("copies of a term do not share memory", "[optim][proximal_terms]") {
  const auto f = optim::norm_l2<double>({.A = {{1, 2}, {3, 4}}, .y = {1, 1}});
  const A first = prox(f, {1, 2}, 1);
  const auto copy = f;
  CHECK(difference(prox(copy, {1, 2}, 1), first) == "");
  CHECK(difference(prox(f, {1, 2}, 1), first) == "");
}

TEST_CASE("terms take nothing from the heap once warm", "[optim][proximal_terms]") {
  const A X = random_array({6, 5}, 1), a = random_array({4, 6}, 2), Y = random_array({4, 5}, 3);
  check_allocations(optim::norm_l1<double>({.weights = xt::abs(X), .y = X}), X);
  check_allocations(optim::norm_l2<double>({.y = X}), X);
  check_allocations(optim::norm_l2<double>({.A = a, .y = Y, .weights = {1, 2, 3, 4}}), X);
  check_allocations(optim::norm_l2<double>({.A = a}), random_array({6}, 4));
  check_allocations(optim::norm_l21<double>(), X);
  check_allocations(optim::norm_l21<double>({.axis = 1}), X);
  check_allocations(optim::norm_l21<double>({.groups = {0, 1, 1}}), {1, 2, 3});
  check_allocations(optim::norm_tv<double>(), X);
}

TEST_CASE("terms whose options make no sense", "[optim][proximal_terms]") {
  CHECK(invalid_argument([] { optim::norm_l1<double>({.lambda = -1}); }) ==
        "norm_l1: lambda must be 0 or positive, got -1");
  CHECK(invalid_argument([] { optim::norm_l2<float>({.lambda = -0.5}); }) ==
        "norm_l2: lambda must be 0 or positive, got -0.5");
  CHECK(invalid_argument([] { optim::norm_l21<double>({.lambda = NAN}); }) ==
        "norm_l21: lambda must be 0 or positive, got nan");
  CHECK(invalid_argument([] { optim::norm_nuclear<double>(-2); }) ==
        "norm_nuclear: lambda must be 0 or positive, got -2");
  CHECK(invalid_argument([] {
          optim::norm_l1<double>({.weights = {1, -3}});
        }) == "norm_l1: weights must be 0 or positive, got -3");
  CHECK(invalid_argument([] {
          optim::norm_l21<double>({.groups = {0, -1}});
        }) == "norm_l21: numbers of groups begin with 0, got -1");
  CHECK(invalid_argument([] {
          optim::norm_l2<double>({.A = {1, 2}});
        }) == "norm_l2: A must be a matrix: A has shape (2,)");
}

TEST_CASE("terms whose options are not finite", "[optim][proximal_terms]") {
  CHECK(invalid_argument([] {
          optim::norm_l1<double>({.y = {1, NAN}});
        }) == "norm_l1: y must be finite: element 1 of 2 is nan");
  CHECK(invalid_argument([] {
          optim::norm_l2<double>({.A = {{1, INFINITY}}});
        }) == "norm_l2: A must be finite: element 1 of 2 is inf");
  CHECK(invalid_argument([] {
          optim::norm_l2<double>({.y = {NAN, 1}});
        }) == "norm_l2: y must be finite: element 0 of 2 is nan");
  CHECK(invalid_argument([] {
          optim::norm_l2<double>({.weights = {1, 2, -INFINITY}});
        }) == "norm_l2: weights must be finite: element 2 of 3 is -inf");
}

TEST_CASE("arrays that do not fit a term", "[optim][proximal_terms]") {
  const A x = {1, 2, 3};
  const auto error_of = [&](const F& f) { return invalid_argument([&] { f.eval(x); }); };
  CHECK(error_of(optim::norm_l1<double>({.y = {1, 2}})) ==
        "norm_l1: shapes differ: x has shape (3,), y has shape (2,)");
  CHECK(error_of(optim::norm_l1<double>({.weights = {{1, 2, 3}}})) ==
        "norm_l1: shapes differ: x has shape (3,), weights has shape (1, 3)");
  CHECK(error_of(optim::norm_l21<double>({.groups = {0, 1}})) ==
        "norm_l21: shapes differ: x has shape (3,), groups has shape (2,)");
  CHECK(error_of(optim::norm_l21<double>({.groups = {0, 1, 1}, .weights = {1, 2, 3}})) ==
        "norm_l21: there are 3 weights for 2 groups");
  CHECK(error_of(optim::norm_l2<double>({.A = {{1, 2}}})) ==
        "norm_l2: A does not fit: A has shape (1, 2), x has shape (3,)");
  CHECK(error_of(optim::norm_l2<double>({.A = {{1, 2, 3}}, .y = {1, 2, 3}})) ==
        "norm_l2: y does not fit: y has shape (3,), A x has shape (1,)");
  CHECK(error_of(optim::norm_l2<double>({.weights = {1, 2}})) ==
        "norm_l2: weights do not fit: weights has shape (2,), A x has shape (3,); expected this "
        "shape or one weight for each row");
  CHECK(error_of(optim::norm_nuclear<double>()) ==
        "norm_nuclear: x must be a matrix: x has shape (3,)");
  CHECK(out_of_range([&] { optim::norm_l21<double>({.axis = 1}).eval(x); }) ==
        "norm_l21: axis 1 is out of range: the operand has shape (3,)");
  const auto f = optim::norm_l2<double>({.A = {{1, 2}}, .weights = {{1, 2, 3}}});
  A X = xt::ones<double>({2, 3});
  CHECK(f.eval(X) == 9 * 14);
  CHECK(invalid_argument([&] { f.prox(X, 1); }) ==
        "norm_l2: the proximal operator with A needs one weight for each row: weights has shape "
        "(1, 3), A x has shape (1, 3)");
}
