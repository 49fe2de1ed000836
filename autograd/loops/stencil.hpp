/// Stencils: weighted sums of the elements around each place, and their adjoint, row by row. A
/// cross-correlation with a small kernel is made of them, where it is a step of a fused loop.
#pragma once

#include "autograd/loops/loops.hpp"

namespace autograd {

/// The places whose elements one weighted sum reads, as distances in memory from the place to which
/// the sum belongs: `columns` neighbours in each of some rows.
struct Stencil {
  static constexpr Index most_places = 32;

  std::span<const Index> rows;  ///< the distance of the first place of each row
  Index columns;
  /// Whether the weight of a place is that of its row times that of its column: then the weights of
  /// the rows are given, and after them those of the columns. Otherwise each place has one weight.
  bool separable;

  Index height() const { return static_cast<Index>(rows.size()); }
  /// The distance of the last place.
  Index reach() const { return rows.back() + columns - 1; }
};

/// Writes weights of rows and of columns whose products are exactly `weights`. Returns false if
/// there are none.
template <class T>
bool separate(const T* weights, Index rows, Index columns, T* of_rows, T* of_columns);

/// out[i] = the sum over all places of weight * x[i + place], for 0 <= i < n <= tile_length.
template <class T>
void sum_around(const Stencil& stencil, T* out, const T* x, const T* weights, Index n);

/// out[i + place] += weight * g[i].
template <class T>
void scatter_around(const Stencil& stencil, T* out, const T* g, const T* weights, Index n);

}  // namespace autograd
