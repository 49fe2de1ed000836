/// xsimd, whose versions differ in one name that we need.
#pragma once

#include <xsimd/xsimd.hpp>

namespace autograd {

/// The sum of the lanes of a batch.
template <class Batch>
auto sum_lanes(const Batch& x) {
  if constexpr (requires { reduce_add(x); }) {
    return reduce_add(x);
  } else {
    return hadd(x);
  }
}

}  // namespace autograd
