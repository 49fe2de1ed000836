/// Sorting and what follows from it: places in sorted arrays, quantiles, interpolation. Places are
/// found in values; elements are then taken from there, so the gradient goes back there.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

/// NaN is larger than all numbers.
bool comes_before(T a, T b) { return a < b || (!std::isnan(a) && std::isnan(b)); }

/// Orders places by the elements of a row there, and equal elements by their places.
struct ByElement {
  const T* row;
  bool operator()(Index i, Index k) const {
    if (comes_before(row[i], row[k])) return true;
    return i < k && !comes_before(row[k], row[i]);
  }
};
/// The same for rows without NaN.
struct ByNumber {
  const T* row;
  bool operator()(Index i, Index k) const { return row[i] < row[k] || (row[i] == row[k] && i < k); }
};

/// The place of the first NaN, or n.
Index first_nan(const T* row, Index n) {
  return std::find_if(row, row + n, [](T each) { return std::isnan(each); }) - row;
}

/// An array whose elements along an axis are the rows of a matrix.
struct Rows {
  V matrix;
  Dims shape;  ///< of the array with that axis moved to the end
  int axis;

  Rows(const char* op, const V& x, Index of_axis) : axis(normalize_axis(op, of_axis, x.shape())) {
    const V moved = moveaxis(x, axis, -1);
    shape = Dims(moved.shape());
    const Index extent = x.shape(axis), others = extent == 0 ? 0 : x.size() / extent;
    matrix = in_row_major(reshape(moved, {others, extent}), op);
  }
  Index count() const { return matrix.shape(0); }
  Index extent() const { return matrix.shape(1); }
  const T* data(const char* op) const { return tape().value(op, matrix).data; }
};

/// For each row the places of its elements in another order: `order` is given a list of all places,
/// and the row.
template <class Order>
std::vector<Index> ordered_places(const char* op, const Rows& rows, const Order& order) {
  const Index n = rows.extent();
  std::vector<Index> places(static_cast<std::size_t>(rows.count() * n));
  const T* row = rows.data(op);
  for (auto from = places.begin(); from != places.end(); from += n, row += n) {
    std::iota(from, from + n, Index(0));
    order(from, from + n, row);
  }
  return places;
}

using Iterator = std::vector<Index>::iterator;
void sort_places(Iterator from, Iterator to, const T* row) {
  const Index n = to - from;
  first_nan(row, n) == n ? std::sort(from, to, ByNumber{row}) : std::sort(from, to, ByElement{row});
}
auto part_places(Index kth) {
  return [kth](Iterator from, Iterator to, const T* row) {
    std::nth_element(from, from + kth, to, ByElement{row});
  };
}

/// The elements at places of their rows.
V taken(const Rows& rows, std::vector<Index> places) {
  const Index n = rows.extent();
  for (std::size_t i = 0; i < places.size(); ++i) places[i] += static_cast<Index>(i) / n * n;
  const V elements = take_at(ravel(rows.matrix), 0, places);
  return moveaxis(reshape(elements, rows.shape), -1, rows.axis);
}

/// Places of rows as an array of the shape of x.
xt::xarray<Index> as_array(const V& x, const Rows& rows, const std::vector<Index>& places) {
  const std::vector<std::size_t> shape(x.shape().begin(), x.shape().end());
  auto result = xt::xarray<Index>::from_shape(shape);
  Index after = 1;
  for (Index axis = rows.axis + 1; axis < x.dimension(); ++axis) after *= x.shape(axis);
  const Index n = rows.extent();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Index row = static_cast<Index>(i) / n, column = static_cast<Index>(i) % n;
    result.data()[(row / after * n + column) * after + row % after] = places[i];
  }
  return result;
}

Index checked_kth(const char* op, Index kth, const Rows& rows) {
  const Index n = rows.extent();
  if (kth < -n || kth >= n) {
    fail<std::out_of_range>(op, "there is no element number {} among {}", kth, n);
  }
  return kth < 0 ? kth + n : kth;
}

}  // namespace

