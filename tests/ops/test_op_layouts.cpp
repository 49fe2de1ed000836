/// Every row again with its arguments in other places of memory: transposed, in other orders of the
/// axes, backwards, spread over a larger array, broadcast. Values and gradients must not change.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

using namespace op_cases;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// A way to hold an array: `stored` is what the argument becomes, `shown` gives back the original
/// array, as a view of it or in an unusual order of memory.
template <class T>
struct Disguise {
  const char* name;
  Array (*stored)(const Array& x);
  ag::Var<T> (*shown)(const ag::Var<T>& stored);
};

Array transposed(const Array& x) { return xt::transpose(x); }

Array flipped(const Array& x) {
  const Shape shape = shape_of(x);
  return build(shape, [&](Place p) {
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = shape[i] - 1 - p[i];
    return at(x, p);
  });
}

/// The last axis first.
Array rotated(const Array& x) {
  if (x.dimension() == 0) return x;
  Shape shape = shape_of(x);
  std::rotate(shape.begin(), shape.end() - 1, shape.end());
  return build(shape, [&](Place p) {
    std::rotate(p.begin(), p.begin() + 1, p.end());
    return at(x, p);
  });
}
template <class T>
ag::Var<T> rotated_back(const ag::Var<T>& x) {
  return x.dimension() == 0 ? x : ag::moveaxis(x, 0, -1);
}

/// At the odd places of a larger array, which holds NaN elsewhere.
Array sparse(const Array& x) {
  if (x.dimension() == 0) return Array{no_number, x(), no_number};
  Shape shape = shape_of(x);
  for (Index& extent : shape) extent = 2 * extent + 1;
  return build(shape, [&](Place p) {
    for (Index& i : p) {
      if (i % 2 == 0) return no_number;
      i /= 2;
    }
    return at(x, p);
  });
}
template <class T>
ag::Var<T> every_other(const ag::Var<T>& stored, Index dimension) {
  const ag::Slice odd{ag::Slice::range, 1, std::nullopt, 2}, second{ag::Slice::index, 1};
  const std::vector<ag::Slice> slices(static_cast<std::size_t>(std::max<Index>(1, dimension)),
                                      dimension == 0 ? second : odd);
  return ag::view(stored, std::span<const ag::Slice>(slices));
}

template <class T>
const std::vector<Disguise<T>> disguises = {
    {"transposed", transposed, [](const ag::Var<T>& x) { return ag::transpose(x); }},
    {"column-major", transposed, [](const ag::Var<T>& x) { return ag::transpose(x) * 1; }},
    {"rotated", rotated, [](const ag::Var<T>& x) { return rotated_back(x); }},
    {"dense in rotated order", rotated, [](const ag::Var<T>& x) { return rotated_back(x) * 1; }},
    {"backwards", flipped, [](const ag::Var<T>& x) { return ag::flip(x); }}};

/// p with the chosen arguments replaced by what `stored` makes of them; `shown` is given the
/// argument and its index and must undo it.
template <class T, class Stored, class Shown>
Problem<T> replaced(const Problem<T>& p, unsigned chosen, const Stored& stored,
                    const Shown& shown) {
  Problem<T> result = p;
  for (std::size_t i = 0; i < p.x.size(); ++i) {
    if (chosen >> i & 1) result.x[i] = xt::cast<T>(stored(Array(xt::cast<double>(p.x[i])), i));
  }
  result.f = [=, f = p.f](std::span<const ag::Var<T>> x) {
    std::array<ag::Var<T>, 3> all;
    for (std::size_t i = 0; i < x.size(); ++i) all[i] = chosen >> i & 1 ? shown(x[i], i) : x[i];
    return f(std::span(all).first(x.size()));
  };
  return result;
}

/// All arguments, and each one alone.
std::vector<unsigned> choices(std::size_t count) {
  std::vector<unsigned> result = {(1u << count) - 1};
  for (unsigned i = 0; count > 1 && i < count; ++i) result.push_back(1u << i);
  return result;
}

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-12;

/// The gradients by the original arguments, from those by the stored ones.
template <class T, class Shown>
ArraysOf<T> shown_gradients(const Problem<T>& p, unsigned chosen, const Shown& shown) {
  ArraysOf<T> result = gradients(p);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!(chosen >> i & 1)) continue;
    result[i] = ag::evaluate([&](const ag::Var<T>& g) { return shown(g, i); })(result[i]);
  }
  return result;
}

template <class T, class Stored, class Shown>
void check_disguised(const Row& row, const Stored& stored, const Shown& shown) {
  const Problem<T> plain = problem_of<T>(row);
  const ArrayOf<T> expected = value(plain);
  const ArraysOf<T> slopes = gradients(plain);
  for (unsigned chosen : choices(plain.x.size())) {
    INFO("arguments " << chosen);
    const Problem<T> p = replaced(plain, chosen, stored, shown);
    CHECK(distance(value(p), expected) <= tolerance<T>);
    CHECK(distance(shown_gradients(p, chosen, shown), slopes) <= tolerance<T>);
    if (row.order == 0) continue;
    const double any = std::numeric_limits<double>::infinity();
    CHECK_NOTHROW(check(p, {.order = 2, .tolerance = any}));  // the sweeps agree
  }
}

