// optim::intersection: Dykstra's algorithm.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/optim.hpp>
#include <stdexcept>
#include <vector>

#include "tests/optim/projection_sets.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

using expect::difference;
using expect::error_of;
using expect::invalid_argument;
using optim::Projection;
using projection_sets::dot;
using projection_sets::random_array;

namespace {

using A = xt::xarray<double>;

template <class T>
xt::xarray<T> projected(const Projection<T>& projection, xt::xarray<T> x) {
  projection(x);
  return x;
}

/// x_0 >= 0.
template <class T>
Projection<T> half_plane() {
  return [](xt::xarray<T>& x) { x(0) = std::max(x(0), T(0)); };
}

/// x_0 <= x_1.
template <class T>
Projection<T> ascending() {
  return [](xt::xarray<T>& x) {
    if (x(0) > x(1)) x(0) = x(1) = (x(0) + x(1)) / 2;
  };
}

template <class T>
constexpr double rounding = 200 * std::numeric_limits<T>::epsilon();
/// For what is approached in many rounds, until they move x by less than 1e-10.
template <class T>
constexpr double converged = 1e-9 + rounding<T>;

}  // namespace

TEMPLATE_TEST_CASE("box and hyperplane are the simplex", "[optim][dykstra]", float, double) {
  const xt::xarray<TestType> ones = {{1, 1, 1, 1, 1}};
  const auto both = optim::intersection<TestType>(
      {optim::non_negative<TestType>(), optim::affine<TestType>(ones, {1})});
  const auto simplex = optim::simplex<TestType>();
  for (int i = 0; i < 20; ++i) {
    const auto x = random_array<TestType>({5}, -2, 2);
    CHECK(difference(projected(both, x), projected(simplex, x), converged<TestType>) == "");
  }
}

TEMPLATE_TEST_CASE("ball and half plane", "[optim][dykstra]", float, double) {
  using Array = xt::xarray<TestType>;
  const auto both =
      optim::intersection<TestType>({optim::l2_ball<TestType>(), half_plane<TestType>()});
  // Nearest are a corner, a point of the arc, a point of the straight border, x itself.
  CHECK(difference(projected<TestType>(both, {-1, 2}), {0, 1}, rounding<TestType>) == "");
  CHECK(difference(projected<TestType>(both, {3, 4}), {0.6, 0.8}, rounding<TestType>) == "");
  CHECK(difference(projected<TestType>(both, {-7, 0.5}), {0, 0.5}, rounding<TestType>) == "");
  CHECK((projected<TestType>(both, {0.25, 0.5}) == Array{0.25, 0.5}));
}

TEST_CASE("alternating projections would end at another point", "[optim][dykstra]") {
  const auto ball = optim::l2_ball<double>(), half = half_plane<double>();
  A x = {-1, 2};
  for (int i = 0; i < 100; ++i) ball(x), half(x);
  CHECK(difference(x, {0, 2 / std::sqrt(5.0)}) == "");
  CHECK(difference(projected<double>(optim::intersection<double>({ball, half}), {-1, 2}), {0, 1}) ==
        "");
}

TEMPLATE_TEST_CASE("x may stand still before the end", "[optim][dykstra]", float, double) {
  // The first two rounds both end at (0.5, 0.5).
  const std::vector<Projection<TestType>> sets = {optim::box<TestType>(0, 1),
                                                  ascending<TestType>()};
  for (std::uint64_t maxit : {1, 2}) {
    xt::xarray<TestType> x = {5, -5};
    CHECK_THROWS(optim::intersection<TestType>(sets, {.maxit = maxit})(x));
    CHECK((x == xt::xarray<TestType>{0.5, 0.5}));
  }
  const auto both = optim::intersection<TestType>(sets);
  CHECK(difference(projected<TestType>(both, {5, -5}), {0, 0}, converged<TestType>) == "");
}

