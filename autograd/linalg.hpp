/// Linear algebra on Var<float> and Var<double>, by LAPACK: what numpy.linalg and scipy.linalg
/// have, for real matrices and stacks of them. Include it by name: autograd.hpp does not.
#pragma once

#include "autograd/detail/api.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {
namespace linalg {

/// Sign and logarithm of the absolute value of a determinant.
template <class V>
struct Slogdet {
  V sign, logabsdet;
};

/// Which triangle `solve_triangular` reads, and how: `trans` solves with its transpose, and
/// `unit_diagonal` takes its diagonal to be 1 without reading it.
struct Triangular {
  bool trans = false;
  bool lower = false;
  bool unit_diagonal = false;
};

#pragma push_macro("V")
#undef V
#define V Var<AUTOGRAD_SCALAR>
#pragma push_macro("AUTOGRAD_SCALAR")
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR float
#include "autograd/linalg.inc"
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR double
#include "autograd/linalg.inc"
#undef AUTOGRAD_SCALAR
#pragma pop_macro("AUTOGRAD_SCALAR")
#undef V
#pragma pop_macro("V")

}  // namespace linalg
}  // namespace autograd
