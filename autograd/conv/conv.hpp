/// Cross-correlation of images with kernels (the convolution of neural networks), and its two
/// adjoints, on row-major arrays.
#pragma once

#include <array>

#include "autograd/loops/stencil.hpp"

namespace autograd {

/// The extents of a cross-correlation, whose kernel is not turned round: of the image (batch,
/// groups * channels, rows, columns), the kernel (groups * filters, channels, rows, columns) and
/// the result (batch, groups * filters, rows, columns), with
///     result[b, f, i, j] = sum over c, u, v of kernel[f, c, u, v]
///                          * image[b, c, i * stride + u - before, j * stride + v - before].
struct ConvProblem {
  /// The three arrays of the trilinear form <result(image, kernel), g>, where g, the cotangent, has
  /// the shape of the result. The form is linear in each array, so its derivative by one of them is
  /// computed from the other two: by g the correlation itself, by the image the transposed
  /// convolution of g with the kernel, by the kernel the correlation of the image with g.
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
  Index channels, filters;  ///< their numbers in one group
  Axis rows, columns;
  bool matrices;  ///< image and kernel are matrices: one image, one channel, one filter

  Dims shape(Role role) const;
};

/// The stencil of one element of the result, if the result can be a step of a fused loop: without
/// zeros around the image, with few filters, a small kernel and no stride along the rows. Null
/// otherwise.
Stencil* stencil_of(Arena& arena, const ConvProblem& c);

/// out = the derivative of the trilinear form by the array in that role, or out += it if `add`.
/// `arrays` are in the order of Role; the one in that role is not read.
template <class T>
void convolve(Arena& scratch, const ConvProblem& c, ConvProblem::Role role, View<T> out,
              const std::array<View<const T>, 3>& arrays, bool add);

}  // namespace autograd
