#include <type_traits>
#include <utility>

#include "autograd/loops/matrix.hpp"

namespace autograd {
namespace {

/// A row of `n` numbers. The compiler knows n, and so keeps the row in registers.
template <int n, class T>
struct Row {
  T values[n] = {};

  void add(T factor, const T* row) {
    for (int j = 0; j < n; ++j) values[j] += factor * row[j];
  }
  void put(T* out, Index step, bool adds) const {
    if (step != 1) {
      for (int j = 0; j < n; ++j) out[j * step] = adds ? out[j * step] + values[j] : values[j];
    } else if (adds) {
      for (int j = 0; j < n; ++j) out[j] += values[j];
    } else {
      for (int j = 0; j < n; ++j) out[j] = values[j];
    }
  }
};

/// c = a b or c += a b, row by row, where the rows of b are contiguous.
template <int n, class T>
void multiply_rows(const Matrix<T>& c, T* to, const Matrix<const T>& a, const T* left,
                   const T* right, Index right_step, bool add) {
  for (Index i = 0; i < c.rows; ++i) {
    Row<n, T> sum;
    for (Index k = 0; k < a.columns; ++k) {
      sum.add(left[i * a.row_step + k * a.column_step], right + k * right_step);
    }
    sum.put(to + i * c.row_step, c.column_step, add);
  }
}

/// All products, for c of n columns. If the rows of b are not contiguous, b is copied first.
template <int n, class T>
void multiply_all(const Matrix<T>& c, const Matrix<const T>& a, const Matrix<const T>& b, bool add,
                  const Repeat& repeat) {
  for (Index at = 0; at < repeat.count; ++at) {
    T* to = c.data + at * repeat.c;
    const T *left = a.data + at * repeat.a, *right = b.data + at * repeat.b;
    if (b.column_step == 1) {
      multiply_rows<n>(c, to, a, left, right, b.row_step, add);
      continue;
    }
    T rows[most_small * n];
    for (Index k = 0; k < b.rows; ++k) {
      for (int j = 0; j < n; ++j) rows[k * n + j] = right[k * b.row_step + j * b.column_step];
    }
    multiply_rows<n>(c, to, a, left, rows, n, add);
  }
}

}  // namespace

/// Calls multiply_all with the number of columns as a constant: one loop for each number is
/// compiled.
template <class T>
void multiply_small(const Matrix<T>& c, const Matrix<const T>& a, const Matrix<const T>& b,
                    bool add, const Repeat& repeat) {
  [&]<int... n>(std::integer_sequence<int, n...>) {
    const auto if_so_many = [&]<int columns>(std::integral_constant<int, columns>) {
      if (c.columns == columns) multiply_all<columns>(c, a, b, add, repeat);
    };
    (if_so_many(std::integral_constant<int, n + 1>()), ...);
  }
  (std::make_integer_sequence<int, most_small>());
}

template void multiply_small<float>(const Matrix<float>&, const Matrix<const float>&,
                                    const Matrix<const float>&, bool, const Repeat&);
template void multiply_small<double>(const Matrix<double>&, const Matrix<const double>&,
                                     const Matrix<const double>&, bool, const Repeat&);

}  // namespace autograd
