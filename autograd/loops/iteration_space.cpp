#include "autograd/loops/iteration_space.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace autograd {
namespace {

/// Overwrites axis `to` with axis `from`.
void move(IterationSpace& space, int to, int from) {
  space.shape[to] = space.shape[from];
  for (int k = 0; k < space.arrays; ++k) space.stride[k][to] = space.stride[k][from];
}

void insert(IterationSpace& space, int at, Index extent, const Index* strides) {
  for (int i = space.rank++; i > at; --i) move(space, i, i - 1);
  space.shape[at] = extent;
  for (int k = 0; k < space.arrays; ++k) space.stride[k][at] = strides[k];
}

/// How far a step along an axis leads, added up over the arrays.
Index distance(const IterationSpace& space, int axis) {
  Index total = 0;
  for (int k = 0; k < space.arrays; ++k) total += std::abs(space.stride[k][axis]);
  return total;
}

/// Whether both axes are one in every array: a step along `outer` leads to where `inner` would
/// continue.
bool continues(const IterationSpace& space, int outer, int inner) {
  for (int k = 0; k < space.arrays; ++k) {
    if (space.stride[k][outer] != space.stride[k][inner] * space.shape[inner]) return false;
  }
  return true;
}

void coalesce(IterationSpace& space) {
  int kept = 0;
  for (int axis = 1; axis < space.rank; ++axis) {
    if (continues(space, axis, kept)) {
      space.shape[kept] *= space.shape[axis];
    } else {
      move(space, ++kept, axis);
    }
  }
  space.rank = space.rank == 0 ? 0 : kept + 1;
}

/// One axis of one array.
struct Axis {
  Index extent = 1, stride = 0;
};

Axis axis_of(const Layout& layout, int from_end) {
  const int axis = layout.rank - from_end;
  if (axis < 0 || layout.shape[axis] == 1) return {};
  return {layout.shape[axis], layout.strides[axis]};
}

/// How often an array repeats each element along an axis, if one does; 1 otherwise.
Index repeats(std::span<const Layout* const> arrays, int from_end, Index extent) {
  for (const Layout* layout : arrays) {
    const Index own = axis_of(*layout, from_end).extent;
    if (own != 1 && own != extent) return extent / own;
  }
  return 1;
}

/// Inserts an axis before those along which neighbours are farther apart; last, if `in_order`.
void insert_sorted(IterationSpace& space, Index extent, const Index* strides, bool in_order) {
  Index far = 0;
  for (int k = 0; k < space.arrays; ++k) far += std::abs(strides[k]);
  int at = space.rank;
  while (!in_order && at > 0 && distance(space, at - 1) > far) --at;
  insert(space, at, extent, strides);
}

/// Makes the nearest long axis the innermost, if rows would have a few numbers only: each row is a
/// call of a kernel, which costs as much as dozens of numbers.
void avoid_short_rows(IterationSpace& space) {
  constexpr Index few = 16, many = 64;
  if (space.rank < 2 || space.shape[0] >= few) return;
  for (int axis = 1; axis < space.rank; ++axis) {
    if (space.shape[axis] < many) continue;
    std::swap(space.shape[0], space.shape[axis]);
    for (int k = 0; k < space.arrays; ++k) std::swap(space.stride[k][0], space.stride[k][axis]);
    return;
  }
}

}  // namespace

bool IterationSpace::is_number(int array) const {
  for (int axis = 0; axis < rank; ++axis) {
    if (stride[array][axis] != 0) return false;
  }
  return true;
}

bool same_strides(const IterationSpace& space, int a, int b) {
  return std::equal(space.stride[a], space.stride[a] + space.rank, space.stride[b]);
}

void plan(IterationSpace& space, std::span<const Index> shape,
          std::span<const Layout* const> arrays, bool in_order) {
  space.rank = 0;
  space.arrays = static_cast<int>(arrays.size());
  for (int from_end = 1; from_end <= static_cast<int>(shape.size()); ++from_end) {
    const Index extent = shape[shape.size() - from_end];
    if (extent == 1) continue;
    const Index often = in_order ? repeats(arrays, from_end, extent) : 1;
    Index inner[IterationSpace::max_arrays], outer[IterationSpace::max_arrays];
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const Axis axis = axis_of(*arrays[k], from_end);
      inner[k] = axis.extent == extent ? axis.stride : 0;
      outer[k] = axis.extent == extent ? axis.stride * often : axis.stride;
    }
    if (often > 1) insert_sorted(space, often, inner, in_order);
    insert_sorted(space, extent / often, outer, in_order);
  }
  coalesce(space);
  if (!in_order) avoid_short_rows(space);
}

}  // namespace autograd
