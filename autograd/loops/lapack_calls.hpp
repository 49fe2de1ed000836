/// What calls of LAPACK share; for the files that make them.
#pragma once

#include <xflens/cxxlapack/netlib/netlib.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "autograd/base/arena.hpp"
#include "autograd/detail/shape.hpp"
#include "autograd/loops/blas_call.hpp"

namespace autograd::lapack {

/// The function of BLAS or LAPACK for T.
template <class T, class InFloat, class InDouble>
constexpr auto of(InFloat* in_float, InDouble* in_double) {
  if constexpr (std::is_same_v<T, float>) {
    return in_float;
  } else {
    return in_double;
  }
}

/// A size of work space that LAPACK gave as a float, which may have been rounded down.
template <class T>
int work_size(T size) {
  return static_cast<int>(std::nextafter(size, std::numeric_limits<T>::infinity())) + 1;
}

template <class T>
T* take(Arena& scratch, Index count) {
  return scratch.take<T>(static_cast<std::size_t>(count));
}

}  // namespace autograd::lapack
