/// Derivatives at special values (NaN, infinities, zeros, ties, the ends of ranges): the raw sweep,
/// the recorded one and Hessian-vector products, in arrays of 1, 3 and 20,000 elements. NaN goes
/// through; a kink keeps its 0.

#include <map>
#include <set>
#include <string>

#include "tests/ops/special_values.hpp"
#include "tests/support/catch.hpp"

using namespace special_values;

namespace {

template <class T>
using Array = xt::xarray<T>;

const std::size_t lengths[] = {1, 3, 20000};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

// ---- the derivatives of the table

Exact sigmoid(Exact x) { return 1 / (1 + std::exp(-x)); }
Exact logistic(Exact x) { return sigmoid(x) * sigmoid(-x); }
Exact sech2(Exact x) { return 1 / (std::cosh(x) * std::cosh(x)); }
Exact ln(Exact base) { return std::log(base); }
Exact bell(Exact x) { return 2 / std::sqrt(std::acos(Exact(-1))) * std::exp(-x * x); }
Exact zero(Exact) { return 0; }

struct Derivatives {
  Exact (*first)(Exact x);
  Exact (*second)(Exact x);
};

// clang-format off
const std::map<std::string, Derivatives> derivatives = {
    {"exp",      {[](Exact x) { return std::exp(x); },                 [](Exact x) { return std::exp(x); }}},
    {"expm1",    {[](Exact x) { return std::exp(x); },                 [](Exact x) { return std::exp(x); }}},
    {"log",      {[](Exact x) { return 1 / x; },                       [](Exact x) { return -1 / (x * x); }}},
    {"log1p",    {[](Exact x) { return 1 / (1 + x); },                 [](Exact x) { return -1 / ((1 + x) * (1 + x)); }}},
    {"log2",     {[](Exact x) { return 1 / (x * ln(2)); },             [](Exact x) { return -1 / (x * x * ln(2)); }}},
    {"log10",    {[](Exact x) { return 1 / (x * ln(10)); },            [](Exact x) { return -1 / (x * x * ln(10)); }}},
    {"sqrt",     {[](Exact x) { return 0.5L / std::sqrt(x); },         [](Exact x) { return -0.25L / (x * std::sqrt(x)); }}},
    {"cbrt",     {[](Exact x) { return 1 / (3 * std::cbrt(x) * std::cbrt(x)); },      [](Exact x) { return -2 * std::cbrt(x) / (9 * x * x); }}},
    {"square",   {[](Exact x) { return 2 * x; },                       [](Exact) { return Exact(2); }}},
    {"abs",      {[](Exact x) { return Exact(x > 0) - Exact(x < 0); }, zero}},
    {"negative", {[](Exact) { return Exact(-1); },                     zero}},
    {"sign",     {zero, zero}},
    {"floor",    {zero, zero}},
    {"relu",     {[](Exact x) { return Exact(x > 0); },                zero}},
    {"sin",      {[](Exact x) { return std::cos(x); },                 [](Exact x) { return -std::sin(x); }}},
    {"cos",      {[](Exact x) { return -std::sin(x); },                [](Exact x) { return -std::cos(x); }}},
    {"tan",      {[](Exact x) { return 1 / (std::cos(x) * std::cos(x)); },
                  [](Exact x) { return 2 * std::tan(x) / (std::cos(x) * std::cos(x)); }}},
    {"arcsin",   {[](Exact x) { return 1 / std::sqrt((1 - x) * (1 + x)); },
                  [](Exact x) { return x / std::pow((1 - x) * (1 + x), 1.5L); }}},
    {"arccos",   {[](Exact x) { return -1 / std::sqrt((1 - x) * (1 + x)); },
                  [](Exact x) { return -x / std::pow((1 - x) * (1 + x), 1.5L); }}},
    {"arctan",   {[](Exact x) { return 1 / (1 + x * x); },             [](Exact x) { return -2 * x / ((1 + x * x) * (1 + x * x)); }}},
    {"sinh",     {[](Exact x) { return std::cosh(x); },                [](Exact x) { return std::sinh(x); }}},
    {"cosh",     {[](Exact x) { return std::sinh(x); },                [](Exact x) { return std::cosh(x); }}},
    {"tanh",     {sech2,                                               [](Exact x) { return -2 * std::tanh(x) * sech2(x); }}},
    {"erf",      {bell,                                                [](Exact x) { return -2 * x * bell(x); }}},
    {"sigmoid",  {logistic,                                            [](Exact x) { return -logistic(x) * std::tanh(x / 2); }}},
    {"softplus", {sigmoid,                                             logistic}}};
// clang-format on

/// Piecewise linear or quadratic: the second derivative does not depend on x, so it may be a number
/// where x is NaN.
const std::set<std::string> piecewise = {"square", "abs", "negative", "sign", "floor", "relu"};

// ---- what is compared

/// The numbers over and over, so that each stands at many places.
template <class T>
Array<T> filled(const std::vector<T>& numbers, std::size_t length, std::size_t from) {
  Array<T> x = Array<T>::from_shape({length});
  for (std::size_t i = 0; i < length; ++i) x(i) = numbers[(from + i) % numbers.size()];
  return x;
}

/// f applied to Vars, so that the sweep is recorded.
template <class T, class F>
Array<T> recorded(const F& f, const Array<T>& x) {
  const ag::Trace trace;
  return f(ag::Var<T>(x)).value();
}

template <class T>
struct Slopes {
  Array<T> raw, recorded, hvp, recorded_hvp;
};

/// The gradient of the sum of all results of f, and its derivative in the direction v.
template <class T, class F>
Slopes<T> slopes(const F& f, const Array<T>& x, const Array<T>& v) {
  const auto total = [&](const ag::Var<T>& a) { return ag::sum(f(a)); };
  const auto product = [&](const ag::Var<T>& a) { return ag::hvp(total)(a, ag::Var<T>(v)); };
  return {ag::grad(total)(x), recorded<T>(ag::grad(total), x), ag::hvp(total)(x, v),
          recorded<T>(product, x)};
}

/// The derivatives of an elementwise function.
template <class T, class F>
Slopes<T> slopes(const F& f, const Array<T>& x) {
  return slopes<T>(f, x, xt::ones_like(x));
}

/// Whether both are NaN, infinite, or near each other, relative to the larger of the exact number
/// and `scale`; numbers below the smallest normal one count as 0, and what is near the largest may
/// be infinite.
template <class T>
bool agree(T got, Exact exact, Exact scale = 0) {
  using Limits = std::numeric_limits<T>;
  const Exact tolerance = 64 * Exact(Limits::epsilon());
  if (std::isnan(got) || std::isnan(exact)) return std::isnan(got) == std::isnan(exact);
  if (std::isinf(exact)) return std::isinf(got);
  if (std::fabs(exact) > Exact(Limits::max()) / 2 && std::fabs(got) > Limits::max() / 2) {
    return std::signbit(got) == std::signbit(exact);
  }
  return std::fabs(got - exact) <=
         tolerance * std::max(std::fabs(exact), scale) + Exact(Limits::min());
}

template <class T>
void check_all(const std::string& what, const Array<T>& x, const Array<T>& got,
               const Array<T>& expected) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (agree(got(i), Exact(expected(i)), 1)) continue;
    INFO(what << " at " << x(i) << ", element " << i << " of " << x.size());
    CHECK(got(i) == expected(i));
    return;
  }
}

