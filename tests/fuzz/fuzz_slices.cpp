// view, set and add_at, their gradients and errors, against slices as NumPy defines them, worked
// out element by element.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace ag = autograd;

namespace {

using A = xt::xarray<double>;
using V = ag::Var<double>;
using ag::Index;
using ag::Slice;
using Shape = std::vector<std::size_t>;
using Slices = std::vector<Slice>;

// ---- Random arrays and slices.
A numbered(const Shape& shape, double from) {
  A x = A::from_shape(shape);
  for (std::size_t i = 0; i < x.size(); ++i) x.flat(i) = from + static_cast<double>(i);
  return x;
}

constexpr Index largest = std::numeric_limits<Index>::max();
constexpr Index bounds[] = {
    0,  1,  2,  3,   4,  5,  6, 7,  -1,          -2,       -3,           -4,
    -5, -6, -7, 100, -9, 64, 8, -8, largest - 1, -largest, -largest - 1, largest};

std::optional<Index> some_bound(fuzz::Input& input) {
  if (input.number(0, 3) == 0) return {};
  return input.one_of(bounds);
}

Slice some_slice(fuzz::Input& input) {
  const auto kind = input.number(0, 7);
  if (kind == 0) return {Slice::newaxis};
  if (kind == 1) return {Slice::ellipsis};
  if (kind <= 3) return {Slice::index, input.number(0, 9) == 0 ? input.one_of(bounds) : Index{0}};
  return {Slice::range, some_bound(input), some_bound(input), some_bound(input).value_or(1)};
}

/// An array as it is or, `turned`, as the transpose of another: rows that do not lie in memory.
struct Base {
  A array;
  bool turned;

  A given() const { return turned ? A(xt::transpose(array)) : array; }
  V of(const V& v) const { return turned ? ag::transpose(v) : v; }
};

// ---- What slices show: the places in the array (row-major), in order.
struct Shown {
  Shape shape;
  std::vector<std::size_t> places;
};

/// The indices that a range runs through: those of Python's range(*slice(...).indices(extent)).
std::vector<std::size_t> indices(const Slice& s, std::size_t extent) {
  if (s.step == 0) throw std::invalid_argument("a step of 0");
  using Wide = __int128;  // nothing overflows
  const Wide n = static_cast<Wide>(extent), low = s.step > 0 ? 0 : -1, high = n + low;
  const auto bound = [&](std::optional<Index> at, Wide otherwise) {
    if (!at) return otherwise;
    const Wide from_start = *at < 0 ? *at + n : Wide{*at};
    return std::min(std::max(from_start, low), high);
  };
  const Wide start = bound(s.start, s.step > 0 ? low : high);
  const Wide stop = bound(s.stop, s.step > 0 ? high : low);
  std::vector<std::size_t> list;
  for (Wide i = start; s.step > 0 ? i < stop : i > stop; i += s.step) {
    list.push_back(static_cast<std::size_t>(i));
  }
  return list;
}

std::vector<std::size_t> index(const Slice& s, std::size_t extent) {
  const Index n = static_cast<Index>(extent);
  if (*s.start >= n || *s.start < -n) throw std::out_of_range("no such index");
  return {static_cast<std::size_t>(*s.start < 0 ? *s.start + n : *s.start)};
}

/// One slice for each axis and new axis: the ellipsis, which stands at the end where there is none,
/// is written out.
Slices written_out(const Slices& slices, std::size_t rank) {
  std::size_t ellipses = 0, axes = 0;
  for (const Slice& s : slices) {
    ellipses += s.kind == Slice::ellipsis;
    axes += s.kind == Slice::index || s.kind == Slice::range;
  }
  if (ellipses > 1 || axes > rank) throw std::invalid_argument("too many");
  Slices list;
  for (const Slice& s : slices) {
    if (s.kind == Slice::ellipsis) {
      list.resize(list.size() + rank - axes);
    } else {
      list.push_back(s);
    }
  }
  if (ellipses == 0) list.resize(list.size() + rank - axes);
  return list;
}

Shown shown(const Slices& slices, const Shape& shape) {
  Shown result{{}, {0}};
  std::size_t axis = 0;
  for (const Slice& s : written_out(slices, shape.size())) {
    if (s.kind == Slice::newaxis) {
      result.shape.push_back(1);
      continue;
    }
    const std::size_t extent = shape[axis++];
    const auto along = s.kind == Slice::index ? index(s, extent) : indices(s, extent);
    if (s.kind == Slice::range) result.shape.push_back(along.size());
    std::vector<std::size_t> places;
    for (const std::size_t place : result.places) {
      for (const std::size_t i : along) places.push_back(place * extent + i);
    }
    result.places = places;
  }
  return result;
}

// ---- The checks.
void check_equal(const A& actual, const A& expected, const char* what) {
  fuzz::check(actual.shape() == expected.shape() && actual == expected,
              std::string(what) + " differs");
}

/// x[slices] = value, or += : what a loop makes of it.
A changed(const A& x, const Shown& place, const A& value, bool add) {
  A result = x;
  const A all = xt::broadcast(value, place.shape);
  for (std::size_t i = 0; i < place.places.size(); ++i) {
    double& element = result.flat(place.places[i]);
    element = all.flat(i) + (add ? element : 0);
  }
  return result;
}

void check_view(const Base& base, const Slices& slices, const Shown& place) {
  const A& x = base.array;
  A expected = A::from_shape(place.shape), scattered = xt::zeros_like(x);
  const A weights = numbered(place.shape, 1);
  for (std::size_t i = 0; i < place.places.size(); ++i) {
    expected.flat(i) = x.flat(place.places[i]);
    scattered.flat(place.places[i]) += weights.flat(i);
  }
  const auto f = [&](const V& v) {
    const V part = ag::view(base.of(v), slices);
    check_equal(part.value(), expected, "view");
    return ag::sum(part * weights);
  };
  check_equal(ag::grad(f)(base.given()), Base{scattered, base.turned}.given(),
              "the gradient of view");
}

/// The gradient of sum(weights * set(x, slices, value)) by x and by value; likewise of add_at.
void check_change(const Base& base, const Slices& slices, const Shown& place, const A& value,
                  bool add) {
  const A& x = base.array;
  const A weights = numbered(Shape(x.shape().begin(), x.shape().end()), 1);
  const A expected = changed(x, place, value, add);
  const auto f = [&](const V& v, const V& w) {
    const std::span<const Slice> list(slices);
    const V y = add ? ag::add_at(base.of(v), list, w) : ag::set(base.of(v), list, w);
    check_equal(y.value(), expected, "set or add_at");
    return ag::sum(y * weights);
  };
  const auto [by_x, by_value] = ag::grad(f)(base.given(), value);
  const A kept = add ? weights : changed(weights, place, 0.0, false);
  check_equal(by_x, Base{kept, base.turned}.given(), "the gradient by x");
  A g = A::from_shape(place.shape);
  for (std::size_t i = 0; i < g.size(); ++i) g.flat(i) = weights.flat(place.places[i]);
  double total = 0;
  for (const double element : by_value) total += element;
  fuzz::check(total == xt::sum(g)(), "the gradient by value differs");
  if (value.shape() == g.shape()) check_equal(by_value, g, "the gradient by value");
}

/// A shape that broadcasts to the given one: leading axes left out, extents replaced by 1.
Shape narrowed(const Shape& shape, fuzz::Input& input) {
  const auto from = static_cast<std::ptrdiff_t>(input.number(0, static_cast<Index>(shape.size())) *
                                                input.number(0, 1));
  Shape result(shape.begin() + from, shape.end());
  for (std::size_t& extent : result) {
    if (input.number(0, 3) == 0) extent = 1;
  }
  return result;
}

/// Whether f refuses its arguments.
template <class F>
bool refused(const F& f) {
  try {
    static_cast<void>(f());
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  } catch (const std::out_of_range&) {
    return true;
  }
}

}  // namespace

