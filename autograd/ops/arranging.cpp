/// Arrays put together, taken apart and turned: compositions of the operations of shapes.cpp and
/// joining.cpp, as in NumPy's own code.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

/// Applies f to each array.
std::vector<V> each(std::span<const V> arrays, V (*f)(const V&)) {
  std::vector<V> result;
  for (const V& array : arrays) result.push_back(f(array));
  return result;
}

V as_column(const V& x) { return x.dimension() < 2 ? reshape(x, {x.size(), 1}) : x; }

std::span<const V> list(std::initializer_list<V> arrays) { return {arrays.begin(), arrays.size()}; }

/// The place before which something is inserted, or which is deleted, counted from the front.
Index checked_place(const char* op, Index place, Index extent, Index end, const V& x) {
  if (place < -extent || place >= end) {
    fail<std::out_of_range>(op, "index {} is out of range: the operand has shape {}", place,
                            to_string(x.shape()));
  }
  return place < 0 ? place + extent : place;
}

/// The values that insert puts before places: one slice for each place, or, before a single one, as
/// many as they are.
V inserted_values(const V& x, const Places& at, const V& values, int axis) {
  V slices = values;
  if (at.single && values.dimension() > 0) {  // NumPy: the first axis of values goes along the axis
    Extents shape(values.shape());
    while (shape.size() < x.dimension()) shape.insert(0, 1);
    slices = moveaxis(reshape(values, shape), 0, axis);
  }
  Extents shape(x.shape());
  const bool spans_axis = slices.dimension() + axis >= x.dimension();
  const Index given = spans_axis ? slices.shape(axis - x.dimension()) : 1;
  shape[axis] = at.single ? given : static_cast<Index>(at.list.size());
  if (!broadcasts_to(slices.shape(), shape)) {
    fail("insert",
         "the values do not broadcast to what is inserted: they have shape {}, it has shape {}",
         to_string(slices.shape()), to_string(shape));
  }
  return broadcast_to(slices, shape);
}

Index rows_before(const V& x) { return x.dimension() == 1 ? 0 : 1; }

}  // namespace

V atleast_1d(const V& x) { return x.dimension() == 0 ? expand_dims(x, 0) : x; }
V atleast_2d(const V& x) { return x.dimension() < 2 ? expand_dims(atleast_1d(x), 0) : x; }
V atleast_3d(const V& x) { return x.dimension() < 3 ? expand_dims(atleast_2d(x), 2) : x; }

V hstack(std::span<const V> arrays) {
  const std::vector<V> all = each(arrays, atleast_1d);
  return joined_along("hstack", all, all.empty() ? 0 : rows_before(all[0]));
}
V vstack(std::span<const V> arrays) { return joined_along("vstack", each(arrays, atleast_2d), 0); }
V dstack(std::span<const V> arrays) { return joined_along("dstack", each(arrays, atleast_3d), 2); }
V column_stack(std::span<const V> arrays) {
  return joined_along("column_stack", each(arrays, as_column), 1);
}
V hstack(std::initializer_list<V> arrays) { return hstack(list(arrays)); }
V vstack(std::initializer_list<V> arrays) { return vstack(list(arrays)); }
V dstack(std::initializer_list<V> arrays) { return dstack(list(arrays)); }
V column_stack(std::initializer_list<V> arrays) { return column_stack(list(arrays)); }

V block(std::initializer_list<std::initializer_list<V>> rows) {
  std::vector<V> joined_rows;
  for (const std::initializer_list<V>& row : rows) {
    joined_rows.push_back(joined_along("block", each(list(row), atleast_2d), -1));
  }
  return joined_along("block", joined_rows, -2);
}

V append(const V& x, const V& values, std::optional<Index> axis) {
  if (!axis) return append(ravel(x), ravel(values), 0);
  return joined_along("append", list({x, values}), *axis);
}

V insert(const V& x, const Places& at, const V& values, std::optional<Index> axis) {
  if (!axis) return insert(ravel(x), at, at.single ? ravel(values) : values, 0);
  const int along = normalize_axis("insert", *axis, x.shape());
  const Index extent = x.shape(along);
  const V added = inserted_values(x, at, values, along);
  std::vector<std::pair<Index, Index>> order;  // before which slice; which slice of both
  for (Index i = 0; i < added.shape(along); ++i) {
    const Index place = at.list.data()[at.single ? 0 : i];
    order.emplace_back(checked_place("insert", place, extent, extent + 1, x), extent + i);
  }
  for (Index i = 0; i < extent; ++i) order.emplace_back(i, extent + added.shape(along) + i);
  std::ranges::sort(order);
  std::vector<Index> places;
  for (const auto& [before, slice] : order) {
    places.push_back(slice < extent + added.shape(along) ? slice : before);
  }
  return take_at(concatenate({x, added}, along), along, places);
}

V delete_(const V& x, const Places& at, std::optional<Index> axis) {
  if (!axis) return delete_(ravel(x), at, 0);
  const int along = normalize_axis("delete_", *axis, x.shape());
  const Index extent = x.shape(along);
  std::vector<bool> deleted(static_cast<std::size_t>(extent), false);
  for (const Index place : at.list) {
    deleted[static_cast<std::size_t>(checked_place("delete_", place, extent, extent, x))] = true;
  }
  std::vector<Index> kept;
  for (Index i = 0; i < extent; ++i) {
    if (!deleted[static_cast<std::size_t>(i)]) kept.push_back(i);
  }
  return take_at(x, along, kept);
}

