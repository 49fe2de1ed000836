/// Elements at listed places of one axis: the loops of `take` and of its adjoint.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// Slice i of `out` along the axis becomes slice places[i] of `in`, or is increased by it if `add`.
/// The other extents are equal; places lie within the axis and may repeat.
template <class T>
void take_places(View<T> out, View<const T> in, int axis, std::span<const Index> places, bool add);

/// Slice places[i] of `out` along the axis is increased by slice i of `in`, in the order of i.
template <class T>
void put_places(View<T> out, View<const T> in, int axis, std::span<const Index> places);

}  // namespace autograd
