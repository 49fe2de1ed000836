/// Sums of the first elements along an axis: the loop of `cumsum` and of its adjoint.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// out[i] = in[0] + ... + in[i] along the axis, or out[i] += that, if `add`; from the other end, if
/// `backwards`. Both have the same shape, and any strides. Terms are added in this order, in T.
template <class T>
void running_sums(View<T> out, View<const T> in, int axis, bool backwards, bool add);

}  // namespace autograd
