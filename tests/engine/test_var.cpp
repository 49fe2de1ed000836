// Var as a value of C++: copies, assignment, containers, and the names of functions beside it.
#include <array>
#include <autograd/autograd.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {1, 2, 3};

static_assert(sizeof(V) == 16 && std::is_trivially_copyable_v<V>);
static_assert(std::is_trivially_copy_assignable_v<V> && std::is_trivially_move_assignable_v<V>);
static_assert(std::semiregular<V> && std::swappable<V>);
static_assert(std::input_iterator<decltype(std::declval<V>().begin())>);

}  // namespace

// ---- assignment

TEST_CASE("a variable is given another array by assignment", "[engine][var]") {
  const ag::Trace trace;
  const V x = point;
  V y = x;
  y += 1;
  CHECK(difference(x.value(), point) == "");
  CHECK(difference(y.value(), point + 1) == "");
  (y = x) *= 2;
  CHECK(difference(y.value(), 2 * point) == "");
  y = A{4};
  CHECK(difference(y.value(), A{4}) == "");
  y = std::exchange(y, x) * y;
  y = 3;
  CHECK(y.item() == 3);
  auto counter = [y]() mutable { return y += 1; };
  CHECK(counter().item() == 4);
  CHECK(counter().item() == 5);
}

TEST_CASE("elements of containers are variables", "[engine][var]") {
  const ag::Trace trace;
  const V x = point;
  std::vector<V> list(2);
  auto& first = list[0];
  first = x[0];
  first += 1;
  list[1] = x[1];
  std::swap(list[0], list[1]);
  list.insert(list.begin(), x[2]);
  list.erase(list.begin());
  CHECK(list[0].item() == 2);
  CHECK(list[1].item() == 2);
  std::array<V, 2> pair = {x, x};
  pair[0] = pair[1] * 2;
  pair[0] /= 4;
  CHECK(difference(pair[0].value(), point / 2) == "");
  std::optional<V> maybe;
  maybe = x;
  *maybe -= 1;
  CHECK(difference(maybe->value(), point - 1) == "");
}

TEST_CASE("tuples are assigned to variables", "[engine][var]") {
  const ag::Trace trace;
  const auto both = [](const V& x) { return std::tuple(x, 2 * x); };
  V a, b;
  std::tie(a, b) = both(3);
  CHECK((a.item() == 3 && b.item() == 6));
  auto [c, d] = both(4);
  c = d;
  c += 1;
  CHECK((c.item() == 9 && d.item() == 8));
}

TEST_CASE("a row in a loop is a name of its own", "[engine][var]") {
  const ag::Trace trace;
  const V x = point;
  for (auto row : x) row *= 2;
  CHECK(difference(x.value(), point) == "");
}

// ---- Vars that stand for nothing

TEMPLATE_TEST_CASE("a sum may begin with nothing", "[engine][var]", float, double) {
  using W = ag::Var<TestType>;
  const ag::Trace trace;
  const W x = xt::xarray<TestType>{1, 2, 3};
  std::vector<W> sums(3);
  for (auto row : x) {
    sums[0] += row;
    sums[1] -= row;
    sums[2] += x;
  }
  CHECK(sums[0].item() == 6);
  CHECK(sums[1].item() == -6);
  CHECK(difference(sums[2].value(), 3 * point) == "");
}

TEST_CASE("sums that begin with nothing have derivatives", "[engine][var]") {
  const auto f = [](const V& x) {
    std::map<int, V> sums;
    for (int i = 0; i < 3; ++i) {
      sums[i % 2] += x[i] * x[i];
      sums[2] -= x[i] * x[i] * x[i];
    }
    return 5 * sums[0] + 7 * sums[1] + sums[2];
  };
  CHECK(difference(ag::grad(f)(point), A{10, 28, 30} - 3 * point * point) == "");
  CHECK(difference(ag::hvp(f)(point, A{1, 1, 1}), A{10, 14, 10} - 6 * point) == "");
}

