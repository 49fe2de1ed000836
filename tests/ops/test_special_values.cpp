/// Elementwise functions at the edges of their domains and over their ranges, many elements at a
/// time and one by one: as accurate as the functions of the standard library, within a few units in
/// the last place.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/declarations.hpp"
#include "tests/ops/elementwise.hpp"
#include "tests/ops/special_values.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/ulps.hpp"

using namespace op_cases;
using Catch::Matchers::WithinRel;
using special_values::numbers;

namespace {

template <class T>
using List = std::vector<T>;

constexpr double allowed = 4;  // units in the last place
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
xt::xarray<T> array_of(const List<T>& x) {
  return xt::adapt(x, List<std::size_t>{x.size()});
}

/// The function at all elements at once.
template <class T>
List<T> together(const Unary<T>& word, const List<T>& x) {
  const auto y = ag::evaluate([&](const ag::Var<T>& a) { return word.f(a); })(array_of(x));
  return {y.begin(), y.end()};
}
template <class T>
List<T> together(const Binary<T>& word, const List<T>& a, const List<T>& b) {
  const auto f = [&](const ag::Var<T>& x, const ag::Var<T>& y) { return word.f(x, y); };
  const auto y = ag::evaluate(f)(array_of(a), array_of(b));
  return {y.begin(), y.end()};
}

/// The function at numbers, one by one.
template <class T>
T alone(const Unary<T>& word, T x) {
  const ag::Trace trace;
  return word.f(x).item();
}
template <class T>
T alone(const Binary<T>& word, T a, T b) {
  const ag::Trace trace;
  return word.f(a, b).item();
}

/// What is wrong with a function: where, with both values, for the first places, and how many there
/// are. For CHECK(wrong.text() == "").
template <class T>
class Wrong {
 public:
  explicit Wrong(const char* name) : name_(name) {
    places_.precision(std::numeric_limits<T>::max_digits10);
  }

  void compare(T x, T got, Exact exact) {
    if (!is_right(got, exact)) places_ << "; at " << x << " it is " << got << ", not " << T(exact);
  }
  void compare(T a, T b, T got, Exact exact) {
    if (is_right(got, exact)) return;
    places_ << "; at (" << a << ", " << b << ") it is " << got << ", not " << T(exact);
  }
  std::string text() const {
    return count_ == 0 ? "" : std::to_string(count_) + " values of " + name_ + places_.str();
  }

 private:
  bool is_right(T got, Exact exact) {
    return ulps::distance(got, exact) <= allowed || ++count_ > most_shown;
  }

  static constexpr std::size_t most_shown = 3;
  std::string name_;
  std::size_t count_ = 0;
  std::ostringstream places_;
};

/// Numbers that fill a range evenly, on a logarithmic scale if it is positive.
template <class T>
List<T> spread(const Range& range, std::size_t count) {
  List<T> result;
  for (std::size_t i = 0; i < count; ++i) {
    const double part = (double(i) + 0.5) / double(count);
    const double low = range.low, high = range.high;
    result.push_back(static_cast<T>(low > 0
                                        ? std::exp(std::lerp(std::log(low), std::log(high), part))
                                        : std::lerp(low, high, part)));
  }
  return result;
}

/// All pairs of special numbers.
template <class T>
std::pair<List<T>, List<T>> pairs() {
  std::pair<List<T>, List<T>> result;
  for (const T a : numbers<T>()) {
    for (const T b : numbers<T>()) {
      result.first.push_back(a);
      result.second.push_back(b);
    }
  }
  return result;
}

template <class T, class F>
xt::xarray<T> evaluated(const F& f, const xt::xarray<T>& x) {
  return ag::evaluate(f)(x);
}

}  // namespace

