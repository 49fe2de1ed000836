/// Elements at lists of places, for compositions that have made these lists, and operations whose
/// errors name the one that the user called.
#pragma once

#include <span>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/numpy.hpp"

namespace autograd {

/// The slices of x at places of an axis, which count from the front and are in range.
V take_at(const V& x, int axis, std::span<const Index> places);
/// The adjoint: an array with that extent of the axis, whose slices are the sums of the slices of x
/// that belong to their places.
V put_at(const V& x, int axis, std::span<const Index> places, Index extent);

/// x[indices] and x[indices] = value; errors name `op`.
V view_at(const char* op, const V& x, std::span<const Indices> indices);
V set_at(const char* op, const V& x, std::span<const Indices> indices, const V& value);

/// concatenate; errors name `op`.
V joined_along(const char* op, std::span<const V> arrays, Index axis);

/// Moves the reduced axes to the end and joins them to one. `rest` becomes the shape of the result.
V gathered(const char* op, const V& x, const Reduce& over, Dims& rest);

}  // namespace autograd
