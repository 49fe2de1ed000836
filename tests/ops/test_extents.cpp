// Extents beyond all measure: the right shape, or an error that names the operation and the shape.
#include <algorithm>
#include <array>
#include <autograd/autograd.hpp>
#include <exception>
#include <functional>
#include <limits>
#include <new>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using ag::Index;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

constexpr Index largest = std::numeric_limits<Index>::max();
constexpr Index lowest = std::numeric_limits<Index>::min();

Index two_to(int n) { return Index{1} << n; }
V vector() { return A{1, 2, 3, 4}; }
V matrix() { return A{{1, 2, 3}, {4, 5, 6}}; }
/// Of one row and one column.
A single(double value) { return value * xt::ones<double>({1, 1}); }
V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }

std::string too_many(const std::string& op, const ag::Dims& shape) {
  return op + ": an array of shape " + ag::to_string(shape) + " has too many elements";
}

}  // namespace

TEST_CASE("results that no memory holds are refused", "[ops][errors]") {
  const ag::Trace trace;
  const V x = vector(), m = matrix();
  const Index big = two_to(60), half = two_to(40);
  CHECK(invalid_argument([&] { return ag::repeat(x, big); }) ==
        "repeat: an array of shape (4611686018427387904,) has too many elements");
  CHECK(invalid_argument([&] { return ag::repeat(x, largest); }) == too_many("repeat", {largest}));
  CHECK(invalid_argument([&] { return ag::repeat(m, half, 1); }) ==
        too_many("repeat", {2, 3 * half}));
  CHECK(invalid_argument([&] { return ag::tile(x, {half, 2}); }) == too_many("tile", {half, 8}));
  CHECK(invalid_argument([&] {
          return ag::tile(x, {big, big});
        }) == too_many("tile", {big, 4 * big}));
  CHECK(invalid_argument([&] { return ag::pad(x, {{big, 0}}); }) == too_many("pad", {big + 4}));
  CHECK(invalid_argument([&] {
          return ag::pad(x, {{1, largest}}, ag::Pad::edge);
        }) == too_many("pad", {largest}));
  CHECK(invalid_argument([&] { return ones({big}); }) == too_many("broadcast_to", {big}));
  CHECK(invalid_argument([&] {
          return ag::reshape(ones({0}), {0, big, big});
        }) == too_many("reshape", {0, big, big}));
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {two_to(32), two_to(32)});
        }) ==
        "reshape: 4 elements do not take the shape (4294967296, 4294967296): the operand has shape "
        "(4,)");
  CHECK(invalid_argument([&] { return ag::diag(x, two_to(32)); }) ==
        too_many("diag", {two_to(32) + 4, two_to(32) + 4}));
  CHECK(invalid_argument([&] { return ag::diag(x, lowest); }) ==
        too_many("diag", {largest, largest}));
  const V wide = ones({two_to(59)});
  CHECK(invalid_argument([&] {
          return ag::concatenate({wide, wide});
        }) == too_many("concatenate", {big}));
  CHECK(invalid_argument([&] {
          return ag::stack({wide, wide});
        }) == too_many("stack", {2, two_to(59)}));
  CHECK(invalid_argument([&] { return ag::outer(wide, x); }) == too_many("outer", {two_to(59), 4}));
  CHECK(invalid_argument([&] { return ag::kron(wide, x); }) == too_many("kron", {two_to(59), 4}));
  CHECK(invalid_argument([&] { return ag::expand_dims(wide, 1) + x; }) ==
        too_many("add", {two_to(59), 4}));
  CHECK(invalid_argument([&] {
          return ag::take(ag::expand_dims(wide, 1), xt::xarray<Index>{0, 0}, 1);
        }) == too_many("take", {two_to(59), 2}));
  CHECK(invalid_argument([&] {
          return ag::einsum("i,j->ij", {ones({two_to(40)}), ones({two_to(40)})});
        }) == too_many("einsum", {two_to(40), two_to(40)}));
  CHECK(invalid_argument([&] {
          return ag::tensordot(ones({two_to(40)}), ones({two_to(40)}), 0);
        }) == too_many("tensordot", {two_to(40), two_to(40)}));
  CHECK(invalid_argument([&] {
          return ag::correlate2d(m, m, {.padding = {1, largest}});
        }) == too_many("correlate2d", {4, largest}));
  CHECK(invalid_argument([&] {
          return V(xt::zeros<double>({two_to(40), two_to(40)}));
        }) == too_many("Var", {two_to(40), two_to(40)}));
  const auto f = [&](const V& y) { return ag::broadcast_to(y[0], {two_to(59)}); };
  CHECK(invalid_argument([&] {
          return ag::jacobian(f)(A{1, 2});
        }) == too_many("jacobian", {two_to(59), 2}));
  CHECK(invalid_argument([&] { return ag::jacobian(f)(vector()); }) ==
        too_many("jacobian", {two_to(59), 4}));
  CHECK(invalid_argument([&] { return ag::evaluate(f)(A{1}); }) ==
        too_many("evaluate", {two_to(59)}));
}