template <class T>
std::vector<Index> dimensions(const Row& row) {
  std::vector<Index> result;
  for (const auto& x : problem_of<T>(row).x) result.push_back(Index(x.dimension()));
  return result;
}

/// The first element along an axis: all others are taken to be equal to it.
Array collapsed(const Array& x, std::size_t axis) {
  Shape shape = shape_of(x);
  shape[axis] = std::min<Index>(1, shape[axis]);
  return build(shape, [&](const Place& p) { return at(x, p); });
}

/// Compares f of a broadcast array with f of the same elements written out.
template <class T>
void check_broadcast(const Row& row, bool last) {
  Problem<T> full = problem_of<T>(row), broadcast = full;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < full.x.size(); ++i) {
    const Shape& shape = shapes.emplace_back(full.x[i].shape().begin(), full.x[i].shape().end());
    if (shape.empty()) continue;
    const Array few = collapsed(Array(xt::cast<double>(full.x[i])), last ? shape.size() - 1 : 0);
    full.x[i] = xt::cast<T>(build(shape, [&](const Place& p) { return at(few, p); }));
    broadcast.x[i] = xt::cast<T>(few);
  }
  broadcast.f = [=, f = full.f](std::span<const ag::Var<T>> x) {
    std::array<ag::Var<T>, 3> all;
    for (std::size_t i = 0; i < x.size(); ++i) {
      all[i] = ag::broadcast_to(x[i], std::span<const Index>(shapes[i]));
    }
    return f(std::span(all).first(x.size()));
  };
  CHECK(distance(value(broadcast), value(full)) <= tolerance<T>);
  ArraysOf<T> sums = gradients(full);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].dimension() == 0) continue;
    const std::size_t axis = last ? sums[i].dimension() - 1 : 0;
    if (sums[i].shape(axis) > 0) sums[i] = ArrayOf<T>(xt::sum(sums[i], {axis}, xt::keep_dims));
  }
  // Hundreds of numbers are added up in T, in another order than above.
  CHECK(distance(gradients(broadcast), sums) <= 5 * tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("arguments in another order of memory", "[ops][op_layouts]", float, double) {
  for (const Disguise<TestType>& disguise : disguises<TestType>) {
    for (const Row& row : rows()) {
      INFO(row.name() << ", " << disguise.name);
      check_disguised<TestType>(
          row, [&](const Array& x, std::size_t) { return disguise.stored(x); },
          [&](const ag::Var<TestType>& x, std::size_t) { return disguise.shown(x); });
    }
  }
}

TEMPLATE_TEST_CASE("arguments that are every other element of an array", "[ops][op_layouts]", float,
                   double) {
  for (const Row& row : rows()) {
    INFO(row.name());
    const std::vector<Index> dimension = dimensions<TestType>(row);
    check_disguised<TestType>(
        row, [](const Array& x, std::size_t) { return sparse(x); },
        [&](const ag::Var<TestType>& x, std::size_t i) { return every_other(x, dimension[i]); });
  }
}

TEMPLATE_TEST_CASE("the gradient beside a view is zero", "[ops][op_layouts]", float, double) {
  for (const Row& row : rows()) {
    INFO(row.name());
    const std::vector<Index> dimension = dimensions<TestType>(row);
    const Problem<TestType> p = replaced(
        problem_of<TestType>(row), ~0u, [](const Array& x, std::size_t) { return sparse(x); },
        [&](const ag::Var<TestType>& x, std::size_t i) { return every_other(x, dimension[i]); });
    const ArraysOf<TestType> all = gradients(p);
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::size_t beside = 0;
      for (std::size_t k = 0; k < all[i].size(); ++k) {
        beside += std::isnan(p.x[i].data()[k]) && all[i].data()[k] != 0;
      }
      CHECK(beside == 0);
    }
  }
}

TEMPLATE_TEST_CASE("broadcast arguments", "[ops][op_layouts]", float, double) {
  for (const bool last : {false, true}) {
    for (const Row& row : rows()) {
      INFO(row.name() << ", equal along the " << (last ? "last" : "first") << " axis");
      check_broadcast<TestType>(row, last);
    }
  }
}

TEMPLATE_TEST_CASE("results keep the order of memory of their arguments", "[ops][op_layouts]",
                   float, double) {
  const xt::xarray<TestType> x = {{1, 2, 3}, {4, 5, 6}};
  const ag::Trace trace;
  const ag::Var<TestType> turned = ag::transpose(ag::Var<TestType>(x));
  for (const auto& y : {ag::exp(turned), turned + 1, 1 - turned, turned * turned}) {
    CHECK(y.value().strides()[0] == 1);
    CHECK(y.value().strides()[1] == 3);
  }
}

TEMPLATE_TEST_CASE("column-major arrays are arguments like others", "[ops][op_layouts]", float,
                   double) {
  const xt::xarray<TestType> x = {{1, 2, 3}, {4, 5, 6}};
  const xt::xarray<TestType, xt::layout_type::column_major> columns = x;
  const auto f = [](const auto& a) {
    return ag::sum(ag::matmul(ag::transpose(a), a * a) * xt::xarray<TestType>{1, -2, 3});
  };
  CHECK(distance(ag::grad(f)(columns), ag::grad(f)(x)) <= tolerance<TestType>);
  CHECK(distance(ag::evaluate([](const auto& a) { return a * 2; })(columns),
                 ArrayOf<TestType>(x * 2)) == 0);
}
