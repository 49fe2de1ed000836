/// The check of values and gradients under a FiniteGuard.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

/// Throws std::runtime_error naming `op` if an element is NaN or infinite. `of` says what the array
/// is.
template <class T>
void check_finite(const char* op, View<const T> array, const char* of = "the value");

}  // namespace autograd
