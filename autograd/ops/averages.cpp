/// Weighted means, statistics that leave out NaN, covariances, integrals: compositions.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

constexpr T no_number = std::numeric_limits<T>::quiet_NaN();
constexpr T infinity = std::numeric_limits<T>::infinity();

/// Checks the axes and the size of a reduction, so that errors name the operation that the user
/// called.
void check_reduction(const char* op, const V& x, const Reduce& over) {
  check_work(op, x.shape());
  if (over.axis) axes_mask(op, *over.axis, x.shape());
}

/// The weights in a shape that broadcasts to that of x: a vector lies along the only reduced axis.
V aligned(const char* op, const V& weights, const V& x, const Reduce& over) {
  if (same(weights.shape(), x.shape())) return weights;
  const bool is_vector = weights.dimension() == 1 && over.axis && over.axis->size() == 1;
  const int axis = is_vector ? normalize_axis(op, (*over.axis)[0], x.shape()) : 0;
  if (!is_vector || weights.size() != x.shape(axis)) {
    fail(op,
         "weights are of the shape of the operand, or a vector along the only axis: they have "
         "shape {}, the operand has shape {}",
         to_string(weights.shape()), to_string(x.shape()));
  }
  Dims shape(static_cast<int>(x.dimension()), 1);
  shape[axis] = weights.size();
  return reshape(weights, shape);
}

/// Refuses results of no elements.
void check_elements(const char* op, const V& x, const V& results) {
  if (x.size() > 0 || results.size() == 0) return;
  fail(op, "no elements: the operand has shape {}", to_string(x.shape()));
}

/// How many elements are numbers.
V count_numbers(const V& x, const Reduce& over) { return sum(x == x, over); }

/// The largest or smallest of the elements that are numbers; NaN if there are none.
V extreme_number(const char* op, const V& x, const Reduce& over, T neutral,
                 V (*extreme)(const V&, const Reduce&)) {
  check_reduction(op, x, over);
  const V numbers = count_numbers(x, over);
  check_elements(op, x, numbers);
  return where(numbers > 0, extreme(where(isnan(x), neutral, x), over), no_number);
}

/// The distances of numbers from their mean, and 0 in place of NaN.
V centred_numbers(const V& x, const Reduce& over) {
  const V mean = nanmean(x, {.axis = over.axis, .keepdims = true});
  return where(isnan(x), 0, x - mean);
}

/// y in the place of a variance of as many numbers, less ddof; NaN if these are not more than 0.
V if_enough(const V& x, const Reduce& over, int ddof, const V& sums,
            V (*divided)(V sums, V count)) {
  const V count = count_numbers(x, over) - static_cast<T>(ddof), enough = count > 0;
  return where(enough, divided(sums, where(enough, count, 1)), no_number);
}

/// Variables as rows.
V variables(const char* op, const V& x, const Covariance& options) {
  if (x.dimension() > 2) {
    fail(op, "takes vectors and matrices: the operand has shape {}", to_string(x.shape()));
  }
  if (x.dimension() < 2) return reshape(x, {1, x.size()});
  return options.rowvar ? x : transpose(x);
}

V covariances(const V& rows, const Covariance& options) {
  const Index ddof = options.ddof.value_or(options.bias ? 0 : 1);
  const V centred = rows - mean(rows, {.axis = 1, .keepdims = true});
  const V sums = matmul(centred, transpose(centred));
  return squeeze(sums / static_cast<T>(std::max<Index>(0, rows.shape(1) - ddof)));
}

V correlations(const V& covariance) {
  if (covariance.dimension() == 0) return covariance / covariance;
  const V deviations = sqrt(diagonal(covariance));
  const V scaled = covariance / expand_dims(deviations, 1) / expand_dims(deviations, 0);
  return clip(scaled, -1, 1);
}

V both_variables(const char* op, const V& x, const V& y, const Covariance& options) {
  const V rows = variables(op, x, options), more = variables(op, y, options);
  if (rows.shape(1) != more.shape(1)) {
    fail(op, "x has {} observations, y has {}", rows.shape(1), more.shape(1));
  }
  return concatenate({rows, more}, 0);
}

