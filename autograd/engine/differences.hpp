/// Differences of neighbours in a vector that is too short for fused loops. They are lazy
/// (State::apart), because the norm of differences, forward and backward, does without them.
#pragma once

#include "autograd/engine/elementwise.hpp"

namespace autograd {

/// The differences of shorter vectors are computed at once.
inline constexpr Index shortest_lazy_difference = 33;

template <class T>
bool is_lazy_difference(const Node<T>& node) {
  return node.op->kind == Kind::difference && node.lazy();
}

/// The sum of kernel(x[1] - x[0]), kernel(x[2] - x[1]), ... of a vector x, where the kernel has a
/// form for differences.
template <class T>
T sum_of_differences(View<const T> x, const Kernel<T>& kernel);

/// Adds the contribution of a reduction to x, if its input is the lazy difference of x and its rule
/// has a form for differences. Returns false, and does nothing, otherwise.
template <class T>
bool vjp_raw_to_neighbours(RawSweep<T>& sweep, NodeId id);

}  // namespace autograd
