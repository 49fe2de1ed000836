/// The operation behind correlate2d and what is built on it.
#pragma once

#include "autograd/conv/correlation.hpp"
#include "autograd/var.hpp"

namespace autograd {

/// The result of a correlation, whose image and kernel have the shapes that it says.
template <class T>
Var<T> correlated(const Correlation& c, const Var<T>& image, const Var<T>& kernel);

}  // namespace autograd