TEST_CASE("the nearest doubly stochastic matrix", "[optim][dykstra]") {
  const auto both =
      optim::intersection<double>({optim::simplex<double>(1, 0), optim::simplex<double>(1, 1)});
  for (int k = 0; k < 10; ++k) {
    const A x = random_array<double>({3, 3}, -1, 1), y = projected(both, x);
    CHECK(difference(xt::sum(y, {0}), {1, 1, 1}, 1e-8) == "");
    CHECK(difference(xt::sum(y, {1}), {1, 1, 1}, 1e-8) == "");
    CHECK(xt::amin(y)() >= 0);
    // The set is the hull of the permutations; no angle towards one of them is acute.
    std::vector<std::size_t> column = {0, 1, 2};
    do {
      A permutation = xt::zeros<double>({3, 3});
      for (std::size_t i = 0; i < 3; ++i) permutation(i, column[i]) = 1;
      CHECK(dot<double>(x - y, permutation - y) < 1e-8);
    } while (std::next_permutation(column.begin(), column.end()));
  }
}

TEMPLATE_TEST_CASE("a start far outside of the sets costs rounds, not digits", "[optim][dykstra]",
                   float, double) {
  using Array = xt::xarray<TestType>;
  const auto both =
      optim::intersection<TestType>({optim::simplex<TestType>(), optim::box<TestType>(0, 0.5)});
  for (const TestType start : {1, 1000, 20000}) {
    const Array x = projected<TestType>(both, {start, 0, 0});
    CHECK(difference(x, {0.5, 0.25, 0.25}, converged<TestType>) == "");
  }
  const auto stochastic = optim::intersection<TestType>(
      {optim::simplex<TestType>(1, 0), optim::simplex<TestType>(1, 1)});
  for (int k = 0; k < 5; ++k) {
    const Array y = projected(stochastic, random_array<TestType>({6, 6}, -1000, 1000));
    const xt::xarray<double> columns = xt::sum<double>(y, {0}), rows = xt::sum<double>(y, {1});
    CHECK(difference(columns, xt::ones<double>({6}), converged<TestType>) == "");
    CHECK(difference(rows, xt::ones<double>({6}), converged<TestType>) == "");
    CHECK(xt::amin(y)() >= 0);
  }
}

TEST_CASE("the tolerance is relative to the result", "[optim][dykstra]") {
  for (const double size : {1e-12, 1e12}) {
    const auto both =
        optim::intersection<double>({optim::simplex<double>(size), optim::box(0.0, size / 2)});
    const A x = projected<double>(both, {10 * size, 0, 0});
    CHECK(difference(x / size, {0.5, 0.25, 0.25}, 1e-9) == "");
  }
}

TEST_CASE("sets without a point in common are an error, not a point", "[optim][dykstra]") {
  const auto none =
      optim::intersection<double>({optim::box<double>(0, 1), optim::box<double>(3, 4)});
  A x = {0.5};
  CHECK(error_of<std::runtime_error>([&] { none(x); }) ==
        "intersection: no convergence after 100000 rounds: the last one moved x by "
        "2.8284271247461903; the sets have no point in common, or maxit is too small");

  optim::Projected sgd(optim::SGD<double>({.learning_rate = 1}), none);
  CHECK_THROWS(sgd.step(x, A{1}));
}

TEST_CASE("one step of Projected from the simplex within a box stays there", "[optim][dykstra]") {
  const auto both =
      optim::intersection<double>({optim::simplex<double>(), optim::box<double>(0, 0.5)});
  optim::Projected sgd(optim::SGD<double>({.learning_rate = 1}), both);
  A x = {0.4, 0.3, 0.3};
  sgd.step(x, A{-1000, 0, 0});
  CHECK(difference(x, {0.5, 0.25, 0.25}, 1e-9) == "");
}