namespace {

/// Elementwise functions without a row in elementwise.hpp, and why they do without.
const std::map<std::string, std::string> without_row = {
    {"operator+", "one operation of the processor"},
    {"operator-", "one operation of the processor"},
    {"operator*", "one operation of the processor"},
    {"operator/", "one operation of the processor"},
    {"add", "is operator+"},
    {"subtract", "is operator-"},
    {"multiply", "is operator*"},
    {"divide", "is operator/"},
    {"where", "chooses; tried below"},
    {"clip", "made of where"},
    {"equal", "compares; tried below"},
    {"not_equal", "compares; tried below"},
    {"operator<", "compares; tried below"},
    {"operator<=", "compares; tried below"},
    {"operator>", "compares; tried below"},
    {"operator>=", "compares; tried below"},
    {"operator==", "is equal"},
    {"operator!=", "is not_equal"},
    {"reciprocal", "is a division"},
    {"fix", "is trunc"},
    {"round", "made of rint; tried below"},
    {"sinc", "made of sin, and a series; tried below"},
    {"deg2rad", "is a product"},
    {"radians", "is deg2rad"},
    {"rad2deg", "is a product"},
    {"degrees", "is rad2deg"},
    {"nan_to_num", "chooses; tried below"},
    {"remainder", "is mod"},
    {"heaviside", "chooses; tried below"},
    {"less", "is operator<"},
    {"less_equal", "is operator<="},
    {"greater", "is operator>"},
    {"greater_equal", "is operator>="},
    {"logical_and", "made of comparisons; tried below"},
    {"logical_or", "made of comparisons; tried below"},
    {"logical_xor", "made of comparisons; tried below"},
    {"logical_not", "made of comparisons; tried below"},
    {"isnan", "compares; tried below"},
    {"isinf", "compares; tried below"},
    {"isfinite", "compares; tried below"},
    {"isclose", "compares; tried below"},
    {"allclose", "made of isclose"},
    {"array_equal", "made of equal"},
};

/// The sections of ops.inc whose operations are no elementwise functions, and where their special
/// values are tried.
const std::map<std::string, std::string> other_sections = {
    {"reductions", "test_special_derivatives.cpp"},
    {"shapes", "they move elements"},
    {"elements", "they move elements"},
    {"elements at places", "they move elements"},
    {"order", "they move elements; test_numpy.cpp"},
    {"statistics", "test_numpy.cpp"},
    {"arrangement", "they move elements"},
    {"sequences", "sums of products; the table of tests"},
    {"differences and products", "sums of products; the table of tests"},
    {"images", "sums of products; the table of tests"},
    {"for differentiation", "the table of tests"},
};

}  // namespace

TEST_CASE("every elementwise function is tried", "[ops][special_values]") {
  std::set<std::string> tried, elementwise;
  for (const auto& word : unary<double>()) tried.insert(word.name);
  for (const auto& word : binary<double>()) tried.insert(word.name);
  for (const Declaration& each : operations()) {
    if (other_sections.contains(each.section)) continue;
    INFO("the section \"" << each.section << "\" of ops.inc, in which " << each.name
                          << " stands, is new: it needs an entry in `other_sections`");
    REQUIRE(each.section.starts_with("elementwise"));
    elementwise.insert(each.name);
  }
  for (const std::string& name : elementwise) {
    INFO(name << " needs a row in tests/ops/op_cases_unary.cpp or op_cases_binary.cpp, or a reason "
                 "in `without_row`, and not both");
    CHECK(tried.contains(name) != without_row.contains(name));
  }
  for (const auto& [name, reason] : without_row) {
    INFO(name << " is in `without_row`, but no elementwise function of ops.inc");
    CHECK(elementwise.contains(name));
  }
}

TEMPLATE_TEST_CASE("values of functions of one argument", "[ops][special_values]", float, double) {
  for (const auto& word : unary<TestType>()) {
    Wrong<TestType> wrong(word.name);
    const auto y = together(word, numbers<TestType>());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const TestType x = numbers<TestType>()[i];
      wrong.compare(x, y[i], word.exact(x));
      wrong.compare(x, alone(word, x), word.exact(x));
    }
    CHECK(wrong.text() == "");
  }
}

TEMPLATE_TEST_CASE("values of functions of two arguments", "[ops][special_values]", float, double) {
  const auto [a, b] = pairs<TestType>();
  for (const auto& word : binary<TestType>()) {
    Wrong<TestType> wrong(word.name);
    const auto y = together(word, a, b);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Exact exact = word.exact(a[i], b[i]);
      const bool cancels = word.exact(1, 1) > 1.5 && std::fabs(exact) < 0.5;  // logaddexp near 0
      if (cancels) continue;
      wrong.compare(a[i], b[i], y[i], exact);
      wrong.compare(a[i], b[i], alone(word, a[i], b[i]), exact);
    }
    CHECK(wrong.text() == "");
  }
}

TEMPLATE_TEST_CASE("accuracy of functions of one argument", "[ops][special_values]", float,
                   double) {
  for (const auto& word : unary<TestType>()) {
    Wrong<TestType> wrong(word.name);
    for (const Range& range : word.ranges) {
      const auto x = spread<TestType>(range, 20000);
      const auto y = together(word, x);
      for (std::size_t i = 0; i < x.size(); ++i) wrong.compare(x[i], y[i], word.exact(x[i]));
      for (std::size_t i = 0; i < x.size(); i += 101) {
        wrong.compare(x[i], alone(word, x[i]), word.exact(x[i]));
      }
    }
    CHECK(wrong.text() == "");
  }
}

