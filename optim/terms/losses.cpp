#include "optim/losses.hpp"

#include <stdexcept>

#include "autograd/base/error.hpp"
#include "autograd/operators.hpp"
#include "autograd/slicing.hpp"

namespace optim {
namespace {

using autograd::broadcast_to, autograd::moveaxis, autograd::ravel, autograd::reshape;
using autograd::clip, autograd::softplus, autograd::square, autograd::where;
using autograd::correlate2d, autograd::take;
using autograd::Dims;
using autograd::Extents;
using autograd::fail;
using autograd::logsumexp, autograd::max, autograd::maximum, autograd::mean, autograd::min,
    autograd::sum;
using autograd::Reduce;
using autograd::to_string;

template <Scalar T>
void check_shapes(const char* op, const Var<T>& y_true, const Var<T>& y_pred, const char* name) {
  if (autograd::same(y_true.shape(), y_pred.shape())) return;
  fail(op, "shapes differ: y_true has shape {}, {} has shape {}; losses do not broadcast",
       to_string(y_true.shape()), name, to_string(y_pred.shape()));
}

template <Scalar T>
Var<T> residual(const char* op, const Var<T>& y_true, const Var<T>& y_pred) {
  check_shapes(op, y_true, y_pred, "y_pred");
  return y_true - y_pred;
}

template <Scalar T>
void check_labels(const char* op, const Var<T>& labels) {
  if (labels.size() == 0) return;
  const T low = min(labels).item(), high = max(labels).item();
  if (low >= 0 && high <= 1) return;
  fail(op, "labels must be in [0, 1]: y_true goes from {} to {}", low, high);
}

/// The place of each label among the elements of logits whose last axis holds the classes.
template <Scalar T>
xt::xarray<Index> places_of(const char* op, const xt::xarray<Index>& labels, const Var<T>& logits) {
  const Index classes = logits.shape(-1);
  xt::xarray<Index> places = labels;
  Index* place = places.data();
  for (Index i = 0; i < static_cast<Index>(places.size()); ++i) {
    if (place[i] < 0 || place[i] >= classes) {
      fail<std::out_of_range>(op, "label {} is out of range: there are {} classes", place[i],
                              classes);
    }
    place[i] += i * classes;
  }
  return places;
}

void check(const ScaleInvariantOptions& options) {
  if (options.lambda >= 0 && options.lambda <= 1) return;
  fail("scale_invariant_l2", "lambda must be in [0, 1], got {}", options.lambda);
}

template <Scalar T>
Var<T> residual_of_samples(const Var<T>& y_true, const Var<T>& y_pred) {
  const Var<T> y = residual("scale_invariant_l2", y_true, y_pred);
  if (y.dimension() == 0) {
    fail("scale_invariant_l2", "the first axis is the batch: y_true has shape ()");
  }
  return y;
}

/// All axes but the batch.
template <Scalar T>
Reduce over_samples(const Var<T>& y) {
  Extents axes;
  for (Index axis = 1; axis < y.dimension(); ++axis) axes.push(axis);
  return {.axis = axes};
}

/// `count` says how many elements each sample has.
template <Scalar T>
Var<T> scale_invariant(const Var<T>& y, const Var<T>& count, double lambda) {
  const Reduce samples = over_samples(y);
  const Var<T> n = maximum(count, 1);
  const Var<T> mean_of_squares = sum(square(y), samples) / n;
  const Var<T> square_of_mean = square(sum(y, samples) / n);
  return mean(mean_of_squares - static_cast<T>(lambda) * square_of_mean);
}

/// The filters along the rows and along the columns, of shape (2, 1, size, size).
template <Scalar T>
const xt::xarray<T>& filters(GradientFilter filter) {
  static const xt::xarray<T> difference = {{{{-1, 0}, {1, 0}}}, {{{-1, 1}, {0, 0}}}};
  static const xt::xarray<T> prewitt = {{{{-1, -1, -1}, {0, 0, 0}, {1, 1, 1}}},
                                        {{{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}}}};
  return filter == GradientFilter::difference ? difference : prewitt;
}

/// How many pixels a filter spans.
Index extent(GradientFilter filter) { return filter == GradientFilter::prewitt ? 3 : 2; }

template <Scalar T>
void check_images(const Var<T>& y, const GradientL2Options& options) {
  if (y.dimension() < 2) {
    fail("gradient_l2", "images have two axes: y_true has shape {}", to_string(y.shape()));
  }
  const Index least = options.border == Border::valid ? extent(options.filter) : 1;
  if (y.shape(-2) < least || y.shape(-1) < least) {
    fail("gradient_l2", "images must have at least {0} x {0} pixels: y_true has shape {1}", least,
         to_string(y.shape()));
  }
}

}  // namespace

template <Scalar T>
Var<T> mean_squared_error(const Target<T>& y_true, const Var<T>& y_pred) {
  return mean(square(residual("mean_squared_error", y_true, y_pred)));
}

template <Scalar T>
Var<T> mean_absolute_error(const Target<T>& y_true, const Var<T>& y_pred) {
  return mean(abs(residual("mean_absolute_error", y_true, y_pred)));
}

template <Scalar T>
Var<T> huber(const Target<T>& y_true, const Var<T>& y_pred, double delta) {
  if (!(delta > 0)) fail("huber", "delta must be positive, got {}", delta);
  const Var<T> e = residual("huber", y_true, y_pred);
  const Var<T> limited = clip(e, -delta, delta);
  return mean(limited * (e - T(0.5) * limited));
}

template <Scalar T>
Var<T> binary_cross_entropy_with_logits(const Target<T>& y_true, const Var<T>& logits) {
  const char* op = "binary_cross_entropy_with_logits";
  check_shapes(op, y_true, logits, "logits");
  check_labels(op, y_true);
  return mean(y_true * softplus(-logits) + (1 - y_true) * softplus(logits));
}

template <Scalar T>
Var<T> cross_entropy(const Target<T>& y_true, const Var<T>& logits, Index axis) {
  check_shapes("cross_entropy", y_true, logits, "logits");
  const Index classes = autograd::normalize_axis("cross_entropy", axis, logits.shape());
  const Var<T> surprise = logsumexp(logits, {.axis = classes, .keepdims = true}) - logits;
  return mean(sum(y_true * surprise, {.axis = classes}));
}

template <Scalar T>
Var<T> sparse_cross_entropy(const xt::xarray<Index>& labels, const Var<T>& logits, Index axis) {
  const char* op = "sparse_cross_entropy";
  const int classes = autograd::normalize_axis(op, axis, logits.shape());
  const Dims shape = autograd::detail::shape_of(labels);
  Dims expected(logits.shape());
  expected.erase(classes);
  if (!autograd::same(shape, expected)) {
    fail(op, "shapes differ: labels has shape {}, logits has shape {} with classes on axis {}",
         to_string(shape), to_string(logits.shape()), axis);
  }
  const Var<T> rows = moveaxis(logits, classes, -1);
  return mean(logsumexp(rows, {.axis = -1}) - take(ravel(rows), places_of(op, labels, rows)));
}

template <Scalar T>
Var<T> scale_invariant_l2(const Target<T>& y_true, const Var<T>& y_pred,
                          ScaleInvariantOptions options) {
  check(options);
  const Var<T> y = residual_of_samples(y_true, y_pred);
  const Var<T> count = autograd::element_count(y.shape().subspan(1));
  return scale_invariant(y, count, options.lambda);
}

template <Scalar T>
Var<T> scale_invariant_l2(const Target<T>& y_true, const Var<T>& y_pred, const Target<T>& mask,
                          ScaleInvariantOptions options) {
  check(options);
  const Var<T> y = residual_of_samples(y_true, y_pred);
  if (!autograd::broadcasts_to(mask.shape(), y.shape())) {
    fail("scale_invariant_l2",
         "the mask does not broadcast: mask has shape {}, y_true has shape {}",
         to_string(mask.shape()), to_string(y.shape()));
  }
  const Var<T> valid = broadcast_to(mask != 0, y.shape());
  return scale_invariant(where(valid, y, 0), sum(valid, over_samples(y)), options.lambda);
}

template <Scalar T>
Var<T> gradient_l2(const Target<T>& y_true, const Var<T>& y_pred, GradientL2Options options) {
  const Var<T> y = residual("gradient_l2", y_true, y_pred);
  check_images(y, options);
  const Index images = autograd::element_count(y.shape().first(y.shape().size() - 2));
  const bool same = options.border == Border::same;
  const Var<T> slopes =
      correlate2d(reshape(y, {images, 1, y.shape(-2), y.shape(-1)}), filters<T>(options.filter),
                  {.padding = same ? autograd::Padding::same : autograd::Padding::valid});
  const T factor = static_cast<T>(2 * options.scale * options.scale);  // the mean is over both
  return factor * mean(square(slopes));
}

#define OPTIM_LOSSES(T)                                                                    \
  template Var<T> mean_squared_error(const Var<T>&, const Var<T>&);                        \
  template Var<T> mean_absolute_error(const Var<T>&, const Var<T>&);                       \
  template Var<T> huber(const Var<T>&, const Var<T>&, double);                             \
  template Var<T> binary_cross_entropy_with_logits(const Var<T>&, const Var<T>&);          \
  template Var<T> cross_entropy(const Var<T>&, const Var<T>&, Index);                      \
  template Var<T> sparse_cross_entropy(const xt::xarray<Index>&, const Var<T>&, Index);    \
  template Var<T> scale_invariant_l2(const Var<T>&, const Var<T>&, ScaleInvariantOptions); \
  template Var<T> scale_invariant_l2(const Var<T>&, const Var<T>&, const Var<T>&,          \
                                     ScaleInvariantOptions);                               \
  template Var<T> gradient_l2(const Var<T>&, const Var<T>&, GradientL2Options);
OPTIM_LOSSES(float)
OPTIM_LOSSES(double)
#undef OPTIM_LOSSES

}  // namespace optim
