/// Stopping at the first NaN or infinity.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// Throws std::runtime_error when an element is NaN or infinite.
template <class T>
void check_finite(const char* op, View<const T> array, const char* of = "the value");

}  // namespace autograd
