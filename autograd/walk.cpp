#include "autograd/walk.hpp"

#include <cstdlib>

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

Index aligned_stride(const Layout& layout, int from_end) {
  const int axis = layout.rank - from_end;
  return axis < 0 || layout.shape[axis] == 1 ? 0 : layout.strides[axis];
}

}  // namespace

bool Walk::is_number(int array) const {
  for (int axis = 0; axis < rank; ++axis) {
    if (stride[array][axis] != 0) return false;
  }
  return true;
}

void plan(Walk& walk, std::span<const Index> shape, std::span<const Layout* const> arrays) {
  walk.rank = 0;
  walk.arrays = static_cast<int>(arrays.size());
  for (int from_end = 1; from_end <= static_cast<int>(shape.size()); ++from_end) {
    const Index extent = shape[shape.size() - from_end];
    if (extent == 1) continue;
    Index strides[Walk::max_arrays];
    Index far = 0;
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      strides[k] = aligned_stride(*arrays[k], from_end);
      far += std::abs(strides[k]);
    }
    int at = walk.rank;
    while (at > 0 && distance(walk, at - 1) > far) --at;
    insert(walk, at, extent, strides);
  }
  coalesce(walk);
}

}  // namespace autograd
