/// What is minimised: a function of one array that knows its value and, as far as it has them, its
/// gradient and its proximal operator.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "autograd/transforms.hpp"

namespace optim {

using autograd::Scalar;

/// A term of an objective. Members that are empty say that the term does not have it: a solver that
/// needs it throws std::invalid_argument and names the term.
template <Scalar T>
struct Term {
  using Array = xt::xarray<T>;

  std::string name;
  std::function<T(const Array& x)> eval;
  /// Writes the gradient (which has the shape of x) and returns the value.
  std::function<T(Array& gradient, const Array& x)> value_and_grad;
  /// Replaces x by argmin_z 1/2 ||z - x||^2 + step * f(z).
  std::function<void(Array& x, T step)> prox;
};

/// A differentiable function of a Var: autograd derives its gradient.
template <Scalar T, class F>
Term<T> smooth(F f, std::string name = "smooth") {
  const auto gradient = autograd::value_and_grad(f);
  return {std::move(name),
          [f](const xt::xarray<T>& x) {
            const autograd::Scope<T> scope;
            return autograd::detail::called<T>(f, autograd::Var<T>(x)).item();
          },
          [gradient](xt::xarray<T>& g, const xt::xarray<T>& x) { return gradient.into(g, x); },
          {}};
}

/// 0 everywhere: gradient 0, its proximal operator leaves x as it is.
template <Scalar T>
Term<T> zero() {
  return {"zero", [](const auto&) { return T(0); },
          [](auto& gradient, const auto& x) {
            gradient.resize(x.shape());
            gradient.fill(0);
            return T(0);
          },
          [](auto&, T) {}};
}

// Terms of objectives that have a proximal operator, in the manner of pyunlocbox.
//
// Common to all: `lambda`, 0 or positive, weighs the term; options that are arrays are empty (of
// size 0) unless given; A and y are finite. Wrong options throw std::invalid_argument here, arrays
// that do not fit do so when the term is used with an x of another shape. Terms keep scratch
// memory: copies may be used at the same time, one of them may not.

namespace detail {

/// An option that is not given.
template <class T>
xt::xarray<T> not_given() {
  return xt::xarray<T>::from_shape({0});
}

}  // namespace detail

/// lambda * sum w |x - y|. Proximal operator: soft thresholding towards y.
template <Scalar T>
struct NormL1 {
  T lambda = 1;
  xt::xarray<T> weights = detail::not_given<T>();  ///< of the shape of x, >= 0; not given: all 1
  xt::xarray<T> y = detail::not_given<T>();        ///< of the shape of x; not given: 0
};
template <Scalar T>
Term<T> norm_l1(NormL1<T> options = {});

/// lambda * ||w (A x - y)||^2, with the analytic gradient 2 lambda A^T w^2 (A x - y). x may be a
/// matrix: A acts on its columns. The proximal operator solves a linear system by the singular
/// value decomposition of w A, made when it is first called; weights must then be those of rows.
template <Scalar T>
struct NormL2 {
  T lambda = 1;
  xt::xarray<T> A = detail::not_given<T>();  ///< of shape (m, n); not given: the identity
  xt::xarray<T> y = detail::not_given<T>();  ///< of the shape of A x; not given: 0
  /// Of the shape of A x, or (m) or (m, 1) for its rows; not given: 1.
  xt::xarray<T> weights = detail::not_given<T>();
};
template <Scalar T>
Term<T> norm_l2(NormL2<T> options = {});

/// lambda * sum over groups of w_g ||x_g||_2. Proximal operator: group soft thresholding, where a
/// group of norm 0 stays 0.
template <Scalar T>
struct NormL21 {
  T lambda = 1;
  /// The groups are the vectors along this axis (0: columns of a matrix, 1: rows) ...
  int axis = 0;
  /// ... or, if given, the elements of equal number: an array of the shape of x with numbers from
  /// 0.
  xt::xarray<std::int64_t> groups = detail::not_given<std::int64_t>();
  /// One >= 0 for each group, in the order of numbers, or of x without the axis; not given: all 1.
  xt::xarray<T> weights = detail::not_given<T>();
};
template <Scalar T>
Term<T> norm_l21(NormL21<T> options = {});

/// lambda * sum of the singular values of a matrix, NaN if an element is not finite. Proximal
/// operator: soft thresholding of these. Both take heap memory in each call, for LAPACK.
template <Scalar T>
Term<T> norm_nuclear(T lambda = 1);

/// lambda * sum over pixels of the Euclidean norm of the forward differences (isotropic total
/// variation; the difference across the last row or column is 0) over the last `dimensions` axes.
/// Further axes count images, which do not mix. Proximal operator: fast gradient projection on the
/// dual, Beck and Teboulle (2009), as exact as `tolerance` says.
template <Scalar T>
struct NormTV {
  T lambda = 1;
  int dimensions = 2;  ///< 2 or 3
  /// Ends when x changes by less in an iteration, relative to ||x - mean of its image|| at first (a
  /// norm that an offset of the image leaves as it is).
  double tolerance = 1e-5;
  std::uint64_t maxit = 200;  ///< inner iterations at most
};
template <Scalar T>
Term<T> norm_tv(NormTV<T> options = {});

}  // namespace optim
