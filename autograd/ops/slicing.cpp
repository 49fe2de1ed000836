/// Slices, and the functions that give arrays with changed elements.
///
/// `set` gives a new array, and values never change. Copying the array in each call would make a
/// loop of n changes quadratic, so changes of larger arrays are lazy (State::apart): the node
/// remembers the array before, the place and the value. When somebody needs the whole, all changes
/// that follow each other are made in one copy (make_changes). A view looks for its elements in the
/// changes (view_at), the latest first. If one has set exactly this place, the view shows its
/// value; if none touches the place, it shows the array before them; only otherwise is the array
/// computed.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "autograd/engine/fusion.hpp"
#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"

namespace autograd {
namespace {

/// The part of an array that slices show. For changes also, if `bounded`, the first and the last
/// place of the part along each axis of the array.
struct Shown {
  Dims shape, strides, first, last;
  Index offset = 0;
  bool bounded = false;

  void bound(Index from, Index to) {
    if (!bounded) return;
    first.push(from);
    last.push(to);
  }
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

/// Clips a bound of a range to the extent, as NumPy does; `otherwise` stands for no bound.
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
  const Index end = count > 0 ? start + (count - 1) * s.step : -1;
  shown.bound(count > 0 ? std::min(start, end) : 0, count > 0 ? std::max(start, end) : -1);
  if (count > 0) shown.offset += start * stride;
}

Shown show(const char* op, const Layout& layout, std::span<const Slice> slices, bool bounded) {
  const Index given = count_axes(slices);
  if (given > layout.rank) {
    fail(op, "too many slices: {} axes are sliced, the operand has shape {}", given,
         to_string(layout.dims()));
  }
  Shown shown;
  shown.bounded = bounded;
  int axis = 0;
  const auto whole = [&](Index count) {
    for (; count > 0; --count, ++axis) {
      shown.shape.push(layout.shape[axis]);
      shown.strides.push(layout.strides[axis]);
      shown.bound(0, layout.shape[axis] - 1);
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
      const Index at = place(op, s, axis, layout);
      shown.offset += at * layout.strides[axis];
      shown.bound(at, at);
      ++axis;
    } else {
      show_range(op, s, layout.shape[axis], layout.strides[axis], shown);
      ++axis;
    }
  }
  whole(layout.rank - axis);
  return shown;
}

/// Changes of arrays with fewer elements are made at once.
constexpr Index smallest_lazy = 64;

/// The attributes of a `set`: the layout and offset of the changed part in the result, and its
/// first and last place along each axis.
struct Place {
  const Layout* layout;
  Index offset;
  std::span<const Index> first, last;  ///< empty for small arrays, whose changes are not lazy
};

V record_set(const V& x, const Layout* layout, const Place& place, const V& value);
V view_at(const V& x, const Shown& shown);

Shown shown_at(const Place& place) {
  return {Dims(place.layout->dims()), Dims(place.layout->steps()), Dims(place.first),
          Dims(place.last), place.offset};
}

/// The value receives the gradient at its place, and the array before the change all the rest. So
/// that a loop of changes takes no copy of the gradient for each, the place is zeroed in the buffer
/// of the gradient, and the buffer is handed on to the array before.
void vjp_raw_set(RawSweep<T>& sweep, NodeId id) {
  const Node<T>& node = sweep.tape()[id];
  const Place& place = *static_cast<const Place*>(node.attributes);
  const NodeId x = node.inputs[0], value = node.inputs[1];
  const View<T> g = sweep.destination(id).view, part{g.data + place.offset, place.layout};
  if (sweep.wants(value) && place.layout->size > 0) {
    const View<const T> in = part;
    sweep.add(value, place.layout->dims(), {&in, 1}, Builtin<T>::copy);
  }
  if (!sweep.wants(x)) return;
  fill(part, T(0));
  sweep.hand_over(id, x);
}

void vjp_recorded_set(VjpContext<T>& context) {
  const auto& where = context.attributes<Place>();
  const Layout* layout = tape().node("set", context.y()).layout;
  const V g = in_layout(context.g, layout);
  if (context.wants(0)) context.add(0, record_set(g, layout, where, V(0)));
  if (context.wants(1)) context.add(1, view_at(g, shown_at(where)));
}

void make_changes(Tape<T>& tape, NodeId last, View<T> y);
constexpr Op<T> set_op{.name = "set",
                       .vjp_raw = vjp_raw_set,
                       .vjp_recorded = vjp_recorded_set,
                       .compute = make_changes};

bool is_lazy_set(const Node<T>& node) { return node.op == &set_op && node.lazy(); }

void put_value(View<T> y, const Node<T>& set) {
  const Place& place = *static_cast<const Place*>(set.attributes);
  copy<T>({y.data + place.offset, place.layout}, tape().value(set.inputs[1]));
}

/// Computes a `set` together with the lazy changes before it, in one copy of the array before them
/// all.
void make_changes(Tape<T>& tape, NodeId last, View<T> y) {
  const ArenaScope memory(tape.gradients);
  std::size_t count = 1;
  NodeId before = tape[last].inputs[0];
  for (; is_lazy_set(tape[before]); before = tape[before].inputs[0]) ++count;
  auto* changes = tape.gradients.take<NodeId>(count);
  for (NodeId id = last, *at = changes + count; at > changes; id = tape[id].inputs[0]) *--at = id;
  copy<T>(y, tape.value(before));
  for (const NodeId id : std::span(changes, count)) put_value(y, tape[id]);
}

/// Records a change, lazily if the array is not small.
V record_set(const V& x, const Layout* layout, const Place& place, const V& value) {
  const NodeId inputs[] = {tape().id("set", x), tape().id("set", value)};
  // A value that is a lazy change itself is computed now: chains of such would need recursion.
  if (is_lazy_set(tape()[inputs[1]])) tape().value(inputs[1]);
  auto* attributes = tape().arena.take<Place>(1);
  *attributes = place;
  if (layout->size >= smallest_lazy && !tape().throw_on_nonfinite) {
    check_work("set", layout->dims());
    return tape().push_apart(set_op, layout, inputs, attributes);
  }
  const View<T> y = tape().allocate("set", layout);
  copy<T>(y, tape().value(inputs[0]));
  copy<T>({y.data + place.offset, place.layout}, tape().value(inputs[1]));
  return tape().push(set_op, y, {inputs[0], inputs[1]}, attributes);
}

bool same_place(const Shown& shown, const Place& place) {
  return shown.offset == place.offset && same(shown.shape, place.layout->dims()) &&
         same(shown.strides, place.layout->steps());
}

/// Whether the two parts are seen to have no element in common, by their places along one axis.
bool disjoint(const Shown& shown, const Place& place) {
  for (int axis = 0; axis < shown.first.size(); ++axis) {
    if (shown.last[axis] < place.first[axis] || place.last[axis] < shown.first[axis]) return true;
  }
  return false;
}

/// The number of lazy changes through which a view looks before it has them made.
constexpr int farthest = 64;

/// The shown part of x: the value that the latest lazy change of this part has set, a view of the
/// array before all changes if none touches the part, or else a view of x itself, which is computed
/// for it.
V view_at(const V& x, const Shown& shown) {
  const Layout* layout = tape().node("view", x).layout;
  const auto seen_in = [&](const V& array) {
    return strided_view(array, shown.shape, shown.strides, shown.offset, "view");
  };
  NodeId at = tape().id("view", x);
  for (int i = 0; i < farthest && is_lazy_set(tape()[at]); ++i) {
    const Node<T>& set = tape()[at];
    const Place& place = *static_cast<const Place*>(set.attributes);
    if (same_place(shown, place)) return broadcast_to(tape().var(set.inputs[1]), shown.shape);
    at = set.inputs[0];
    if (!disjoint(shown, place) || !same_layout(*tape()[at].layout, *layout)) return seen_in(x);
  }
  return seen_in(is_lazy_set(tape()[at]) ? x : tape().var(at));
}

/// The dense layout for the result of a change, and the changed part in it.
std::pair<const Layout*, Place> changed_place(const char* op, const V& x,
                                              std::span<const Slice> slices, const V& value) {
  const Layout& from = *tape().node(op, x).layout;
  const Layout* layout = from.dense ? &from : tape().layout_like(from.dims(), from, op);
  const Shown shown = show(op, *layout, slices, layout->size >= smallest_lazy);
  if (!broadcasts_to(value.shape(), shown.shape)) {
    fail(op, "the value does not broadcast to the slice: the value has shape {}, the slice {}",
         to_string(value.shape()), to_string(shown.shape));
  }
  const auto kept = [](const Dims& bounds) -> std::span<const Index> {
    const auto count = static_cast<std::size_t>(bounds.size());
    if (count == 0) return {};
    Index* copied = tape().arena.take<Index>(count);
    std::copy(bounds.begin(), bounds.end(), copied);
    return {copied, count};
  };
  const Layout* part = make_layout(tape().arena, shown.shape, shown.strides, op);
  return {layout, {part, shown.offset, kept(shown.first), kept(shown.last)}};
}

}  // namespace

V view(const V& x, std::span<const Slice> slices) {
  const Node<T>& node = tape().node("view", x);
  const bool changed = is_lazy_set(node);
  const Shown shown = show("view", *node.layout, slices, changed);
  if (changed) return view_at(x, shown);
  return strided_view(x, shown.shape, shown.strides, shown.offset, "view");
}

V set(const V& x, std::span<const Slice> slices, const V& value) {
  const auto [layout, place] = changed_place("set", x, slices, value);
  return record_set(x, layout, place, value);
}

V add_at(const V& x, std::span<const Slice> slices, const V& value) {
  const auto [layout, place] = changed_place("add_at", x, slices, value);
  PlacedView<T> added{broadcast_to(value, place.layout->dims()), place.layout, place.offset,
                      nullptr};
  const PlacedView<T> all{x, layout, 0, &added};
  return scatter_views<T>("add_at", layout, &all);
}

}  // namespace autograd
