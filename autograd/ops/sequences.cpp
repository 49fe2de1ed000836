/// Products and differences of sequences: compositions.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

/// The vectors of a cross product along the last axis.
V vectors_of(const V& x, Index axis) {
  const V vectors = moveaxis(x, normalize_axis("cross", axis, x.shape()), -1);
  const Index n = vectors.shape(-1);
  if (n != 2 && n != 3) {
    fail("cross", "vectors have 2 or 3 elements, not {}: one operand has shape {}", n,
         to_string(x.shape()));
  }
  return vectors;
}

/// Component i of vectors along the last axis; the third of two is 0.
std::optional<V> component(const V& vectors, Index i) {
  if (i >= vectors.shape(-1)) return {};
  const Slice slices[] = {{Slice::ellipsis}, {Slice::index, i}};
  return view(vectors, std::span<const Slice>(slices));
}

/// a b - c d, where what is missing is 0.
V determinant(const std::optional<V>& a, const std::optional<V>& b, const std::optional<V>& c,
              const std::optional<V>& d) {
  const bool first = a && b, second = c && d;
  if (first && second) return *a * *b - *c * *d;
  return first ? *a * *b : -(*c * *d);
}

/// The axis of a gradient.
int axis_of_gradient(const V& f, const Gradient& options) {
  if (!options.axis && f.dimension() != 1) {
    fail("gradient", "needs an axis: the operand has shape {}", to_string(f.shape()));
  }
  return normalize_axis("gradient", options.axis.value_or(0), f.shape());
}

/// The distances of neighbours, in a shape that broadcasts with differences along the axis.
V distances(const V& f, const V& spacing, int axis) {
  if (spacing.dimension() == 0) return spacing;
  if (spacing.dimension() != 1 || spacing.size() != f.shape(axis)) {
    fail("gradient",
         "the spacing is a number, or a vector along the axis: it has shape {}, the operand has "
         "shape {}",
         to_string(spacing.shape()), to_string(f.shape()));
  }
  Dims shape(static_cast<int>(f.dimension()), 1);
  shape[axis] = spacing.size() - 1;
  return reshape(diff(spacing), shape);
}

/// Part of the distances, where there is one for each pair of neighbours.
V part_of_distances(const V& h, int axis, Index from, Index count) {
  return h.dimension() == 0 ? h : part_of_axis(h, axis, from, count);
}

/// The slope of the parabola through three neighbours at its first or last one: `near` is the slope
/// of the two at this end, over a distance h, and `far` that of the other two, over a distance k.
V edge_slope(const V& near, const V& far, const V& h, const V& k) {
  return near + (near - far) * (h / (h + k));
}

/// Convolution of two vectors at all places where they overlap.
V full_convolution(const V& a, const V& v) {
  return squeeze(conv2d(expand_dims(a, 0), expand_dims(v, 0), {.padding = Padding::full}), 0);
}

void check_vectors(const char* op, const V& a, const V& v) {
  if (a.dimension() == 1 && v.dimension() == 1 && a.size() > 0 && v.size() > 0) return;
  fail(op, "takes two vectors, not empty: a has shape {}, v has shape {}", to_string(a.shape()),
       to_string(v.shape()));
}

/// The part of a full convolution of vectors of n and m elements, m <= n, that a mode asks for.
V part_of_convolution(const V& all, Index n, Index m, Mode mode) {
  if (mode == Mode::full) return all;
  if (mode == Mode::same) return part_of_axis(all, 0, (m - 1) / 2, n);
  return part_of_axis(all, 0, m - 1, n - m + 1);
}

}  // namespace

