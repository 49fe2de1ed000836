/// Putting arrays together: concatenation, repetition, padding, triangles.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

void check_joinable(const char* op, std::span<const V> arrays, int axis) {
  const std::span<const Index> first = arrays[0].shape();
  for (const V& array : arrays) {
    Dims a(first), b(array.shape());
    const bool same_rank = a.size() == b.size();
    if (same_rank && axis >= 0) a[axis] = b[axis] = 0;
    if (!same_rank || !same(a, b)) {
      fail(op, "shapes differ: one array has shape {}, another has shape {}", to_string(first),
           to_string(array.shape()));
    }
  }
}

V mask_of_triangle(const char* op, const V& x, bool (*inside)(Index row, Index column, Index k),
                   Index k) {
  const Index rows = x.shape(-2), columns = x.shape(-1);
  V mask;
  T* data = detail::new_constant(std::span<const Index>(Dims{rows, columns}), mask, op);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) *data++ = inside(i, j, k) ? 1 : 0;
  }
  return mask;
}

Index modulo(Index a, Index b) { return (a % b + b) % b; }

/// For each place of a padded axis, the place of the array whose element it repeats.
xt::xarray<Index> padded_places(Index extent, std::pair<Index, Index> width, Pad mode) {
  auto places = xt::xarray<Index>::from_shape(
      {static_cast<std::size_t>(width.first + extent + width.second)});
  const Index period = std::max<Index>(1, 2 * (extent - 1));
  for (Index i = 0; i < static_cast<Index>(places.size()); ++i) {
    const Index at = i - width.first;
    if (mode == Pad::edge) {
      places(i) = std::clamp<Index>(at, 0, extent - 1);
    } else if (mode == Pad::wrap) {
      places(i) = modulo(at, extent);
    } else if (mode == Pad::symmetric) {
      const Index turned = modulo(at, 2 * extent);
      places(i) = std::min(turned, 2 * extent - 1 - turned);
    } else {
      const Index turned = modulo(at, period);
      places(i) = extent == 1 ? 0 : std::min(turned, period - turned);
    }
  }
  return places;
}

V pad_constant(const V& x, const Widths& width, const Dims& shape, T value) {
  const Layout* whole = tape().row_major(shape, "pad");
  Index offset = 0;
  for (int axis = 0; axis < shape.size(); ++axis) {
    offset += width[axis].first * whole->strides[axis];
  }
  const Layout* inner = make_layout(tape().arena, x.shape(), whole->steps());
  return surround<T>("pad", whole, {x, inner, offset, nullptr}, value);
}

/// Puts arrays, whose shapes differ along that axis only, one after the other.
V joined(const char* op, std::span<const V> arrays, int along) {
  Dims shape(arrays[0].shape());
  shape[along] = 0;
  for (const V& array : arrays) shape[along] = saturated_sum(shape[along], array.shape(along));
  const Layout* whole = tape().row_major(shape, op);
  auto* parts = tape().arena.take<PlacedView<T>>(arrays.size());
  Index from = 0;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const Layout* layout = make_layout(tape().arena, arrays[i].shape(), whole->steps());
    parts[i] = {arrays[i], layout, from * whole->strides[along],
                i + 1 < arrays.size() ? parts + i + 1 : nullptr};
    from += arrays[i].shape(along);
  }
  return scatter_views<T>(op, whole, parts, true);
}

/// The parts of an axis that begin at its start and at the places.
std::vector<V> divided(const V& x, int along, const Dims& places) {
  std::vector<Slice> slices(static_cast<std::size_t>(along) + 1);
  std::vector<V> result;
  Index from = 0;
  for (Index place : places) {
    slices.back() = {Slice::range, from, place};
    result.push_back(view(x, std::span<const Slice>(slices)));
    from = place;
  }
  slices.back() = {Slice::range, from};
  result.push_back(view(x, std::span<const Slice>(slices)));
  return result;
}

}  // namespace

V joined_along(const char* op, std::span<const V> arrays, Index axis) {
  if (arrays.empty()) fail(op, "no arrays are given");
  const int along = normalize_axis(op, axis, arrays[0].shape());
  check_joinable(op, arrays, along);
  return joined(op, arrays, along);
}

V concatenate(std::span<const V> arrays, Index axis) {
  return joined_along("concatenate", arrays, axis);
}
V concatenate(std::initializer_list<V> arrays, Index axis) {
  return concatenate(std::span<const V>(arrays.begin(), arrays.size()), axis);
}

V stack(std::span<const V> arrays, Index axis) {
  if (arrays.empty()) fail("stack", "no arrays are given");
  check_joinable("stack", arrays, -1);
  const int along = normalize_new_axis("stack", axis, arrays[0].shape());
  Dims shape(arrays[0].shape());
  shape.insert(along, static_cast<Index>(arrays.size()));
  element_count(shape, "stack");
  std::vector<V> expanded;
  for (const V& array : arrays) expanded.push_back(expand_dims(array, along));
  return joined("stack", expanded, along);
}
V stack(std::initializer_list<V> arrays, Index axis) {
  return stack(std::span<const V>(arrays.begin(), arrays.size()), axis);
}

std::vector<V> split(const V& x, const Sections& sections, Index axis) {
  const int along = normalize_axis("split", axis, x.shape());
  if (sections.places) return divided(x, along, *sections.places);
  const Index extent = x.shape(along), parts = sections.parts;
  if (parts < 1 || extent % parts != 0) {
    fail("split", "axis {} does not divide into {} equal parts: the operand has shape {}", axis,
         parts, to_string(x.shape()));
  }
  std::vector<Slice> slices(static_cast<std::size_t>(along) + 1);
  std::vector<V> result;
  result.reserve(static_cast<std::size_t>(parts));
  for (Index i = 0; i < parts; ++i) {
    slices.back() = {Slice::range, i * (extent / parts), (i + 1) * (extent / parts)};
    result.push_back(view(x, std::span<const Slice>(slices)));
  }
  return result;
}

