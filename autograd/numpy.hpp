/// More of NumPy's operations: elements at arrays of places, order, statistics, arrangement,
/// sequences. Most are compositions of those of ops.hpp.
#pragma once

#include <algorithm>
#include <functional>

#include "autograd/detail/api.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {

/// One element of x[...] where arrays are among the indices: a slice, an array of places, or a mask
/// (of which every element but 0 counts).
struct Indices {
  enum Kind { slice, places, mask } kind = slice;
  Slice of_axis = {};
  xt::xarray<Index> array = {};
};

/// Places of an axis: one, a list, or an array of any shape.
struct Places {
  Places(Integer auto place) : list({static_cast<Index>(place)}), single(true) {}
  Places(std::initializer_list<Index> places)
      : list(xt::xarray<Index>::from_shape({places.size()})) {
    std::copy(places.begin(), places.end(), list.begin());
  }
  template <Expression E>
  requires Integer<typename E::value_type> Places(const E& places) : list(places) {}
  xt::xarray<Index> list;
  bool single = false;
};

/// On which side of equal elements searchsorted finds a place.
enum class Side { left, right };

/// What a quantile between two elements is: what lies between them in proportion, one of them, or
/// their mean.
enum class Between { linear, lower, higher, nearest, midpoint };

/// The weights of a covariance matrix: `rowvar` says that rows are variables and columns
/// observations; the sums are divided by the number of observations less `ddof` (1, or 0 with
/// `bias`, unless it is given).
struct Covariance {
  Flag rowvar = true;
  Flag bias = false;
  std::optional<int> ddof = {};
};

/// The distance of samples along an axis.
struct Samples {
  double dx = 1;
  Index axis = -1;
};

/// How unwrap takes out jumps: those of more than `discont` (half of the period, unless it is
/// given).
struct Unwrap {
  std::optional<double> discont = {};
  Index axis = -1;
  double period = 6.283185307179586476925286766559;
};

/// How gradient takes differences: along one axis, which only a vector need not name; at the edges
/// of first or second order.
struct Gradient {
  std::optional<Index> axis = {};
  int edge_order = 1;
};

/// Which part of a convolution: all, as much as the longer argument, or where both overlap.
enum class Mode { full, same, valid };

/// The axes of a cross product: those of the vectors in a, b and the result, or one for all.
struct CrossAxes {
  Index axisa = -1, axisb = -1, axisc = -1;
  std::optional<Index> axis = {};
};

#pragma push_macro("V")
#undef V
#define V Var<AUTOGRAD_SCALAR>
#pragma push_macro("AUTOGRAD_SCALAR")
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR float
#include "autograd/numpy.inc"
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR double
#include "autograd/numpy.inc"
#undef AUTOGRAD_SCALAR
#pragma pop_macro("AUTOGRAD_SCALAR")
#undef V
#pragma pop_macro("V")

}  // namespace autograd
