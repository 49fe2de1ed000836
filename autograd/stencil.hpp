/// Weighted sums of what lies around each place, row by row: what a correlation with a small kernel
/// is made of, and its adjoint.
#pragma once

#include "autograd/layout.hpp"

namespace autograd {

/// The places that a sum sees from where it stands: `columns` neighbours in each of some rows.
struct Stencil {
  static constexpr Index most_places = 32;

  std::span<const Index> rows;  ///< how far away their first places are
  Index columns;

  /// How far away the last place is.
  Index reach() const { return rows.back() + columns - 1; }
};

/// out[i] = the sum over all places of weight * x[i + place], 0 <= i < n.
template <class T>
void sum_around(const Stencil& stencil, T* out, const T* x, const T* weights, Index n);

/// out[i + place] += weight * g[i].
template <class T>
void spread_around(const Stencil& stencil, T* out, const T* g, const T* weights, Index n);

}  // namespace autograd
