/// Elementwise operations of numbers and short rows: numbers are written out as rows, so that
/// kernels run on them without a loop through memory being set up.
#pragma once

#include <optional>

#include "autograd/engine/elementwise.hpp"

namespace autograd {

/// The value, where the inputs are numbers, which may be broadcast, and short rows that lie alike;
/// nothing elsewhere.
template <class T>
std::optional<View<T>> apply_to_rows(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids);

/// True after adding to the gradients of such inputs.
template <class T>
bool vjp_raw_of_rows(RawSweep<T>& sweep, const MapOp<T>& op, NodeId id);

}  // namespace autograd
