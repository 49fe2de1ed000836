/// Views and their adjoint.
#pragma once

#include "autograd/engine/elementwise.hpp"
#include "autograd/ops.hpp"

namespace autograd {

/// An array and the place in a larger one where it lies, as a view of that would.
template <class T>
struct PlacedView {
  Var<T> array;
  const Layout* layout;  ///< the shape of `array`, with strides in the larger array
  Index offset;          ///< the place of its first element there
  PlacedView* next;
};

/// Makes an array of the given dense layout that is zero but for the sum of the parts: the adjoint
/// of taking views. Without parts it is a constant. Parts that `cover` the whole neither overlap
/// nor leave gaps, so that it need not be filled with zeros. Errors name `op`, here and below.
template <class T>
Var<T> scatter_views(const char* op, const Layout* whole, const PlacedView<T>* parts,
                     bool cover = false);
/// Makes a row-major array whose elements are `number` but for one part, which lies along the same
/// axes.
template <class T>
Var<T> surround(const char* op, const Layout* whole, const PlacedView<T>& part, T number);

/// A view of the memory of x.
template <class T>
Var<T> strided_view(const Var<T>& x, std::span<const Index> shape, std::span<const Index> strides,
                    Index offset = 0, const char* op = "view");

/// A view of `count` places of one axis, from a place on.
template <class T>
Var<T> part_of_axis(const Var<T>& x, int axis, Index from, Index count);

/// x in the given dense layout, which has its shape: x itself if it lies so, or a copy.
template <class T>
Var<T> in_layout(const Var<T>& x, const Layout* layout, const char* op = "copy");
template <class T>
Var<T> in_row_major(const Var<T>& x, const char* op = "copy");

/// x in another shape of as many elements: a view, of a copy if x is not row-major.
template <class T>
Var<T> reshaped(const Var<T>& x, std::span<const Index> shape, const char* op);

/// x summed over the axes along which an array of the given shape was broadcast to the shape of x.
template <class T>
Var<T> sum_to(const Var<T>& x, std::span<const Index> shape);

/// A view of the result of a reduction with axes of extent 1 in place of those that were removed.
template <class T>
Var<T> with_axes(const Var<T>& x, const ReducedAxes* reduced);

}  // namespace autograd
