// Every public operation: its declaration and its contract.
//
// This file is read twice, with V = Var<float> and with V = Var<double> (by ops_all.hpp), so that
// scalars and xtensor arrays convert on either side. Names and semantics are NumPy's. Wherever two
// arrays meet they broadcast; shapes that do not throw std::invalid_argument. Axes may be negative;
// an axis that does not exist throws std::out_of_range.
//
// A result may not have more than 16 axes (std::invalid_argument), nor more elements than memory
// can hold: more than 2^40 throw std::invalid_argument, others for which there is no memory an
// exception derived from std::bad_alloc. Views that repeat elements (broadcast_to) may have more,
// up to 2^60, but only views can be taken of them.

// ---- elementwise, one argument ---------------------------------------------------------------

V operator-(const V& x);
V negative(const V& x);
V exp(const V& x);
V expm1(const V& x);
V log(const V& x);
V log1p(const V& x);
V log2(const V& x);
V log10(const V& x);
/// Infinite derivative at 0.
V sqrt(const V& x);
V cbrt(const V& x);
V square(const V& x);
/// Derivative 0 at 0.
V abs(const V& x);
/// -1, 0 or 1; NaN stays. Derivative 0 everywhere.
V sign(const V& x);
/// Derivative 0 everywhere.
V floor(const V& x);
/// Angles are in radians.
V sin(const V& x);
V cos(const V& x);
V tan(const V& x);
V arcsin(const V& x);
V arccos(const V& x);
V arctan(const V& x);
V sinh(const V& x);
V cosh(const V& x);
V tanh(const V& x);
/// 1 / (1 + exp(-x)), without overflow.
V sigmoid(const V& x);
/// log(1 + exp(x)), without overflow.
V softplus(const V& x);
/// max(x, 0). Derivative 0 at 0.
V relu(const V& x);
/// 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
V erf(const V& x);

// ---- elementwise, two and three arguments ----------------------------------------------------

V operator+(const V& a, const V& b);
V operator-(const V& a, const V& b);
V operator*(const V& a, const V& b);
V operator/(const V& a, const V& b);
V add(const V& a, const V& b);
V subtract(const V& a, const V& b);
V multiply(const V& a, const V& b);
V divide(const V& a, const V& b);
/// a to the power b. Where a is 0, the derivative with respect to b is 0, and NaN where b is
/// negative and the value infinite.
V power(const V& a, const V& b);
/// NaN if either is NaN. Where both are equal each receives half of the gradient.
V maximum(const V& a, const V& b);
V minimum(const V& a, const V& b);
/// sqrt(a^2 + b^2) without overflow. Derivative 0 at the origin.
V hypot(const V& a, const V& b);
/// The angle of the point (b, a), in (-pi, pi].
V arctan2(const V& a, const V& b);
/// log(exp(a) + exp(b)), without overflow.
V logaddexp(const V& a, const V& b);

/// Elements of `a` where the mask is not zero, else of `b`. The branch not taken receives nothing,
/// whatever its values or derivatives are (NaN included).
V where(const V& mask, const V& a, const V& b);
/// x limited to [low, high]; high where low is above it. Derivative 1 inside, bounds included, and
/// 0 outside.
V clip(const V& x, const V& low, const V& high);

/// Masks: 1 where it holds, else 0. Constants for differentiation.
V equal(const V& a, const V& b);
V not_equal(const V& a, const V& b);
V operator<(const V& a, const V& b);
V operator<=(const V& a, const V& b);
V operator>(const V& a, const V& b);
V operator>=(const V& a, const V& b);
V operator==(const V& a, const V& b);
V operator!=(const V& a, const V& b);

// ---- reductions ------------------------------------------------------------------------------
// Over all axes, or those given: sum(x), sum(x, 1), sum(x, {0, 2}), sum(x, {.axis = 1, .keepdims =
// true}).

