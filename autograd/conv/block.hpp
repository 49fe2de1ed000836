/// Between the parts of convolve(): one image and one group at a time, in one of two ways.
#pragma once

#include <array>

#include "autograd/conv/conv.hpp"

namespace autograd::conv {

using Role = ConvProblem::Role;
using Axis = ConvProblem::Axis;

/// The places of a result that see the image, and not zeros, through one place of the kernel.
struct Span {
  Index result, image;  ///< the first of them, and what it sees
  Index count;
};

/// One image and one group: `channels` planes, `filters` times `channels` kernels and `filters`
/// planes. Which of them is written depends on the function.
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

/// Makes the array in that role (or adds to it, as always to the kernel), row by row: for few
/// filters, and columns without stride.
template <class T>
void direct(Arena& scratch, const Block<T>& b, Role role, bool add);

/// The same by products of matrices.
template <class T>
void im2col(Arena& scratch, const Block<T>& b, Role role, bool add);

}  // namespace autograd::conv
