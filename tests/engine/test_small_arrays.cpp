/// Small arrays that lie alike, and numbers beside them, take shorter ways than others: results are
/// those of the same operations on numbers, element by element.
#include <autograd/autograd.hpp>
#include <tuple>
#include <utility>

#include "autograd/tape/tape.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using ag::Index;
using expect::Array;
using expect::difference;
using V = ag::Var<double>;

namespace {

/// Functions of a number and an element, or an array.
using Function = V (*)(const V& a, const V& x);

const std::pair<const char*, Function> functions[] = {
    {"a x", [](const V& a, const V& x) { return a * x; }},
    {"x / a", [](const V& a, const V& x) { return x / a; }},
    {"a - x", [](const V& a, const V& x) { return a - x; }},
    {"x + a", [](const V& a, const V& x) { return x + a; }},
    {"maximum", [](const V& a, const V& x) { return ag::maximum(a, x); }},
    {"hypot", [](const V& a, const V& x) { return ag::hypot(x, a); }},
    {"a array in where", [](const V& a, const V& x) { return ag::where(x > 0.4, x * x, a); }},
    {"a mask of one number", [](const V& a, const V& x) { return ag::where(a > 0, a * x, x); }},
    {"a twice", [](const V& a, const V& x) { return ag::where(x > 0.4, a, a) * x; }},
    {"constants", [](const V& a, const V& x) { return 2 * ag::square(x - 0.5) + a; }}};

/// Sizes around those of batches, of the longest rows, and of what is fused.
constexpr Index sizes[] = {1, 2, 7, 8, 9, 50, 255, 256, 257, 4097};

xt::xarray<double> elements(Index size) {
  return xt::linspace<double>(0.1, 0.9, static_cast<std::size_t>(size));
}

/// The sum of the cosines of f, which give each element a cotangent of its own, with its
/// derivatives; and the second derivatives times (1, 1, ...).
struct Derivatives {
  double value, by_a;
  Array by_x;
  double second_by_a;
  Array second_by_x;
};

template <class G>
Derivatives by_array(const G& g, double a, const Array& x) {
  const auto [value, first] = ag::value_and_grad(g)(a, x);
  const auto [second_by_a, second_by_x] = ag::hvp(g)(a, x, 1.0, Array(xt::ones_like(x)));
  return {value, std::get<0>(first), std::get<1>(first), second_by_a, second_by_x};
}

Derivatives by_numbers(Function f, double a, const Array& x) {
  const auto g = [=](const V& b, const V& y) { return ag::cos(f(b, y)); };
  Derivatives sum{0, 0, Array(x), 0, Array(x)};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto [value, first] = ag::value_and_grad(g)(a, x(i));
    const auto [second_by_a, second_by_x] = ag::hvp(g)(a, x(i), 1.0, 1.0);
    sum.value += value;
    sum.by_a += std::get<0>(first);
    sum.by_x(i) = std::get<1>(first);
    sum.second_by_a += second_by_a;
    sum.second_by_x(i) = second_by_x;
  }
  return sum;
}

void check(const Derivatives& actual, const Derivatives& expected) {
  CHECK(difference(actual.value, expected.value) == "");
  CHECK(difference(actual.by_a, expected.by_a) == "");
  CHECK(difference(actual.by_x, expected.by_x) == "");
  CHECK(difference(actual.second_by_a, expected.second_by_a) == "");
  CHECK(difference(actual.second_by_x, expected.second_by_x) == "");
}

}  // namespace

TEST_CASE("numbers beside arrays", "[engine][small]") {
  for (const auto& [name, function] : functions) {
    const auto& f = function;  // clang 14 captures no names of a structured binding
    for (const Index size : sizes) {
      INFO(name << " of " << size << " elements");
      const Array x = elements(size);
      const Derivatives expected = by_numbers(f, 0.7, x);
      const auto sum = [](const V& y) { return ag::sum(ag::cos(y)); };
      check(by_array([&](const V& a, const V& y) { return sum(f(a, y)); }, 0.7, x), expected);
      // The number lies in an array, is repeated by a view, or has two axes.
      const auto part = [](const V& a) { return ag::stack({2 * a, a})[1]; };
      check(by_array([&](const V& a, const V& y) { return sum(f(part(a), y)); }, 0.7, x), expected);
      const auto repeated = [](const V& a, const V& y) { return ag::broadcast_to(a, y.shape()); };
      check(by_array([&](const V& a, const V& y) { return sum(f(repeated(a, y), y)); }, 0.7, x),
            expected);
      const auto matrix = [](const V& a) { return ag::reshape(a, {1, 1}); };
      check(by_array([&](const V& a, const V& y) { return sum(f(matrix(a), y)); }, 0.7, x),
            expected);
    }
  }
}

TEST_CASE("arrays that lie alike, in any order of memory", "[engine][small]") {
  for (const auto& [name, f] : functions) {
    INFO(name);
    const Array x = xt::reshape_view(elements(12), {3, 4}), a = x * x + 0.1;
    const auto g = [f = f](const V& b, const V& y) { return ag::sum(ag::cos(f(b, y))); };
    const auto columns = [&](const V& b, const V& y) {
      return g(ag::transpose(b) * 1, ag::transpose(y) * 1);
    };
    const auto halves = [&](const V& b, const V& y) {
      return g(b[0], y[0]) + g(ag::view(b, xt::range(1, 3)), ag::view(y, xt::range(1, 3)));
    };
    const auto [by_a, by_x] = ag::grad(g)(a, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto of_numbers = [f = f](const V& b, const V& y) { return ag::cos(f(b, y)); };
      const auto [number_by_a, number_by_x] = ag::grad(of_numbers)(a.flat(i), x.flat(i));
      CHECK(difference(by_a.flat(i), number_by_a) == "");
      CHECK(difference(by_x.flat(i), number_by_x) == "");
    }
    const auto [columns_by_a, columns_by_x] = ag::grad(columns)(a, x);
    CHECK(columns_by_a == by_a);
    CHECK(columns_by_x == by_x);
    const auto [halves_by_a, halves_by_x] = ag::grad(halves)(a, x);
    CHECK(difference(halves_by_a, by_a) == "");
    CHECK(difference(halves_by_x, by_x) == "");
  }
}

TEST_CASE("arrays of equal shape share a layout, as long as its scope lasts", "[engine][small]") {
  auto& tape = ag::Tape<double>::current();
  const ag::Trace trace;
  const auto layout_of = [&](const V& x) { return tape.node("test", x).layout; };
  const V x(Array{{1, 2, 3}, {4, 5, 6}}), y(Array{{1, 2, 3}, {4, 5, 6}});
  CHECK(layout_of(x) == layout_of(y));
  CHECK(layout_of(x) == layout_of(ag::reshape(ag::ravel(y), {2, 3})));
  CHECK(layout_of(x[0]) == layout_of(ag::view(y, 1)));
  CHECK(layout_of(x) != layout_of(ag::transpose(V(Array{{1, 2}, {3, 4}, {5, 6}}))));
  const auto* before = layout_of(x);
  const Array gradient = ag::grad([&](const V& z) {
    CHECK(layout_of(z) != before);  // memory of a scope that ends
    return ag::sum(z * z);
  })(Array{{1, 2, 3}, {4, 5, 6}});
  CHECK(layout_of(x + y) == before);
  CHECK(difference(gradient, Array{{2, 4, 6}, {8, 10, 12}}) == "");
}
