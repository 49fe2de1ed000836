/// cumsum and cumprod against loops, along any axis of arrays in any order of memory. All numbers
/// are whole, so that results are exact.

#include <random>
#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;

namespace {

template <class T>
using Array = xt::xarray<T>;
using Shape = std::vector<std::size_t>;

/// Numbers from `least` to 1 without 0.
template <class T>
Array<T> numbers(const Shape& shape, int least) {
  static std::mt19937 engine(11);
  std::uniform_int_distribution<int> digit(least, 1);
  Array<T> result = Array<T>::from_shape(shape);
  for (T& each : result) {
    const int number = digit(engine);
    each = static_cast<T>(number == 0 ? 1 : number);
  }
  return result;
}

/// y[i] = f(y[i - 1], x[i]) along an axis, or y[i] = f(y[i + 1], x[i]).
template <class T, class F>
Array<T> running(const Array<T>& x, std::size_t axis, bool backwards, const F& f) {
  Array<T> y = x;
  std::size_t step = 1;
  for (std::size_t k = axis + 1; k < x.dimension(); ++k) step *= x.shape(k);
  const std::size_t n = x.shape(axis);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const std::size_t i = backwards ? x.size() - 1 - k : k, place = i / step % n;
    if (place == (backwards ? n - 1 : 0)) continue;
    y.flat(i) = f(y.flat(backwards ? i + step : i - step), x.flat(i));
  }
  return y;
}

/// Calls check(f) with f as it is, with an operand the other way round in memory, with every other
/// element of a larger array, and reversed along all axes.
template <class T, class F, class Check>
void in_all_layouts(const F& f, const Check& check) {
  using V = ag::Var<T>;
  check(f);
  check([&](const V& a) { return f(ag::transpose(ag::transpose(a) * 1)); });
  check([&](const V& a) { return f(ag::view(ag::stack({a, a + 1}, -1), xt::ellipsis(), 0)); });
  check([&](const V& a) { return f(ag::flip(ag::flip(a) * 1)); });
}

template <class T>
void check_sums(const Shape& shape, std::size_t axis) {
  const auto plus = [](T so_far, T x) { return so_far + x; };
  const Array<T> x = numbers<T>(shape, -3), w = numbers<T>(shape, -3);
  const Array<T> sums = running(x, axis, false, plus), gradient = running(w, axis, true, plus);
  const auto f = [&](const ag::Var<T>& a) { return ag::cumsum(a, static_cast<ag::Index>(axis)); };
  in_all_layouts<T>(f, [&](const auto& g) {
    CHECK((ag::evaluate(g)(x) == sums));
    CHECK((ag::grad([&](const ag::Var<T>& a) { return ag::sum(g(a) * w); })(x) == gradient));
    const auto twice = [&](const ag::Var<T>& a) { return ag::sum(g(a) * w) + ag::sum(g(a) * w); };
    CHECK((ag::grad(twice)(x) == Array<T>(2 * gradient)));
  });
}

template <class T>
void check_products(const Shape& shape, std::size_t axis) {
  const auto plus = [](T so_far, T x) { return so_far + x; };
  const auto times = [](T so_far, T x) { return so_far * x; };
  const Array<T> x = numbers<T>(shape, -1), w = numbers<T>(shape, -3);
  const Array<T> products = running(x, axis, false, times);
  const Array<T> gradient = x * running(Array<T>(w * products), axis, true, plus);
  const auto f = [&](const ag::Var<T>& a) { return ag::cumprod(a, static_cast<ag::Index>(axis)); };
  in_all_layouts<T>(f, [&](const auto& g) {
    CHECK((ag::evaluate(g)(x) == products));
    CHECK((ag::grad([&](const ag::Var<T>& a) { return ag::sum(g(a) * w); })(x) == gradient));
  });
}

/// Lines that are walked one by one and together, few and many places, and more lines beside each
/// other than are walked together.
const std::vector<Shape> shapes{{1},        {2},        {300},        {4, 1},
                                {1, 4},     {3, 5},     {50, 3},      {3, 50},
                                {2, 2100},  {2100, 2},  {7, 1030},    {4, 5, 6},
                                {70, 3, 2}, {2, 3, 70}, {3, 1030, 2}, {2, 70, 5, 3}};

}  // namespace

TEMPLATE_TEST_CASE("running sums and products along any axis", "[ops][axes]", float, double) {
  for (const Shape& shape : shapes) {
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      CAPTURE(shape, axis);
      check_sums<TestType>(shape, axis);
      check_products<TestType>(shape, axis);
    }
  }
}

TEST_CASE("running sums of an array that is broadcast", "[ops][axes]") {
  const Array<double> x{{1., 2., 3.}}, w{{1., 2., 3.}, {4., 5., 6.}};
  const Array<double> column = xt::transpose(Array<double>{{1., 2.}});
  const auto f = [&](ag::Index axis) {
    return [&w, axis](const ag::Var<double>& a) {
      return ag::sum(ag::cumsum(ag::broadcast_to(a, {2, 3}), axis) * w);
    };
  };
  CHECK((ag::grad(f(0))(x) == Array<double>{{9., 12., 15.}}));
  CHECK((ag::grad(f(1))(x) == Array<double>{{21., 16., 9.}}));
  CHECK((ag::grad(f(0))(column) == xt::transpose(Array<double>{{21., 15.}})));
  CHECK((ag::grad(f(1))(column) == xt::transpose(Array<double>{{14., 32.}})));
}
