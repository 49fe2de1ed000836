/// What the transforms that run sweeps share.
#pragma once

#include "autograd/backward.hpp"
#include "autograd/call.hpp"

namespace autograd::detail {

/// The nodes of the arguments, in memory of the tape. Throws std::logic_error if one is stale.
template <class T>
std::span<NodeId> ids_of(const Sweepable<T>& of);

/// Copies an array, row-major, to `out`: zeros where it has no data.
template <class T>
void write(T* out, View<const T> from);

/// Computes what repeated sweeps from y would compute each time.
template <class T>
void compute_values(Sweep<T>& sweep, NodeId y);

}  // namespace autograd::detail
