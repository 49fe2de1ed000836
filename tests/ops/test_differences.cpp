/// Differences of neighbours, which are not stored where only their squares or norms are needed:
/// the same numbers as a loop gives, for all lengths and distances in memory.

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "autograd/autograd.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fuse_from.hpp"

namespace {

namespace ag = autograd;
using ag::Index;
using namespace xt::placeholders;

constexpr Index never = Index(1) << 60;

template <class T>
using Array = xt::xarray<T>;

template <class T>
Array<T> numbers(std::size_t rows, std::size_t columns) {
  Array<T> x = xt::zeros<T>({rows, columns});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = T(std::sin(0.7 * double(i * i)) + 0.1);
  return x;
}

/// The norm of differences, or half the sum of their squares, and its gradient.
struct Expected {
  double value = 0;
  std::vector<double> gradient;

  template <class T>
  Expected(const std::vector<T>& x, bool norm) : gradient(x.size(), 0.0) {
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const double step = double(x[i + 1]) - double(x[i]);
      value += step * step;
      gradient[i] -= step;
      gradient[i + 1] += step;
    }
    value = norm ? std::sqrt(value) : value / 2;
    for (double& g : gradient) g = !norm ? g : value == 0 ? 0 : g / value;
  }
};

template <class T>
ag::Var<T> roughness(const ag::Var<T>& x, bool norm, ag::Reduce over = {}) {
  const ag::Var<T> steps = ag::diff(x, 1, x.dimension() - 1);
  return norm ? ag::norm(steps, over) : T(0.5) * ag::sum(ag::square(steps), over);
}

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-13;

/// Every `by`th element of a vector of that many.
template <class T>
void check_vector(std::size_t length, Index by, bool norm) {
  CAPTURE(length, by, norm);
  const Array<T> x = xt::view(numbers<T>(1, length), 0, xt::all());
  std::vector<T> chosen;
  for (Index i = by > 0 ? 0 : Index(length) - 1; i >= 0 && i < Index(length); i += by) {
    chosen.push_back(x(i));
  }
  const Expected expected(chosen, norm);
  const auto [value, gradient] = ag::value_and_grad(
      [&](const ag::Var<T>& v) { return roughness(ag::view(v, xt::range(_, _, by)), norm); })(x);
  CHECK(std::abs(value - expected.value) <= tolerance<T> * (1 + expected.value));
  std::vector<double> whole(length, 0.0);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    whole[std::size_t((by > 0 ? 0 : Index(length) - 1) + Index(i) * by)] = expected.gradient[i];
  }
  double largest = 0;
  for (std::size_t i = 0; i < length; ++i) {
    largest = std::max(largest, std::abs(double(gradient(i)) - whole[i]));
  }
  CHECK(largest <= 4 * tolerance<T>);
}