std::vector<V> array_split(const V& x, const Sections& sections, Index axis) {
  const int along = normalize_axis("array_split", axis, x.shape());
  if (sections.places) return split(x, sections, along);
  const Index parts = sections.parts, extent = x.shape(along);
  if (parts < 1) fail("array_split", "{} parts are no division of an axis", parts);
  std::vector<V> result;
  Index from = 0;
  for (Index i = 0; i < parts; ++i) {
    const Index count = extent / parts + (i < extent % parts);
    result.push_back(part_of_axis(x, along, from, count));
    from += count;
  }
  return result;
}
std::vector<V> hsplit(const V& x, const Sections& sections) {
  return split(x, sections, rows_before(x));
}
std::vector<V> vsplit(const V& x, const Sections& sections) {
  check_matrix("vsplit", x.shape());
  return split(x, sections, 0);
}
std::vector<V> dsplit(const V& x, const Sections& sections) { return split(x, sections, 2); }

V fliplr(const V& x) { return flip(x, 1); }
V flipud(const V& x) { return flip(x, 0); }
V rot90(const V& x, Index k, const Extents& axes) {
  if (axes.size() != 2) fail("rot90", "turns in a plane of two axes, not of {}", axes.size());
  axes_mask("rot90", axes, x.shape());
  switch ((k % 4 + 4) % 4) {
    case 1:
      return swapaxes(flip(x, axes[1]), axes[0], axes[1]);
    case 2:
      return flip(x, Axes(axes));
    case 3:
      return flip(swapaxes(x, axes[0], axes[1]), axes[1]);
    default:
      return x;
  }
}
V rollaxis(const V& x, Index axis, Index start) {
  const Index from = normalize_axis("rollaxis", axis, x.shape());
  const Index rank = x.dimension(), before = start < 0 ? start + rank : start;
  if (before < 0 || before > rank) {
    fail<std::out_of_range>("rollaxis", "start {} is out of range: the operand has shape {}", start,
                            to_string(x.shape()));
  }
  return moveaxis(x, from, from < before ? before - 1 : before);
}

std::vector<V> meshgrid(std::span<const V> vectors, const std::string& indexing) {
  if (indexing != "xy" && indexing != "ij") {
    fail("meshgrid", "unknown indexing \"{}\"; it is \"xy\" or \"ij\"", indexing);
  }
  Dims shape;
  for (const V& vector : vectors) {
    if (vector.dimension() > 1) {
      fail("meshgrid", "takes vectors: one has shape {}", to_string(vector.shape()));
    }
    shape.push(vector.size());
  }
  const bool swaps = indexing == "xy" && vectors.size() > 1;
  std::vector<V> result;
  for (int i = 0; i < shape.size(); ++i) {
    Dims line(shape.size(), 1);
    line[i] = shape[i];
    const V grid = broadcast_to(reshape(vectors[static_cast<std::size_t>(i)], line), shape);
    result.push_back(swaps ? swapaxes(grid, 0, 1) : grid);
  }
  return result;
}
std::vector<V> meshgrid(std::initializer_list<V> vectors, const std::string& indexing) {
  return meshgrid(list(vectors), indexing);
}

V make_diagonal(const V& x, Index k, Index axis1, Index axis2) {
  if (x.dimension() == 0) fail("make_diagonal", "a number has no last axis");
  const Index n = saturated_sum(x.shape(-1), std::abs(std::max(k, -PTRDIFF_MAX)));
  Dims shape(x.shape());
  shape[shape.size() - 1] = n;
  shape.push(n);
  const Extents axes{axis1, axis2};
  axes_mask("make_diagonal", axes, shape);
  const Layout* whole = tape().row_major(shape, "make_diagonal");
  Dims strides(whole->steps());
  strides.erase(strides.size() - 1);
  strides[strides.size() - 1] += 1;
  const Layout* line = make_layout(tape().arena, x.shape(), strides, "make_diagonal");
  const PlacedView<T> part{x, line, k >= 0 ? k : -k * n, nullptr};
  return moveaxis(scatter_views<T>("make_diagonal", whole, &part), {-2, -1}, axes);
}

V full(const Extents& shape, const V& value) { return broadcast_to(value, shape); }
V full_like(const V& x, const V& value) { return broadcast_to(value, Extents(x.shape())); }
V zeros_like(const V& x) { return full_like(x, V(0)); }
V ones_like(const V& x) { return full_like(x, V(1)); }

V linspace(const V& start, const V& stop, Index count, Flag endpoint, Index axis) {
  if (count < 0) fail("linspace", "count {} is negative", count);
  const Dims shape = broadcast_shapes("linspace", start.shape(), stop.shape(), "start", "stop");
  const int along = normalize_new_axis("linspace", axis, shape);
  Dims whole = shape;
  whole.insert(along, count);
  check_work("linspace", whole);
  const Index steps = endpoint ? count - 1 : count;
  auto parts = xt::xarray<T>::from_shape({static_cast<std::size_t>(count)});
  for (Index i = 0; i < count; ++i) parts(i) = steps > 0 ? T(i) / T(steps) : T(0);
  Dims line(shape.size() + 1, 1);
  line[along] = count;
  const V weight = reshape(parts, line);
  const V from = expand_dims(broadcast_to(start, shape), along);
  const V to = expand_dims(broadcast_to(stop, shape), along);
  return from * (1 - weight) + to * weight;
}

}  // namespace autograd
