/// Losses: differentiable functions that compare predictions with what is true.
///
/// Arguments stand in Keras' order, first y_true, then what the model gives. The latter is a Var
/// and decides the number type; y_true may also be an array or expression of that type, or of
/// integers. Every loss is one number, a composition of operations of the engine, and can be
/// differentiated by both arguments to any order. Shapes must be equal; nothing is broadcast.
/// Errors are std::invalid_argument unless stated otherwise. No elements: NaN, as the mean of
/// nothing, if nothing else is stated.
#pragma once

#include <type_traits>

#include "autograd/var.hpp"

namespace optim {

using autograd::Index;
using autograd::Scalar;
using autograd::Var;

/// A Var, or what converts to one. It takes no part in the deduction of T.
template <Scalar T>
using Target = std::type_identity_t<Var<T>>;

// ---- regression --------------------------------------------------------------------------------

/// mean(square(y_true - y_pred)).
template <Scalar T>
Var<T> mean_squared_error(const Target<T>& y_true, const Var<T>& y_pred);

/// mean(abs(y_true - y_pred)), the L1 loss. Derivative 0 where both are equal.
template <Scalar T>
Var<T> mean_absolute_error(const Target<T>& y_true, const Var<T>& y_pred);

/// The mean of e^2 / 2 where |e| <= delta, and of delta (|e| - delta / 2) elsewhere, with
/// e = y_true - y_pred and delta > 0. The second derivative is that of e^2 / 2 where |e| = delta.
template <Scalar T>
Var<T> huber(const Target<T>& y_true, const Var<T>& y_pred, double delta = 1);

// ---- classification ----------------------------------------------------------------------------
// From logits, without overflow for any that are finite.

/// The mean of -y_true log(p) - (1 - y_true) log(1 - p) with p = sigmoid(logits), for labels
/// y_true in [0, 1].
template <Scalar T>
Var<T> binary_cross_entropy_with_logits(const Target<T>& y_true, const Var<T>& logits);

/// -sum(y_true log(softmax(logits))) along the axis of the classes, averaged over all samples.
/// y_true holds ones and zeros, or the probabilities of the classes. An axis that does not exist:
/// std::out_of_range.
template <Scalar T>
Var<T> cross_entropy(const Target<T>& y_true, const Var<T>& logits, Index axis = -1);

/// The same for labels 0, 1, ..., in the shape of the logits without the axis of the classes. A
/// label that is no class: std::out_of_range.
template <Scalar T>
Var<T> sparse_cross_entropy(const xt::xarray<Index>& labels, const Var<T>& logits, Index axis = -1);

// ---- images ------------------------------------------------------------------------------------
// The losses of Narihira, Maire and Yu, Direct Intrinsics, ICCV 2015.

struct ScaleInvariantOptions {
  double lambda = 0.5;  ///< in [0, 1]: 0 is mean squared error, 1 ignores a shift of the prediction
};

/// The scale-invariant L2 loss (their equation 4), of logarithms of images as a rule. For each
/// sample, y = y_true - y_pred over all axes but the first, which is the batch:
/// sum(y^2) / n - lambda sum(y)^2 / n^2, averaged over the batch. n counts the elements of a
/// sample; a sample without elements contributes 0.
template <Scalar T>
Var<T> scale_invariant_l2(const Target<T>& y_true, const Var<T>& y_pred,
                          ScaleInvariantOptions options = {});

/// The same over valid elements, where the mask is not 0. It broadcasts to the shape of y_true:
/// (batch, 1, height, width), say. n counts the valid elements of a sample; a sample without any
/// contributes 0, and the average is still over the whole batch. Values of elements that are not
/// valid do not matter, NaN included, and their derivatives are 0.
template <Scalar T>
Var<T> scale_invariant_l2(const Target<T>& y_true, const Var<T>& y_pred, const Target<T>& mask,
                          ScaleInvariantOptions options = {});

enum class GradientFilter {
  prewitt,     ///< [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]] and its transpose
  difference,  ///< x[i + 1] - x[i]
};

enum class Border {
  valid,  ///< only where the whole filter lies within the image
  same,   ///< at every pixel, with zeros outside of the image
};

struct GradientL2Options {
  GradientFilter filter = GradientFilter::prewitt;
  double scale = 1;  ///< factor of the filters; 1 / 6 turns Prewitt's into the slope per pixel
  Border border = Border::valid;
};

/// The gradient L2 loss (their equation 6): mean((d_i y)^2 + (d_j y)^2) with y = y_true - y_pred,
/// filtered along the rows and along the columns, which are the last two axes; (height, width) or
/// (batch, channels, height, width), say. The mean is over all axes, at the pixels where both
/// filters fit: with Border::valid an image shrinks by 2 rows and columns (Prewitt), or by the last
/// ones (differences). An image in which the filter fits nowhere: std::invalid_argument.
template <Scalar T>
Var<T> gradient_l2(const Target<T>& y_true, const Var<T>& y_pred, GradientL2Options options = {});

}  // namespace optim