TEST_CASE("of arrays that repeat elements without end only views are taken", "[ops][errors]") {
  const ag::Trace trace;
  const Index n = two_to(50);
  const V x = 3, wide = ag::broadcast_to(x, {n});
  CHECK(ag::sum(ag::view(wide, xt::range(n - 3, n))).item() == 9);
  CHECK(wide[-1].item() == 3);
  CHECK(ag::reshape(ag::view(wide, xt::range(0, 4)), {2, 2}).shape(1) == 2);
  CHECK(ag::flip(ag::expand_dims(wide, 0)).shape(1) == n);
  std::ostringstream text;
  text << wide;
  CHECK(text.str().find("Var<double> (1125899906842624,) {3, 3, 3") == 0);
  {
    const ag::FiniteGuard guard;
    CHECK(ag::broadcast_to(x, {n}).shape(0) == n);
  }
  const auto f = [&](const V& y) {
    return ag::sum(ag::view(ag::broadcast_to(y, {n}), xt::range(5, 8)));
  };
  CHECK(ag::grad(f)(2.0) == 3);
  CHECK(ag::grad(f)(x).item() == 3);

  const auto refused = [&](const std::string& op, auto f) {
    CHECK(invalid_argument([&] { return f(wide); }) == too_many(op, {n}));
  };
  refused("sum", [](const V& v) { return ag::sum(v); });
  refused("sum", [](const V& v) { return ag::sum(ag::exp(v) * v); });
  refused("norm", [](const V& v) { return ag::norm(v); });
  refused("norm", [](const V& v) { return ag::norm(v, 1); });
  refused("max", [](const V& v) { return ag::max(v); });
  refused("logsumexp", [](const V& v) { return ag::logsumexp(v); });
  refused("mean", [](const V& v) { return ag::mean(v); });
  refused("std", [](const V& v) { return ag::std(v); });
  refused("var", [](const V& v) { return ag::var(v); });
  refused("prod", [](const V& v) { return ag::prod(v); });
  refused("softmax", [](const V& v) { return ag::softmax(v); });
  refused("any", [](const V& v) { return ag::any(v); });
  refused("argmax", [](const V& v) { return ag::argmax(v); });
  refused("cumsum", [](const V& v) { return ag::cumsum(v); });
  refused("cumprod", [](const V& v) { return ag::cumprod(v); });
  refused("diff", [](const V& v) { return ag::diff(v); });
  refused("exp", [](const V& v) { return ag::exp(v).value(); });
  refused("value", [](const V& v) { return v.value(); });
  refused("iteration", [](const V& v) { return v.begin(); });
  refused("roll", [](const V& v) { return ag::roll(v, 1); });
  refused("set", [](const V& v) { return ag::set(v, 0, 1.0); });
  refused("add_at", [](const V& v) { return ag::add_at(v, 0, 1.0); });
  refused("matmul", [](const V& v) { return ag::dot(v, v); });
  refused("kron", [](const V& v) { return ag::kron(v, 2.0); });
  refused("tensordot", [](const V& v) { return ag::tensordot(v, v, 1); });
  refused("einsum", [](const V& v) { return ag::einsum("i->", {v}); });
  const V image = ag::expand_dims(wide, 0);
  CHECK(invalid_argument([&] { return ag::correlate2d(image, V(single(1))); }) ==
        too_many("correlate2d", {1, n}));
  CHECK(invalid_argument([&] { return ag::max_pool2d(image, 1); }) ==
        too_many("max_pool2d", {1, n}));
  CHECK(invalid_argument([&] { return ag::triu(image); }) == too_many("triu", {1, n}));
  CHECK(invalid_argument([&] { return ag::tril(image); }) == too_many("tril", {1, n}));
  const V column = ones({1, two_to(31)});
  CHECK(invalid_argument([&] { return ag::matmul(column, ag::transpose(column)); }) ==
        "matmul: BLAS takes axes of at most 2147483647: a has shape (1, 2147483648), b has shape "
        "(2147483648, 1)");
}