V sum(const V& x, const Reduce& over = {});
/// NaN for no elements, as the quotient 0 / 0.
V mean(const V& x, const Reduce& over = {});
/// Products of the other elements as derivatives, exact where elements are 0.
V prod(const V& x, const Reduce& over = {});
/// NaN if an element is NaN; ties share the gradient equally. No elements: std::invalid_argument.
V max(const V& x, const Reduce& over = {});
V min(const V& x, const Reduce& over = {});
/// Mean squared distance from the mean; `ddof` is subtracted from the number of elements.
V var(const V& x, const Reduce& over = {}, int ddof = 0);
/// The square root of var. Derivative 0 where all elements are equal.
V std(const V& x, const Reduce& over = {}, int ddof = 0);
/// log(sum(exp(x))), without overflow; -inf for no elements.
V logsumexp(const V& x, const Reduce& over = {});
/// exp(x) / sum(exp(x)) along one axis.
V softmax(const V& x, Index axis = -1);
/// The Euclidean norm of all elements, or along the axes. Derivative 0 at 0.
V norm(const V& x, const Reduce& over = {});
/// Order `ord` of vectors along one axis (a vector needs none): 1, 2, `inf`, or another p > 0; of
/// matrices in two axes (a matrix needs none): "fro", 1 (largest column sum), inf (largest row
/// sum). The order 2 of a matrix (its largest singular value) is refused. Derivative 0 at 0.
V norm(const V& x, Order ord, const Reduce& over = {});
/// Running sums along an axis; of the flattened array without one.
V cumsum(const V& x, std::optional<Index> axis = {});
/// 1 where any element (all elements) are not zero, else 0. Constants.
V any(const V& x, const Reduce& over = {});
V all(const V& x, const Reduce& over = {});

// The same with axes in their place: an integer, or a list of integers.
#define AUTOGRAD_BY_AXES(reduction)                                                 \
  V reduction(const V& x, Integer auto axis) { return reduction(x, Reduce{axis}); } \
  template <std::size_t n>                                                          \
  V reduction(const V& x, const Axis(&axes)[n]) {                                   \
    return reduction(x, Reduce{axes});                                              \
  }
AUTOGRAD_BY_AXES(sum)
AUTOGRAD_BY_AXES(mean)
AUTOGRAD_BY_AXES(prod)
AUTOGRAD_BY_AXES(max)
AUTOGRAD_BY_AXES(min)
AUTOGRAD_BY_AXES(logsumexp)
AUTOGRAD_BY_AXES(any)
AUTOGRAD_BY_AXES(all)
#undef AUTOGRAD_BY_AXES
V var(const V& x, Integer auto axis, int ddof = 0) { return var(x, Reduce{axis}, ddof); }
template <std::size_t n>
V var(const V& x, const Axis (&axes)[n], int ddof = 0) {
  return var(x, Reduce{axes}, ddof);
}
V std(const V& x, Integer auto axis, int ddof = 0) { return std(x, Reduce{axis}, ddof); }
template <std::size_t n>
V std(const V& x, const Axis (&axes)[n], int ddof = 0) {
  return std(x, Reduce{axes}, ddof);
}
/// As in NumPy, norm(x, 1) is the norm of order 1 of x; norm(x, 2, 1) has an axis.
V norm(const V& x, Order ord, Integer auto axis) { return norm(x, ord, Reduce{axis}); }
template <std::size_t n>
V norm(const V& x, Order ord, const Axis (&axes)[n]) {
  return norm(x, ord, Reduce{axes});
}

/// The first place of the largest (smallest) element along an axis, or in the flattened array.
/// NaN counts as largest (smallest). No elements: std::invalid_argument.
xt::xarray<Index> argmax(const V& x, std::optional<Index> axis = {});
xt::xarray<Index> argmin(const V& x, std::optional<Index> axis = {});

// ---- shapes ----------------------------------------------------------------------------------
// Views where memory allows; one extent may be -1 in reshape.

V reshape(const V& x, const Extents& shape);
V ravel(const V& x);
/// Axes in reverse, or in the given order.
V transpose(const V& x, const Extents& axes = {});
V swapaxes(const V& x, Index a, Index b);
V moveaxis(const V& x, Index from, Index to);
/// Without the axes of extent 1, or without the given one.
V squeeze(const V& x, std::optional<Index> axis = {});
V expand_dims(const V& x, Index axis);
V broadcast_to(const V& x, const Extents& shape);
V concatenate(std::span<const V> arrays, Index axis = 0);
V concatenate(std::initializer_list<V> arrays, Index axis = 0);
V stack(std::span<const V> arrays, Index axis = 0);
V stack(std::initializer_list<V> arrays, Index axis = 0);
/// Equal parts along an axis.
std::vector<V> split(const V& x, Index parts, Index axis = 0);
/// In reverse order along an axis, or along all.
V flip(const V& x, std::optional<Index> axis = {});
/// Shifted along an axis, what leaves the end comes in at the start; flattened without an axis.
V roll(const V& x, Index shift, std::optional<Index> axis = {});
/// Each element `count` times, along an axis or flattened.
V repeat(const V& x, Index count, std::optional<Index> axis = {});
/// The whole array `counts[i]` times along axis i.
V tile(const V& x, const Extents& counts);
/// `width[i]` = {before, after} elements more along axis i; one pair serves all axes.
V pad(const V& x, const Widths& width, Pad mode = Pad::constant, AUTOGRAD_SCALAR value = 0);
/// The vector on diagonal k of a matrix, or diagonal k of a matrix as a vector.
V diag(const V& x, Index k = 0);
/// Diagonal k of the matrices in the first two axes, as the last axis.
V diagonal(const V& x, Index k = 0);
/// The sum of diagonal k.
V trace(const V& x, Index k = 0);
/// With zeros below (above) diagonal k of the last two axes.
V triu(const V& x, Index k = 0);
V tril(const V& x, Index k = 0);

