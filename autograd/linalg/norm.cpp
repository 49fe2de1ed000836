/// Norms of vectors and of matrices, and condition numbers.
#include <cmath>
#include <optional>

#include "autograd/linalg/factors.hpp"
#include "autograd/linalg/svd.hpp"

namespace autograd::linalg {
namespace {

/// Two axes of x, moved to the end in their order.
V with_matrices_last(const V& x, Index row, Index column) {
  const int from_row = normalize_axis("norm", row, x.shape());
  const int from_column = normalize_axis("norm", column, x.shape());
  if (from_row == from_column) fail("norm", "axis {} is given twice", row);
  const V moved = moveaxis(x, from_row, -1);
  return moveaxis(moved, from_column > from_row ? from_column - 1 : from_column, -1);
}

/// A norm of matrices that lie in the last two axes.
V of_matrices(const V& x, double p, bool nuclear) {
  if (nuclear) return sum(values_of("norm", x), -1);
  if (std::abs(p) != 1 && std::abs(p) != 2 && !std::isinf(p)) {
    fail("norm",
         "matrices have no norm of order {}; there are 1, -1, 2, -2, inf, -inf, \"fro\" and "
         "\"nuc\"",
         p);
  }
  if (x.shape(-1) == 0 || x.shape(-2) == 0) {
    fail("norm", "this norm needs elements: the operand has shape {}", to_string(x.shape()));
  }
  const V each = std::abs(p) == 2 ? values_of("norm", x) : sum(abs(x), std::isinf(p) ? -1 : -2);
  return p > 0 ? max(each, -1) : min(each, -1);
}

/// The orders of vectors that are no norms: the number of elements that are not 0, the smallest
/// absolute value, and the formula of a norm with a negative order.
V of_vectors(const V& x, double p, const Reduce& over) {
  if (p == 0) return sum(x != 0, over);
  if (std::isinf(p)) return min(abs(x), over);
  return power(sum(power(abs(x), T(p)), over), T(1 / p));
}

/// The axes of the norm: those given, or all of a vector or a matrix.
Dims axes_of(const V& x, const Reduce& over) {
  Dims axes;
  if (over.axis) return Dims(*over.axis);
  for (int axis = 0; axis < x.dimension(); ++axis) axes.push(axis);
  return axes;
}

}  // namespace

V norm(const V& x, const Reduce& over) { return autograd::norm(x, over); }

V norm(const V& x, NormOrder ord, const Reduce& over) {
  const Dims axes = axes_of(x, over);
  if (axes.size() != 1 && axes.size() != 2) {
    fail("norm", "an order needs one axis, or two for matrices: the operand has shape {}",
         to_string(x.shape()));
  }
  if (ord.kind == NormOrder::fro) return autograd::norm(x, "fro", over);
  const bool matrices = axes.size() == 2, nuclear = ord.kind == NormOrder::nuc;
  if (nuclear && !matrices) {
    fail("norm", "\"nuc\" needs two axes: the operand has shape {}", to_string(x.shape()));
  }
  if (!matrices) return ord.p > 0 ? autograd::norm(x, ord.p, over) : of_vectors(x, ord.p, over);
  V result = of_matrices(with_matrices_last(x, axes[0], axes[1]), ord.p, nuclear);
  if (!over.keepdims) return result;
  Dims shape(x.shape());
  for (Index axis : axes) shape[normalize_axis("norm", axis, x.shape())] = 1;
  return reshape(result, shape);
}

V cond(const V& x, std::optional<NormOrder> p) {
  const bool by_values = !p || (p->kind == NormOrder::number && std::abs(p->p) == 2);
  if (by_values) {
    const V s = values_of("cond", x);
    if (s.shape(-1) == 0) fail("cond", "x has no elements: its shape is {}", to_string(x.shape()));
    const V largest = max(s, -1), smallest = min(s, -1);
    return where(largest == 0, inf, p && p->p < 0 ? smallest / largest : largest / smallest);
  }
  check_square("cond", x);
  const Factors<T>* factors = factors_of("cond", x);
  factors->require_regular("cond");
  return norm(x, *p, Reduce{.axis = {-2, -1}}) *
         norm(inverse_by(factors, x), *p, Reduce{.axis = {-2, -1}});
}

}  // namespace autograd::linalg
