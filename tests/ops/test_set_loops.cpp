/// Changes that follow each other wait until the array is needed. Whatever is read in between, and
/// whichever version, must be as if each had been made at once: compared with x (1 - mask) plus the
/// value at its place.

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;
using op_cases::distance;

namespace {

template <class T>
using Array = xt::xarray<T>;
using Slices = std::vector<ag::Slice>;
using Index = ag::Index;

template <class T>
ag::Var<T> set_by_sum(const ag::Var<T>& x, const Slices& slices, const ag::Var<T>& value) {
  const std::span<const ag::Slice> list(slices);
  const ag::Var<T> zero = Array<T>(xt::zeros<T>(x.value().shape()));
  return ag::add_at(x * (1 - ag::add_at(zero, list, ag::Var<T>(1))), list, value);
}

struct Random {
  std::mt19937 engine;
  Index up_to(Index n) { return static_cast<Index>(engine() % static_cast<unsigned>(n + 1)); }
  ag::Slice slice(Index extent) {
    const Index a = up_to(extent - 1), b = up_to(extent - 1);
    switch (up_to(3)) {
      case 0:
        return {ag::Slice::index, a - (up_to(1) == 1 ? extent : 0)};
      case 1:
        return {ag::Slice::range, std::min(a, b), std::max(a, b) + up_to(1), 1 + up_to(1)};
      case 2:
        return {ag::Slice::range, std::max(a, b), std::min(a, b), -1 - up_to(1)};
      default:
        return {};
    }
  }
  Slices slices(std::span<const Index> shape) {
    Slices result;
    for (Index extent : shape) result.push_back(slice(extent));
    return result;
  }
};

/// A program of changes and reads, the same for the same seed.
template <class T>
ag::Var<T> changes(const ag::Var<T>& start, unsigned seed, bool by_sum) {
  Random random{std::mt19937(seed)};
  ag::Var<T> x = start, total = ag::sum(start), kept = x;
  Slices last = random.slices(x.shape());
  for (int i = 0; i < 30; ++i) {
    if (random.up_to(2) > 0) last = random.slices(x.shape());
    const std::span<const ag::Slice> place(last);
    const ag::Var<T> old = ag::view(random.up_to(3) == 0 ? kept : x, place);
    const ag::Var<T> value = random.up_to(2) == 0 ? ag::sin(total) : ag::cos(old) + T(0.1) * total;
    if (random.up_to(5) == 0) total = total + ag::sum(ag::sin(x)) * T(0.01);
    if (random.up_to(5) == 0) kept = x;
    x = by_sum ? set_by_sum(x, last, value) : ag::set(x, place, value);
    if (random.up_to(1) == 0) last = random.slices(x.shape());
    total = total * T(0.5) + ag::mean(ag::square(ag::view(x, xt::range(0, 2)))) +
            ag::sum(ag::view(x, std::span<const ag::Slice>(last))) * T(0.01);
  }
  return total + ag::sum(ag::square(x)) + ag::sum(kept * x);
}

template <class T>
void compare(const Array<T>& x, unsigned seed) {
  const double bound = sizeof(T) == 8 ? 1e-11 : 2e-3;
  const auto f = [&](const ag::Var<T>& a) { return changes(a, seed, false); };
  const auto g = [&](const ag::Var<T>& a) { return changes(a, seed, true); };
  const auto near = [&](const Array<T>& a, const Array<T>& b) {
    return distance(a, Array<double>(b)) <= bound * (1 + xt::amax(xt::abs(b))());
  };
  CAPTURE(seed);
  CHECK(near(ag::evaluate(f)(x), ag::evaluate(g)(x)));
  const Array<T> gradient = ag::grad(g)(x);
  CHECK(near(ag::grad(f)(x), gradient));
  const Array<T> direction = xt::cos(x);
  CHECK(near(ag::hvp(f)(x, direction), ag::hvp(g)(x, direction)));
  const ag::Trace trace;
  CHECK(near(ag::grad(f)(ag::Var<T>(x)).value(), gradient));
}

template <class T>
Array<T> points(std::size_t rows, std::size_t columns) {
  Array<T> result = xt::sin(xt::arange<T>(T(rows * columns)));
  result.reshape({rows, columns});
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("set: programs of changes and reads", "[ops][set_loops]", float, double) {
  for (unsigned seed = 0; seed < 25; ++seed) {
    compare(points<TestType>(9, 11), seed);
    compare(points<TestType>(2, 3), seed);
  }
  compare(points<TestType>(60, 80), 3);
}

TEST_CASE("set: long loops, filling and recurrence", "[ops][set_loops]") {
  using V = ag::Var<double>;
  constexpr std::size_t n = 1000;
  const Array<double> x = 1 + 0.001 * xt::sin(xt::arange<double>(n));
  const auto fill = [](const V& a) {
    V y = Array<double>(xt::zeros<double>({n}));
    for (std::size_t i = 0; i < n; ++i) y = ag::set(y, i, a[Index(i)] * a[Index(i)]);
    return ag::sum(y * y);
  };
  CHECK(distance(Array<double>(ag::grad(fill)(x)), Array<double>(4 * x * x * x)) < 1e-12);
  CHECK(distance(Array<double>(ag::hvp(fill)(x, x)), Array<double>(12 * x * x * x)) < 1e-12);
  // y[i] is the product of x[0], ..., x[i].
  const auto product = [](const V& a) {
    V y = Array<double>(xt::zeros<double>({n}));
    y = ag::set(y, 0, a[0]);
    for (std::size_t i = 1; i < n; ++i) y = ag::set(y, i, y[Index(i) - 1] * a[Index(i)]);
    return y;
  };
  CHECK(distance(Array<double>(ag::evaluate(product)(x)), Array<double>(xt::cumprod(x))) < 1e-12);
  const auto last = [&](const V& a) { return product(a)[-1]; };
  const double value = xt::prod(x)();
  CHECK(distance(Array<double>(ag::grad(last)(x)), Array<double>(value / x)) < 1e-12);
  // The derivative along x of the i-th derivative, which is homogeneous of degree n - 1.
  CHECK(distance(Array<double>(ag::hvp(last)(x, x)), Array<double>(double(n - 1) * value / x)) <
        1e-8);
}

TEST_CASE("set: reading far back, and every row after all have been set", "[ops][set_loops]") {
  using V = ag::Var<double>;
  const auto f = [](const V& a) {
    V y = a;
    for (Index i = 1; i < 100; ++i) y = ag::set(y, i, y[0] * y[i]);
    V total = 0;
    for (Index i = 0; i < 100; ++i) total = total + y[i] * y[i];
    return total;
  };
  const Array<double> x = xt::cos(xt::arange<double>(100));
  Array<double> expected = 2 * x(0) * x(0) * x;
  expected(0) = 2 * x(0) * (1 + xt::sum(x * x)() - x(0) * x(0));
  CHECK(distance(Array<double>(ag::grad(f)(x)), expected) < 1e-12);
}

TEST_CASE("set: changes that wait are seen by inner differentiation, again and again",
          "[ops][set_loops]") {
  using V = ag::Var<double>;
  const Array<double> x = 1 + xt::cos(xt::arange<double>(100));
  const auto f = [](const V& a) {
    const V y = ag::set(a, 3, a[4] * a[5]);
    const auto inner = [&](const V& b) { return ag::sum(b * b * b * ag::stop_gradient(y)); };
    V total = ag::sum(ag::grad(inner)(Array<double>(xt::ones<double>({100}))));
    total = total + ag::sum(ag::grad(inner)(Array<double>(xt::ones<double>({100}))));
    return total + ag::sum(y) + y[3];
  };
  const double changed = xt::sum(x)() - x(3) + x(4) * x(5);
  CHECK(ag::evaluate(f)(x)() == Approx(7 * changed + x(4) * x(5)));
}

TEST_CASE("set: a guard sees the value that is set", "[ops][set_loops]") {
  const ag::FiniteGuard guard;
  const Array<double> x = xt::zeros<double>({100});
  const auto f = [](const ag::Var<double>& a) {
    return ag::sum(ag::set(a, 3, std::numeric_limits<double>::infinity()));
  };
  CHECK_THROWS_WITH(ag::grad(f)(x), "set: the value is inf at (3,) of shape (100,)");
}

TEST_CASE("set: a value may be a change of a change of a change", "[ops][set_loops]") {
  using V = ag::Var<double>;
  const auto nested = [](const V& x) {
    V y = x;
    for (int i = 0; i < 20'000; ++i) {
      y = ag::set(V(Array<double>(xt::zeros<double>({64}))), xt::range(0, 64), y);
    }
    return ag::sum(y);
  };
  const Array<double> x = xt::arange<double>(64);
  CHECK((ag::grad(nested)(x) == xt::ones<double>({64})));
}
