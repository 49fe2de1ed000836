/// Rows of the elementwise functions of one argument.
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/ops/elementwise.hpp"

namespace op_cases {
namespace {

Exact sign(Exact x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
Exact step(Exact x) { return x > 0 ? 1 : 0; }
Exact square(Exact x) { return x * x; }
Exact relu(Exact x) { return x < 0 ? 0 : x; }
Exact sigmoid(Exact x) {
  const Exact z = std::exp(-std::fabs(x));
  return (x >= 0 ? 1 : z) / (1 + z);
}
Exact logistic(Exact x) { return sigmoid(x) * sigmoid(-x); }
Exact softplus(Exact x) { return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::fabs(x))); }
Exact sech(Exact x) { return 1 / std::cosh(x); }
Exact bell(Exact x) { return 2 / std::sqrt(std::acos(Exact(-1))) * std::exp(-x * x); }
const Exact ln2 = std::log(Exact(2)), ln10 = std::log(Exact(10));

}  // namespace

/// ROW(name, value, derivative, second derivative, arguments, ranges...): the derivatives as exact
/// functions of x, for tests of special values too.
#define ROW(function, value, first, second, input, ...)          \
  {                                                              \
#function,                                                     \
   [](const ag::Var<T>& x) { return ag::function(x); },           \
   []([[maybe_unused]] Exact x) -> Exact { return value; },       \
   []([[maybe_unused]] Exact x) -> Exact { return first; },       \
   []([[maybe_unused]] Exact x) -> Exact { return second; },      \
   input,                                                         \
   { \
      __VA_ARGS__                                                \
    }                                                            \
  }

