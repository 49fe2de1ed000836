/// Linear algebra on Var<float> and Var<double>, by LAPACK: what numpy.linalg and scipy.linalg
/// have, for real matrices and stacks of them.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

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

/// Eigenvalues, and eigenvectors as columns.
template <class V>
struct Eigh {
  V eigenvalues, eigenvectors;
};

/// Singular values, with left singular vectors as columns and right ones as rows.
template <class V>
struct Svd {
  V U, S, Vh;
};
/// Whether `svd` gives square matrices of vectors.
struct Full {
  bool full_matrices = true;
};

template <class V>
struct Qr {
  V Q, R;
};

/// The result of least squares.
template <class V>
struct Lstsq {
  V x, residuals;
  xt::xarray<Index> rank;
  V s;
};

/// The order of a norm: a number, "fro" or "nuc".
struct NormOrder {
  enum Kind { number, fro, nuc };
  NormOrder(double p) : p(p) {}
  NormOrder(int p) : p(p) {}
  NormOrder(const std::string& name) : kind(name == "nuc" ? nuc : fro) {
    if (name != "fro" && name != "nuc") {
      throw std::invalid_argument("norm: unknown order \"" + name +
                                  "\"; the names are \"fro\" and \"nuc\"");
    }
  }
  NormOrder(const char* name) : NormOrder(std::string(name)) {}
  Kind kind = number;
  double p = 2;
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
