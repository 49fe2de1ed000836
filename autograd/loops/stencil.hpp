/// Weighted sums of what lies around each place, row by row: what a correlation with a small kernel
/// is made of, and its adjoint.
#pragma once

#include "autograd/loops/loops.hpp"

namespace autograd {

/// The places that a sum sees from where it stands: `columns` neighbours in each of some rows.
struct Stencil {
  static constexpr Index most_places = 32;

  std::span<const Index> rows;  ///< how far away their first places are
  Index columns;
  /// The weight of a place is that of its row times that of its column; the weights of the rows
  /// are given, and then those of the columns. Otherwise, one weight for each place.
  bool separable;

  Index height() const { return static_cast<Index>(rows.size()); }
  /// How far away the last place is.
  Index reach() const { return rows.back() + columns - 1; }
};

/// True after writing the weights of rows and columns whose products are exactly `weights`.
template <class T>
bool separate(const T* weights, Index rows, Index columns, T* of_rows, T* of_columns);

/// out[i] = the sum over all places of weight * x[i + place], for 0 <= i < n <= tile_length.
template <class T>
void sum_around(const Stencil& stencil, T* out, const T* x, const T* weights, Index n);

/// out[i + place] += weight * g[i].
template <class T>
void scatter_around(const Stencil& stencil, T* out, const T* g, const T* weights, Index n);

}  // namespace autograd
