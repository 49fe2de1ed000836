/// The order in which a loop goes through several arrays.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// The axes along which a loop runs, innermost first, and how far a step along each of them leads
/// in each array. It has six kilobytes, enough for the largest loop that there may be, and stands
/// on the stack, because a warm gradient takes no heap memory. `plan` writes only the part that is
/// in use, so a small loop does not pay for the size.
struct IterationSpace {
  static constexpr int max_arrays = 48;

  int rank;
  int arrays;
  Index shape[max_rank];
  Index stride[max_arrays][max_rank];

  /// The extent of the innermost axis, and how far a step along it leads in an array.
  Index length() const { return rank == 0 ? 1 : shape[0]; }
  Index step(int array) const { return rank == 0 ? 0 : stride[array][0]; }
  /// True when the array is one number for the whole space.
  bool is_number(int array) const;
};

/// True when a step along any axis leads as far in both arrays.
bool same_strides(const IterationSpace& space, int a, int b);

/// Plans a loop without strides, if all arrays fill their memory in the same order or are single
/// numbers. Returns false otherwise. Most loops are such; nothing is sorted for them.
inline bool plan_flat(IterationSpace& space, Index size, std::span<const Layout* const> arrays) {
  const Layout* common = nullptr;
  for (const Layout* layout : arrays) {
    if (layout == common || layout->size == 1) continue;
    if (common == nullptr) {
      if (!layout->dense || layout->size != size) return false;
      common = layout;
    } else if (!same_layout(*layout, *common)) {
      return false;
    }
  }
  if (common == nullptr && size != 1) return false;
  space.arrays = static_cast<int>(arrays.size());
  space.rank = 1;
  space.shape[0] = size;
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    space.stride[k][0] = arrays[k]->size == 1 ? 0 : 1;
  }
  return true;
}

/// Plans a loop over `shape`, to which all arrays broadcast. Orders the axes by the distance of
/// neighbours in memory, nearest innermost, or keeps them `in_order`. Joins axes that are one axis
/// in all arrays. If they are kept in order, an array may also repeat elements: with extent n along
/// an axis of n m places it repeats each element m times.
void plan(IterationSpace& space, std::span<const Index> shape,
          std::span<const Layout* const> arrays, bool in_order = false);

}  // namespace autograd