V cross(const V& a, const V& b, const CrossAxes& axes) {
  const V x = vectors_of(a, axes.axis.value_or(axes.axisa));
  const V y = vectors_of(b, axes.axis.value_or(axes.axisb));
  const auto part = [&](Index i, Index k) {
    return determinant(component(x, i), component(y, k), component(x, k), component(y, i));
  };
  const V last = part(0, 1);
  if (x.shape(-1) == 2 && y.shape(-1) == 2) return last;
  const Extents shape(last.shape());
  const auto whole = [&](const V& part) { return broadcast_to(part, shape); };
  return stack({whole(part(1, 2)), whole(part(2, 0)), last}, axes.axis.value_or(axes.axisc));
}

V vdot(const V& a, const V& b) {
  if (a.size() != b.size()) {
    fail("vdot", "needs as many elements: a has shape {}, b has shape {}", to_string(a.shape()),
         to_string(b.shape()));
  }
  return dot(ravel(a), ravel(b));
}

V gradient(const V& f, const V& spacing, const Gradient& options) {
  const int axis = axis_of_gradient(f, options);
  const Index n = f.shape(axis);
  const bool second_order = options.edge_order == 2;
  if (!second_order && options.edge_order != 1) {
    fail("gradient", "the order at the edges is 1 or 2, not {}", options.edge_order);
  }
  if (n < options.edge_order + 1) {
    fail("gradient", "axis {} needs {} elements: the operand has shape {}", axis,
         options.edge_order + 1, to_string(f.shape()));
  }
  const V h = distances(f, spacing, axis), slopes = diff(f, 1, axis) / h;
  const auto slope = [&](Index i) { return part_of_axis(slopes, axis, i, 1); };
  const auto distance = [&](Index i) { return part_of_distances(h, axis, i, 1); };
  if (n == 2) return concatenate({slope(0), slope(0)}, axis);
  const auto left = [&](const V& x) { return part_of_axis(x, axis, 0, n - 2); };
  const auto right = [&](const V& x) { return part_of_axis(x, axis, 1, n - 2); };
  const V before = part_of_distances(h, axis, 0, n - 2),
          after = part_of_distances(h, axis, 1, n - 2);
  const V inner = (left(slopes) * after + right(slopes) * before) / (before + after);
  const V first =
      second_order ? edge_slope(slope(0), slope(1), distance(0), distance(1)) : slope(0);
  const V last = second_order
                     ? edge_slope(slope(n - 2), slope(n - 3), distance(n - 2), distance(n - 3))
                     : slope(n - 2);
  return concatenate({first, inner, last}, axis);
}

V convolve(const V& a, const V& v, Mode mode) {
  check_vectors("convolve", a, v);
  const Index n = std::max(a.size(), v.size()), m = std::min(a.size(), v.size());
  return part_of_convolution(full_convolution(a, v), n, m, mode);
}

V correlate(const V& a, const V& v, Mode mode) {
  check_vectors("correlate", a, v);
  if (v.size() > a.size()) return flip(correlate(v, a, mode));
  return part_of_convolution(full_convolution(a, flip(v)), a.size(), v.size(), mode);
}

V vander(const V& x, std::optional<Index> count, Flag increasing) {
  const Index powers = count.value_or(x.size());
  if (x.dimension() != 1 || powers < 0) {
    fail("vander",
         "takes a vector, and a number of powers that is not negative: x has shape {}, "
         "the number is {}",
         to_string(x.shape()), powers);
  }
  check_work("vander", Dims{x.size(), powers});
  if (powers == 0) return reshape(part_of_axis(x, 0, 0, 0), {x.size(), 0});
  std::vector<V> columns{ones_like(x)};
  for (Index i = 1; i < powers; ++i) columns.push_back(i == 1 ? x : columns.back() * x);
  if (!increasing) std::ranges::reverse(columns);
  return stack(columns, 1);
}

V polyval(const V& p, const V& x) {
  if (p.dimension() != 1) fail("polyval", "p is a vector: it has shape {}", to_string(p.shape()));
  V y = zeros_like(x);
  for (const V coefficient : p) y = y * x + coefficient;
  return y;
}

}  // namespace autograd
