/// Derivatives at special values (NaN, infinities, zeros, ties, the ends of ranges): the raw sweep,
/// the recorded one and Hessian-vector products, in arrays of 1, 3 and 20,000 elements. NaN goes
/// through; a kink keeps its 0.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/ops/declarations.hpp"
#include "tests/ops/elementwise.hpp"
#include "tests/ops/special_values.hpp"
#include "tests/support/catch.hpp"

using namespace op_cases;
using special_values::numbers;

namespace {

template <class T>
using ArrayOf = xt::xarray<T>;

const std::size_t lengths[] = {1, 3, 20000};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Whether the second derivative depends on x. If not, it may be a number where x is NaN.
template <class T>
bool is_bent(const Unary<T>& word) {
  return std::isnan(word.second(no_number));
}

// ---- what is compared

/// The numbers over and over, so that each stands at many places.
template <class T>
ArrayOf<T> filled(const std::vector<T>& numbers, std::size_t length, std::size_t from) {
  ArrayOf<T> x = ArrayOf<T>::from_shape({length});
  for (std::size_t i = 0; i < length; ++i) x(i) = numbers[(from + i) % numbers.size()];
  return x;
}

/// f applied to Vars, so that the sweep is recorded.
template <class T, class F>
ArrayOf<T> recorded(const F& f, const ArrayOf<T>& x) {
  const ag::Trace trace;
  return f(ag::Var<T>(x)).value();
}

template <class T>
struct Slopes {
  ArrayOf<T> raw, recorded, hvp, recorded_hvp;
};

/// The gradient of the sum of all results of f, and its derivative in the direction v.
template <class T, class F>
Slopes<T> slopes(const F& f, const ArrayOf<T>& x, const ArrayOf<T>& v) {
  const auto total = [&](const ag::Var<T>& a) { return ag::sum(f(a)); };
  const auto product = [&](const ag::Var<T>& a) { return ag::hvp(total)(a, ag::Var<T>(v)); };
  return {ag::grad(total)(x), recorded<T>(ag::grad(total), x), ag::hvp(total)(x, v),
          recorded<T>(product, x)};
}

/// The derivatives of an elementwise function.
template <class T, class F>
Slopes<T> slopes(const F& f, const ArrayOf<T>& x) {
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
void check_all(const std::string& what, const ArrayOf<T>& x, const ArrayOf<T>& got,
               const ArrayOf<T>& expected) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (agree(got(i), Exact(expected(i)), 1)) continue;
    INFO(what << " at " << x(i) << ", element " << i << " of " << x.size());
    CHECK(got(i) == expected(i));
    return;
  }
}

template <class T>
bool all_nan(const ArrayOf<T>& x) {
  return xt::all(xt::isnan(x));
}

/// Compares the derivatives of a function at the elements of x. Stops at the first that is wrong.
template <class T>
bool check_derivatives(const Unary<T>& word, const ArrayOf<T>& x, std::size_t count) {
  const Slopes<T> got = slopes(word.f, x);
  check_all<T>("the recorded sweep", x, got.recorded, got.raw);
  check_all<T>("the recorded product", x, got.recorded_hvp, got.hvp);
  for (std::size_t i = 0; i < std::min(x.size(), count); ++i) {
    if (std::isnan(word.exact(x(i))) || std::isinf(x(i))) continue;
    const Exact slope = word.first(x(i)), bend = word.second(x(i));
    const bool overflows = std::isinf(T(word.exact(x(i)))) && std::isfinite(T(slope));
    if (overflows) continue;  // exp2 at the end of its range: slopes are made of the value
    const bool rounds = word.name == std::string("tanh");  // 1 - y^2
    const bool is_pole = std::isinf(slope);
    const bool first_is_right = agree(got.raw(i), slope, rounds ? 1 : 0);
    const bool second_is_right = is_pole ? !std::isfinite(got.hvp(i))
                                         : agree(got.hvp(i), bend, rounds ? 1 : std::fabs(slope));
    if (first_is_right && second_is_right) continue;
    // Catch would show small numbers as 0.
    std::ostringstream found;
    found.precision(std::numeric_limits<T>::max_digits10);
    found << "at " << x(i) << ", element " << i << " of " << x.size() << ": first derivative "
          << got.raw(i) << ", not " << T(slope) << "; second derivative " << got.hvp(i) << ", not "
          << T(bend);
    INFO(found.str());
    CHECK(first_is_right);
    CHECK(second_is_right);
    return false;
  }
  return true;
}

}  // namespace

