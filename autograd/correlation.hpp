/// Correlation of images with kernels, and its two adjoints, on row-major arrays.
#pragma once

#include "autograd/layout.hpp"

namespace autograd {

/// The image (batch, groups * channels, rows, columns), the kernel (groups * filters, channels,
/// rows, columns) and the result (batch, groups * filters, rows, columns) of a correlation:
///     result[b, f, i, j] = sum over c, u, v of kernel[f, c, u, v]
///                          * image[b, c, i * stride + u - before, j * stride + v - before].
struct Correlation {
  /// The sum of result * g is linear in each of image, kernel and g. Its derivative by one of them,
  /// which has the shape of that array, is computed from the other two.
  enum Role { image, kernel, result };
  struct Axis {
    Index image, kernel, result;  ///< extents
    Index stride;
    Index before;  ///< zeros in front of the image
  };

  Index batch, groups;
  Index channels, filters;  ///< in one group
  Axis rows, columns;

  Dims shape(Role role) const;
};

/// out = the derivative by the array in that role, or out +=. `arrays` are in the order of Role;
/// the one in that role is not read.
template <class T>
void correlate(Arena& scratch, const Correlation& c, Correlation::Role role, View<T> out,
               const std::array<View<const T>, 3>& arrays, bool add);

}  // namespace autograd
