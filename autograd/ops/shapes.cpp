/// Reshaping and reordering: all of them views, with a copy first where memory does not allow one.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"

namespace autograd {
namespace {

const Layout& layout_of(const char* op, const V& x) { return *tape().node(op, x).layout; }

/// The shape that reshape was asked for, in which the extent -1 is replaced by what is left.
Dims resolve(const Extents& shape, const Layout& from) {
  Dims result(shape);
  Index known = 1, unknown = 0;
  for (Index extent : shape) {
    extent == -1 ? ++unknown : known = saturated_product(known, extent);
    if (extent < -1) unknown = 2;
  }
  const bool fits =
      unknown == 0 ? known == from.size : unknown == 1 && known != 0 && from.size % known == 0;
  if (!fits) {
    fail("reshape", "{} elements do not take the shape {}: the operand has shape {}", from.size,
         to_string(shape), to_string(from.dims()));
  }
  std::ranges::replace(result, Index(-1), unknown == 1 ? from.size / known : -1);
  return result;
}

V permuted(const char* op, const V& x, std::span<const Index> order) {
  const Layout& layout = layout_of(op, x);
  Dims shape, strides;
  for (Index axis : order) {
    shape.push(layout.shape[axis]);
    strides.push(layout.strides[axis]);
  }
  return strided_view(x, shape, strides);
}

Dims identity_order(int rank) {
  Dims order;
  for (int axis = 0; axis < rank; ++axis) order.push(axis);
  return order;
}

bool is_negative(Index extent) { return extent < 0; }

/// Diagonal k of the matrices in two axes, as the last axis.
V diagonal_of(const char* op, const V& whole, Index k, Index axis1, Index axis2) {
  check_matrix(op, whole.shape());
  const Extents axes{axis1, axis2};
  axes_mask(op, axes, whole.shape());
  const V x = axis1 == 0 && axis2 == 1 ? whole : moveaxis(whole, axes, {0, 1});
  const Layout& layout = layout_of(op, x);
  k = std::clamp(k, -layout.shape[0], layout.shape[1]);
  const Index down = std::max<Index>(0, -k), right = std::max<Index>(0, k);
  const Index length = std::min(layout.shape[0] - down, layout.shape[1] - right);
  Dims shape(layout.dims().subspan(2)), strides(layout.steps().subspan(2));
  shape.push(std::max<Index>(0, length));
  strides.push(layout.strides[0] + layout.strides[1]);
  const Index offset = length > 0 ? down * layout.strides[0] + right * layout.strides[1] : 0;
  return strided_view(x, shape, strides, offset);
}

}  // namespace

V reshape(const V& x, const Extents& shape) {
  const Dims wanted = resolve(shape, layout_of("reshape", x));
  if (same(wanted, layout_of("reshape", x).dims())) return x;
  return reshaped(x, wanted, "reshape");
}

V ravel(const V& x) { return reshape(x, {-1 + (x.size() == 0)}); }

V transpose(const V& x, const Extents& axes) {
  const Layout& layout = layout_of("transpose", x);
  Dims order = identity_order(layout.rank);
  if (axes.size() == 0) {
    std::ranges::reverse(order);
    return permuted("transpose", x, order);
  }
  Dims seen(layout.rank, 0);
  if (axes.size() == layout.rank) {
    for (int i = 0; i < layout.rank; ++i) {
      order[i] = normalize_axis("transpose", axes[i], layout.dims());
      seen[static_cast<int>(order[i])] = 1;
    }
  }
  if (axes.size() != layout.rank || std::ranges::count(seen, 0) > 0) {
    fail("transpose", "axes {} are not a permutation: the operand has shape {}", to_string(axes),
         to_string(layout.dims()));
  }
  return permuted("transpose", x, order);
}

V swapaxes(const V& x, Index a, Index b) {
  const Layout& layout = layout_of("swapaxes", x);
  Dims order = identity_order(layout.rank);
  std::swap(order[normalize_axis("swapaxes", a, layout.dims())],
            order[normalize_axis("swapaxes", b, layout.dims())]);
  return permuted("swapaxes", x, order);
}

V moveaxis(const V& x, const Extents& from, const Extents& to) {
  const Layout& layout = layout_of("moveaxis", x);
  if (from.size() != to.size()) {
    fail("moveaxis", "{} axes are to become {}", from.size(), to.size());
  }
  axes_mask("moveaxis", from, layout.dims());
  axes_mask("moveaxis", to, layout.dims());
  Dims order(layout.rank, -1), rest = identity_order(layout.rank);
  for (int i = 0; i < from.size(); ++i) {
    const int source = normalize_axis("moveaxis", from[i], layout.dims());
    order[normalize_axis("moveaxis", to[i], layout.dims())] = source;
    rest.erase(static_cast<int>(std::ranges::find(rest, source) - rest.begin()));
  }
  int next = 0;
  for (Index& axis : order) axis = axis == -1 ? rest[next++] : axis;
  return permuted("moveaxis", x, order);
}

V squeeze(const V& x, const Axes& axis) {
  const Layout& layout = layout_of("squeeze", x);
  unsigned mask = 0;
  if (axis) {
    mask = axes_mask("squeeze", *axis, layout.dims());
    for (Index each : *axis) {
      const Index extent = layout.shape[normalize_axis("squeeze", each, layout.dims())];
      if (extent == 1) continue;
      fail("squeeze", "axis {} has extent {}, not 1: the operand has shape {}", each, extent,
           to_string(layout.dims()));
    }
  }
  Dims shape, strides;
  for (int i = 0; i < layout.rank; ++i) {
    if (axis ? mask >> i & 1 : layout.shape[i] == 1) continue;
    shape.push(layout.shape[i]);
    strides.push(layout.strides[i]);
  }
  return strided_view(x, shape, strides);
}

V expand_dims(const V& x, const Extents& axes) {
  const Layout& layout = layout_of("expand_dims", x);
  const int rank = layout.rank + axes.size();
  unsigned inserted = 0;
  for (Index axis : axes) {
    if (axis < -rank || axis >= rank) {
      fail<std::out_of_range>("expand_dims",
                              "new axis {} is out of range: the operand has shape {}", axis,
                              to_string(layout.dims()));
    }
    const unsigned bit = 1u << (axis < 0 ? axis + rank : axis);
    if (inserted & bit) {
      fail("expand_dims", "axis {} is given twice: the operand has shape {}", axis,
           to_string(layout.dims()));
    }
    inserted |= bit;
  }
  Dims shape(layout.dims()), strides(layout.steps());
  for (int axis = 0; axis < rank; ++axis) {
    if (!(inserted >> axis & 1)) continue;
    shape.insert(axis, 1);
    strides.insert(axis, 0);
  }
  return strided_view(x, shape, strides, 0, "expand_dims");
}

V broadcast_to(const V& x, const Extents& shape) {
  const Layout& layout = layout_of("broadcast_to", x);
  if (same(layout.dims(), shape)) return x;
  if (!broadcasts_to(layout.dims(), shape) || std::ranges::any_of(shape, is_negative)) {
    fail("broadcast_to", "the operand does not broadcast to the shape {}: it has shape {}",
         to_string(shape), to_string(layout.dims()));
  }
  return strided_view(x, shape, broadcast_strides(layout, shape), 0, "broadcast_to");
}

V flip(const V& x, const Axes& axis) {
  const Layout& layout = layout_of("flip", x);
  Dims strides(layout.steps());
  const unsigned mask = axis ? axes_mask("flip", *axis, layout.dims()) : ~0u;
  Index offset = 0;
  for (int i = 0; i < layout.rank; ++i) {
    if (!(mask >> i & 1) || layout.shape[i] == 0) continue;
    offset += (layout.shape[i] - 1) * strides[i];
    strides[i] = -strides[i];
  }
  return strided_view(x, layout.dims(), strides, offset);
}

V diagonal(const V& x, Index k, Index axis1, Index axis2) {
  return diagonal_of("diagonal", x, k, axis1, axis2);
}
V trace(const V& x, Index k, Index axis1, Index axis2) {
  return sum(diagonal_of("trace", x, k, axis1, axis2), {.axis = -1});
}

template <class T>
const Var<T> Var<T>::operator[](Index i) const {
  const Node<T>& node = tape().node("operator[]", *this);
  const Layout& layout = *node.layout;
  if (layout.rank == 0) fail("operator[]", "a Var of rank 0 has no rows");
  const Index extent = layout.shape[0];
  if (i < -extent || i >= extent) {
    fail<std::out_of_range>("operator[]", "index {} is out of range: the operand has shape {}", i,
                            to_string(layout.dims()));
  }
  if (node.lazy()) {  // if x is a lazy `set`, the row may be seen in the array before it
    const Slice row{Slice::index, i};
    return view(*this, {&row, 1});
  }
  const Index at = i < 0 ? i + extent : i;
  return strided_view(*this, layout.dims().subspan(1), layout.steps().subspan(1),
                      at * layout.strides[0]);
}

template <class T>
typename Var<T>::Iterator Var<T>::begin() const {
  return {in_row_major(*this, "iteration"), 0};
}

template <class T>
typename Var<T>::Iterator Var<T>::end() const {
  if (layout_of("iteration", *this).rank == 0) fail("iteration", "a Var of rank 0 has no rows");
  return {*this, shape(0)};
}

template const V V::operator[](Index) const;
template V::Iterator V::begin() const;
template V::Iterator V::end() const;

}  // namespace autograd