/// Sums along an axis of the means of neighbours, each times the distance of these.
V trapezoids(const V& y, const V& distances, int axis) {
  const Index last = y.shape(axis) - 1;
  if (last < 1) return sum(part_of_axis(y, axis, 0, 0), {.axis = axis});
  const V neighbours = part_of_axis(y, axis, 1, last) + part_of_axis(y, axis, 0, last);
  return sum(neighbours * distances, {.axis = axis}) / 2;
}

}  // namespace

V average(const V& x, const Reduce& over) {
  check_reduction("average", x, over);
  return mean(x, over);
}
V average(const V& x, const V& weights, const Reduce& over) {
  check_reduction("average", x, over);
  const V w = broadcast_to(aligned("average", weights, x, over), Extents(x.shape()));
  return sum(x * w, over) / sum(w, over);
}

V ptp(const V& x, const Reduce& over) {
  check_reduction("ptp", x, over);
  if (x.size() == 0) check_elements("ptp", x, sum(x, over));
  return max(x, over) - min(x, over);
}
V count_nonzero(const V& x, const Reduce& over) {
  check_reduction("count_nonzero", x, over);
  return sum(x != 0, over);
}

V nansum(const V& x, const Reduce& over) {
  check_reduction("nansum", x, over);
  return sum(where(isnan(x), 0, x), over);
}
V nanprod(const V& x, const Reduce& over) {
  check_reduction("nanprod", x, over);
  return prod(where(isnan(x), 1, x), over);
}
V nanmean(const V& x, const Reduce& over) {
  check_reduction("nanmean", x, over);
  return nansum(x, over) / count_numbers(x, over);
}
V nanmax(const V& x, const Reduce& over) {
  return extreme_number("nanmax", x, over, -infinity, max);
}
V nanmin(const V& x, const Reduce& over) {
  return extreme_number("nanmin", x, over, infinity, min);
}
V nanvar(const V& x, const Reduce& over, int ddof) {
  check_reduction("nanvar", x, over);
  return if_enough(x, over, ddof, sum(square(centred_numbers(x, over)), over),
                   [](V sums, V count) { return sums / count; });
}
V nanstd(const V& x, const Reduce& over, int ddof) {
  check_reduction("nanstd", x, over);
  return if_enough(x, over, ddof, norm(centred_numbers(x, over), over),
                   [](V norms, V count) { return norms / sqrt(count); });
}

V cov(const V& x, const Covariance& options) {
  return covariances(variables("cov", x, options), options);
}
V cov(const V& x, const V& y, const Covariance& options) {
  return covariances(both_variables("cov", x, y, options), options);
}
V corrcoef(const V& x, const Covariance& options) {
  return correlations(covariances(variables("corrcoef", x, options), options));
}
V corrcoef(const V& x, const V& y, const Covariance& options) {
  return correlations(covariances(both_variables("corrcoef", x, y, options), options));
}

V trapezoid(const V& y, const Samples& at) {
  return trapezoids(y, static_cast<T>(at.dx), normalize_axis("trapezoid", at.axis, y.shape()));
}
V trapezoid(const V& y, const V& x, Index axis) {
  const int along = normalize_axis("trapezoid", axis, y.shape());
  if (same(x.shape(), y.shape())) return trapezoids(y, diff(x, 1, along), along);
  if (x.dimension() != 1 || x.size() != y.shape(along)) {
    fail("trapezoid",
         "the places are of the shape of the samples, or a vector along the axis: they have shape "
         "{}, the samples have shape {}",
         to_string(x.shape()), to_string(y.shape()));
  }
  Dims shape(static_cast<int>(y.dimension()), 1);
  shape[along] = std::max<Index>(0, x.size() - 1);
  return trapezoids(y, reshape(diff(x), shape), along);
}

}  // namespace autograd
