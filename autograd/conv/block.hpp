/// The two implementations behind convolve(), each for one image and one group of channels.
#pragma once

#include <array>

#include "autograd/conv/conv.hpp"

namespace autograd::conv {

using Role = ConvProblem::Role;
using Axis = ConvProblem::Axis;

/// Along one axis, the places of the result for which one place v of the kernel meets an element of
/// the image and not a zero around it. They are neighbours: v meets element `image` + n stride for
/// the place `result` + n. So the loops over a row need no tests for the border.
struct Span {
  Index result, image;  ///< the first of these places, and the element that v meets there
  Index count;
};

/// One image and one group: `channels` planes of the image, `filters` times `channels` kernels and
/// `filters` planes of the result. One of the three is written, that in the given role.
template <class T>
struct Block {
  const ConvProblem& c;
  const Span* spans;
  std::array<T*, 3> data;

  T* image_row(Index channel, Index row) const {
    return data[Role::image] + (channel * c.rows.image + row) * c.columns.image;
  }
  T* kernel_row(Index filter, Index channel, Index u) const {
    return data[Role::kernel] +
           ((filter * c.channels + channel) * c.rows.kernel + u) * c.columns.kernel;
  }
  T* result_row(Index filter, Index row) const {
    return data[Role::result] + (filter * c.rows.result + row) * c.columns.result;
  }
};

/// Computes the array in that role, or adds to it (to the kernel always), row by row. For few
/// filters, and no stride along the rows.
template <class T>
void direct(Arena& scratch, const Block<T>& b, Role role, bool add);

/// Computes the same by copying patches of the image into a matrix (im2col) and multiplying
/// matrices.
template <class T>
void im2col(Arena& scratch, const Block<T>& b, Role role, bool add);

}  // namespace autograd::conv
