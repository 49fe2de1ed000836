/// Rows of the elementwise functions of one argument.
#include <cmath>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

/// One operation in all shapes; `input` says what its arguments are like.
template <class F>
void add(Table& table, const char* op, const F& f, double (*value)(double), Input input) {
  const std::vector<Shape> shapes = {{},  {1},    {7},   {1, 1},    {3, 4},      {5, 1},
                                     {0}, {3, 0}, {300}, {2, 3, 4}, {2, 2, 2, 3}};
  for (const Shape& shape : shapes) {
    input.shape = shape;
    table.add(op, text(shape), {input}, f, each(value)).up_to(shape.size() == 2 ? 3 : 2);
  }
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
double negative(double x) { return -x; }
double square(double x) { return x * x; }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::log(1 + std::exp(x)); }
double relu(double x) { return x > 0 ? x : 0; }

constexpr auto integers = Input::off_integers;

void add_exponentials(Table& table) {
  add(
      table, "exp", [](auto x) { return ag::exp(x); }, std::exp, in({}));
  add(
      table, "expm1", [](auto x) { return ag::expm1(x); }, std::expm1, in({}));
  add(
      table, "log", [](auto x) { return ag::log(x); }, std::log, in({}, 0.3, 3));
  add(
      table, "log1p", [](auto x) { return ag::log1p(x); }, std::log1p, in({}, -0.7, 2));
  add(
      table, "log2", [](auto x) { return ag::log2(x); }, std::log2, in({}, 0.3, 3));
  add(
      table, "log10", [](auto x) { return ag::log10(x); }, std::log10, in({}, 0.3, 3));
  add(
      table, "sigmoid", [](auto x) { return ag::sigmoid(x); }, sigmoid, in({}, -4, 4));
  add(
      table, "softplus", [](auto x) { return ag::softplus(x); }, softplus, in({}, -4, 4));
  add(
      table, "erf", [](auto x) { return ag::erf(x); }, std::erf, in({}));
}

void add_powers(Table& table) {
  add(
      table, "sqrt", [](auto x) { return ag::sqrt(x); }, std::sqrt, in({}, 0.3, 3));
  add(table, "cbrt", [](auto x) { return ag::cbrt(x); }, std::cbrt, {{}, -2, 2, Input::off_zero});
  add(
      table, "square", [](auto x) { return ag::square(x); }, square, in({}));
}

void add_steps(Table& table) {
  add(
      table, "operator-", [](auto x) { return -x; }, negative, in({}));
  add(
      table, "negative", [](auto x) { return ag::negative(x); }, negative, in({}));
  add(
      table, "abs", [](auto x) { return ag::abs(x); }, std::fabs, off_zero({}));
  add(
      table, "sign", [](auto x) { return ag::sign(x); }, sign, off_zero({}));
  add(table, "floor", [](auto x) { return ag::floor(x); }, std::floor, {{}, -3, 3, integers});
  add(
      table, "relu", [](auto x) { return ag::relu(x); }, relu, off_zero({}));
}

void add_trigonometry(Table& table) {
  add(
      table, "sin", [](auto x) { return ag::sin(x); }, std::sin, in({}, -4, 4));
  add(
      table, "cos", [](auto x) { return ag::cos(x); }, std::cos, in({}, -4, 4));
  add(
      table, "tan", [](auto x) { return ag::tan(x); }, std::tan, in({}, -1, 1));
  add(
      table, "arcsin", [](auto x) { return ag::arcsin(x); }, std::asin, in({}, -0.8, 0.8));
  add(
      table, "arccos", [](auto x) { return ag::arccos(x); }, std::acos, in({}, -0.8, 0.8));
  add(
      table, "arctan", [](auto x) { return ag::arctan(x); }, std::atan, in({}));
  add(
      table, "sinh", [](auto x) { return ag::sinh(x); }, std::sinh, in({}));
  add(
      table, "cosh", [](auto x) { return ag::cosh(x); }, std::cosh, in({}));
  add(
      table, "tanh", [](auto x) { return ag::tanh(x); }, std::tanh, in({}));
}

}  // namespace

void add_unary(Table& table) {
  add_exponentials(table);
  add_powers(table);
  add_steps(table);
  add_trigonometry(table);
}

}  // namespace op_cases