TEMPLATE_TEST_CASE("derivatives of functions of one argument are exact",
                   "[ops][special_derivatives]", float, double) {
  using T = TestType;
  const std::size_t count = numbers<T>().size();
  for (const auto& word : unary<T>()) {
    INFO(word.name);
    bool right = true;
    for (const std::size_t length : lengths) {
      for (std::size_t from = 0; right && from < count; from += length) {
        right = check_derivatives(word, filled(numbers<T>(), length, from), count);
      }
    }
    CHECK(right);
  }
}

TEMPLATE_TEST_CASE("jvp is the Jacobian times a vector at special values",
                   "[ops][special_derivatives]", float, double) {
  using T = TestType;
  for (const auto& word : unary<T>()) {
    INFO(word.name);
    for (const T x : numbers<T>()) {
      const ArrayOf<T> expected = ag::jacobian(word.f)(x);
      check_all<T>("a number", ArrayOf<T>(x), ArrayOf<T>(ag::jvp(word.f)(x, T(1))), expected);
    }
    for (const std::size_t length : lengths) {
      const ArrayOf<T> x = filled(numbers<T>(), length, 0), v = xt::ones_like(x);
      const auto product = [&](const ag::Var<T>& a) { return ag::jvp(word.f)(a, ag::Var<T>(v)); };
      const ArrayOf<T> expected = ag::elementwise_grad(word.f)(x);
      check_all<T>("jvp", x, ag::jvp(word.f)(x, v), expected);
      check_all<T>("the recorded jvp", x, recorded<T>(product, x), expected);
    }
  }
}

TEMPLATE_TEST_CASE("quotients of infinite numbers have no slope, forward and in reverse",
                   "[ops][special_derivatives]", float, double) {
  using T = TestType;
  using V = ag::Var<T>;
  const std::vector<V (*)(const V&)> quotients = {
      [](const V& x) { return V(x / x); },           [](const V& x) { return V(ag::sin(x) / x); },
      [](const V& x) { return V(ag::sqrt(x) / x); }, [](const V& x) { return V(ag::log(x) / x); },
      [](const V& x) { return V(ag::exp(x) / x); },  [](const V& x) { return ag::sinc(x); },
      [](const V& x) { return ag::arctan2(x, x); }};
  for (const auto& f : quotients) {
    for (const std::size_t length : lengths) {
      const ArrayOf<T> x = filled<T>({T(infinity)}, length, 0), v = xt::ones_like(x);
      const auto product = [&](const V& a) { return ag::jvp(f)(a, V(v)); };
      CHECK(all_nan<T>(ag::elementwise_grad(f)(x)));
      CHECK(all_nan<T>(recorded<T>(ag::elementwise_grad(f), x)));
      CHECK(all_nan<T>(ag::jvp(f)(x, v)));
      CHECK(all_nan<T>(recorded<T>(product, x)));
    }
  }
}

TEST_CASE("jvp of differences of an infinite slope", "[ops][special_derivatives]") {
  const auto f = [](const auto& x) { return ag::diff(ag::sqrt(x)); };
  const ArrayOf<double> x = {1, 0, 4}, v = {0, 1, 0};
  CHECK((ag::jvp(f)(x, v) == ArrayOf<double>{infinity, -infinity}));
}