V sort(const V& x, std::optional<Index> axis) {
  if (!axis) return sort(ravel(x), 0);
  const Rows rows("sort", x, *axis);
  return taken(rows, ordered_places("sort", rows, sort_places));
}
xt::xarray<Index> argsort(const V& x, std::optional<Index> axis) {
  if (!axis) return argsort(ravel(x), 0);
  const Rows rows("argsort", x, *axis);
  return as_array(x, rows, ordered_places("argsort", rows, sort_places));
}
V partition(const V& x, Index kth, std::optional<Index> axis) {
  if (!axis) return partition(ravel(x), kth, 0);
  const Rows rows("partition", x, *axis);
  const auto part = part_places(checked_kth("partition", kth, rows));
  return taken(rows, ordered_places("partition", rows, part));
}
xt::xarray<Index> argpartition(const V& x, Index kth, std::optional<Index> axis) {
  if (!axis) return argpartition(ravel(x), kth, 0);
  const Rows rows("argpartition", x, *axis);
  const auto part = part_places(checked_kth("argpartition", kth, rows));
  return as_array(x, rows, ordered_places("argpartition", rows, part));
}

namespace {

/// The elements of a vector, one after the other.
std::span<const T> elements(const char* op, const char* name, const V& x) {
  if (x.dimension() != 1) fail(op, "{} is a vector: it has shape {}", name, to_string(x.shape()));
  return {tape().value(op, in_row_major(x, op)).data, static_cast<std::size_t>(x.size())};
}

/// For each element of v the number of elements of a, which is sorted, that come before it.
xt::xarray<Index> places_among(const char* op, std::span<const T> a, const V& v, Side side) {
  const std::vector<std::size_t> shape(v.shape().begin(), v.shape().end());
  auto result = xt::xarray<Index>::from_shape(shape);
  const T* next = tape().value(op, in_row_major(v, op)).data;
  std::for_each(result.data(), result.data() + result.size(), [&](Index& place) {
    const auto at = side == Side::left ? std::ranges::lower_bound(a, *next++, comes_before)
                                       : std::ranges::upper_bound(a, *next++, comes_before);
    place = at - a.begin();
  });
  return result;
}

/// Counts instead of stopping at the first that is not: that is done in SIMD batches.
bool all_finite(std::span<const T> x) {
  const auto is_finite = [](T each) { return std::abs(each) <= std::numeric_limits<T>::max(); };
  return std::ranges::count_if(x, is_finite) == std::ssize(x);
}

/// The line through two points at x, which lies between them, if one of them is infinite. Where it
/// has no slope for that reason it is flat at the first point and between equal points; elsewhere
/// the end counts that gives a number or an infinity.
V line_to_infinity(const V& x, const V& x0, const V& f0, const V& x1, const V& f1) {
  const V rise = (f1 - f0) / (x1 - x0), flat = logical_or(x == x0, f0 == f1);
  const V slope = where(flat * logical_not(isfinite(rise)), 0, rise);
  const V from_left = f0 + slope * (x - x0);
  return where(isnan(from_left), f1 + slope * (x - x1), from_left);
}

}  // namespace

xt::xarray<Index> searchsorted(const V& a, const V& v, Side side) {
  return places_among("searchsorted", elements("searchsorted", "a", a), v, side);
}

xt::xarray<Index> digitize(const V& x, const V& bins, Flag right) {
  const std::span<const T> edges = elements("digitize", "bins", bins);
  const Side side = right ? Side::left : Side::right;
  if (std::ranges::is_sorted(edges, comes_before)) return places_among("digitize", edges, x, side);
  const std::vector<T> rising(edges.rbegin(), edges.rend());
  if (!std::ranges::is_sorted(rising, comes_before)) fail("digitize", "the bins must rise or fall");
  return bins.size() - places_among("digitize", rising, x, side);
}

V unwrap(const V& x, const Unwrap& options) {
  const int axis = normalize_axis("unwrap", options.axis, x.shape());
  const T period = static_cast<T>(options.period), half = period / 2;
  const T discont = static_cast<T>(options.discont.value_or(options.period / 2));
  const V jumps = diff(stop_gradient(x), 1, axis);
  const V folded = mod(jumps + half, period) - half;
  const V step = where((folded == -half) * (jumps > 0), half, folded);  // up stays up
  const V correction = cumsum(where(abs(jumps) < discont, 0, step - jumps), axis);
  Widths width(static_cast<std::size_t>(x.dimension()));
  width[static_cast<std::size_t>(axis)].first = x.shape(axis) > 0 ? 1 : 0;
  return x + pad(correction, width);
}

