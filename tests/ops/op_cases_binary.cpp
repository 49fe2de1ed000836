/// Rows of the elementwise functions of two and three arguments.
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/ops/elementwise.hpp"

namespace op_cases {
namespace {

Exact larger(Exact a, Exact b) { return a != a || a > b ? a : b; }
Exact smaller(Exact a, Exact b) { return a != a || a < b ? a : b; }
Exact logaddexp(Exact a, Exact b) {
  if (a == b) return a + std::log(Exact(2));
  return larger(a, b) + std::log1p(std::exp(-std::fabs(a - b)));
}

Exact larger_number(Exact a, Exact b) { return a != a || b > a ? b : a; }
Exact smaller_number(Exact a, Exact b) { return a != a || b < a ? b : a; }
Exact logaddexp2(Exact a, Exact b) {
  if (a == b) return a + 1;
  return larger(a, b) + std::log1p(std::exp2(-std::fabs(a - b))) / std::log(Exact(2));
}
Exact remainder_of(Exact a, Exact b) {
  const Exact rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
Exact floored_quotient(Exact a, Exact b) {
  if (b == 0) return a / b;
  const Exact rest = std::fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) return std::nearbyint(quotient - 1);
  return quotient == 0 ? std::copysign(0, a / b) : std::nearbyint(quotient);
}

}  // namespace

/// ROW(name, value, arguments a, arguments b, range of a, range of b)
#define ROW(function, value, a_input, b_input, ...)                                                \
  {                                                                                                \
#function,                                                                                     \
        [](const ag::Var <T>& a,                                                                   \
           const ag::Var <T>&                                                                      \
               b) { return ag::function(a, b); }, [](Exact a,                                      \
                                                     Exact b) -> Exact { return value; }, a_input, \
                                                                                       b_input,    \
                                                                                       __VA_ARGS__ \
  }

template <class T>
const std::vector<Binary<T>>& binary() {
  const Input wide = in({}, -20, 20), dividend = in({}, 4.2, 4.8), divisor = in({}, 1.65, 1.75);
  // clang-format off
  static const std::vector<Binary<T>> all = {
      ROW(power,     std::pow(a, b),   in({}, 0.3, 2), in({}),       {1e-3, 10}, {-9, 9}),
      ROW(maximum,   larger(a, b),     wide,           wide,         {-10, 10},  {-10, 10}),
      ROW(minimum,   smaller(a, b),    wide,           wide,         {-10, 10},  {-10, 10}),
      ROW(hypot,     std::hypot(a, b), off_zero({}),   off_zero({}), {-10, 10},  {-10, 10}),
      ROW(arctan2,   std::atan2(a, b), off_zero({}),   off_zero({}), {-10, 10},  {-10, 10}),
      ROW(logaddexp, logaddexp(a, b),  in({}),         in({}),       {1, 100},   {1, 100}),
      ROW(logaddexp2, logaddexp2(a, b), in({}),        in({}),       {1, 100},   {1, 100}),
      ROW(fmax,      larger_number(a, b), wide,           wide,         {-10, 10},  {-10, 10}),
      ROW(fmin,      smaller_number(a, b), wide,           wide,         {-10, 10},  {-10, 10}),
      ROW(mod,       remainder_of(a, b), dividend,     divisor,      {-10, 10},  {-3, 3}),
      ROW(fmod,      std::fmod(a, b),  in({}, -4.8, -4.2), divisor,  {-10, 10},  {-3, 3}),
      ROW(floor_divide, floored_quotient(a, b), dividend, divisor,   {-10, 10},  {-3, 3}),
      ROW(copysign,  std::copysign(a, b), off_zero({}), off_zero({}), {-10, 10}, {-10, 10}),
  };
  // clang-format on
  return all;
}
template const std::vector<Binary<float>>& binary();
template const std::vector<Binary<double>>& binary();

namespace {

struct Pair {
  Shape a, b;
};

/// Equal shapes, broadcasting on either side and on both, scalars, empty arrays.
const std::vector<Pair> pairs = {{{}, {}},
                                 {{7}, {7}},
                                 {{3, 4}, {3, 4}},
                                 {{3, 4}, {4}},
                                 {{4}, {3, 4}},
                                 {{3, 1}, {1, 4}},
                                 {{1, 4}, {3, 1}},
                                 {{}, {3, 4}},
                                 {{3, 4}, {}},
                                 {{1}, {5}},
                                 {{2, 3, 4}, {3, 1}},
                                 {{2, 1, 4}, {3, 4}},
                                 {{3, 1}, {2, 3, 4}},
                                 {{0}, {0}},
                                 {{0, 4}, {4}},
                                 {{1, 4}, {0, 1}},
                                 {{300}, {}},
                                 {{3, 300}, {300}}};

template <class F, class R>
void add(Table& table, const std::string& op, const F& f, R (*value)(R, R), Input a, Input b) {
  for (const Pair& shapes : pairs) {
    a.shape = shapes.a;
    b.shape = shapes.b;
    table.add(op, text(a.shape) + " and " + text(b.shape), {a, b}, f, each(value));
  }
}

double plus(double a, double b) { return a + b; }
double minus(double a, double b) { return a - b; }
double times(double a, double b) { return a * b; }
double over(double a, double b) { return a / b; }
double power(double a, double b) { return std::pow(a, b); }

void add_arithmetic(Table& table) {
  const Input x = in({}), y = off_zero({});
  // clang-format off
  add(table, "operator+", [](auto a, auto b) { return a + b; },               plus,  x, x);
  add(table, "operator-", [](auto a, auto b) { return a - b; },               minus, x, x);
  add(table, "operator*", [](auto a, auto b) { return a * b; },               times, x, x);
  add(table, "operator/", [](auto a, auto b) { return a / b; },               over,  x, y);
  add(table, "add",       [](auto a, auto b) { return ag::add(a, b); },       plus,  x, x);
  add(table, "subtract",  [](auto a, auto b) { return ag::subtract(a, b); },  minus, x, x);
  add(table, "multiply",  [](auto a, auto b) { return ag::multiply(a, b); },  times, x, x);
  add(table, "divide",    [](auto a, auto b) { return ag::divide(a, b); },    over,  x, y);
  // clang-format on
}

void add_functions(Table& table) {
  for (std::size_t i = 0; i < binary<double>().size(); ++i) {
    const Binary<double>& row = binary<double>()[i];
    const auto f = [single = binary<float>()[i].f, twice = row.f]<class T>(const ag::Var<T>& a,
                                                                           const ag::Var<T>& b) {
      if constexpr (std::is_same_v<T, float>) {
        return single(a, b);
      } else {
        return twice(a, b);
      }
    };
    add(table, row.name, f, row.exact, row.a, row.b);
  }
}

/// Numbers of several types and arrays of xtensor, on either side.
void add_mixed(Table& table) {
  const std::vector<Input> x = {off_zero({3, 4})};
  const auto array = []<class V>(const V&) {
    return xt::xarray<typename V::value_type>{1, -2, 3, 0.5};
  };
  const auto add = [&](const char* op, const char* what, const auto& f, double (*value)(double)) {
    table.add(op, what, x, f, each(value));
  };
  // clang-format off
  add("operator+", "int right", [](auto v) { return v + 2; }, [](double v) { return v + 2; });
  add("operator-", "double left", [](auto v) { return 2.5 - v; }, [](double v) { return 2.5 - v; });
  add("operator*", "float left", [](auto v) { return 2.5f * v; }, [](double v) { return 2.5 * v; });
  add("operator/", "int left", [](auto v) { return 1 / v; }, [](double v) { return 1 / v; });
  add("divide", "int right", [](auto v) { return ag::divide(v, 4); }, [](double v) { return v / 4; });
  const auto with_array = [&](const char* op, const char* what, const auto& f,
                              double (*value)(double, double)) {
    table
        .add(op, what, {in({3, 4})}, f,
             [value](const std::vector<Array>& in) {
               return each(value)({in[0], Array{1, -2, 3, 0.5}});
             })
        .takes_heap();
  };
  with_array("operator+", "array right", [=](auto v) { return v + array(v); }, plus);
  with_array("operator-", "array left", [=](auto v) { return array(v) - v; }, [](double a, double b) { return b - a; });
  with_array("operator*", "expression left", [=](auto v) { return (array(v) + 0) * v; }, times);
  with_array("operator/", "array right", [=](auto v) { return v / array(v); }, over);
  // clang-format on
  with_array(
      "maximum", "array left", [=](auto v) { return ag::maximum(array(v), v); },
      [](double a, double b) { return a > b ? a : b; });
}

/// The same array twice, and assignment by operators.
void add_repeated(Table& table) {
  const auto add = [&](const char* op, const char* what, const auto& f, double (*value)(double)) {
    table.add(op, what, {off_zero({3, 4})}, f, each(value));
  };
  // clang-format off
  add("operator*", "with itself", [](auto x) { return x * x; }, [](double x) { return x * x; });
  add("operator+", "with itself", [](auto x) { return x + x; }, [](double x) { return 2 * x; });
  add("operator-", "with itself", [](auto x) { return x - x; }, [](double) { return 0.0; });
  add("maximum", "with itself", [](auto x) { return ag::maximum(x, x); }, [](double x) { return x; });
  // clang-format on
  add(
      "operator+=", "and the others",
      [](auto x) {
        auto y = x;
        y += 2;
        y *= x;
        y -= x * x;
        y /= x;
        return y * x;
      },
      [](double x) { return 2 * x; });
}

/// power with constant exponents, for which the base may be negative.
void add_exponents(Table& table) {
  const auto add = [&](const char* what, const Input& x, const auto& f, double (*value)(double)) {
    table.add("power", what, {x}, f, each(value));
  };
  const Input any = off_zero({3, 4}), positive = in({3, 4}, 0.3, 3);
  // clang-format off
  add("squared", any, [](auto x) { return ag::power(x, 2); }, [](double x) { return x * x; });
  add("cubed", any, [](auto x) { return ag::power(x, 3); }, [](double x) { return x * x * x; });
  add("to the 0", any, [](auto x) { return ag::power(x, 0); }, [](double) { return 1.0; });
  add("to the 1", any, [](auto x) { return ag::power(x, 1); }, [](double x) { return x; });
  add("to the -1", any, [](auto x) { return ag::power(x, -1); }, [](double x) { return 1 / x; });
  add("to the 0.5", positive, [](auto x) { return ag::power(x, 0.5); }, std::sqrt);
  add("of 2", any, [](auto x) { return ag::power(2, x); }, std::exp2);
  // clang-format on
  table.add(
      "power", "scalar exponent 2", {in({4}, 0.3, 2), constant(digits({}, 2, 2))},
      [](auto a, auto b) { return ag::power(a, b); }, each(power));
  table.add(
      "power", "differentiated exponent 2", {in({4}, 0.3, 2), digits({}, 2, 2)},
      [](auto a, auto b) { return ag::power(a, b); }, each(power));
}

double where(double mask, double a, double b) { return mask != 0 ? a : b; }
double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

void add_choices(Table& table) {
  const auto choose = [](auto m, auto a, auto b) { return ag::where(m, a, b); };
  const auto add = [&](const Shape& m, const Shape& a, const Shape& b) {
    table.add("where", text(m) + ", " + text(a) + ", " + text(b), {mask(m), in(a), in(b)}, choose,
              each(where));
  };
  add({}, {}, {});
  add({5}, {5}, {5});
  add({3, 4}, {3, 4}, {3, 4});
  add({3, 4}, {4}, {});
  add({4}, {3, 1}, {3, 4});
  add({3, 1}, {1, 4}, {2, 1, 1});
  add({3, 4}, {}, {3, 4});
  add({0}, {0}, {});
  table.add(
      "where", "of a comparison", {off_zero({3, 4})},
      [](auto x) { return ag::where(x > 0, x * x, -x); },
      each([](double x) { return x > 0 ? x * x : -x; }));
}

void add_limits(Table& table) {
  for (const Shape& shape : {Shape{}, Shape{9}, Shape{3, 4}, Shape{0}}) {
    table.add(
        "clip", text(shape), {in(shape)}, [](auto x) { return ag::clip(x, -1, 0.75); },
        each([](double x) { return clip(x, -1, 0.75); }));
  }
  table.add(
      "clip", "differentiated bounds", {in({4, 5}), in({5}, -1.5, -0.5), in({4, 1}, 0.5, 1.5)},
      [](auto x, auto low, auto high) { return ag::clip(x, low, high); }, each(clip));
}

}  // namespace

void add_binary(Table& table) {
  add_arithmetic(table);
  add_functions(table);
  add_mixed(table);
  add_repeated(table);
  add_exponents(table);
  add_choices(table);
  add_limits(table);
}

}  // namespace op_cases