TEST_CASE("nothing is done for arrays without elements, however long", "[ops][extents]") {
  const ag::Trace trace;
  const Index n = two_to(50);
  const V none = ag::broadcast_to(V(A::from_shape({1, 0, 3})), {n, 0, 3});
  CHECK(ag::cumsum(none, 0).shape(0) == n);
  CHECK(ag::cumprod(none, 0).shape(0) == n);
  CHECK(ag::matmul(none, ag::transpose(none, {0, 2, 1})).shape(0) == n);
  CHECK(ag::sum(none, {.axis = 0}).size() == 0);
  CHECK(ag::sum(none).item() == 0);
}

TEST_CASE("slices: the largest and the lowest numbers", "[ops][extents]") {
  const ag::Trace trace;
  const V x = vector();
  const auto shown = [&](auto slice) { return A(ag::view(x, slice).value()); };
  CHECK((shown(xt::range(0, 3, largest)) == A{1}));
  CHECK((shown(xt::range(3, 0, lowest)) == A{4}));
  CHECK((shown(xt::range(3, 0, -largest)) == A{4}));
  CHECK((shown(xt::range(lowest, largest, 1)) == A{1, 2, 3, 4}));
  CHECK((shown(xt::range(largest, lowest, -1)) == A{4, 3, 2, 1}));
  CHECK((shown(xt::range(largest, lowest, lowest)) == A{4}));
  CHECK(shown(xt::range(largest, largest, largest)).size() == 0);
  CHECK((ag::set(x, xt::range(0, 3, largest), 7.0).value() == A{7, 2, 3, 4}));
  CHECK((ag::add_at(x, xt::range(3, 0, lowest), 7.0).value() == A{1, 2, 3, 11}));
  const V corner = ag::view(matrix(), xt::range(1, 2, largest), xt::range(2, 0, lowest));
  CHECK((ag::flip(corner).value() == single(6)));
  CHECK((ag::matmul(corner, corner).value() == single(36)));
  const auto f = [](const V& v) { return ag::square(ag::view(v, xt::range(1, 3, largest)))[0]; };
  CHECK((ag::grad(f)(A{1, 2, 3, 4}) == A{0, 4, 0, 0}));
  CHECK((ag::roll(x, lowest).value() == A{1, 2, 3, 4}));
  CHECK((ag::roll(x, largest).value() == A{2, 3, 4, 1}));
  CHECK(ag::diagonal(matrix(), lowest).size() == 0);
  CHECK(ag::trace(matrix(), largest).item() == 0);
  CHECK((ag::triu(matrix(), lowest).value() == matrix().value()));
  CHECK((ag::correlate2d(matrix(), V(single(2)), {.stride = largest}).value() == single(2)));
  CHECK((ag::max_pool2d(matrix(), 1, largest).value() == single(1)));
  CHECK(out_of_range([&] { return ag::view(x, ~std::size_t{0}); }) ==
        "view: index 9223372036854775807 is out of range for axis 0: the operand has shape (4,)");
  CHECK(out_of_range([&] { return ag::view(x, lowest); }) ==
        "view: index -9223372036854775808 is out of range for axis 0: the operand has shape (4,)");
  CHECK(out_of_range([&] {
          return ag::take(x, xt::xarray<std::size_t>{0, ~std::size_t{0}});
        }) == "take: index 9223372036854775807 is out of range: the operand has shape (4,)");
  const ag::Slice nowhere{ag::Slice::index};
  const std::span<const ag::Slice> slices(&nowhere, 1);
  CHECK(invalid_argument([&] { return ag::view(x, slices); }) ==
        "view: a slice of one place does not say which");
  CHECK(invalid_argument([&] { return ag::set(x, slices, V(1)); }) ==
        "set: a slice of one place does not say which");
  CHECK(invalid_argument([&] { return ag::add_at(x, slices, V(1)); }) ==
        "add_at: a slice of one place does not say which");
}

// ---- random extents

namespace {

using Wide = __int128;
using Shape = std::vector<Wide>;

/// An operation on extents chosen at random, and the shape that it must give if it gives one.
struct Attempt {
  const char* name;
  std::function<V()> make;
  Shape shape;
};

class Extents {
 public:
  explicit Extents(unsigned seed) : random_(seed) {}