V interp(const V& x, const V& xp, const V& fp, const std::optional<V>& left,
         const std::optional<V>& right) {
  const std::span<const T> points = elements("interp", "xp", xp);
  if (points.empty() || !same(xp.shape(), fp.shape())) {
    fail("interp", "takes two vectors of one length, not empty: xp has shape {}, fp has shape {}",
         to_string(xp.shape()), to_string(fp.shape()));
  }
  const auto falls = [](T a, T b) { return !(a <= b); };  // NaN, too
  if (std::ranges::adjacent_find(points, falls) != points.end()) fail("interp", "xp must increase");
  const Index last = xp.size() - 1;
  V y = where(isnan(x), x, fp[last]);
  if (last > 0) {
    const xt::xarray<Index> after = places_among("interp", points, x, Side::right);
    const xt::xarray<Index> from = xt::clip(after - 1, Index(0), last - 1), to = from + 1;
    const V x0 = take(xp, from), f0 = take(fp, from), x1 = take(xp, to), f1 = take(fp, to);
    const bool finite =
        std::isfinite(points.back() - points.front()) && all_finite(elements("interp", "fp", fp));
    const V line =
        finite ? f0 + (f1 - f0) / (x1 - x0) * (x - x0) : line_to_infinity(x, x0, f0, x1, f1);
    y = where(x == xp[last], fp[last], line);
  }
  const V bounded = where(x < xp[0], left.value_or(fp[0]), y);
  return where(x > xp[last], right.value_or(fp[last]), bounded);
}

namespace {

/// Where a quantile stands in a sorted row: between two neighbours, with a weight of the upper one.
struct Position {
  Index lower, upper;
  T weight;
};

Position position(double q, Index n, Between method) {
  const double at = q * static_cast<double>(n - 1), whole = std::floor(at);
  const auto lower = static_cast<Index>(whole);
  const Index upper = std::min(lower + 1, n - 1);
  const double part = at - whole;
  switch (method) {
    case Between::lower:
      return {lower, lower, 0};
    case Between::higher:
      return {part > 0 ? upper : lower, upper, 0};
    case Between::nearest:
      return {static_cast<Index>(std::nearbyint(at)), upper, 0};
    case Between::midpoint:
      return {lower, upper, part > 0 ? T(0.5) : T(0)};
    default:
      return {lower, upper, static_cast<T>(part)};
  }
}

/// For each row, as a place in the matrix, where its elements number `lower` and `upper` in order
/// are, which are equal or follow each other; both times its first NaN, if there is one.
struct Neighbours {
  std::vector<Index> lower, upper;

  Neighbours(const char* op, const Rows& rows, const Position& at) {
    const Index n = rows.extent();
    std::vector<Index> places(static_cast<std::size_t>(n));
    const T* row = rows.data(op);
    for (Index i = 0; i < rows.count(); ++i, row += n) {
      Index below = first_nan(row, n), above = below;
      if (below == n) {
        std::iota(places.begin(), places.end(), Index(0));
        const auto here = places.begin() + at.lower;
        std::nth_element(places.begin(), here, places.end(), ByNumber{row});
        below = above = *here;
        if (at.upper > at.lower) above = *std::min_element(here + 1, places.end(), ByNumber{row});
      }
      lower.push_back(below + i * n);
      upper.push_back(above + i * n);
    }
  }
};

V quantile_of(const char* op, const V& x, double q, const Reduce& over, Between method) {
  if (!(q >= 0 && q <= 1)) fail(op, "there is no such part of the elements: {}", q);
  Dims shape;
  const Rows rows(op, gathered(op, x, over, shape), -1);
  if (rows.extent() == 0) fail(op, "no elements: the operand has shape {}", to_string(x.shape()));
  const Position at = position(q, rows.extent(), method);
  const V flat = ravel(rows.matrix);
  const Neighbours places(op, rows, at);
  const V lower = take_at(flat, 0, places.lower);
  if (at.weight == 0) return reshape(lower, shape);
  const V upper = take_at(flat, 0, places.upper);
  return reshape(lower * (1 - at.weight) + upper * at.weight, shape);
}

}  // namespace

V quantile(const V& x, double q, const Reduce& over, Between method) {
  return quantile_of("quantile", x, q, over, method);
}
V percentile(const V& x, double q, const Reduce& over, Between method) {
  return quantile_of("percentile", x, q / 100, over, method);
}
V median(const V& x, const Reduce& over) {
  Dims shape;
  const V rows = gathered("median", x, over, shape);
  if (rows.shape(-1) > 0) return quantile_of("median", x, 0.5, over, Between::linear);
  return broadcast_to(V(std::numeric_limits<T>::quiet_NaN()), shape);
}

}  // namespace autograd
