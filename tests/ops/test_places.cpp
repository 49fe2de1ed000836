/// take, and its adjoint, against loops: lists of places along any axis of arrays in any order of
/// memory.

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;
using op_cases::distance;

namespace {

template <class T>
using Array = xt::xarray<T>;
using Places = xt::xarray<std::ptrdiff_t>;
using Shape = std::vector<std::size_t>;

std::mt19937 engine(7);

template <class T>
Array<T> numbers(const Shape& shape) {
  Array<T> result = Array<T>::from_shape(shape);
  std::uniform_int_distribution<int> digit(-9, 9);
  for (T& each : result) each = static_cast<T>(digit(engine));
  return result;
}

Places places(std::size_t count, std::size_t extent) {
  Places result = Places::from_shape({count});
  std::uniform_int_distribution<int> place(-int(extent), std::max(0, int(extent) - 1));
  for (auto& each : result) each = place(engine);
  return result;
}

/// Calls f(place in the result, place in the operand) for a result of that shape.
template <class F>
void for_each_place(Shape shape, const Places& list, std::size_t axis, std::size_t extent,
                    const F& f) {
  shape[axis] = list.size();
  std::size_t size = 1;
  for (std::size_t n : shape) size *= n;
  for (std::size_t flat = 0; flat < size; ++flat) {
    Shape to(shape.size());
    for (std::size_t i = shape.size(), rest = flat; i-- > 0; rest /= shape[i]) {
      to[i] = rest % shape[i];
    }
    Shape from = to;
    const auto at = list(to[axis]);
    from[axis] = static_cast<std::size_t>(at < 0 ? at + std::ptrdiff_t(extent) : at);
    f(to, from);
  }
}

template <class T>
void check_take(const Shape& shape, std::size_t count, std::size_t axis) {
  const Array<T> x = numbers<T>(shape);
  const Places list = places(count, shape[axis]);
  Shape taken = shape;
  taken[axis] = count;
  const Array<T> weights = numbers<T>(taken);
  Array<T> value = xt::zeros<T>(taken), gradient = xt::zeros<T>(shape), twice = gradient;
  for_each_place(shape, list, axis, shape[axis], [&](const Shape& to, const Shape& from) {
    value[to] = x[from];
    gradient[from] += weights[to];
    twice[from] += weights[to] * 2 * x[from];
  });
  const auto along = static_cast<std::ptrdiff_t>(axis);
  const auto f = [&](const ag::Var<T>& a) { return ag::sum(ag::take(a, list, along) * weights); };
  // As it is, the other way round in memory, and every other element of a larger array.
  const auto turned = [&](const ag::Var<T>& a) { return f(ag::transpose(ag::transpose(a) * 1)); };
  const auto spread = [&](const ag::Var<T>& a) {
    const ag::Var<T> pairs = ag::stack({a, a + 1}, -1);
    return f(ag::view(pairs, xt::ellipsis(), 0));
  };
  const auto square = [&](const ag::Var<T>& a) { return f(a * a); };
  CHECK((Array<T>(ag::evaluate([&](const auto& a) { return ag::take(a, list, along); })(x)) ==
         value));
  for (const std::function<ag::Var<T>(const ag::Var<T>&)>& each :
       {std::function<ag::Var<T>(const ag::Var<T>&)>(f), {turned}, {spread}}) {
    CHECK((Array<T>(ag::grad(each)(x)) == gradient));
    const ag::Trace trace;
    CHECK((Array<T>(ag::grad(each)(ag::Var<T>(x)).value()) == gradient));
  }
  CHECK((Array<T>(ag::grad(square)(x)) == twice));
  const Array<T> bend = ag::hvp(square)(x, Array<T>(xt::ones<T>(shape)));
  CHECK((bend == 2 * gradient));
}

}  // namespace

TEMPLATE_TEST_CASE("take: places along every axis", "[ops][places]", float, double) {
  for (std::size_t count : {0, 1, 3, 40}) {
    check_take<TestType>({50}, count, 0);
    for (const Shape& shape : {Shape{7, 33}, Shape{33, 7}, Shape{6, 1}, Shape{4, 5, 6}}) {
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        check_take<TestType>(shape, count, axis);
      }
    }
  }
  check_take<TestType>({3, 0}, 5, 0);
  check_take<TestType>({0, 3}, 0, 0);
}

TEMPLATE_TEST_CASE("take: of what is broadcast all places are added up", "[ops][places]", float,
                   double) {
  using T = TestType;
  const Places rows = {0, 3, 3, -1, 2, 2, 2}, columns = {1, 0, 1};
  const auto of_rows = [&](const ag::Var<T>& row) {
    return ag::sum(ag::take(ag::broadcast_to(row, {4, 2}), rows, 0));
  };
  const auto of_columns = [&](const ag::Var<T>& row) {
    return ag::sum(ag::take(ag::broadcast_to(row, {4, 2}), columns, 1));
  };
  const Array<T> x = {5, 7};
  CHECK((Array<T>(ag::grad(of_rows)(x)) == Array<T>{7, 7}));
  CHECK((Array<T>(ag::grad(of_columns)(x)) == Array<T>{4, 8}));
}

TEMPLATE_TEST_CASE("take: by a mask, against a loop", "[ops][places]", float, double) {
  using T = TestType;
  const Array<T> x = numbers<T>({9, 11});
  std::vector<T> chosen;
  for (T each : x) {
    if (each > 2) chosen.push_back(each);
  }
  const Array<T> value = ag::evaluate([](const auto& a) { return ag::take(a, a > 2); })(x);
  REQUIRE(value.size() == chosen.size());
  CHECK(std::equal(chosen.begin(), chosen.end(), value.begin()));
  const auto squares = [](const ag::Var<T>& a) { return ag::sum(ag::square(ag::take(a, a > 2))); };
  CHECK((Array<T>(ag::grad(squares)(x)) == xt::where(x > T(2), 2 * x, T(0))));
}
