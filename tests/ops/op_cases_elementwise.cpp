/// Rows of the elementwise functions that are compositions, and of masks.
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

constexpr double pi = 3.14159265358979323846, no_number = std::numeric_limits<double>::quiet_NaN();

const std::vector<Shape> shapes = {{}, {7}, {3, 4}, {0}, {300}};

template <class F>
void add(Table& table, const char* op, Input input, const F& f, double (*value)(double)) {
  for (const Shape& shape : shapes) {
    input.shape = shape;
    table.add(op, text(shape), {input}, f, each(value));
  }
}

/// On whole numbers, many of which are equal.
template <class F>
void add_mask(Table& table, const char* op, const F& f, double (*value)(double, double)) {
  const std::vector<std::pair<Shape, Shape>> pairs = {{{}, {}},         {{9}, {9}}, {{3, 4}, {}},
                                                      {{3, 1}, {1, 4}}, {{0}, {0}}, {{300}, {300}}};
  for (const auto& [a, b] : pairs) {
    table.add(op, text(a) + " and " + text(b), {digits(a), digits(b)}, f, each(value)).constant();
  }
}

/// x, but NaN and infinite where it is small.
template <class V>
V with_special_values(const V& x) {
  return ag::where(x < -1, no_number, ag::where(x < 0, ag::inf, ag::where(x < 1, -ag::inf, x)));
}
double with_special_values(double x) {
  return x < -1 ? no_number : x < 0 ? ag::inf : x < 1 ? -ag::inf : x;
}

double sinc(double x) { return x == 0 ? 1 : std::sin(pi * x) / (pi * x); }
double rounded_to_even(double x) { return std::nearbyint(x); }
bool is_close(double a, double b) { return std::abs(a - b) <= 1e-8 + 1e-5 * std::abs(b); }

void add_rounding(Table& table) {
  const Input off = off_halves({}, -3, 3);
  // clang-format off
  add(table, "fix", off_integers({}, -3, 3), [](auto x) { return ag::fix(x); }, [](double x) { return std::trunc(x); });
  add(table, "round", off, [](auto x) { return ag::round(x); }, rounded_to_even);
  // clang-format on
  table.add(
      "round", "to two digits", {off}, [](auto x) { return ag::round(x / 100, 2); },
      each([](double x) { return std::nearbyint(x) / 100; }));
  table.add(
      "round", "to tens", {off}, [](auto x) { return ag::round(x * 10, -1); },
      each([](double x) { return std::nearbyint(x) * 10; }));
}

void add_functions(Table& table) {
  // clang-format off
  add(table, "reciprocal", off_zero({}), [](auto x) { return ag::reciprocal(x); }, [](double x) { return 1 / x; });
  add(table, "sinc", in({}), [](auto x) { return ag::sinc(x); }, sinc);
  add(table, "deg2rad", in({}, -90, 90), [](auto x) { return ag::deg2rad(x); }, [](double x) { return x * pi / 180; });
  add(table, "radians", in({}, -90, 90), [](auto x) { return ag::radians(x); }, [](double x) { return x * pi / 180; });
  add(table, "rad2deg", in({}), [](auto x) { return ag::rad2deg(x); }, [](double x) { return x * 180 / pi; });
  add(table, "degrees", in({}), [](auto x) { return ag::degrees(x); }, [](double x) { return x * 180 / pi; });
  // clang-format on
  add(
      table, "nan_to_num", off_integers({}, -3, 3),
      [](auto x) {
        return ag::nan_to_num(with_special_values(x), {.nan = 5, .posinf = 6, .neginf = 7});
      },
      [](double x) {
        return x < -1 ? 5 : x < 0 ? 6 : x < 1 ? 7 : x;
      });
  table.add(
      "remainder", "(3, 4) and (4,)", {in({3, 4}, 4.2, 4.8), in({4}, 1.65, 1.75)},
      [](auto a, auto b) { return ag::remainder(a, b); },
      each([](double a, double b) { return a - 2 * b; }));
  table.add(
      "heaviside", "(3, 4) and (4,)", {constant(digits({3, 4})), in({4})},
      [](auto x, auto h) { return ag::heaviside(x, h); },
      each([](double x, double h) { return x == 0 ? h : double(x > 0); }));
}

