// optim::capped_simplex: bounds of each element and the sum of all.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/projections.hpp>
#include <string>

#include "tests/optim/projection_sets.hpp"
#include "tests/support/expect.hpp"

using expect::difference;
using expect::invalid_argument;
using projection_sets::random_array;
using projection_sets::uniform;

namespace {

using A = xt::xarray<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
xt::xarray<T> projected(const optim::Projection<T>& projection, xt::xarray<T> x) {
  projection(x);
  return x;
}

/// clip(x - theta, low, high), theta by bisection.
A by_bisection(const A& x, double total, double low, double high) {
  const auto at = [&](double theta) { return A(xt::clip(x - theta, low, high)); };
  double from = xt::amin(x)() - std::abs(high) - 1, to = xt::amax(x)() + std::abs(low) + 1;
  for (int i = 0; i < 200; ++i) {
    const double middle = (from + to) / 2;
    (xt::sum(at(middle))() > total ? from : to) = middle;
  }
  return at(from);
}

template <class T>
std::string refusal(T total, T low, T high, xt::xarray<T> x) {
  return invalid_argument([&] { optim::capped_simplex<T>(total, low, high)(x); });
}

}  // namespace

TEMPLATE_TEST_CASE("capped_simplex in closed form", "[optim][projections]", float, double) {
  const auto half = optim::capped_simplex<TestType>(1, 0, 0.5);
  for (const TestType far : {1e0, 1e3, 1e7, 1e30}) {
    CHECK((projected<TestType>(half, {far, 0, 0}) == xt::xarray<TestType>{0.5, 0.25, 0.25}));
  }
  CHECK((projected<TestType>(half, {1, 0.75, 0.5}) == xt::xarray<TestType>{0.5, 0.375, 0.125}));
  const auto signs = optim::capped_simplex<TestType>(0, -1, 1);
  CHECK((projected<TestType>(signs, {5, -3, 0.5}) == xt::xarray<TestType>{1, -1, 0}));
  CHECK((projected<TestType>(signs, {0.5, 0.25, 0}) == xt::xarray<TestType>{0.25, 0, -0.25}));
  // One point is left.
  const auto high = optim::capped_simplex<TestType>(3, -1, 1);
  CHECK((projected<TestType>(high, {5, -3, 0.5}) == xt::xarray<TestType>{1, 1, 1}));
  const auto low = optim::capped_simplex<TestType>(-3, -1, 1);
  CHECK((projected<TestType>(low, {5, -3, 0.5}) == xt::xarray<TestType>{-1, -1, -1}));
  const auto same = optim::capped_simplex<TestType>(6, 2, 2);
  CHECK((projected<TestType>(same, {5, -3, 0.5}) == xt::xarray<TestType>{2, 2, 2}));
}

TEST_CASE("capped_simplex agrees with bisection", "[optim][projections]") {
  for (int k = 0; k < 300; ++k) {
    const auto size = static_cast<std::size_t>(uniform(1, 12));
    const double low = uniform(-1, 1), high = low + uniform(0, 1);
    const double total = static_cast<double>(size) * uniform(low, high);
    const double spread = std::pow(10, k % 3);
    A x = random_array<double>({size}, -spread, spread);
    if (k % 4 == 0) x = xt::round(x);  // with equal elements
    const A y = projected(optim::capped_simplex<double>(total, low, high), x);
    CHECK(difference(y, by_bisection(x, total, low, high), 1e-13 * spread) == "");
    CHECK(std::abs(xt::sum(y)() - total) < 1e-13);
  }
}

TEST_CASE("without a cap it is the simplex", "[optim][projections]") {
  const auto simplex = optim::simplex<double>(2, 0);
  const auto capped = optim::capped_simplex<double>(2, 0, infinity, 0);
  for (int k = 0; k < 20; ++k) {
    const A x = random_array<double>({5, 3}, -2, 2);
    CHECK(difference(projected(capped, x), projected(simplex, x), 1e-14) == "");
  }
}

TEST_CASE("large elements do not lose the sum of the small ones", "[optim][projections]") {
  const auto capped = optim::capped_simplex<double>(1.5, 0, 0.5);
  const A x = {1e17, 1e12 + 0.25, 1e12, 3.75, 3.5, 3.5};
  CHECK((projected(capped, x) == A{0.5, 0.5, 0.5, 0, 0, 0}));
  CHECK(
      (projected(optim::capped_simplex<double>(2.5, 0, 0.5), x) == A{.5, .5, .5, .5, 0.25, 0.25}));
  CHECK((projected(optim::capped_simplex<double>(1.25, 0, 0.5), x) == A{.5, .5, 0.25, 0, 0, 0}));
}

TEST_CASE("capped_simplex along an axis", "[optim][projections]") {
  const A x = {{9, 0, 1}, {1, 0.75, 0.5}};
  CHECK((projected(optim::capped_simplex<double>(1, 0, 0.5, 1), x) ==
         A{{0.5, 0, 0.5}, {0.5, 0.375, 0.125}}));
  CHECK((projected(optim::capped_simplex<double>(1, 0.25, 0.75, 0), x) ==
         A{{0.75, 0.25, 0.75}, {0.25, 0.75, 0.25}}));
}

TEST_CASE("capped_simplex agrees with Dykstra's algorithm", "[optim][projections]") {
  const auto both = optim::intersection<double>(
      {optim::affine<double>({{1, 1, 1, 1}}, {1}), optim::box<double>(-0.25, 0.75)});
  const auto capped = optim::capped_simplex<double>(1, -0.25, 0.75);
  for (int k = 0; k < 20; ++k) {
    const A x = random_array<double>({4}, -2, 2);
    CHECK(difference(projected(both, x), projected(capped, x), 1e-8) == "");
  }
}

TEST_CASE("capped_simplex refuses what makes no set", "[optim][projections]") {
  const double nan = std::nan("");
  CHECK(refusal<double>(infinity, 0, 1, {1}) ==
        "capped_simplex: the total must be finite, got inf");
  CHECK(refusal<double>(1, 2, 1, {1}) ==
        "capped_simplex: low must be finite and at most high, got low = 2 and high = 1");
  CHECK(refusal<double>(1, -infinity, 1, {1}) ==
        "capped_simplex: low must be finite and at most high, got low = -inf and high = 1");
  CHECK(refusal<double>(1, 0, nan, {1}) ==
        "capped_simplex: low must be finite and at most high, got low = 0 and high = nan");
  CHECK(refusal<double>(2, 0, 0.5, {1, 2, 3}) ==
        "capped_simplex: 3 elements between 0 and 0.5 cannot have the sum 2");
  CHECK(refusal<double>(-1, 0, 0.5, {1, 2, 3}) ==
        "capped_simplex: 3 elements between 0 and 0.5 cannot have the sum -1");
  CHECK(refusal<double>(1, 0, infinity, A::from_shape({0})) ==
        "capped_simplex: 0 elements between 0 and inf cannot have the sum 1");
  CHECK(refusal<double>(1, 0, 0.5, {nan, 2, 3}) ==
        "capped_simplex: x must be finite: element 0 of 3 is nan");
  // By rounding only: 0.1f * 10 is more than 1, and 1 / 3.0 * 3 might be less.
  CHECK(difference(projected(optim::capped_simplex<float>(1, 0.1f, 1),
                             xt::xarray<float>(xt::zeros<float>({10}))),
                   0.1 * xt::ones<double>({10}), 1e-7) == "");
}