// In float exp overflows from 88.7 on, in double from 709.7 on; results are subnormal from -87.3
// and -708.3 down.
template <class T>
const std::vector<Unary<T>>& unary() {
  constexpr bool is_float = sizeof(T) == sizeof(float);
  constexpr double top = is_float ? 88.7 : 709.7, bottom = is_float ? -103 : -744;
  constexpr double tiny = is_float ? 1e-44 : 1e-320, huge = is_float ? 3e38 : 1e308;
  // clang-format off
  static const std::vector<Unary<T>> all = {
      ROW(exp,      std::exp(x),   std::exp(x),                      std::exp(x),                        in({}),               {-1, 1}, {-50, 50}, {bottom, top}),
      ROW(exp2,     std::exp2(x),  std::exp2(x) * ln2,               std::exp2(x) * square(ln2),         in({}),               {-1, 1}, {-50, 50}),
      ROW(expm1,    std::expm1(x), std::exp(x),                      std::exp(x),                        in({}),               {-1, 1}, {1e-20, 1}, {-50, top}),
      ROW(log,      std::log(x),   1 / x,                            -1 / square(x),                     in({}, 0.3, 3),       {tiny, huge}, {0.5, 2}, {0.999, 1.001}),
      ROW(log1p,    std::log1p(x), 1 / (1 + x),                      -1 / square(1 + x),                 in({}, -0.7, 2),      {-0.999, 1}, {1e-20, huge}),
      ROW(log2,     std::log2(x),  1 / (x * ln2),                    -1 / (square(x) * ln2),             in({}, 0.3, 3),       {tiny, huge}, {0.5, 2}),
      ROW(log10,    std::log10(x), 1 / (x * ln10),                   -1 / (square(x) * ln10),            in({}, 0.3, 3),       {tiny, huge}, {0.5, 2}),
      ROW(sqrt,     std::sqrt(x),  0.5L / std::sqrt(x),              -0.25L / (x * std::sqrt(x)),        in({}, 0.3, 3),       {tiny, huge}),
      ROW(cbrt,     std::cbrt(x),  1 / (3 * square(std::cbrt(x))),   -2 * std::cbrt(x) / (9 * square(x)), off_zero({}),        {tiny, huge}, {-10, 10}),
      ROW(square,   square(x),     2 * x,                            2,                                  in({}),               {-10, 10}),
      ROW(abs,      std::fabs(x),  step(x) - step(-x),               0,                                  off_zero({}),         {-10, 10}),
      ROW(negative, -x,            -1,                               0,                                  in({}),               {-10, 10}),
      ROW(sign,     sign(x),       0,                                0,                                  off_zero({}),         {-10, 10}),
      ROW(floor,    std::floor(x), 0,                                0,                                  off_integers({}, -3, 3), {-10, 10}, {1, huge}),
      ROW(ceil,     std::ceil(x),  0,                                0,                                  off_integers({}, -3, 3), {-10, 10}, {1, huge}),
      ROW(trunc,    std::trunc(x), 0,                                0,                                  off_integers({}, -3, 3), {-10, 10}, {1, huge}),
      ROW(rint,     std::nearbyint(x), 0,                            0,                                  off_halves({}, -3, 3), {-10, 10}, {1, huge}),
      ROW(relu,     relu(x),       step(x),                          0,                                  off_zero({}),         {-10, 10}),
      ROW(sin,      std::sin(x),   std::cos(x),                      -std::sin(x),                       in({}, -4, 4),        {-4, 4}, {-1e3, 1e3}, {1, 1e10}),
      ROW(cos,      std::cos(x),   -std::sin(x),                     -std::cos(x),                       in({}, -4, 4),        {-4, 4}, {-1e3, 1e3}, {1, 1e10}),
      ROW(tan,      std::tan(x),   1 / square(std::cos(x)),          2 * std::tan(x) / square(std::cos(x)), in({}, -1, 1),     {-4, 4}, {-1e3, 1e3}, {1, 1e10}),
      ROW(arcsin,   std::asin(x),  1 / std::sqrt((1 - x) * (1 + x)), x / std::pow((1 - x) * (1 + x), 1.5L),  in({}, -0.8, 0.8), {-1, 1}, {1e-10, 1}),
      ROW(arccos,   std::acos(x), -1 / std::sqrt((1 - x) * (1 + x)), -x / std::pow((1 - x) * (1 + x), 1.5L), in({}, -0.8, 0.8), {-1, 1}, {1e-10, 1}),
      ROW(arctan,   std::atan(x),  1 / (1 + square(x)),              -2 * x / square(1 + square(x)),     in({}),               {-4, 4}, {1e-10, 1e10}),
      ROW(sinh,     std::sinh(x),  std::cosh(x),                     std::sinh(x),                       in({}),               {-1, 1}, {1e-20, 1}, {-top, top}),
      ROW(cosh,     std::cosh(x),  std::sinh(x),                     std::cosh(x),                       in({}),               {-1, 1}, {-top, top}),
      ROW(tanh,     std::tanh(x),  square(sech(x)),                  -2 * std::tanh(x) * square(sech(x)), in({}),              {-1, 1}, {1e-20, 1}, {-30, 30}),
      ROW(arcsinh,  std::asinh(x), 1 / std::sqrt(1 + square(x)),     -x / std::pow(1 + square(x), 1.5L), in({}),               {-4, 4}, {tiny, huge}, {-huge, huge}),
      ROW(arccosh,  std::acosh(x), 1 / (std::sqrt(x - 1) * std::sqrt(x + 1)), -x / std::pow((x - 1) * (x + 1), 1.5L), in({}, 1.2, 3), {1, 4}, {1, 1e10}),
      ROW(arctanh,  std::atanh(x), 1 / ((1 - x) * (1 + x)),          2 * x / square((1 - x) * (1 + x)),  in({}, -0.8, 0.8),    {-0.99, 0.99}, {1e-20, 1e-3}),
      ROW(erf,      std::erf(x),   bell(x),                          -2 * x * bell(x),                   in({}),               {-1, 1}, {1e-20, 1}, {-6, 6}),
      ROW(sigmoid,  sigmoid(x),    logistic(x),                      -logistic(x) * std::tanh(x / 2),    in({}, -4, 4),        {-1, 1}, {-50, 50}, {bottom, top}),
      ROW(softplus, softplus(x),   sigmoid(x),                       logistic(x),                        in({}, -4, 4),        {-1, 1}, {-50, 50}),
  };
  // clang-format on
  return all;
}
template const std::vector<Unary<float>>& unary();
template const std::vector<Unary<double>>& unary();

namespace {

/// A function in all shapes.
template <class F>
void add(Table& table, const std::string& op, const F& f, Exact (*exact)(Exact), Input input) {
  const std::vector<Shape> shapes = {{},  {1},    {7},   {1, 1},    {3, 4},      {5, 1},
                                     {0}, {3, 0}, {300}, {2, 3, 4}, {2, 2, 2, 3}};
  for (const Shape& shape : shapes) {
    input.shape = shape;
    table.add(op, text(shape), {input}, f, each(exact)).up_to(shape.size() == 2 ? 3 : 2);
  }
}

}  // namespace

void add_unary(Table& table) {
  for (std::size_t i = 0; i < unary<double>().size(); ++i) {
    const Unary<double>& row = unary<double>()[i];
    const auto f = [single = unary<float>()[i].f, twice = row.f]<class T>(const ag::Var<T>& x) {
      if constexpr (std::is_same_v<T, float>) {
        return single(x);
      } else {
        return twice(x);
      }
    };
    add(table, row.name, f, row.exact, row.input);
  }
  const auto minus = [](auto x) { return -x; };
  add(
      table, "operator-", minus, [](Exact x) { return -x; }, in({}));
}

}  // namespace op_cases