TEST_CASE("nothing is no number otherwise", "[engine][var]") {
  const ag::Trace trace;
  V x = 2;
  const V empty;
  const std::string what = ": the Var is empty (default constructed)";
  V product, quotient;
  CHECK(logic_error([&] { return product *= x; }) == "multiply" + what);
  CHECK(logic_error([&] { return quotient /= x; }) == "divide" + what);
  CHECK(logic_error([&] { return x += empty; }) == "add" + what);
  CHECK(logic_error([&] { return x -= empty; }) == "subtract" + what);
  CHECK(logic_error([&] { return bool(empty); }) == "bool" + what);
  V sum, difference;
  CHECK(logic_error([&] { return sum += empty; }) == "add" + what);
  CHECK(logic_error([&] { return difference -= empty; }) == "subtract" + what);
}

// ---- conditions

TEST_CASE("the truth of one element", "[engine][var]") {
  const ag::Trace trace;
  const V x = point;
  CHECK(bool(x[0] > 0));
  CHECK(!bool(x[0] > 1));
  CHECK(bool(V(std::nan(""))));  // not zero
  CHECK(bool(ag::any(x > 2)));
  CHECK(!bool(ag::all(x > 2)));
  CHECK(invalid_argument([&] { return x > 0 ? 1 : 2; }) ==
        "bool: only one element is true or false: the Var has shape (3,); make one of many with "
        "any(...) or all(...)");
  CHECK(invalid_argument([&] {
          return !(V(A{{1, 2}}) == 1);
        }) ==
        "bool: only one element is true or false: the Var has shape (1, 2); make one of many with "
        "any(...) or all(...)");
  CHECK(invalid_argument([&] { return bool(V(A::from_shape({0}))); }) ==
        "bool: only one element is true or false: the Var has shape (0,); make one of many with "
        "any(...) or all(...)");
}

TEST_CASE("a bool is a number where it is asked for", "[engine][var]") {
  const ag::Trace trace;
  CHECK((V(true).item() == 1 && ag::Var<float>(false).item() == 0));
}

// ---- names

namespace {

// Functions of a user's own, under names that the library has, too.
V sigmoid(const V& x) { return 100 * x; }
template <class T>
T relu(const T& x) {
  return 1000 * x;
}
template <class T>
T norm(const T& x, const T& y) {
  using std::sqrt;
  return sqrt(x * x + y * y);
}

/// Written for numbers and for Vars.
template <class T>
T generic(const T& x) {
  using std::abs;
  using std::cos;
  using std::erf;
  using std::exp;
  using std::hypot;
  using std::log1p;
  using std::sin;
  using std::tanh;
  T sum = 0;
  for (int i = 1; i <= 2; ++i) sum += sin(i * x) * exp(-x) + log1p(abs(x)) / hypot(x, T(2));
  return x > 0 ? sum + tanh(x) * erf(x) : cos(x);
}

}  // namespace

TEST_CASE("a function of one's own is not ambiguous beside that of the library", "[engine][var]") {
  const ag::Trace trace;
  const V x = 2;
  CHECK(sigmoid(x).item() == 200);
  CHECK(relu(x).item() == 2000);
  CHECK(norm(V(3), V(4)).item() == 5);
  CHECK(difference(ag::sigmoid(x).item(), 1 / (1 + std::exp(-2.0))) == "");
  CHECK(ag::relu(x).item() == 2);
}

TEST_CASE("functions of <cmath> are found without a namespace", "[engine][var]") {
  const ag::Trace trace;
  CHECK(difference(generic(V(0.75)).item(), generic(0.75)) == "");
  CHECK(difference(generic(V(-0.75)).item(), generic(-0.75)) == "");
  const double h = 1e-5;
  const double slope = (generic(0.75 + h) - generic(0.75 - h)) / (2 * h);
  CHECK(difference(ag::grad(generic<V>)(0.75), slope, 1e-8) == "");
}