TEST_CASE("the nearest correlation matrix: the example of Higham (2002)", "[optim][dykstra]") {
  const xt::xarray<bool> diagonal = xt::eye<bool>(4);
  const auto both =
      optim::intersection<double>({optim::positive_semidefinite<double>(),
                                   optim::fixed<double>(diagonal, xt::ones<double>({4, 4}))});
  const A x = {{2, -1, 0, 0}, {-1, 2, -1, 0}, {0, -1, 2, -1}, {0, 0, -1, 2}};
  const A expected = {{1, -0.8084, 0.1916, 0.1068},
                      {-0.8084, 1, -0.6562, 0.1916},
                      {0.1916, -0.6562, 1, -0.8084},
                      {0.1068, 0.1916, -0.8084, 1}};
  CHECK(difference(projected(both, x), expected, 6e-5) == "");
}

TEMPLATE_TEST_CASE("the end comes before maxit, whatever the tolerance", "[optim][dykstra]", float,
                   double) {
  int rounds = 0;
  const Projection<TestType> counting = [&](auto&) { ++rounds; };
  for (double size : {1e-3, 1.0, 1e6}) {
    rounds = 0;
    const xt::xarray<TestType> sum = {{1, 1, 1}};
    const auto both = optim::intersection<TestType>(
        {counting, optim::non_negative<TestType>(), optim::affine<TestType>(sum, {TestType(size)})},
        {.tolerance = 0});
    auto x = random_array<TestType>({3}, -size, size);
    both(x);
    CHECK(rounds < 500);
  }
}

TEST_CASE("numbers that are not finite are refused, and end the rounds", "[optim][dykstra]") {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto half = optim::intersection<double>({half_plane<double>()});
  for (const double bad : {infinity, -infinity, std::nan("")}) {
    A x = {1, bad};
    CHECK(invalid_argument([&] { half(x); })
              .find("intersection: x must be finite: element 1 of 2 "
                    "is ") == 0);
  }
  int rounds = 0;
  const auto wrong = optim::intersection<double>({[&](A& x) { ++rounds, x(0) = std::nan(""); }});
  A x = {1, 2};
  CHECK_THROWS_AS(wrong(x), std::runtime_error);
  CHECK(rounds == 1);
}

TEST_CASE("a loose tolerance ends earlier", "[optim][dykstra]") {
  int rounds = 0;
  const auto rounds_for = [&](double tolerance) {
    rounds = 0;
    const auto both = optim::intersection<double>(
        {[&](A&) { ++rounds; }, optim::l2_ball<double>(), half_plane<double>()},
        {.tolerance = tolerance});
    projected<double>(both, {-1, 2});
    return rounds;
  };
  CHECK(rounds_for(0.1) < rounds_for(1e-10));
}

TEMPLATE_TEST_CASE("a warm intersection takes no heap memory", "[optim][dykstra]", float, double) {
  const auto both = optim::intersection<TestType>(
      {optim::simplex<TestType>(1, 0), optim::l2_ball<TestType>(TestType(0.7), 1)});
  auto x = random_array<TestType>({3, 4}, -1, 1);
  auto other = random_array<TestType>({3, 4}, -1, 1);
  both(other);
  const auto before = allocations::count();
  both(x);
  if (allocations::counted) CHECK(allocations::count() == before);
}

TEST_CASE("an intersection serves arrays of several shapes", "[optim][dykstra]") {
  const auto both = optim::intersection<double>({optim::l2_ball<double>(), half_plane<double>()});
  projected<double>(both, {-3, 1, 4});
  CHECK(difference(projected<double>(both, {-1, 2}), {0, 1}) == "");
}

TEST_CASE("the intersection of no sets is the whole space", "[optim][dykstra]") {
  CHECK((projected<double>(optim::intersection<double>({}), {-1, 2}) == A{-1, 2}));
}

TEST_CASE("an intersection refuses what it cannot use", "[optim][dykstra]") {
  using optim::intersection;
  CHECK(invalid_argument([] { intersection<double>({}, {.tolerance = -1}); }) ==
        "intersection: the tolerance must be at least 0, got -1");
  CHECK(invalid_argument([] { intersection<double>({}, {.maxit = 0}); }) ==
        "intersection: maxit must be at least 1");
  CHECK(invalid_argument([] {
          intersection<double>({optim::box<double>(0, 1), Projection<double>()});
        }) == "intersection: projection 1 is empty");
}
