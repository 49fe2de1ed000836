/// The walk of loops along one axis: line by line, or row by row across many lines.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>

#include "autograd/loops/iteration_space.hpp"

namespace autograd {

/// The longest row of lines that are walked together, where each place of a line needs the one
/// before it, so that it is still in the cache.
inline constexpr Index longest_row_of_lines = 1024;

/// The lines along one axis of n arrays, whose other extents are equal. They are walked one by one,
/// or, if `by_rows`, many together that lie beside each other along the nearest other axis: at each
/// place of the axis, the loop runs across all of them.
template <std::size_t n>
class Lines {
 public:
  /// `places` is how many places of the axis the loop visits, `longest` how many lines may be
  /// walked together.
  Lines(const std::array<const Layout*, n>& arrays, int axis, Index places,
        Index longest = max_size) {
    others_.rank = 0;
    if (arrays[0]->rank > 1) plan_others(arrays, axis);
    Index across = 0, along = 0;
    for (std::size_t k = 0; k < n; ++k) {
      along_[k] = arrays[k]->strides[axis];
      along += std::abs(along_[k]);
      across += std::abs(others_.step(static_cast<int>(k)));
    }
    by_rows_ = others_.rank > 0 && (places <= few_places || across < along);
    width_ = by_rows_ ? std::min(longest, others_.length()) : 1;
  }

  bool by_rows() const { return by_rows_; }
  /// How far the next place of a line is in an array, and the next line.
  Index along(int array) const { return along_[static_cast<std::size_t>(array)]; }
  Index across(int array) const { return others_.step(array); }

  /// Calls f(at, width) for each group of lines that are walked together: at[k] is the offset of
  /// their first element in array k, and `width` their number.
  template <class F>
  void for_each(const F& f) const {
    visit(others_.rank - 1, {}, f);
  }

 private:
  /// The largest number of places that are visited once for each row, instead of once for each
  /// element.
  static constexpr Index few_places = 4;

  IterationSpace others_;  ///< all axes but that of the lines
  std::array<Index, n> along_;
  bool by_rows_;
  Index width_;

  void plan_others(const std::array<const Layout*, n>& arrays, int axis) {
    Dims shape(arrays[0]->dims());
    shape[axis] = 1;
    std::array<Layout, n> layouts;
    std::array<const Layout*, n> pointers;
    for (std::size_t k = 0; k < n; ++k) {
      layouts[k] = {shape.begin(), arrays[k]->strides, element_count(shape), shape.size(), false,
                    false};
      pointers[k] = &layouts[k];
    }
    plan(others_, shape, pointers);
  }

  template <class F>
  void visit(int axis, std::array<Index, n> at, const F& f) const {
    if (axis < 0) return f(at, Index{1});
    const Index extent = others_.shape[axis], by = axis == 0 ? width_ : 1;
    for (Index i = 0; i < extent; i += by) {
      if (axis > 0) visit(axis - 1, at, f);
      if (axis == 0) f(at, std::min(by, extent - i));
      for (std::size_t k = 0; k < n; ++k) at[k] += by * others_.stride[k][axis];
    }
  }
};

}  // namespace autograd
