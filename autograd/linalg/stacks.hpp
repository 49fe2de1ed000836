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

/// Throws std::invalid_argument if not all numbers of a matrix are finite.
void check_finite(const char* op, const T* x, Index count, std::span<const Index> batch, Index i);
/// Throws std::invalid_argument unless a has two axes that LAPACK can count.
void check_matrices(const char* op, const V& a);
/// Writes the symmetric part of a matrix to the lower triangle of another one, and zeros above it.
/// Throws std::invalid_argument if there is something on one side of the diagonal and nothing on
/// the other.
void take_symmetric_part(const char* op, const T* a, Index n, T* to, std::span<const Index> batch,
                         Index matrix);

/// Rows from, from + 1, ..., from + count - 1 of the matrices.
V rows_from(const V& x, Index from, Index count);
/// Whether all elements are 0.
bool is_zero(const V& x);
/// A row for each matrix: 1 where a column is not all zero.
V columns_used(const V& x);
/// What the derivatives of eigenvectors are divided by. For a row x in each matrix the element (i,
/// j) is 1 / differences(i, j), but 0 where x_i and x_j agree to rounding. There it is NaN, if one
/// of the columns is used: vectors that belong to equal values are not determined.
V inverse_differences(const V& x, const V& differences, const V& used);
/// The identity of the order of a.
V identity_like(const V& a);

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