/// Along each axis of a matrix, from its first or second row and column on.
template <class T>
void check_matrix(std::size_t rows, std::size_t columns, Index by) {
  CAPTURE(rows, columns, by);
  const Array<T> x = numbers<T>(rows, columns);
  const auto along = [&](const ag::Var<T>& v, bool norm) {
    const ag::Var<T> part = ag::view(v, xt::all(), xt::range(by - 1, _, by));
    return ag::sum(norm ? roughness(part, true, {.axis = 1}) : roughness(part, false));
  };
  const auto f = [&](const ag::Var<T>& v) {
    return along(v, true) + along(ag::transpose(v), true) + along(v, false) +
           along(ag::transpose(v), false);
  };
  const auto results = [&](Index from) {
    const FuseFrom setting(from);
    return ag::value_and_grad(f)(x);
  };
  const auto [fused, fused_gradient] = results(1);
  const auto [plain, plain_gradient] = results(never);
  CHECK(std::abs(fused - plain) <= 10 * tolerance<T> * (1 + std::abs(plain)));
  CHECK(xt::amax(xt::abs(fused_gradient - plain_gradient))() <= 10 * tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("differences of vectors of all lengths", "[ops][differences]", float, double) {
  for (const bool norm : {true, false}) {
    for (const Index by : {1, 2, 3, -1, -2}) {
      for (std::size_t length = 2; length < 150; ++length) check_vector<TestType>(length, by, norm);
      for (std::size_t length : {511, 1025, 4097}) check_vector<TestType>(length, by, norm);
    }
  }
}

TEMPLATE_TEST_CASE("differences along the axes of matrices", "[ops][differences]", float, double) {
  for (const Index by : {1, 2, 3}) {
    for (const std::size_t rows : {3, 4, 17, 66}) {
      for (const std::size_t columns : {5, 18, 33, 64, 259}) {
        check_matrix<TestType>(rows, columns, by);
      }
    }
  }
}

TEMPLATE_TEST_CASE("differences of two parts of an array, under functions that need a row of them",
                   "[ops][differences]", float, double) {
  using V = ag::Var<TestType>;
  const Array<TestType> x = numbers<TestType>(33, 300);
  const auto rough = [](const V& a, const V& b) {
    const V d = a - b;
    return ag::sum(ag::abs(d)) + ag::logsumexp(d) + ag::sum(d * ag::sin(b) + 2 * d) + ag::max(d);
  };
  for (const Index distance : {1, 2, 7, 32}) {
    for (const Index by : {1, 2, 3, -1}) {
      CAPTURE(distance, by);
      const auto along = [&](const V& v) {
        const Index n = v.shape(1);
        const auto part = [&](Index from) {
          const V some = ag::view(v, xt::all(), xt::range(from, from + n - distance));
          return ag::view(some, xt::all(), xt::range(_, _, by));
        };
        return rough(part(distance), part(0)) + rough(part(0), part(0));
      };
      const auto f = [&](const V& v) {
        const V square = ag::view(v, xt::all(), xt::range(3, 36));
        return along(v) + along(ag::transpose(v)) + rough(square, ag::transpose(square));
      };
      const auto results = [&](Index from) {
        const FuseFrom setting(from);
        return ag::value_and_grad(f)(x);
      };
      const auto [fused, fused_gradient] = results(1);
      const auto [plain, plain_gradient] = results(never);
      CHECK(std::abs(fused - plain) <= 10 * tolerance<TestType> * (1 + std::abs(plain)));
      CHECK(xt::amax(xt::abs(fused_gradient - plain_gradient))() <= 10 * tolerance<TestType>);
    }
  }
}

TEMPLATE_TEST_CASE("the differences of equal neighbours have norm and gradient zero",
                   "[ops][differences]", float, double) {
  const Array<TestType> x = xt::ones<TestType>({200});
  const auto [value, gradient] =
      ag::value_and_grad([](const ag::Var<TestType>& v) { return roughness(v, true); })(x);
  CHECK(value == 0);
  CHECK(xt::all(xt::equal(gradient, TestType(0))));
}

TEMPLATE_TEST_CASE("a NaN between the elements of a view does not reach it", "[ops][differences]",
                   float, double) {
  Array<TestType> x = xt::view(numbers<TestType>(1, 201), 0, xt::all());
  xt::view(x, xt::range(1, _, 2)) = std::numeric_limits<TestType>::quiet_NaN();
  const auto [value, gradient] = ag::value_and_grad([](const ag::Var<TestType>& v) {
    return roughness(ag::view(v, xt::range(0, _, 2)), true);
  })(x);
  CHECK(std::isfinite(value));
  CHECK(xt::all(xt::isfinite(gradient)));
  CHECK(xt::all(xt::equal(xt::view(gradient, xt::range(1, _, 2)), TestType(0))));
}

TEST_CASE("lazy differences serve everything else too", "[ops][differences]") {
  const Array<double> x = xt::view(numbers<double>(1, 100), 0, xt::all());
  const auto f = [](const ag::Var<double>& v) {
    const ag::Var<double> steps = ag::diff(v);
    return ag::norm(steps) * ag::sum(ag::sin(steps)) + ag::sum(ag::diff(steps) * steps[3]) +
           ag::max(steps);
  };
  ag::check_gradients(f, {x}, {.order = 2});
  const Array<double> hessian = ag::hessian(f)(x);
  CHECK(xt::allclose(hessian, xt::transpose(hessian), 1e-9, 1e-9));
  const ag::Scope<double> scope;
  const ag::Var<double> steps = ag::diff(ag::Var<double>(x));
  CHECK(steps.value()(7) == x(8) - x(7));
}