TEMPLATE_TEST_CASE("NaN goes through every pair of functions", "[ops][special_derivatives]", float,
                   double) {
  using T = TestType;
  const std::vector<T> values = {T(no_number), 1, T(0.5)};
  for (const auto& inner : unary<T>()) {
    for (const auto& outer : unary<T>()) {
      const auto f = [&](const ag::Var<T>& a) { return outer.f(inner.f(a)); };
      const std::string names[] = {inner.name, outer.name};
      INFO(names[1] << "(" << names[0] << "(x))");
      const auto either = [&](const char* name) { return names[0] == name || names[1] == name; };
      const bool constant =
          std::ranges::any_of(std::array{"sign", "floor", "ceil", "trunc", "rint"}, either);
      const bool bends = is_bent(inner) || is_bent(outer);
      for (const std::size_t length : lengths) {
        const ArrayOf<T> x = filled(values, length, 0);
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
    all.push_back({name, f, nullptr, {}, {}, {}, {}});
  };
  add("add", [](V a, V b) { return a + b; });
  add("subtract", [](V a, V b) { return a - b; });
  add("multiply", [](V a, V b) { return a * b; });
  add("divide", [](V a, V b) { return a / b; });
  return all;
}

const std::set<std::string> linear = {"add", "subtract", "multiply", "divide"};
/// Functions whose derivative by one argument is 0 by definition, even if the result is no number.
const std::set<std::string> choosing = {"fmax", "fmin", "copysign", "floor_divide"};

}  // namespace

TEMPLATE_TEST_CASE("derivatives of functions of two arguments", "[ops][special_derivatives]", float,
                   double) {
  using T = TestType;
  const auto& all = numbers<T>();
  ArrayOf<T> a = ArrayOf<T>::from_shape({all.size() * all.size()}), b = a;
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
    const ArrayOf<T> one = xt::ones_like(a), zero = xt::zeros_like(a);
    check_all<T>("jvp by the first argument", a, ag::jvp(word.f)(a, b, one, zero), ga);
    check_all<T>("jvp by the second argument", b, ag::jvp(word.f)(a, b, zero, one), gb);
    std::size_t silent = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!std::isnan(a(i)) && !std::isnan(b(i))) continue;
      const bool is_number = std::isfinite(word.f(a(i), b(i)).item());  // power(NaN, 0) is 1
      silent += !is_number && !linear.count(word.name) && !choosing.count(word.name) &&
                (ga(i) == 0 || gb(i) == 0);
    }
    CHECK(silent == 0);
  }
}

TEMPLATE_TEST_CASE("logaddexp near and at equal arguments", "[ops][special_derivatives]", float,
                   double) {
  using T = TestType;
  const auto f = [](const ag::Var<T>& x) { return ag::logaddexp(x[0], x[1]); };
  for (const T value : {T(0), T(3), T(-1000)}) {
    const ArrayOf<T> h = ag::hessian(f)(ArrayOf<T>{value, value});
    CHECK((h == ArrayOf<T>{{0.25, -0.25}, {-0.25, 0.25}}));
  }
}

TEMPLATE_TEST_CASE("arctan2 of very small and very large numbers", "[ops][special_derivatives]",
                   float, double) {
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
ArrayOf<T> ordinary(std::size_t length) {
  ArrayOf<T> x = ArrayOf<T>::from_shape({length});
  for (std::size_t i = 0; i < length; ++i) x(i) = T(0.75) + T(i * 7 % 11) / 64;
  return x;
}

}  // namespace

TEST_CASE("every reduction is tried", "[ops][special_derivatives]") {
  // Those that are not among `reductions`, and why.
  const std::map<std::string, std::string> without_row = {
      {"sum", "its derivative is a constant"},
      {"mean", "a multiple of sum"},
      {"prod", "test_kinks.cpp"},
      {"softmax", "made of exp and sum"},
      {"cumsum", "its derivative is a constant"},
      {"cumprod", "test_kinks.cpp"},
      {"any", "a constant"},
      {"all", "a constant"},
      {"argmax", "integers"},
      {"argmin", "integers"},
  };
  std::set<std::string> tried;
  for (const auto& reduction : reductions<double>()) tried.insert(reduction.name);
  for (const Declaration& each : operations()) {
    if (each.section != "reductions") continue;
    INFO(each.name << " needs a row in `reductions`, or a reason in `without_row`, and not both");
    CHECK(tried.contains(each.name) != without_row.contains(each.name));
  }
}