template <class T>
bool all_nan(const Array<T>& x) {
  return xt::all(xt::isnan(x));
}

}  // namespace

TEMPLATE_TEST_CASE("special derivatives: functions of one argument are exact", "", float, double) {
  using T = TestType;
  for (const auto& word : unary<T>()) {
    INFO(word.name);
    REQUIRE(derivatives.count(word.name) == 1);
    const auto [first, second] = derivatives.at(word.name);
    for (const std::size_t length : lengths) {
      const std::size_t count = numbers<T>().size();
      for (std::size_t from = 0; from < count; from += length) {
        const Array<T> x = filled(numbers<T>(), length, from);
        const Slopes<T> got = slopes(word.f, x);
        check_all<T>("the recorded sweep", x, got.recorded, got.raw);
        check_all<T>("the recorded product", x, got.recorded_hvp, got.hvp);
        for (std::size_t i = 0; i < std::min(length, count); ++i) {
          if (std::isnan(word.exact(x(i))) || std::isinf(x(i))) continue;
          const Exact slope = first(x(i)), bend = second(x(i));
          const bool rounds = word.name == std::string("tanh");  // 1 - y^2
          CAPTURE(x(i), length, got.raw(i), T(slope), got.hvp(i), T(bend));
          CHECK(agree(got.raw(i), slope, rounds ? 1 : 0));
          if (std::isinf(slope)) {
            CHECK(!std::isfinite(got.hvp(i)));  // a pole
          } else {
            CHECK(agree(got.hvp(i), bend, rounds ? 1 : std::fabs(slope)));
          }
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("special derivatives: jvp is the Jacobian times a vector", "", float, double) {
  using T = TestType;
  for (const auto& word : unary<T>()) {
    INFO(word.name);
    for (const T x : numbers<T>()) {
      const Array<T> expected = ag::jacobian(word.f)(x);
      check_all<T>("a number", Array<T>(x), Array<T>(ag::jvp(word.f)(x, T(1))), expected);
    }
    for (const std::size_t length : lengths) {
      const Array<T> x = filled(numbers<T>(), length, 0), v = xt::ones_like(x);
      const auto product = [&](const ag::Var<T>& a) { return ag::jvp(word.f)(a, ag::Var<T>(v)); };
      const Array<T> expected = ag::elementwise_grad(word.f)(x);
      check_all<T>("jvp", x, ag::jvp(word.f)(x, v), expected);
      check_all<T>("the recorded jvp", x, recorded<T>(product, x), expected);
    }
  }
}

TEST_CASE("special derivatives: jvp of differences of an infinite slope") {
  const auto f = [](const auto& x) { return ag::diff(ag::sqrt(x)); };
  const Array<double> x = {1, 0, 4}, v = {0, 1, 0};
  CHECK((ag::jvp(f)(x, v) == Array<double>{infinity, -infinity}));
}

TEMPLATE_TEST_CASE("special derivatives: NaN goes through every pair of functions", "", float,
                   double) {
  using T = TestType;
  const std::vector<T> values = {T(no_number), 1, T(0.5)};
  for (const auto& inner : unary<T>()) {
    for (const auto& outer : unary<T>()) {
      const auto f = [&](const ag::Var<T>& a) { return outer.f(inner.f(a)); };
      const std::string names[] = {inner.name, outer.name};
      INFO(names[1] << "(" << names[0] << "(x))");
      const auto either = [&](const char* name) { return names[0] == name || names[1] == name; };
      const bool constant = either("sign") || either("floor");
      const bool bends = !piecewise.count(names[0]) || !piecewise.count(names[1]);
      for (const std::size_t length : lengths) {
        const Array<T> x = filled(values, length, 0);
        const Slopes<T> got = slopes(f, x);
        check_all<T>("the recorded sweep", x, got.recorded, got.raw);
        check_all<T>("the recorded product", x, got.recorded_hvp, got.hvp);
        const bool linear = either("relu") && (either("negative") || names[0] == names[1]);
        const bool is_line = names[0] == "negative" && names[1] == "negative";
        if (!constant && !linear && !is_line) CHECK(std::isnan(got.raw(0)));
        if (!constant && bends) CHECK(std::isnan(got.hvp(0)));
      }
    }
  }
}

namespace {

/// Functions of two arguments that are differentiated by both.
template <class T>
std::vector<Binary<T>> pairs_of_arguments() {
  using V = const ag::Var<T>&;
  std::vector<Binary<T>> all = binary<T>();
  const auto add = [&](const char* name, ag::Var<T> (*f)(V, V)) {
    all.push_back({name, f, nullptr, {}, {}});
  };
  add("add", [](V a, V b) { return a + b; });
  add("subtract", [](V a, V b) { return a - b; });
  add("multiply", [](V a, V b) { return a * b; });
  add("divide", [](V a, V b) { return a / b; });
  add("maximum", [](V a, V b) { return ag::maximum(a, b); });
  add("minimum", [](V a, V b) { return ag::minimum(a, b); });
  return all;
}

const std::set<std::string> linear = {"add", "subtract", "multiply", "divide"};

}  // namespace

TEMPLATE_TEST_CASE("special derivatives: functions of two arguments", "", float, double) {
  using T = TestType;
  const auto& all = numbers<T>();
  Array<T> a = Array<T>::from_shape({all.size() * all.size()}), b = a;
  for (std::size_t i = 0; i < a.size(); ++i) a(i) = all[i / all.size()], b(i) = all[i % all.size()];
  for (const auto& word : pairs_of_arguments<T>()) {
    INFO(word.name);
    const auto total = [&](const ag::Var<T>& x, const ag::Var<T>& y) {
      return ag::sum(word.f(x, y));
    };
    const auto [ga, gb] = ag::grad(total)(a, b);
    const ag::Trace trace;
    const auto [va, vb] = ag::grad(total)(ag::Var<T>(a), ag::Var<T>(b));
    check_all<T>("by the first argument", a, va.value(), ga);
    check_all<T>("by the second argument", b, vb.value(), gb);
    std::size_t silent = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!std::isnan(a(i)) && !std::isnan(b(i))) continue;
      const bool is_number = std::isfinite(word.f(a(i), b(i)).item());  // power(NaN, 0) is 1
      silent += !is_number && !linear.count(word.name) && (ga(i) == 0 || gb(i) == 0);
    }
    CHECK(silent == 0);
  }
}

TEMPLATE_TEST_CASE("special derivatives: logaddexp near and at equal arguments", "", float,
                   double) {
  using T = TestType;
  const auto f = [](const ag::Var<T>& x) { return ag::logaddexp(x[0], x[1]); };
  for (const T value : {T(0), T(3), T(-1000)}) {
    const Array<T> h = ag::hessian(f)(Array<T>{value, value});
    CHECK((h == Array<T>{{0.25, -0.25}, {-0.25, 0.25}}));
  }
}

TEMPLATE_TEST_CASE("special derivatives: arctan2 of very small and very large numbers", "", float,
                   double) {
  using T = TestType;
  const auto slope = ag::grad([](auto a, auto b) { return ag::arctan2(a, b); });
  const T small = sizeof(T) == 4 ? T(1e-30) : T(1e-250), large = 1 / small;
  for (const T size : {small, T(1), large}) {
    const auto [by_a, by_b] = slope(3 * size, 4 * size);
    CHECK(std::fabs(by_a * size - T(0.16)) < T(1e-6));
    CHECK(std::fabs(by_b * size + T(0.12)) < T(1e-6));
  }
}

// ---- reductions

namespace {

template <class T>
struct Reduction {
  const char* name;
  ag::Var<T> (*f)(const ag::Var<T>& x, const ag::Reduce& over);
  bool bends;  ///< its second derivative depends on x
};

template <class T>
std::vector<Reduction<T>> reductions() {
  using V = const ag::Var<T>&;
  using R = const ag::Reduce&;
  return {{"norm", [](V x, R over) { return ag::norm(x, over); }, true},
          {"norm of order 1", [](V x, R over) { return ag::norm(x, 1, over); }, false},
          {"norm of order 3", [](V x, R over) { return ag::norm(x, 3, over); }, true},
          {"norm of order inf", [](V x, R over) { return ag::norm(x, ag::inf, over); }, false},
          {"std", [](V x, R over) { return ag::std(x, over); }, true},
          {"var", [](V x, R over) { return ag::var(x, over); }, false},
          {"max", [](V x, R over) { return ag::max(x, over); }, false},
          {"min", [](V x, R over) { return ag::min(x, over); }, false},
          {"square of max", [](V x, R over) { return ag::square(ag::max(x, over)); }, true},
          {"logsumexp", [](V x, R over) { return ag::logsumexp(x, over); }, true}};
}

/// Numbers like any others, none of which is the largest, the smallest or zero.
template <class T>
Array<T> ordinary(std::size_t length) {
  Array<T> x = Array<T>::from_shape({length});
  for (std::size_t i = 0; i < length; ++i) x(i) = T(0.75) + T(i * 7 % 11) / 64;
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("special derivatives: NaN goes through reductions", "", float, double) {
  using T = TestType;
  for (const auto& reduction : reductions<T>()) {
    for (const std::size_t length : lengths) {
      INFO(reduction.name << " of " << length << " elements");
      Array<T> x = ordinary<T>(length);
      const std::size_t place = length / 2;
      x(place) = T(no_number);
      const auto whole = [&](const ag::Var<T>& a) { return reduction.f(a, {}); };
      const Slopes<T> got = slopes<T>(whole, x, filled<T>({1, 2, -1}, length, 0));
      const bool only_there = std::string(reduction.name) == "norm of order 1";
      CHECK(std::isnan(got.raw(place)));
      CHECK((only_there || length == 1 || all_nan(got.raw)));
      check_all<T>("the recorded sweep", x, got.recorded, got.raw);
      check_all<T>("the recorded product", x, got.recorded_hvp, got.hvp);
      if (reduction.bends && length > 1) CHECK(std::isnan(got.hvp(place)));
    }
  }
}

TEMPLATE_TEST_CASE("special derivatives: a row without NaN keeps its gradient", "", float, double) {
  using T = TestType;
  for (const auto& reduction : reductions<T>()) {
    for (const std::size_t length : {std::size_t{3}, std::size_t{20000}}) {
      INFO(reduction.name << " of rows of " << length);
      const Array<T> row = ordinary<T>(length);
      Array<T> x = xt::stack(xt::xtuple(row, row));
      x(1, 0) = T(no_number);
      const auto single = [&](const ag::Var<T>& a) { return reduction.f(a, {}); };
      const auto rows = [&](const ag::Var<T>& a) { return ag::sum(reduction.f(a, {.axis = 1})); };
      const Array<T> expected = ag::grad(single)(row);
      for (const Array<T>& g : {Array<T>(ag::grad(rows)(x)), recorded<T>(ag::grad(rows), x)}) {
        check_all<T>("the first row", row, xt::view(g, 0), expected);
        CHECK(std::isnan(g(1, 0)));
      }
    }
  }
}

TEMPLATE_TEST_CASE("special derivatives: infinite norms and deviations", "", float, double) {
  using T = TestType;
  const T inf = T(infinity);
  const auto norm = [](auto x) { return ag::norm(x); };
  const auto std = [](auto x) { return ag::std(x); };
  const auto hypot = [](auto x) { return ag::hypot(x[0], x[1]); };
  const T large = std::numeric_limits<T>::max() / 4;
  for (const Array<T>& x : {Array<T>{T(1.5), inf, 2}, Array<T>{inf, inf}, Array<T>{large, 0}}) {
    CHECK(all_nan<T>(ag::grad(norm)(x)));
    CHECK(all_nan<T>(recorded<T>(ag::grad(norm), x)));
    CHECK(all_nan<T>(ag::grad(std)(x)));
    CHECK(all_nan<T>(recorded<T>(ag::grad(std), x)));
  }
  CHECK(all_nan<T>(ag::grad(hypot)(Array<T>{inf, 1})));
  const auto max = [](auto x) { return ag::max(x); };
  CHECK((ag::grad(max)(Array<T>{1, inf, 2}) == Array<T>{0, 1, 0}));
  CHECK((ag::grad(max)(Array<T>{inf, 1, inf}) == Array<T>{0.5, 0, 0.5}));
}

TEMPLATE_TEST_CASE("special derivatives: NaN in a window of max_pool2d", "", float, double) {
  using T = TestType;
  const auto pooled = [](const ag::Var<T>& x) { return ag::sum(ag::max_pool2d(x, 2)); };
  const T none = T(no_number);
  const Array<T> x = {{1, none, 1, 2}, {3, 0, 4, 3}};
  for (const Array<T>& g : {Array<T>(ag::grad(pooled)(x)), recorded<T>(ag::grad(pooled), x)}) {
    CHECK(all_nan<T>(xt::view(g, xt::all(), xt::range(0, 2))));
    CHECK((xt::view(g, xt::all(), xt::range(2, 4)) == Array<T>{{0, 0}, {1, 0}}));
  }
}

TEMPLATE_TEST_CASE("special derivatives: a NaN of the branch not taken stays out", "", float,
                   double) {
  using T = TestType;
  const T none = T(no_number);
  for (const auto& reduction : reductions<T>()) {
    INFO(reduction.name);
    const auto f = [&](const ag::Var<T>& x) {
      return ag::sum(ag::where(Array<bool>{true, false}, reduction.f(x, {.axis = 1}), 0));
    };
    const Array<T> x = {{2, 1, 4}, {1, none, 3}};
    for (const Array<T>& g : {Array<T>(ag::grad(f)(x)), recorded<T>(ag::grad(f), x)}) {
      CHECK((xt::view(g, 1) == Array<T>{0, 0, 0}));
    }
  }
}
