/// What functions of stacks of matrices share: checks, and products of transposes.
#pragma once

#include "autograd/engine/op_scalar.hpp"
#include "autograd/linalg.hpp"
#include "autograd/linalg/batch.hpp"

namespace autograd::linalg {

/// Throws std::invalid_argument unless a is a square matrix or a stack of such. Its size is
/// checked, too, so that LAPACK can count its rows in int.
void check_square(const char* op, const V& a);
/// The same for the right-hand sides of linear systems.
void check_right_side(const char* op, const V& a, const V& b);

/// The value of x, row by row without gaps: its memory, or a copy in `scratch`.
const T* rows_of(Arena& scratch, View<const T> x);
/// Whether all numbers are finite.
bool all_finite(const T* x, Index count);

/// The transposes of the matrices, and their products, which are elementwise if there is one
/// column.
V transposed(const V& x);
V times_transposed(const V& a, const V& b);
/// Numbers, one for each matrix, with two axes more.
V for_each_matrix(const V& x);

/// Calls solve(a, b) for right-hand sides that are matrices, whose stack is as large as the result:
/// a vector b becomes a matrix of one column.
template <class Solve>
V with_columns(const char* op, const V& a, const V& b, const Solve& solve) {
  check_square(op, a);
  check_right_side(op, a, b);
  const V columns = b.dimension() == 1 ? expand_dims(b, 1) : b;
  const Dims batch = broadcast_shapes(op, batch_of(a.shape()), batch_of(columns.shape()));
  const Dims shape = with_axes_behind(batch, {columns.shape(-2), columns.shape(-1)});
  const V x = solve(a, same(shape, columns.shape()) ? columns : broadcast_to(columns, shape));
  return b.dimension() == 1 ? squeeze(x, -1) : x;
}

}  // namespace autograd::linalg