void add_comparisons_by_name(Table& table) {
  // clang-format off
  add_mask(table, "less", [](auto a, auto b) { return ag::less(a, b); }, [](double a, double b) { return double(a < b); });
  add_mask(table, "less_equal", [](auto a, auto b) { return ag::less_equal(a, b); }, [](double a, double b) { return double(a <= b); });
  add_mask(table, "greater", [](auto a, auto b) { return ag::greater(a, b); }, [](double a, double b) { return double(a > b); });
  add_mask(table, "greater_equal", [](auto a, auto b) { return ag::greater_equal(a, b); }, [](double a, double b) { return double(a >= b); });
  add_mask(table, "logical_and", [](auto a, auto b) { return ag::logical_and(a, b); }, [](double a, double b) { return double(a != 0 && b != 0); });
  add_mask(table, "logical_or", [](auto a, auto b) { return ag::logical_or(a, b); }, [](double a, double b) { return double(a != 0 || b != 0); });
  add_mask(table, "logical_xor", [](auto a, auto b) { return ag::logical_xor(a, b); }, [](double a, double b) { return double((a != 0) != (b != 0)); });
  add_mask(table, "isclose", [](auto a, auto b) { return ag::isclose(a, b + 1e-6); }, [](double a, double b) { return double(is_close(a, b + 1e-6)); });
  // clang-format on
}

void add_masks(Table& table) {
  const auto add = [&](const char* op, const auto& f, double (*value)(double)) {
    for (const Shape& shape : shapes) {
      table.add(op, text(shape), {off_integers(shape, -3, 3)}, f, each(value)).constant();
    }
  };
  // clang-format off
  add("logical_not", [](auto x) { return ag::logical_not(x > 0); }, [](double x) { return double(!(x > 0)); });
  add("isnan", [](auto x) { return ag::isnan(with_special_values(x)); }, [](double x) { return double(std::isnan(with_special_values(x))); });
  add("isinf", [](auto x) { return ag::isinf(with_special_values(x)); }, [](double x) { return double(std::isinf(with_special_values(x))); });
  add("isfinite", [](auto x) { return ag::isfinite(with_special_values(x)); }, [](double x) { return double(std::isfinite(with_special_values(x))); });
  // clang-format on
  const auto one_number = [](const std::vector<Array>& x, bool holds) {
    return build({}, [&](const Place&) { return x.empty() ? 0.0 : double(holds); });
  };
  table
      .add(
          "allclose", "of what is close", {in({3, 4})},
          []<class V>(const V& x) { return V(ag::allclose(x, x + 1e-6)); },
          [=](const std::vector<Array>& x) { return one_number(x, true); })
      .constant();
  table
      .add(
          "allclose", "of what is not", {in({3, 4})},
          []<class V>(const V& x) { return V(ag::allclose(x, ag::flip(x), {.rtol = 0.001})); },
          [=](const std::vector<Array>& x) { return one_number(x, false); })
      .constant();
  table
      .add(
          "array_equal", "of equal arrays", {in({3, 4})},
          []<class V>(const V& x) { return V(ag::array_equal(x, x)); },
          [=](const std::vector<Array>& x) { return one_number(x, true); })
      .constant();
  table
      .add(
          "array_equal", "of other shapes", {in({3, 4})},
          []<class V>(const V& x) { return V(ag::array_equal(x, ag::ravel(x))); },
          [=](const std::vector<Array>& x) { return one_number(x, false); })
      .constant();
}

}  // namespace

void add_elementwise(Table& table) {
  add_rounding(table);
  add_functions(table);
  add_comparisons_by_name(table);
  add_masks(table);
}

}  // namespace op_cases
