/// The order in which a loop goes through several arrays.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// The iteration space, innermost axis first, and how far a step along each axis leads in each
/// array.
struct IterationSpace {
  static constexpr int max_arrays = 48;

  int rank;
  int arrays;
  Index shape[max_rank];
  Index stride[max_arrays][max_rank];

  /// Along the innermost axis.
  Index length() const { return rank == 0 ? 1 : shape[0]; }
  Index step(int array) const { return rank == 0 ? 0 : stride[array][0]; }
  /// True when the array is one number for the whole space.
  bool is_number(int array) const;
};

/// True when a step along any axis leads as far in both arrays.
bool same_strides(const IterationSpace& space, int a, int b);

/// One loop, where all arrays fill their memory alike or are single numbers: true if that is so.
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

/// Orders the axes of `shape`, to which all arrays broadcast, by the distance in memory, nearest
/// innermost, or as they are; and joins axes that are one in all arrays. Along an axis of n m
/// places an array of extent n repeats each element m times.
void plan(IterationSpace& space, std::span<const Index> shape,
          std::span<const Layout* const> arrays, bool in_order = false);

}  // namespace autograd
