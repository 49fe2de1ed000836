/// Rows of what has no derivative: comparisons and the ends of differentiation.
#include <cmath>
#include <utility>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

/// On whole numbers, many of which are equal; then on numbers that differ, by differences too.
template <class F>
void add(Table& table, const char* op, const F& f, double (*value)(double, double)) {
  const std::vector<std::pair<Shape, Shape>> pairs = {{{}, {}},      {{9}, {9}},       {{3, 4}, {}},
                                                      {{4}, {3, 4}}, {{3, 1}, {1, 4}}, {{0}, {0}},
                                                      {{300}, {300}}};
  for (const auto& [a, b] : pairs) {
    table.add(op, text(a) + " and " + text(b), {digits(a), digits(b)}, f, each(value)).constant();
  }
  table.add(op, "distinct", {in({3, 4}), in({4})}, f, each(value));
}

}  // namespace

void add_comparisons(Table& table) {
  // clang-format off
  add(table, "equal", [](auto a, auto b) { return ag::equal(a, b); }, [](double a, double b) { return double(a == b); });
  add(
      table, "not_equal", [](auto a, auto b) { return ag::not_equal(a, b); },
      [](double a, double b) { return double(a != b); });
  add(table, "operator==", [](auto a, auto b) { return a == b; }, [](double a, double b) { return double(a == b); });
  add(table, "operator!=", [](auto a, auto b) { return a != b; }, [](double a, double b) { return double(a != b); });
  add(table, "operator<", [](auto a, auto b) { return a < b; }, [](double a, double b) { return double(a < b); });
  add(table, "operator<=", [](auto a, auto b) { return a <= b; }, [](double a, double b) { return double(a <= b); });
  add(table, "operator>", [](auto a, auto b) { return a > b; }, [](double a, double b) { return double(a > b); });
  add(table, "operator>=", [](auto a, auto b) { return a >= b; }, [](double a, double b) { return double(a >= b); });
  // clang-format on
  table
      .add(
          "operator>", "number right", {digits({3, 4})}, [](auto x) { return x > 0; },
          each([](double x) { return double(x > 0); }))
      .constant();
  table
      .add(
          "operator<=", "number left", {digits({3, 4})}, [](auto x) { return 0 <= x; },
          each([](double x) { return double(0 <= x); }))
      .constant();

  for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{0}}) {
    table
        .add(
            "stop_gradient", text(shape), {in(shape)}, [](auto x) { return ag::stop_gradient(x); },
            each([](double x) { return x; }))
        .constant();
  }
  table
      .add(
          "stop_gradient", "of a factor", {in({3, 4}), in({4})},
          [](auto a, auto b) { return ag::stop_gradient(a * b) * 2; },
          each([](double a, double b) { return 2 * (a * b); }))
      .constant();
  table.add(
      "drop_non_finite", "finite", {in({3, 4}), in({3, 4})},
      [](auto r, auto g) { return ag::drop_non_finite(r, g); },
      each([](double r, double) { return r; }));
  table.add(
      "drop_non_finite", "infinite", {in({3, 4}), constant(digits({3, 4}, 0, 1))},
      [](auto r, auto g) { return ag::drop_non_finite(r / g, g); },
      each([](double r, double g) { return g == 0 ? 0 : r / g; }));
}

}  // namespace op_cases
