/// Differences of neighbours in a vector, which are not computed where only their norm is needed.
#pragma once

#include "autograd/engine/elementwise.hpp"

namespace autograd {

/// Shorter vectors are computed at once.
inline constexpr Index shortest_lazy_difference = 32;

template <class T>
bool is_lazy_difference(const Node<T>& node) {
  return node.op->kind == Kind::difference && node.lazy();
}

/// The sum of kernel(x[1] - x[0]), kernel(x[2] - x[1]), ... of a vector x, where the kernel has a
/// form for differences.
template <class T>
T sum_of_differences(View<const T> x, const Kernel<T>& kernel);

/// True after giving x what a reduction contributes whose input is the lazy difference of x; its
/// rule reads g and its input.
template <class T>
bool vjp_raw_to_neighbours(RawSweep<T>& sweep, NodeId id);

}  // namespace autograd
