/// The operation behind correlate2d and what is built on it.
#pragma once

#include "autograd/conv/conv.hpp"
#include "autograd/var.hpp"

namespace autograd {

/// The result of a correlation, whose image and kernel have the shapes that it says.
template <class T>
Var<T> record_conv(const ConvProblem& c, const Var<T>& image, const Var<T>& kernel);

}  // namespace autograd
