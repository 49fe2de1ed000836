/// Aids for finding mistakes: printing a trace, and stopping at the first NaN or infinity.
#pragma once

#include <iosfwd>

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

/// Writes one line for each node of this thread's current trace, such as
/// `%3 = multiply(%1, %2) float (3, 4)`. What a transform differentiates by is an `argument`, other
/// arrays from outside are `constant`.
template <class T>
void print_trace(std::ostream& out);

/// While a FiniteGuard lives, the first operation on this thread that produces a NaN or an
/// infinity, forward or in a gradient, throws std::runtime_error naming the operation, the place
/// and the value. An argument that holds one throws, too; constants may hold them. Operations that
/// were called before it are not checked, even if they are computed later.
class FiniteGuard {
 public:
  FiniteGuard();
  ~FiniteGuard();
  FiniteGuard(const FiniteGuard&) = delete;
  FiniteGuard& operator=(const FiniteGuard&) = delete;

 private:
  bool outer_float_;
  bool outer_double_;
};

}  // namespace autograd
