/// Correlation of images with kernels, and its two adjoints, on row-major arrays.
#pragma once

#include <array>

#include "autograd/loops/stencil.hpp"

namespace autograd {

/// The image (batch, groups * channels, rows, columns), the kernel (groups * filters, channels,
/// rows, columns) and the result (batch, groups * filters, rows, columns) of a correlation:
///     result[b, f, i, j] = sum over c, u, v of kernel[f, c, u, v]
///                          * image[b, c, i * stride + u - before, j * stride + v - before].
struct ConvProblem {
  /// The sum of result * g is linear in each of image, kernel and g. Its derivative by one of them,
  /// which has the shape of that array, is computed from the other two.
  enum Role { image, kernel, result };
  struct Axis {
    Index image, kernel, result;  ///< extents
    Index stride;
    Index before;  ///< zeros in front of the image

    /// The image with the zeros on either side.
    Index padded() const { return saturated_sum(image, saturated_product(2, before)); }
    bool sees_zeros() const { return before > 0 || (result - 1) * stride + kernel > image; }
    Index extent(Role role) const {
      return role == Role::image ? image : role == Role::kernel ? kernel : result;
    }
  };

  Index batch, groups;
  Index channels, filters;  ///< in one group
  Axis rows, columns;
  bool matrices;  ///< one of each, without the first two axes

  Dims shape(Role role) const;
};

/// What one element of the result sees of the image, if the result is best made row by row; null
/// where there are zeros around the image, or many filters.
Stencil* stencil_of(Arena& arena, const ConvProblem& c);

/// out = the derivative by the array in that role, or out +=. `arrays` are in the order of Role;
/// the one in that role is not read.
template <class T>
void convolve(Arena& scratch, const ConvProblem& c, ConvProblem::Role role, View<T> out,
              const std::array<View<const T>, 3>& arrays, bool add);

}  // namespace autograd
