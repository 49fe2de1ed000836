/// Cross-correlation (correlate2d) and convolution (conv2d) of images with kernels, and pooling.
#include <algorithm>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/ops/conv_op.hpp"

namespace autograd {
namespace {

bool all_at_least(Index least, const Extents& numbers) {
  return std::ranges::all_of(numbers, [least](Index number) { return number >= least; });
}

/// One number for both axes, or one for each.
Dims two_numbers(const char* op, const char* name, const Extents& numbers, Index least) {
  const bool fits = numbers.size() == 1 || numbers.size() == 2;
  if (!fits || !all_at_least(least, numbers)) {
    fail(op, "{} must be one or two numbers of at least {}, got {}", name, least,
         to_string(numbers));
  }
  return {numbers[0], numbers[numbers.size() - 1]};
}

/// One axis of a cross-correlation. The result is empty if the kernel is larger than the image with
/// its zeros. Strides longer than the image with its zeros all give one place, and are made that
/// long, so that nothing overflows.
ConvProblem::Axis axis_of(Index image, Index kernel, Index stride, Padding::Kind padding,
                          Index width) {
  if (padding == Padding::same) {
    stride = std::min(stride, std::max<Index>(1, image));
    const Index result = (image + stride - 1) / stride;
    const Index zeros = std::max<Index>(0, (result - 1) * stride + kernel - image);
    return {image, kernel, result, stride, zeros / 2};
  }
  const Index before = padding == Padding::full ? kernel - 1 : width;
  const Index padded = saturated_sum(image, saturated_product(2, before));
  const Index rest = padded - kernel;
  stride = std::min(stride, std::max<Index>(1, padded));
  return {image, kernel, rest < 0 ? 0 : rest / stride + 1, stride, before};
}

/// The extents of a cross-correlation but for rows and columns. Matrices have one channel and one
/// filter.
ConvProblem channels_of(const char* op, const V& x, const V& kernel, Index groups) {
  const Index rank = x.dimension();
  if (rank != kernel.dimension() || (rank != 2 && rank != 4)) {
    fail(op, "needs two arrays of four axes, or two matrices: x has shape {}, kernel has shape {}",
         to_string(x.shape()), to_string(kernel.shape()));
  }
  const Dims image = rank == 4 ? Dims{x.shape(0), x.shape(1)} : Dims{1, 1};
  const Dims filters = rank == 4 ? Dims{kernel.shape(0), kernel.shape(1)} : Dims{1, 1};
  if (groups < 1 || image[1] % groups != 0 || filters[0] % groups != 0) {
    fail(op,
         "channels and filters do not divide into {} groups: x has shape {}, kernel has shape {}",
         groups, to_string(x.shape()), to_string(kernel.shape()));
  }
  if (image[1] / groups != filters[1]) {
    fail(op,
         "channels differ: x has shape {}, kernel has shape {}; x.shape[1] / groups = {} must "
         "equal kernel.shape[1] = {}",
         to_string(x.shape()), to_string(kernel.shape()), image[1] / groups, filters[1]);
  }
  return {image[0], groups, filters[1], filters[0] / groups, {}, {}, rank == 2};
}

ConvProblem plan(const char* op, const V& x, const V& kernel, const Conv& options) {
  ConvProblem c = channels_of(op, x, kernel, options.groups);
  const Padding& padding = options.padding;
  const Dims stride = two_numbers(op, "stride", options.stride, 1);
  const Dims width = two_numbers(op, "padding", padding.width, 0);
  if (kernel.shape(-2) == 0 || kernel.shape(-1) == 0) {
    fail(op, "the kernel is empty: kernel has shape {}", to_string(kernel.shape()));
  }
  check_work(op, x.shape());
  check_work(op, kernel.shape());
  c.rows = axis_of(x.shape(-2), kernel.shape(-2), stride[0], padding.kind, width[0]);
  c.columns = axis_of(x.shape(-1), kernel.shape(-1), stride[1], padding.kind, width[1]);
  element_count(Dims{c.rows.padded(), c.columns.padded()}, op);
  const bool fits = c.rows.result > 0 && c.columns.result > 0;
  if (!fits && padding.kind != Padding::same) {
    fail(op,
         "the kernel is larger than x with its zeros: x has shape {}, kernel has shape {}, zeros "
         "on every side are {}",
         to_string(x.shape()), to_string(kernel.shape()),
         to_string(Dims{c.rows.before, c.columns.before}));
  }
  return c;
}

// ---- windows

struct Windows {
  Dims window, stride;
  Dims shape;  ///< the shape of the result
};

Windows windows_of(const char* op, const V& x, const Extents& window, const Extents& stride) {
  check_matrix(op, x.shape());
  check_work(op, x.shape());
  Windows w{two_numbers(op, "window", window, 1),
            two_numbers(op, "stride", stride.size() == 0 ? window : stride, 1), Dims(x.shape())};
  for (int i = 0; i < 2; ++i) {
    Index& extent = w.shape.end()[i - 2];
    if (extent < w.window[i]) {
      fail(op, "the window is larger than the image: x has shape {}, the window is {}",
           to_string(x.shape()), to_string(w.window));
    }
    w.stride[i] = std::min(w.stride[i], extent);
    extent = (extent - w.window[i]) / w.stride[i] + 1;
  }
  return w;
}

/// An array whose first axis runs over the places in a window, and whose other axes run over the
/// windows.
V unfolded(const V& x, const Windows& w) {
  const Layout& layout = *tape().node("max_pool2d", x).layout;
  const Index down = layout.steps().end()[-2], across = layout.steps().end()[-1];
  Dims shape(w.shape), steps(layout.steps());
  shape.insert(0, w.window[0] * w.window[1]);
  steps.end()[-2] *= w.stride[0];
  steps.end()[-1] *= w.stride[1];
  const Layout* whole = make_row_major(tape().arena, shape, "max_pool2d");
  const Layout* slice = make_layout(tape().arena, w.shape, whole->steps().subspan(1));
  auto* parts = tape().arena.take<PlacedView<T>>(static_cast<std::size_t>(shape[0]));
  for (Index i = 0; i < shape[0]; ++i) {
    const Index offset = i / w.window[1] * down + i % w.window[1] * across;
    parts[i] = {strided_view(x, w.shape, steps, offset), slice, i * whole->strides[0],
                i + 1 < shape[0] ? parts + i + 1 : nullptr};
  }
  return scatter_views<T>("max_pool2d", whole, parts, true);
}

}  // namespace

V correlate2d(const V& x, const V& kernel, const Conv& options) {
  return record_conv(plan("correlate2d", x, kernel, options), x, kernel);
}

V conv2d(const V& x, const V& kernel, const Conv& options) {
  const ConvProblem c = plan("conv2d", x, kernel, options);
  return record_conv(c, x, flip(flip(kernel, -1), -2));
}

V avg_pool2d(const V& x, const Extents& window, const Extents& stride) {
  const Windows w = windows_of("avg_pool2d", x, window, stride);
  const Index rows = w.window[0], columns = w.window[1];
  const Index images = element_count(x.shape().first(x.shape().size() - 2));
  const V kernel = broadcast_to(V(T(1) / T(rows * columns)), {1, 1, rows, columns});
  const V flat = reshape(x, {images, 1, x.shape(-2), x.shape(-1)});
  return reshape(correlate2d(flat, kernel, {.stride = w.stride}), w.shape);
}

V max_pool2d(const V& x, const Extents& window, const Extents& stride) {
  return max(unfolded(x, windows_of("max_pool2d", x, window, stride)), {.axis = 0});
}

}  // namespace autograd
