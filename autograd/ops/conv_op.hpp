/// The operation behind correlate2d, conv2d and avg_pool2d.
#pragma once

#include "autograd/conv/conv.hpp"
#include "autograd/engine/op_scalar.hpp"

namespace autograd {

/// Records the cross-correlation of an image with a kernel, which have the shapes that c says.
V record_conv(const ConvProblem& c, const V& image, const V& kernel);

}  // namespace autograd
