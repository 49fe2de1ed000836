/// Views and their adjoint.
#pragma once

#include "autograd/engine/elementwise.hpp"
#include "autograd/ops.hpp"

namespace autograd {

/// An array lying in a larger one, as a view of it would.
template <class T>
struct PlacedView {
  Var<T> array;
  const Layout* layout;  ///< where it lies: the shape of `array`, the strides of the whole
  Index offset;
  PlacedView* next;
};

/// The adjoint of taking views: an array of the given dense layout, zero but for the sum of the
/// parts. With no parts, a constant. Parts that `tile` the whole do not overlap and leave no gap.
/// Errors name `op`, here and below.
template <class T>
Var<T> scatter_views(const char* op, const Layout* whole, const PlacedView<T>* parts,
                     bool tile = false);
/// One part that lies in a row-major array of equal numbers, along the same axes.
template <class T>
Var<T> surround(const char* op, const Layout* whole, const PlacedView<T>& part, T number);

/// A view of the memory of x.
template <class T>
Var<T> strided_view(const Var<T>& x, std::span<const Index> shape, std::span<const Index> strides,
                    Index offset = 0, const char* op = "view");

/// `count` places of one axis, from a place on.
template <class T>
Var<T> part_of_axis(const Var<T>& x, int axis, Index from, Index count);

/// x in the given dense layout (which has its shape): itself, or a copy.
template <class T>
Var<T> in_layout(const Var<T>& x, const Layout* layout, const char* op = "copy");
template <class T>
Var<T> in_row_major(const Var<T>& x, const char* op = "copy");

/// A view of x in another shape of as many elements, or of a copy.
template <class T>
Var<T> reshaped(const Var<T>& x, std::span<const Index> shape, const char* op);

/// x summed over the axes along which `shape` was broadcast to its shape.
template <class T>
Var<T> sum_to(const Var<T>& x, std::span<const Index> shape);

/// x with axes of extent 1 where a reduction removed them.
template <class T>
Var<T> with_axes(const Var<T>& x, const ReducedAxes* reduced);

}  // namespace autograd
