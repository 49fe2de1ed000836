/// Matrices with any strides, and products of small ones.
#pragma once

#include "autograd/base/layout.hpp"

namespace autograd {

template <class T>
struct Matrix {
  T* data;
  Index rows, columns, row_step, column_step;

  /// Steps along axes of extent 1 do not matter. They are replaced by those of a packed matrix,
  /// which BLAS accepts.
  Matrix(T* data, Index rows, Index columns, Index row_step, Index column_step)
      : data(data), rows(rows), columns(columns), row_step(row_step), column_step(column_step) {
    if (columns == 1) this->column_step = 1;
    if (rows == 1) this->row_step = this->column_step == 1 ? columns : 1;
  }
  /// The first matrix of a stack.
  explicit Matrix(View<T> v)
      : Matrix(v.data, v.layout->dims().end()[-2], v.layout->dims().back(),
               v.layout->steps().end()[-2], v.layout->steps().back()) {}

  Index size() const { return rows * columns; }
  Matrix transposed() const { return {data, columns, rows, column_step, row_step}; }
};

/// A number of products of matrices that follow each other in memory, and the distances between
/// them.
struct Repeat {
  Index count;
  Index c, a, b;
};

/// The largest extent of a small matrix: a row of it stays in registers.
inline constexpr Index most_small = 8;

/// c = a b or c += a b for matrices of at most `most_small` rows and columns, none of them empty.
template <class T>
void multiply_small(const Matrix<T>& c, const Matrix<const T>& a, const Matrix<const T>& b,
                    bool add, const Repeat& repeat);

}  // namespace autograd
