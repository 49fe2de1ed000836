#include "autograd/loops/walk.hpp"

#include <cstdlib>
#include <utility>

namespace autograd {
namespace {

void move(Walk& walk, int to, int from) {
  walk.shape[to] = walk.shape[from];
  for (int k = 0; k < walk.arrays; ++k) walk.stride[k][to] = walk.stride[k][from];
}

void insert(Walk& walk, int at, Index extent, const Index* strides) {
  for (int i = walk.rank++; i > at; --i) move(walk, i, i - 1);
  walk.shape[at] = extent;
  for (int k = 0; k < walk.arrays; ++k) walk.stride[k][at] = strides[k];
}

Index distance(const Walk& walk, int axis) {
  Index total = 0;
  for (int k = 0; k < walk.arrays; ++k) total += std::abs(walk.stride[k][axis]);
  return total;
}

bool continues(const Walk& walk, int outer, int inner) {
  for (int k = 0; k < walk.arrays; ++k) {
    if (walk.stride[k][outer] != walk.stride[k][inner] * walk.shape[inner]) return false;
  }
  return true;
}

void coalesce(Walk& walk) {
  int kept = 0;
  for (int axis = 1; axis < walk.rank; ++axis) {
    if (continues(walk, axis, kept)) {
      walk.shape[kept] *= walk.shape[axis];
    } else {
      move(walk, ++kept, axis);
    }
  }
  walk.rank = walk.rank == 0 ? 0 : kept + 1;
}

struct Axis {
  Index extent = 1, stride = 0;
};

Axis axis_of(const Layout& layout, int from_end) {
  const int axis = layout.rank - from_end;
  if (axis < 0 || layout.shape[axis] == 1) return {};
  return {layout.shape[axis], layout.strides[axis]};
}

/// How often some array repeats each element along an axis.
Index repeats(std::span<const Layout* const> arrays, int from_end, Index extent) {
  for (const Layout* layout : arrays) {
    const Index own = axis_of(*layout, from_end).extent;
    if (own != 1 && own != extent) return extent / own;
  }
  return 1;
}

void insert_sorted(Walk& walk, Index extent, const Index* strides, bool in_order) {
  Index far = 0;
  for (int k = 0; k < walk.arrays; ++k) far += std::abs(strides[k]);
  int at = walk.rank;
  while (!in_order && at > 0 && distance(walk, at - 1) > far) --at;
  insert(walk, at, extent, strides);
}

/// Rows of a few numbers would be a call of a kernel each: the nearest long axis is walked instead.
void avoid_short_rows(Walk& walk) {
  constexpr Index few = 16, many = 64;
  if (walk.rank < 2 || walk.shape[0] >= few) return;
  for (int axis = 1; axis < walk.rank; ++axis) {
    if (walk.shape[axis] < many) continue;
    std::swap(walk.shape[0], walk.shape[axis]);
    for (int k = 0; k < walk.arrays; ++k) std::swap(walk.stride[k][0], walk.stride[k][axis]);
    return;
  }
}

}  // namespace

bool Walk::is_number(int array) const {
  for (int axis = 0; axis < rank; ++axis) {
    if (stride[array][axis] != 0) return false;
  }
  return true;
}

bool same_strides(const Walk& walk, int a, int b) {
  return std::equal(walk.stride[a], walk.stride[a] + walk.rank, walk.stride[b]);
}

void plan(Walk& walk, std::span<const Index> shape, std::span<const Layout* const> arrays,
          bool in_order) {
  walk.rank = 0;
  walk.arrays = static_cast<int>(arrays.size());
  for (int from_end = 1; from_end <= static_cast<int>(shape.size()); ++from_end) {
    const Index extent = shape[shape.size() - from_end];
    if (extent == 1) continue;
    const Index often = in_order ? repeats(arrays, from_end, extent) : 1;
    Index inner[Walk::max_arrays], outer[Walk::max_arrays];
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const Axis axis = axis_of(*arrays[k], from_end);
      inner[k] = axis.extent == extent ? axis.stride : 0;
      outer[k] = axis.extent == extent ? axis.stride * often : axis.stride;
    }
    if (often > 1) insert_sorted(walk, often, inner, in_order);
    insert_sorted(walk, extent / often, outer, in_order);
  }
  coalesce(walk);
  if (!in_order) avoid_short_rows(walk);
}

}  // namespace autograd
