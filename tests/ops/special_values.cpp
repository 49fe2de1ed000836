#include "tests/ops/special_values.hpp"

#include <cmath>
#include <limits>

namespace special_values {
namespace {

Exact sign(Exact x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
Exact negative(Exact x) { return -x; }
Exact square(Exact x) { return x * x; }
Exact relu(Exact x) { return x < 0 ? 0 : x; }
Exact sigmoid(Exact x) {
  const Exact z = std::exp(-std::fabs(x));
  return (x >= 0 ? 1 : z) / (1 + z);
}
Exact softplus(Exact x) { return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::fabs(x))); }
Exact logaddexp(Exact a, Exact b) {
  if (a == b) return a + std::log(Exact(2));
  return (a > b ? a : b) + std::log1p(std::exp(-std::fabs(a - b)));
}

}  // namespace

// In float exp overflows from 88.7 on, in double from 709.7 on; results are subnormal from -87.3
// and -708.3 down.
template <class T>
const std::vector<Unary<T>>& unary() {
  using V = const ag::Var<T>&;
  constexpr bool is_float = sizeof(T) == sizeof(float);
  constexpr double top = is_float ? 88.7 : 709.7, bottom = is_float ? -103 : -744;
  constexpr double tiny = is_float ? 1e-44 : 1e-320, huge = is_float ? 3e38 : 1e308;
  static const std::vector<Unary<T>> all = {
      {"exp", [](V x) { return ag::exp(x); }, std::exp, {{-1, 1}, {-50, 50}, {bottom, top}}},
      {"expm1", [](V x) { return ag::expm1(x); }, std::expm1, {{-1, 1}, {1e-20, 1}, {-50, top}}},
      {"log", [](V x) { return ag::log(x); }, std::log, {{tiny, huge}, {0.5, 2}, {0.999, 1.001}}},
      {"log1p", [](V x) { return ag::log1p(x); }, std::log1p, {{-0.999, 1}, {1e-20, huge}}},
      {"log2", [](V x) { return ag::log2(x); }, std::log2, {{tiny, huge}, {0.5, 2}}},
      {"log10", [](V x) { return ag::log10(x); }, std::log10, {{tiny, huge}, {0.5, 2}}},
      {"sqrt", [](V x) { return ag::sqrt(x); }, std::sqrt, {{tiny, huge}}},
      {"cbrt", [](V x) { return ag::cbrt(x); }, std::cbrt, {{tiny, huge}, {-10, 10}}},
      {"square", [](V x) { return ag::square(x); }, square, {{-10, 10}}},
      {"abs", [](V x) { return ag::abs(x); }, std::fabs, {{-10, 10}}},
      {"negative", [](V x) { return -x; }, negative, {{-10, 10}}},
      {"sign", [](V x) { return ag::sign(x); }, sign, {{-10, 10}}},
      {"floor", [](V x) { return ag::floor(x); }, std::floor, {{-10, 10}, {1, huge}}},
      {"relu", [](V x) { return ag::relu(x); }, relu, {{-10, 10}}},
      {"sin", [](V x) { return ag::sin(x); }, std::sin, {{-4, 4}, {-1e3, 1e3}, {1, 1e10}}},
      {"cos", [](V x) { return ag::cos(x); }, std::cos, {{-4, 4}, {-1e3, 1e3}, {1, 1e10}}},
      {"tan", [](V x) { return ag::tan(x); }, std::tan, {{-4, 4}, {-1e3, 1e3}, {1, 1e10}}},
      {"arcsin", [](V x) { return ag::arcsin(x); }, std::asin, {{-1, 1}, {1e-10, 1}}},
      {"arccos", [](V x) { return ag::arccos(x); }, std::acos, {{-1, 1}, {1e-10, 1}}},
      {"arctan", [](V x) { return ag::arctan(x); }, std::atan, {{-4, 4}, {1e-10, 1e10}}},
      {"sinh", [](V x) { return ag::sinh(x); }, std::sinh, {{-1, 1}, {1e-20, 1}, {-top, top}}},
      {"cosh", [](V x) { return ag::cosh(x); }, std::cosh, {{-1, 1}, {-top, top}}},
      {"tanh", [](V x) { return ag::tanh(x); }, std::tanh, {{-1, 1}, {1e-20, 1}, {-30, 30}}},
      {"erf", [](V x) { return ag::erf(x); }, std::erf, {{-1, 1}, {1e-20, 1}, {-6, 6}}},
      {"sigmoid", [](V x) { return ag::sigmoid(x); }, sigmoid, {{-1, 1}, {-50, 50}, {bottom, top}}},
      {"softplus", [](V x) { return ag::softplus(x); }, softplus, {{-1, 1}, {-50, 50}}}};
  return all;
}

template <class T>
const std::vector<Binary<T>>& binary() {
  using V = const ag::Var<T>&;
  static const std::vector<Binary<T>> all = {
      {"power", [](V a, V b) { return ag::power(a, b); }, std::pow, {1e-3, 10}, {-9, 9}},
      {"hypot", [](V a, V b) { return ag::hypot(a, b); }, std::hypot, {-10, 10}, {-10, 10}},
      {"arctan2", [](V a, V b) { return ag::arctan2(a, b); }, std::atan2, {-10, 10}, {-10, 10}},
      {"logaddexp", [](V a, V b) { return ag::logaddexp(a, b); }, logaddexp, {1, 100}, {1, 100}}};
  return all;
}

template <class T>
const std::vector<T>& numbers() {
  using Limits = std::numeric_limits<T>;
  static const std::vector<T> all = [] {
    std::vector<T> result;
    for (const double x :
         {0.0,   1e-30, 1e-8,   1e-4,  0.1,   0.5,   0.9,   1.0,   1.5,   2.0,   3.0,   4.0,
          5.0,   7.5,   10.0,   19.0,  25.0,  50.0,  87.0,  88.0,  88.5,  88.7,  89.0,  89.5,
          100.0, 103.0, 104.0,  128.0, 300.0, 708.0, 709.0, 709.7, 709.8, 710.0, 710.5, 711.0,
          745.0, 746.0, 1024.0, 1e4,   1e6,   1e9,   1e15,  1e20,  1e30}) {
      result.push_back(static_cast<T>(x));
    }
    const T more[] = {Limits::denorm_min(),
                      100 * Limits::denorm_min(),
                      Limits::min() / 2,
                      Limits::min(),
                      2 * Limits::min(),
                      Limits::epsilon(),
                      1 - Limits::epsilon() / 2,
                      1 + Limits::epsilon(),
                      std::sqrt(Limits::max()),
                      Limits::max() / 2,
                      Limits::max(),
                      Limits::infinity(),
                      Limits::quiet_NaN()};
    result.insert(result.end(), std::begin(more), std::end(more));
    for (std::size_t i = result.size(); i-- > 0;) result.push_back(-result[i]);
    return result;
  }();
  return all;
}

#define INSTANTIATE(T)                             \
  template const std::vector<Unary<T>>& unary();   \
  template const std::vector<Binary<T>>& binary(); \
  template const std::vector<T>& numbers()
INSTANTIATE(float);
INSTANTIATE(double);

}  // namespace special_values