namespace {

V rolled(const V& x, Index shift, int along) {
  const Index extent = x.shape(along);
  if (extent == 0) return x;
  const Index cut = (extent - shift % extent) % extent;
  std::vector<Slice> head(static_cast<std::size_t>(along) + 1), tail(head);
  head.back() = {Slice::range, 0, cut};
  tail.back() = {Slice::range, cut, extent};
  const V parts[] = {view(x, std::span<const Slice>(tail)), view(x, std::span<const Slice>(head))};
  return joined("roll", parts, along);
}

}  // namespace

V roll(const V& x, const Extents& shift, const Axes& axis) {
  if (!axis) return reshape(roll(ravel(x), shift, 0), Extents(x.shape()));
  const int axes = axis->size(), shifts = shift.size(), turns = std::max(axes, shifts);
  if ((axes != turns && axes != 1) || (shifts != turns && shifts != 1)) {
    fail("roll", "{} shifts are given for {} axes", shifts, axes);
  }
  V result = x;
  for (int i = 0; i < turns; ++i) {
    const int along = normalize_axis("roll", (*axis)[axes == 1 ? 0 : i], x.shape());
    result = rolled(result, shift[shifts == 1 ? 0 : i], along);
  }
  return result;
}

V repeat(const V& x, Index count, std::optional<Index> axis) {
  if (!axis) return repeat(ravel(x), count, 0);
  if (count < 0) fail("repeat", "count {} is negative", count);
  const int along = normalize_axis("repeat", *axis, x.shape());
  Dims shape(x.shape()), joined(x.shape());
  shape.insert(along + 1, count);
  joined[along] = saturated_product(joined[along], count);
  check_work("repeat", joined);
  element_count(shape, "repeat");
  return reshaped(broadcast_to(expand_dims(x, along + 1), shape), joined, "repeat");
}

V tile(const V& x, const Extents& counts) {
  const int rank = std::max(counts.size(), static_cast<int>(x.dimension()));
  const auto from_end = [&](std::span<const Index> list, int axis) {
    const int at = axis - (rank - static_cast<int>(list.size()));
    return at < 0 ? 1 : list[static_cast<std::size_t>(at)];
  };
  Dims shape;
  for (int axis = 0; axis < rank; ++axis) {
    const Index count = from_end(counts, axis);
    if (count < 0) fail("tile", "count {} is negative", count);
    shape.push(saturated_product(count, from_end(x.shape(), axis)));
  }
  check_work("tile", shape);
  Dims extended, repeated;
  for (int axis = 0; axis < rank; ++axis) {
    const Index count = from_end(counts, axis), extent = from_end(x.shape(), axis);
    if (count != 1) {
      extended.push(1);
      repeated.push(count);
    }
    extended.push(extent);
    repeated.push(extent);
  }
  element_count(repeated, "tile");
  return reshaped(broadcast_to(reshaped(x, extended, "tile"), repeated), shape, "tile");
}

V pad(const V& x, const Widths& width, Pad mode, T value) {
  const std::size_t rank = static_cast<std::size_t>(x.dimension());
  const Widths all = width.size() == 1 ? Widths(rank, width[0]) : width;
  if (all.size() != rank) {
    fail("pad", "{} widths given: the operand has shape {}", width.size(), to_string(x.shape()));
  }
  for (const auto& [before, after] : all) {
    if (before < 0 || after < 0) fail("pad", "width ({}, {}) is negative", before, after);
  }
  Dims shape(x.shape());
  for (int axis = 0; axis < shape.size(); ++axis) {
    shape[axis] = saturated_sum(shape[axis], saturated_sum(all[axis].first, all[axis].second));
  }
  check_work("pad", shape);
  if (mode == Pad::constant) return pad_constant(x, all, shape, value);
  V result = x;
  for (Index axis = 0; axis < x.dimension(); ++axis) {
    if (all[axis].first == 0 && all[axis].second == 0) continue;
    if (x.shape(axis) == 0) {
      fail("pad", "axis {} is empty: only the mode constant can pad it: the operand has shape {}",
           axis, to_string(x.shape()));
    }
    result = take(result, padded_places(x.shape(axis), all[axis], mode), axis);
  }
  return result;
}

V diag(const V& x, Index k) {
  if (x.dimension() == 2) return diagonal(x, k);
  if (x.dimension() != 1) {
    fail("diag", "takes a vector or a matrix: the operand has shape {}", to_string(x.shape()));
  }
  const Index n = saturated_sum(x.size(), std::abs(std::max(k, -PTRDIFF_MAX)));
  const Layout* whole = make_row_major(tape().arena, Dims{n, n}, "diag");
  const Layout* line = make_layout(tape().arena, x.shape(), Dims{n + 1});
  const PlacedView<T> part{x, line, k >= 0 ? k : -k * n, nullptr};
  return scatter_views<T>("diag", whole, &part);
}

V triu(const V& x, Index k) {
  check_matrix("triu", x.shape());
  check_work("triu", x.shape());
  return where(mask_of_triangle(
                   "triu", x, [](Index i, Index j, Index k) { return j - i >= k; }, k),
               x, 0);
}
V tril(const V& x, Index k) {
  check_matrix("tril", x.shape());
  check_work("tril", x.shape());
  return where(mask_of_triangle(
                   "tril", x, [](Index i, Index j, Index k) { return j - i <= k; }, k),
               x, 0);
}

}  // namespace autograd