  Index operator()() {
    static const std::vector<Index> all = {
        0,          1,          2,       3,        5,      -1,          -2,         two_to(45),
        two_to(59), two_to(60), largest, -largest, lowest, largest - 1, two_to(31), 1000003};
    // Arrays of the last two would be made where operator new cannot refuse them.
    return all[random_() % (all.size() - (allocations::counted ? 0 : 2))];
  }
  /// For arrays that are not made: no work is done for the sizes that are not refused.
  Index of_view() {
    static const std::vector<Index> all = {0, 1, 2, 3, two_to(41), two_to(50), two_to(59)};
    return all[random_() % all.size()];
  }
  int operator()(int below) { return static_cast<int>(random_() % unsigned(below)); }

 private:
  std::mt19937 random_;
};

Wide magnitude(Wide x) { return x < 0 ? -x : x; }

/// The number of places of a slice, by the rules of Python.
Wide length_of_range(Wide start, Wide stop, Wide step, Wide extent) {
  const Wide low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
  const auto clipped = [&](Wide at) {
    return std::clamp<Wide>(at < 0 ? at + extent : at, low, high);
  };
  const Wide distance = (step > 0 ? 1 : -1) * (clipped(stop) - clipped(start));
  return distance <= 0 ? 0 : (distance + magnitude(step) - 1) / magnitude(step);
}

/// The extent of a correlation of an image with a kernel of 2 places.
Wide length_of_correlation(Wide image, Wide zeros, Wide stride) {
  return (image + 2 * zeros - 2) / stride + 1;
}

/// An extent of -1 is what the others leave of so many elements.
Shape resolved(Shape shape, Wide elements) {
  Wide known = 1;
  for (Wide extent : shape) known *= extent == -1 ? 1 : std::min<Wide>(magnitude(extent), 1000);
  for (Wide& extent : shape) {
    if (extent == -1 && known != 0) extent = elements / known;
  }
  return shape;
}

std::vector<Attempt> attempts(Extents& pick) {
  const V x = vector(), m = matrix(), none = A::from_shape({0, 3});
  const Index a = pick(), b = pick(), c = pick(), d = pick(), u = pick.of_view(),
              w = pick.of_view();
  const ag::Pad mode = std::array{ag::Pad::constant, ag::Pad::edge, ag::Pad::reflect}[pick(3)];
  const int axis = pick(2);
  const V kernel = A{{1, 2}, {3, 4}};
  const auto sum_of_view = [=](auto f) { return [=] { return f(ones({u, w})); }; };
  return {
      {"repeat", [=] { return ag::repeat(m, a, 1); }, {2, Wide(3) * a}},
      {"repeat none", [=] { return ag::repeat(none, a, 0); }, {0, 3}},
      {"tile",
       [=] {
         return ag::tile(m, {a, b, c});
       },
       {a, Wide(2) * b, Wide(3) * c}},
      {"pad",
       [=] {
         return ag::pad(m, {{a, b}, {c, d}}, mode);
       },
       {Wide(2) + a + b, Wide(3) + c + d}},
      {"broadcast_to",
       [=] {
         return ag::broadcast_to(x, {a, b, 4});
       },
       {a, b, 4}},
      {"reshape",
       [=] {
         return ag::reshape(m, {a, b, c});
       },
       resolved({a, b, c}, 6)},
      {"reshape none",
       [=] {
         return ag::reshape(none, {a, b, c});
       },
       resolved({a, b, c}, 0)},
      {"view",
       [=] { return ag::view(x, xt::range(a, b, c)); },
       {length_of_range(a, b, c ? c : 1, 4)}},
      {"view of many",
       [=] { return ag::view(ones({u}), xt::range(a, b, c)); },
       {length_of_range(a, b, c ? c : 1, u)}},
      {"view index", [=] { return ag::view(m, a); }, {3}},
      {"set", [=] { return ag::set(x, xt::range(a, b, c), 1.0); }, {4}},
      {"add_at", [=] { return ag::add_at(m, xt::range(a, b, c), d, 1.0); }, {2, 3}},
      {"diag", [=] { return ag::diag(x, a); }, {4 + magnitude(a), 4 + magnitude(a)}},
      {"diagonal",
       [=] { return ag::diagonal(m, a); },
       {std::max<Wide>(0,
                       std::min<Wide>(2 - std::max<Wide>(0, -Wide(a)), 3 - std::max<Wide>(0, a)))}},
      {"triu", [=] { return ag::triu(m, a) + ag::tril(m, b); }, {2, 3}},
      {"roll", [=] { return ag::roll(m, a, 1); }, {2, 3}},
      {"take",
       [=] {
         return ag::take(m, xt::xarray<Index>{a, b, c}, 1);
       },
       {2, 3}},
      {"take of many",
       [=] {
         return ag::take(ones({1, u}), xt::xarray<Index>{a, 0}, 1);
       },
       {1, 2}},
      {"split", [=] { return ag::split(x, a)[0]; }, {a == 0 ? 0 : 4 / a}},
      {"expand_dims", [=] { return ag::expand_dims(x, a); },
       a == 0 || a == -2 ? Shape{1, 4} : Shape{4, 1}},
      {"flip",
       [=] {
         return ag::flip(ones({u, w}), axis);
       },
       {u, w}},
      {"concatenate",
       [=] {
         return ag::concatenate({ones({u, 3}), ones({w, 3})});
       },
       {Wide(u) + w, 3}},
      {"stack",
       [=] {
         return ag::stack({ones({u, w}), ones({u, w})}, 1);
       },
       {u, 2, w}},
      {"add",
       [=] {
         return ones({u, 1}) + ones({w});
       },
       {u, w}},
      {"outer", [=] { return ag::outer(ones({u}), ones({w})); }, {u, w}},
      {"matmul",
       [=] {
         return ag::matmul(ones({2, u}), ones({u, 3}));
       },
       {2, 3}},
      {"matmul of stacks",
       [=] {
         return ag::matmul(ones({u, 2, w}), ones({u, w, 3}));
       },
       {u, 2, 3}},
      {"tensordot",
       [=] {
         return ag::tensordot(ones({u, 2}), ones({w}), 0);
       },
       {u, 2, w}},
      {"einsum",
       [=] {
         return ag::einsum("ij,jk->ik", {ones({u, w}), ones({w, 2})});
       },
       {u, 2}},
      {"correlate2d",
       [=] {
         return ag::correlate2d(m, kernel, {.stride = {a, b}, .padding = {c, d}});
       },
       {length_of_correlation(2, c, a ? a : 1), length_of_correlation(3, d, b ? b : 1)}},
      {"same",
       [=] { return ag::correlate2d(m, kernel, {.stride = a, .padding = ag::Padding::same}); },
       {a == 1 ? 2 : 1, a == 1   ? 3
                        : a == 2 ? 2
                                 : 1}},
      {"max_pool2d",
       [=] {
         return ag::max_pool2d(m, {1, 2}, {a, b});
       },
       {a == 1 ? 2 : 1, b == 1 ? 2 : 1}},
      {"sum", sum_of_view([](const V& v) { return ag::sum(v, {.axis = 1}); }), {u}},
      {"max", sum_of_view([](const V& v) { return ag::max(ag::exp(v), {.axis = 0}); }), {w}},
      {"cumsum", sum_of_view([](const V& v) { return ag::cumsum(v, 0); }), {u, w}},
      {"diff",
       sum_of_view([](const V& v) { return ag::diff(v, 2); }),
       {u, std::max<Wide>(0, Wide(w) - 2)}},
      {"mean", sum_of_view([](const V& v) { return ag::mean(v); }), {}},
  };
}

bool has_shape(const V& y, const Shape& expected) {
  return std::ranges::equal(y.shape(), expected, [](Index a, Wide b) { return Wide(a) == b; });
}

/// "" or what went wrong.
std::string outcome(const Attempt& attempt) {
  const allocations::Shortage shortage(~std::size_t{0}, std::size_t{1} << 24);
  try {
    const V y = attempt.make();
    if (!has_shape(y, attempt.shape)) return "gives the shape " + ag::to_string(y.shape());
    if (y.size() <= 1000) static_cast<void>(ag::sum(y).item());
    return "";
  } catch (const std::invalid_argument&) {
  } catch (const std::out_of_range&) {
  } catch (const std::bad_alloc& error) {
  } catch (const std::exception& error) {
    return std::string("throws ") + error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("random extents", "[ops][extents]") {
  Extents pick(1);
  for (int round = 0; round < 3000; ++round) {
    const ag::Trace trace;
    for (const Attempt& attempt : attempts(pick)) {
      const std::string wrong = outcome(attempt);
      INFO("round " << round << ", " << attempt.name);
      REQUIRE(wrong == "");
    }
  }
}