TEMPLATE_TEST_CASE("NaN goes through reductions", "[ops][special_derivatives]", float, double) {
  using T = TestType;
  for (const auto& reduction : reductions<T>()) {
    for (const std::size_t length : lengths) {
      INFO(reduction.name << " of " << length << " elements");
      ArrayOf<T> x = ordinary<T>(length);
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

TEMPLATE_TEST_CASE("a row without NaN keeps its gradient", "[ops][special_derivatives]", float,
                   double) {
  using T = TestType;
  for (const auto& reduction : reductions<T>()) {
    for (const std::size_t length : {std::size_t{3}, std::size_t{20000}}) {
      INFO(reduction.name << " of rows of " << length);
      const ArrayOf<T> row = ordinary<T>(length);
      ArrayOf<T> x = xt::stack(xt::xtuple(row, row));
      x(1, 0) = T(no_number);
      const auto single = [&](const ag::Var<T>& a) { return reduction.f(a, {}); };
      const auto rows = [&](const ag::Var<T>& a) { return ag::sum(reduction.f(a, {.axis = 1})); };
      const ArrayOf<T> expected = ag::grad(single)(row);
      for (const ArrayOf<T>& g : {ArrayOf<T>(ag::grad(rows)(x)), recorded<T>(ag::grad(rows), x)}) {
        check_all<T>("the first row", row, xt::view(g, 0), expected);
        CHECK(std::isnan(g(1, 0)));
      }
    }
  }
}

TEMPLATE_TEST_CASE("infinite norms and deviations", "[ops][special_derivatives]", float, double) {
  using T = TestType;
  const T inf = T(infinity);
  const auto norm = [](auto x) { return ag::norm(x); };
  const auto std = [](auto x) { return ag::std(x); };
  const auto hypot = [](auto x) { return ag::hypot(x[0], x[1]); };
  const T large = std::numeric_limits<T>::max() / 4;
  for (const ArrayOf<T>& x :
       {ArrayOf<T>{T(1.5), inf, 2}, ArrayOf<T>{inf, inf}, ArrayOf<T>{large, 0}}) {
    CHECK(all_nan<T>(ag::grad(norm)(x)));
    CHECK(all_nan<T>(recorded<T>(ag::grad(norm), x)));
    CHECK(all_nan<T>(ag::grad(std)(x)));
    CHECK(all_nan<T>(recorded<T>(ag::grad(std), x)));
  }
  CHECK(all_nan<T>(ag::grad(hypot)(ArrayOf<T>{inf, 1})));
  const auto max = [](auto x) { return ag::max(x); };
  CHECK((ag::grad(max)(ArrayOf<T>{1, inf, 2}) == ArrayOf<T>{0, 1, 0}));
  CHECK((ag::grad(max)(ArrayOf<T>{inf, 1, inf}) == ArrayOf<T>{0.5, 0, 0.5}));
}

TEMPLATE_TEST_CASE("NaN in a window of max_pool2d", "[ops][special_derivatives]", float, double) {
  using T = TestType;
  const auto pooled = [](const ag::Var<T>& x) { return ag::sum(ag::max_pool2d(x, 2)); };
  const T none = T(no_number);
  const ArrayOf<T> x = {{1, none, 1, 2}, {3, 0, 4, 3}};
  for (const ArrayOf<T>& g : {ArrayOf<T>(ag::grad(pooled)(x)), recorded<T>(ag::grad(pooled), x)}) {
    CHECK(all_nan<T>(xt::view(g, xt::all(), xt::range(0, 2))));
    CHECK((xt::view(g, xt::all(), xt::range(2, 4)) == ArrayOf<T>{{0, 0}, {1, 0}}));
  }
}

TEMPLATE_TEST_CASE("a NaN of the branch not taken stays out", "[ops][special_derivatives]", float,
                   double) {
  using T = TestType;
  const T none = T(no_number);
  for (const auto& reduction : reductions<T>()) {
    INFO(reduction.name);
    const auto f = [&](const ag::Var<T>& x) {
      return ag::sum(ag::where(ArrayOf<bool>{true, false}, reduction.f(x, {.axis = 1}), 0));
    };
    const ArrayOf<T> x = {{2, 1, 4}, {1, none, 3}};
    for (const ArrayOf<T>& g : {ArrayOf<T>(ag::grad(f)(x)), recorded<T>(ag::grad(f), x)}) {
      CHECK((xt::view(g, 1) == ArrayOf<T>{0, 0, 0}));
    }
  }
}