TEMPLATE_TEST_CASE("accuracy of functions of two arguments", "[ops][special_values]", float,
                   double) {
  for (const auto& word : binary<TestType>()) {
    Wrong<TestType> wrong(word.name);
    const auto a = spread<TestType>(word.range_a, 10007);
    auto b = spread<TestType>(word.range_b, a.size());
    for (std::size_t i = 0; i < b.size(); ++i) std::swap(b[i], b[i * 7919 % b.size()]);
    const auto y = together(word, a, b);
    for (std::size_t i = 0; i < y.size(); ++i) {
      wrong.compare(a[i], b[i], y[i], word.exact(a[i], b[i]));
    }
    CHECK(wrong.text() == "");
  }
}

TEMPLATE_TEST_CASE("functions of arrays of every length", "[ops][special_values]", float, double) {
  const auto& all = numbers<TestType>();
  for (const auto& word : unary<TestType>()) {
    Wrong<TestType> wrong(word.name);
    for (std::size_t length = 1; length <= 40; ++length) {
      List<TestType> x;
      for (std::size_t i = 0; i < length; ++i) x.push_back(all[(length * 31 + i * 7) % all.size()]);
      const auto y = together(word, x);
      REQUIRE(y.size() == length);
      for (std::size_t i = 0; i < length; ++i) wrong.compare(x[i], y[i], word.exact(x[i]));
    }
    CHECK(wrong.text() == "");
  }
}

TEMPLATE_TEST_CASE("comparisons and choices", "[ops][special_values]", float, double) {
  const auto [a, b] = pairs<TestType>();
  const auto x = array_of(a), y = array_of(b);
  const auto each = [&](const auto& f) { return ag::evaluate(f)(x, y); };
  const auto less = each([](auto p, auto q) { return p < q; });
  const auto less_equal = each([](auto p, auto q) { return p <= q; });
  const auto equal = each([](auto p, auto q) { return p == q; });
  const auto not_equal = each([](auto p, auto q) { return p != q; });
  const auto larger = each([](auto p, auto q) { return ag::maximum(p, q); });
  const auto smaller = each([](auto p, auto q) { return ag::minimum(p, q); });
  const auto chosen = each([](auto p, auto q) { return ag::where(p, p, q); });
  const auto same = [](TestType p, TestType q) {
    return p == q || (std::isnan(p) && std::isnan(q));
  };
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const TestType p = a[i], q = b[i], none = TestType(no_number);
    const bool unordered = std::isnan(p) || std::isnan(q);
    wrong += less(i) != (p < q);
    wrong += less_equal(i) != (p <= q);
    wrong += equal(i) != (p == q);
    wrong += not_equal(i) != (p != q);
    wrong += !same(larger(i), unordered ? none : std::max(p, q));
    wrong += !same(smaller(i), unordered ? none : std::min(p, q));
    wrong += !same(chosen(i), p != 0 ? p : q);
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("extremes of arrays of every length", "[ops][special_values]", float, double) {
  using T = TestType;
  for (std::size_t length = 1; length <= 80; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      xt::xarray<T> x = xt::zeros<T>({length});
      const auto extreme = [&](T value, const auto& f) {
        x(place) = value;
        return evaluated<T>(f, x)();
      };
      const auto largest = [](auto a) { return ag::max(a); };
      const auto smallest = [](auto a) { return ag::min(a); };
      CHECK(extreme(3, largest) == 3);
      CHECK(extreme(-3, smallest) == -3);
      CHECK(extreme(T(infinity), largest) == T(infinity));
      CHECK(extreme(T(-infinity), smallest) == T(-infinity));
      CHECK(std::isnan(extreme(T(no_number), largest)));
      CHECK(std::isnan(extreme(T(no_number), smallest)));
    }
  }
}

TEMPLATE_TEST_CASE("reductions of what is not finite", "[ops][special_values]", float, double) {
  using T = TestType;
  using Array = xt::xarray<T>;
  const T inf = T(infinity), none = T(no_number);
  const auto of = [](const auto& f, const Array& x) { return evaluated<T>(f, x)(); };
  const auto sum = [](auto x) { return ag::sum(x); };
  const auto norm = [](auto x) { return ag::norm(x); };
  const auto lse = [](auto x) { return ag::logsumexp(x); };
  CHECK(of(sum, Array{1, inf, 2}) == inf);
  CHECK(std::isnan(of(sum, Array{inf, -inf})));
  CHECK(of(norm, Array{3, -inf}) == inf);
  CHECK(std::isnan(of(norm, Array{3, none})));
  CHECK(of(lse, Array{-inf, -inf}) == -inf);
  CHECK(of(lse, Array{-inf, 2}) == 2);
  CHECK(of(lse, Array{inf, 2}) == inf);
  CHECK(std::isnan(of(lse, Array{none, inf})));
  CHECK_THAT(of(lse, Array{1000, 1000}), WithinRel(1000.6931471805599, 1e-6));
  CHECK_THAT(of(lse, Array{-1000, -1000}), WithinRel(-999.3068528194401, 1e-6));
  CHECK(of([](auto x) { return ag::sum(ag::softmax(x)); }, Array{1000, 1000, -1000}) == 1);
  CHECK(of([](auto x) { return ag::any(x); }, Array{0, none}) == 1);
  CHECK(of([](auto x) { return ag::all(x); }, Array{1, none}) == 1);
}

