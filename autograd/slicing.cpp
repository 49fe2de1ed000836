/// Slices, and the functions that change what they show.
#include "autograd/movement.hpp"
#include "autograd/op_scalar.hpp"

namespace autograd {
namespace {

/// What slices show of an array.
struct Shown {
  Dims shape, strides;
  Index offset = 0;
};

Index count_axes(std::span<const Slice> slices) {
  return std::ranges::count_if(
      slices, [](const Slice& s) { return s.kind == Slice::index || s.kind == Slice::range; });
}

Index place(const char* op, const Slice& s, int axis, const Layout& layout) {
  if (!s.start) fail(op, "a slice of one place does not say which");
  const Index at = *s.start, extent = layout.shape[axis];
  if (at < -extent || at >= extent) {
    fail<std::out_of_range>(op, "index {} is out of range for axis {}: the operand has shape {}",
                            at, axis, to_string(layout.dims()));
  }
  return at < 0 ? at + extent : at;
}

/// NumPy's clipping of a bound to the extent.
Index clipped(std::optional<Index> bound, Index otherwise, Index extent, Index low, Index high) {
  if (!bound) return otherwise;
  return std::clamp(*bound < 0 ? *bound + extent : *bound, low, high);
}

void show_range(const char* op, const Slice& s, Index extent, Index stride, Shown& shown) {
  if (s.step == 0) fail(op, "the step of a range must not be zero");
  const bool up = s.step > 0;
  const Index low = up ? 0 : -1, high = up ? extent : extent - 1;
  const Index start = clipped(s.start, up ? 0 : extent - 1, extent, low, high);
  const Index stop = clipped(s.stop, up ? extent : -1, extent, low, high);
  const Index distance = up ? stop - start : start - stop;
  const Index step = up ? s.step : -std::max(s.step, -PTRDIFF_MAX);
  const Index count = distance > 0 ? (distance - 1) / step + 1 : 0;
  shown.shape.push(count);
  shown.strides.push(count > 1 ? stride * s.step : stride);  // no overflow
  if (count > 0) shown.offset += start * stride;
}

Shown show(const char* op, const Layout& layout, std::span<const Slice> slices) {
  const Index given = count_axes(slices);
  if (given > layout.rank) {
    fail(op, "too many slices: {} axes are sliced, the operand has shape {}", given,
         to_string(layout.dims()));
  }
  Shown shown;
  int axis = 0;
  const auto whole = [&](Index count) {
    for (; count > 0; --count, ++axis) {
      shown.shape.push(layout.shape[axis]);
      shown.strides.push(layout.strides[axis]);
    }
  };
  bool ellipsis = false;
  for (const Slice& s : slices) {
    if (s.kind == Slice::ellipsis) {
      if (ellipsis) fail(op, "more than one ellipsis");
      ellipsis = true;
      whole(layout.rank - given);
    } else if (s.kind == Slice::newaxis) {
      shown.shape.push(1);
      shown.strides.push(0);
    } else if (s.kind == Slice::index) {
      shown.offset += place(op, s, axis, layout) * layout.strides[axis];
      ++axis;
    } else {
      show_range(op, s, layout.shape[axis], layout.strides[axis], shown);
      ++axis;
    }
  }
  whole(layout.rank - axis);
  return shown;
}

/// The place of a `set` in the layout of its result.
struct Place {
  const Layout* layout;
  Index offset;
};

V record_set(const V& x, const Layout* layout, const Place& place, const V& value);

void vjp_set(Pullback<T>& pullback) {
  const auto& where = pullback.attributes<Place>();
  const Layout* layout = tape().node("set", pullback.y()).layout;
  if (pullback.wants(0)) pullback.add(0, record_set(pullback.g, layout, where, V(0)));
  if (pullback.wants(1)) {
    const V g = in_layout(pullback.g, layout);
    pullback.add(1, strided_view(g, where.layout->dims(), where.layout->steps(), where.offset));
  }
}
constexpr Op<T> set_op{"set", nullptr, vjp_set};

V record_set(const V& x, const Layout* layout, const Place& place, const V& value) {
  const View<T> y = tape().allocate("set", layout);
  copy<T>(y, tape().value("set", x));
  const View<T> shown{y.data + place.offset, place.layout};
  copy<T>(shown, tape().value("set", value));
  auto* attributes = tape().arena.take<Place>(1);
  *attributes = place;
  return tape().push(set_op, y, {tape().id("set", x), tape().id("set", value)}, attributes);
}

/// The dense layout for the result of a change, and the changed place in it.
std::pair<const Layout*, Place> changed_place(const char* op, const V& x,
                                              std::span<const Slice> slices, const V& value) {
  const Layout& from = *tape().node(op, x).layout;
  const Layout* layout = from.dense ? &from : make_like(tape().arena, from.dims(), from, op);
  const Shown shown = show(op, *layout, slices);
  if (!broadcasts_to(value.shape(), shown.shape)) {
    fail(op, "the value does not broadcast to the slice: the value has shape {}, the slice {}",
         to_string(value.shape()), to_string(shown.shape));
  }
  return {layout, {make_layout(tape().arena, shown.shape, shown.strides, op), shown.offset}};
}

}  // namespace

V view(const V& x, std::span<const Slice> slices) {
  const Shown shown = show("view", *tape().node("view", x).layout, slices);
  return strided_view(x, shown.shape, shown.strides, shown.offset, "view");
}

V set(const V& x, std::span<const Slice> slices, const V& value) {
  const auto [layout, place] = changed_place("set", x, slices, value);
  return record_set(x, layout, place, value);
}

V add_at(const V& x, std::span<const Slice> slices, const V& value) {
  const auto [layout, place] = changed_place("add_at", x, slices, value);
  const Part<T> added{broadcast_to(value, place.layout->dims()), place.layout, place.offset,
                      nullptr};
  const Part<T> all{x, layout, 0, &added};
  return assemble<T>("add_at", layout, &all);
}

}  // namespace autograd
