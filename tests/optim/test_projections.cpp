// Projections onto convex sets: what defines the nearest point, for each set.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>

#include "tests/optim/projection_sets.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

using expect::difference;
using namespace projection_sets;

namespace {

using A = xt::xarray<double>;

template <class T>
xt::xarray<T> projected(const optim::Projection<T>& projection, xt::xarray<T> x) {
  projection(x);
  return x;
}

/// How far rounding may take numbers near 1.
template <class T>
constexpr double rounding = 60 * std::numeric_limits<T>::epsilon();

/// The projection y of x is defined by: y is in the set, and <x - y, z - y> <= 0 for all z in it.
template <class T>
void check_nearest(const Set<T>& set, const xt::xarray<T>& x) {
  const xt::xarray<T> y = projected(set.projection, x);
  CHECK((y.shape() == x.shape()));
  CHECK(set.violation(y) <= rounding<T> * (1 + norm(x)));
  for (int i = 0; i < 50; ++i) {
    const xt::xarray<T> z = set.point();
    CHECK(dot<T>(x - y, z - y) <= rounding<T> * (1 + norm(x)) * (1 + norm(z)));
    CHECK(norm<T>(x - y) <= norm<T>(x - z) + rounding<T> * (1 + norm(x)));
  }
}

/// The root of sum max(v - theta, 0) = total.
double theta_by_bisection(const A& v, double total) {
  double low = xt::amin(v)() - total, high = xt::amax(v)();
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    double sum = 0;
    for (double element : v) sum += std::max(element - middle, 0.0);
    (sum > total ? low : high) = middle;
  }
  return low;
}

}  // namespace

TEMPLATE_TEST_CASE("projections give the nearest point", "[optim][projections]", float, double) {
  for (const auto& set : all<TestType>()) {
    INFO(set.name);
    for (double size : {0.1, 1.0, 10.0}) {
      for (int i = 0; i < 20; ++i) {
        check_nearest(set, random_array<TestType>(set.shape, -size, size));
      }
    }
  }
}

TEMPLATE_TEST_CASE("points of a set stay where they are", "[optim][projections]", float, double) {
  for (const auto& set : all<TestType>()) {
    INFO(set.name);
    for (int i = 0; i < 50; ++i) {
      const auto z = set.point();
      CHECK(set.violation(z) <= 2 * rounding<TestType>);
      CHECK(difference(projected(set.projection, z), z, 2 * rounding<TestType>) == "");
    }
  }
}

TEMPLATE_TEST_CASE("a second projection changes nothing", "[optim][projections]", float, double) {
  for (const auto& set : all<TestType>()) {
    INFO(set.name);
    for (int i = 0; i < 50; ++i) {
      const auto y = projected(set.projection, random_array<TestType>(set.shape, -4, 4));
      CHECK(difference(projected(set.projection, y), y, rounding<TestType>) == "");
    }
  }
}

TEMPLATE_TEST_CASE("projections bring points closer together", "[optim][projections]", float,
                   double) {
  using Array = xt::xarray<TestType>;
  for (const auto& set : all<TestType>()) {
    INFO(set.name);
    for (int i = 0; i < 50; ++i) {
      const Array a = random_array<TestType>(set.shape, -4, 4);
      const Array b = a + random_array<TestType>(set.shape, -1, 1);
      const Array between = projected(set.projection, a) - projected(set.projection, b);
      CHECK(norm(between) <= norm<TestType>(a - b) + rounding<TestType>);
    }
  }
}

TEMPLATE_TEST_CASE("warm projections take no heap memory", "[optim][projections]", float, double) {
  for (const auto& set : all<TestType>()) {
    if (!allocations::counted || set.name == "positive_semidefinite") continue;
    INFO(set.name);
    auto x = random_array<TestType>(set.shape, -4, 4);
    auto other = set.point();  // of the same shape, but with less to do
    set.projection(other);
    const auto before = allocations::count();
    set.projection(x);
    CHECK(allocations::count() == before);
  }
}

TEST_CASE("no point of a fine grid is nearer", "[optim][projections]") {
  const auto simplex = optim::simplex<double>(2);
  const auto l1_ball = optim::l1_ball<double>(2);
  for (int k = 0; k < 20; ++k) {
    const A x = random_array<double>({2}, -3, 3);
    double nearest_of_simplex = 100, nearest_of_ball = l1_norm(x) <= 2 ? 0 : 100;
    for (int i = -1000; i <= 1000; ++i) {
      const double a = i / 500.0, b = 2 - std::abs(a);  // (a, b) and (a, -b): the whole border
      const double above = std::hypot(x(0) - a, x(1) - b), below = std::hypot(x(0) - a, x(1) + b);
      nearest_of_ball = std::min({nearest_of_ball, above, below});
      if (a >= 0) nearest_of_simplex = std::min(nearest_of_simplex, above);
    }
    const double to_simplex = norm<double>(x - projected(simplex, x));
    const double to_ball = norm<double>(x - projected(l1_ball, x));
    CHECK((to_simplex <= nearest_of_simplex + 1e-12 && to_simplex >= nearest_of_simplex - 0.003));
    CHECK((to_ball <= nearest_of_ball + 1e-12 && to_ball >= nearest_of_ball - 0.003));
  }
}

TEST_CASE("simplex agrees with bisection", "[optim][projections]") {
  for (double total : {0.01, 1.0, 50.0}) {
    const auto projection = optim::simplex<double>(total);
    for (std::size_t size : {1, 2, 10, 100}) {
      const A x = random_array<double>({size}, -2, 2);
      const A expected = xt::maximum(x - theta_by_bisection(x, total), 0.0);
      CHECK(difference(projected(projection, x), expected, 1e-12) == "");
    }
  }
}

TEMPLATE_TEST_CASE("an axis may be any of any rank", "[optim][projections]", float, double) {
  const auto x = random_array<TestType>({2, 3, 4}, -2, 2);
  for (int axis : {0, 1, 2, -1, -2, -3}) {
    const int along = (axis + 3) % 3;
    const auto y = projected(optim::simplex<TestType>(1, axis), x);
    const auto z = projected(optim::l2_ball<TestType>(1, axis), x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      Shape place = {i / 12, i / 4 % 3, i % 4};
      const std::size_t here = place[along];
      xt::xarray<TestType> vector = xt::zeros<TestType>({x.shape(along)});
      for (std::size_t& k = place[along] = 0; k < vector.size(); ++k) vector(k) = x[place];
      const auto on_simplex = projected(optim::simplex<TestType>(), vector);
      const auto in_ball = projected(optim::l2_ball<TestType>(), vector);
      CHECK(std::abs(y.flat(i) - on_simplex(here)) <= rounding<TestType>);
      CHECK(std::abs(z.flat(i) - in_ball(here)) <= rounding<TestType>);
    }
  }
}