TEMPLATE_TEST_CASE("logsumexp of large arrays, in blocks", "[ops][special_values]", float, double) {
  using T = TestType;
  const T inf = T(infinity), none = T(no_number);
  const auto lse = [](const ag::Var<T>& x) { return ag::logsumexp(x); };
  // One block, several, several parts.
  for (const std::size_t n : {1000, 5000, 600001}) {
    CAPTURE(n);
    const auto last = static_cast<std::ptrdiff_t>(n) - 1;
    const xt::xarray<T> low = xt::ones<T>({n}) * -inf;
    CHECK(evaluated<T>(lse, low)() == -inf);
    CHECK((xt::xarray<T>(ag::grad(lse)(low)) == xt::ones<T>({n})));
    xt::xarray<T> x = low;
    x(last) = 3;
    CHECK(evaluated<T>(lse, x)() == 3);
    CHECK(xt::xarray<T>(ag::grad(lse)(x))(last) == 1);
    x(0) = 1000;
    CHECK(evaluated<T>(lse, x)() == 1000);
    x(last) = inf;
    CHECK(evaluated<T>(lse, x)() == inf);
    CHECK(xt::sum(xt::xarray<T>(ag::grad(lse)(x)))() == 1);
    x(5) = none;
    CHECK(std::isnan(evaluated<T>(lse, x)()));
    CHECK(xt::all(xt::isnan(xt::xarray<T>(ag::grad(lse)(x)))));
    const xt::xarray<T> slope = xt::linspace<T>(-900, 900, n);
    double sum = 0;
    for (T each : slope) sum += std::exp(double(each) - 900);
    CHECK_THAT(double(evaluated<T>(lse, slope)()), WithinRel(900 + std::log(sum), 1e-6));
    CHECK_THAT(xt::sum(xt::xarray<double>(ag::grad(lse)(slope)))(), WithinRel(1.0, 1e-3));
  }
}

TEMPLATE_TEST_CASE("reductions of nothing", "[ops][special_values]", float, double) {
  using T = TestType;
  const xt::xarray<T> empty = xt::zeros<T>({0});
  const auto of = [&](const auto& f) { return evaluated<T>(f, empty)(); };
  CHECK(of([](auto x) { return ag::sum(x); }) == 0);
  CHECK(of([](auto x) { return ag::prod(x); }) == 1);
  CHECK(of([](auto x) { return ag::norm(x); }) == 0);
  CHECK(of([](auto x) { return ag::logsumexp(x); }) == T(-infinity));
  CHECK(std::isnan(of([](auto x) { return ag::mean(x); })));
  CHECK(std::isnan(of([](auto x) { return ag::var(x); })));
  CHECK(of([](auto x) { return ag::any(x); }) == 0);
  CHECK(of([](auto x) { return ag::all(x); }) == 1);
}

TEMPLATE_TEST_CASE("long sums keep their digits", "[ops][special_values]", float, double) {
  using T = TestType;
  const std::size_t n = 1000000;
  const xt::xarray<T> x = xt::ones<T>({n}) * T(0.1);
  const double exact = double(T(0.1)) * double(n);
  const double bound = std::max(1e-12, 20.0 * std::numeric_limits<T>::epsilon());
  const auto error = [&](const auto& f) { return std::abs(evaluated<T>(f, x)() / exact - 1); };
  CHECK(error([](auto a) { return ag::sum(a); }) < bound);
  CHECK(error([](auto a) { return ag::sum(ag::reshape(a, {1000, 1000})); }) < bound);
  CHECK(error([](auto a) { return ag::mean(a) * 1000000; }) < bound);
}

TEMPLATE_TEST_CASE("the places of extremes", "[ops][special_values]", float, double) {
  using T = TestType;
  const T inf = T(infinity), none = T(no_number);
  const ag::Trace trace;
  const auto first = [](const xt::xarray<T>& x) { return ag::argmax(ag::Var<T>(x))(); };
  const auto last = [](const xt::xarray<T>& x) { return ag::argmin(ag::Var<T>(x))(); };
  CHECK(first({1, 3, 3, 2}) == 1);
  CHECK(last({1, 3, 1, 2}) == 0);
  CHECK(first({1, none, inf, none}) == 1);
  CHECK(last({1, none, -inf}) == 1);
  CHECK(first({-inf, -inf}) == 0);
  CHECK(first({none, 5}) == 0);
}