// ---- elements ---------------------------------------------------------------------------------
// view(x, slices...), set(x, slices..., value), add_at(x, slices..., value) stand in slicing.hpp.

V view(const V& x, std::span<const Slice> slices);
/// A copy of x in which the place that the slices show holds `value` (which broadcasts). In a loop,
/// x = set(x, ...), one copy is made when x is read as a whole; until then parts are read where
/// they have been set last. A loop that reads the whole of x in each turn copies it in each turn.
V set(const V& x, std::span<const Slice> slices, const V& value);
/// A copy of x in which `value` is added to the place that the slices show.
V add_at(const V& x, std::span<const Slice> slices, const V& value);
/// The elements (or, with an axis, the slices) at integer places, in the shape of `indices`.
/// Negative ones count from the end; others out of range throw std::out_of_range.
V take(const V& x, const xt::xarray<Index>& indices, std::optional<Index> axis = {});
/// The elements where the mask (of the shape of x) is true, as a vector.
V take(const V& x, const xt::xarray<bool>& mask);
V take(const V& x, const V& mask);

// ---- differences and products -----------------------------------------------------------------

/// x[i + 1] - x[i] along an axis, n times.
V diff(const V& x, int n = 1, Index axis = -1);
/// Products of vectors and matrices: NumPy's dot, inner, outer (flattens), matmul (stacks of
/// matrices broadcast) and tensordot (over the last `axes` of a and first of b, or given axes).
V dot(const V& a, const V& b);
V inner(const V& a, const V& b);
V outer(const V& a, const V& b);
V matmul(const V& a, const V& b);
V tensordot(const V& a, const V& b, int axes = 2);
V tensordot(const V& a, const V& b, const Extents& a_axes, const Extents& b_axes);
/// Sums of products named by subscripts, such as einsum("ij,jk->ik", {a, b}). Ellipses are not
/// supported.
V einsum(const std::string& subscripts, std::initializer_list<V> operands);

// ---- images -----------------------------------------------------------------------------------

/// What neural networks call convolution: x of shape (batch, channels, height, width) and a kernel
/// of shape (filters, channels / groups, rows, columns) give (batch, filters, height', width'),
/// with
///     y[b, f, i, j] = sum over c, u, v of kernel[f, c, u, v]
///                     * x[b, c, i * stride + u - zeros above, j * stride + v - zeros on the left].
/// Channels and filters are divided into `groups` of neighbours that do not see each other. Two
/// matrices are taken too, and give a matrix. A kernel larger than x with its zeros, or an empty
/// one: std::invalid_argument.
V correlate2d(const V& x, const V& kernel, const Conv& options = {});
/// The same with the kernel turned by half a circle: convolution as in mathematics and in SciPy.
V conv2d(const V& x, const V& kernel, const Conv& options = {});
/// Means and maxima of windows, in the last two axes: `window` and `stride` are one number or
/// {rows, columns}; without a stride windows lie side by side. What is left over at the lower and
/// right edges is not seen. Equal maxima of a window share the gradient equally; a NaN wins.
V avg_pool2d(const V& x, const Extents& window, const Extents& stride = {});
V max_pool2d(const V& x, const Extents& window, const Extents& stride = {});

// ---- for differentiation ----------------------------------------------------------------------

/// The same value as a constant.
V stop_gradient(const V& x);
/// r with zeros where it is not finite and g is 0. For rules.
V drop_non_finite(const V& r, const V& g);
