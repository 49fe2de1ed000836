/// The factors of matrices, which several operations on the same matrix share.
#pragma once

#include "autograd/linalg/stacks.hpp"

namespace autograd::linalg {

/// The factors of the matrices of a stack, in memory of the tape: those of Cholesky where a matrix
/// is symmetric and positive definite, otherwise those of elimination (loops/lapack.hpp).
template <class U>
struct Factors {
  const Layout* layout;  ///< of the stack
  Index n;               ///< rows of a matrix
  Index count;           ///< number of matrices
  U* matrices;
  int* pivots;
  bool* definite;
  bool all_definite = true;
  Index singular = -1;  ///< the first singular matrix, or -1

  const U* matrix(Index i) const { return matrices + i * n * n; }
  const int* pivots_of(Index i) const { return pivots + i * n; }
  std::span<const Index> batch() const { return batch_of(layout->dims()); }
  /// Throws std::runtime_error, naming `op`, if a matrix is singular.
  void require_regular(const char* op) const {
    if (singular >= 0) refuse_singular(op, batch(), singular);
  }
};

/// The factors of square matrices. They lie on the tape as a node that has no derivative, and are
/// found again when they are asked for a second time. Errors name `op`.
const Factors<T>* factors_of(const char* op, const V& a);

/// a^-1 b, or a^-T b, with the factors of a, for b of shape (..., n, k) with all leading axes.
V solve_by(const Factors<T>* factors, const V& a, const V& b, bool transposed);
/// a^-1 with the factors of a, none of them singular.
V inverse_by(const Factors<T>* factors, const V& a);

}  // namespace autograd::linalg