std::vector<fuzz::Bytes> fuzz::seeds() {
  // Rank, extents, turned, number of slices, for each its kind and numbers.
  return {{1, 5, 0, 1, 4, 1, 1, 1, 4, 1, 1},
          {2, 3, 4, 0, 2, 2, 1, 4, 0, 0, 1, 8},
          {2, 3, 4, 1, 2, 4, 1, 2, 1, 4, 1, 2, 2, 3},
          {3, 2, 3, 4, 0, 3, 1, 0, 4, 0, 0, 1, 9},
          {3, 2, 0, 4, 0, 2, 0, 4, 1, 20, 1, 21, 1, 23},
          {0, 0, 1, 1},
          {4, 2, 2, 2, 2, 1, 4, 2, 1, 2, 1, 4, 1, 22, 1, 22, 1, 22, 4, 0, 0, 0}};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Shape shape(static_cast<std::size_t>(input.number(0, 4)));
  for (std::size_t& extent : shape) extent = static_cast<std::size_t>(input.number(0, 5));
  const Base base{numbered(shape, 1), input.number(0, 1) == 1};
  Slices slices(static_cast<std::size_t>(input.number(0, 5)));
  for (Slice& s : slices) s = some_slice(input);

  Shown place;
  const bool wrong = refused([&] { place = shown(slices, shape); });
  const ag::Trace trace;
  fuzz::check(refused([&] { return ag::view(base.of(V(base.given())), slices); }) == wrong,
              wrong ? "view should have been refused" : "view should not have been refused");
  if (wrong) return 0;
  check_view(base, slices, place);
  const A value = numbered(narrowed(place.shape, input), 100);
  check_change(base, slices, place, value, false);
  check_change(base, slices, place, value, true);
  return 0;
}
