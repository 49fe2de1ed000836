/// The operation behind correlate2d, conv2d and avg_pool2d.
#pragma once

#include "autograd/conv/conv.hpp"
#include "autograd/var.hpp"

namespace autograd {

/// Records the cross-correlation of an image with a kernel, which have the shapes that c says.
template <class T>
Var<T> record_conv(const ConvProblem& c, const Var<T>& image, const Var<T>& kernel);

}  // namespace autograd
