/// Views of memory, copies, and the adjoint of both.
#include "autograd/engine/views.hpp"

#include <algorithm>

#include "autograd/engine/op_scalar.hpp"

namespace autograd {
namespace {

// A view has no gradient of its own. A contribution to it goes to its place in the gradient of its
// root, so the raw sweep has nothing to do for a view.
constexpr Op<T> view_op{"view"};

void vjp_raw_copy(RawSweep<T>& sweep, NodeId id) {
  sweep.add_alias(sweep.tape()[id].inputs[0], sweep.gradient(id));
}
void vjp_recorded_copy(VjpContext<T>& context) { context.add(0, context.g); }
constexpr Op<T> copy_op{"copy", vjp_raw_copy, vjp_recorded_copy};

}  // namespace

template <class T>
Var<T> strided_view(const Var<T>& x, std::span<const Index> shape, std::span<const Index> strides,
                    Index offset, const char* op) {
  const NodeId id = tape().id("view", x);
  const Layout* layout = tape().layout(shape, strides, op);
  return tape().push_view(view_op, {tape().value(id).data + offset, layout}, id);
}

template <class T>
Var<T> part_of_axis(const Var<T>& x, int axis, Index from, Index count) {
  const Layout& layout = *tape().node("view", x).layout;
  Dims shape(layout.dims());
  shape[axis] = count;
  return strided_view(x, shape, layout.steps(), from * layout.strides[axis]);
}

template <class T>
Var<T> in_layout(const Var<T>& x, const Layout* layout, const char* op) {
  if (same_layout(*tape().node("copy", x).layout, *layout)) return x;
  const View<T> y = tape().allocate(op, layout);
  copy<T>(y, tape().value("copy", x));
  return tape().push(copy_op, y, {tape().id("copy", x)});
}

namespace {

struct Place {
  const Layout* layout;
  Index offset;
};

/// The attributes of scatter_views: the inputs, and where each lies in the result.
struct Places : ManyInputs {
  Place* places;
};

/// The adjoint of scattering is taking views: each input receives the gradient at its place, as an
/// alias if it is the first contribution.
void vjp_raw_scatter_views(RawSweep<T>& sweep, NodeId id) {
  const auto& attributes = *static_cast<const Places*>(sweep.tape()[id].attributes);
  const View<const T> g = sweep.gradient_in_layout(id);
  for (std::uint32_t i = 0; i < attributes.count; ++i) {
    const Place& place = attributes.places[i];
    if (sweep.wants(attributes.ids[i])) {
      sweep.add_alias(attributes.ids[i], {g.data + place.offset, place.layout});
    }
  }
}

void vjp_recorded_scatter_views(VjpContext<T>& context) {
  const auto& attributes = context.attributes<Places>();
  const V g = in_layout(context.g, tape().node("scatter_views", context.y()).layout);
  for (int i = 0; i < context.count(); ++i) {
    const Place& place = attributes.places[i];
    if (context.wants(i)) {
      context.add(i, strided_view(g, place.layout->dims(), place.layout->steps(), place.offset));
    }
  }
}

void put_parts(View<T> y, const Places& places, bool cover) {
  for (std::uint32_t i = 0; i < places.count; ++i) {
    const Place& place = places.places[i];
    const View<T> to{y.data + place.offset, place.layout};
    const View<const T> from = tape().value(places.ids[i]);
    if (cover) {
      copy(to, from);
    } else {
      accumulate(to, from);
    }
  }
}
void join(Tape<T>& tape, NodeId id, View<T> y) {
  put_parts(y, *static_cast<const Places*>(tape[id].attributes), true);
}

constexpr Op<T> scatter_views_op{.name = "scatter_views",
                                 .vjp_raw = vjp_raw_scatter_views,
                                 .vjp_recorded = vjp_recorded_scatter_views,
                                 .compute = join};

Places* take_places(const PlacedView<T>* parts) {
  Arena& arena = tape().arena;
  std::uint32_t count = 0;
  for (const PlacedView<T>* part = parts; part != nullptr; part = part->next) ++count;
  auto* result = arena.take<Places>(1);
  *result = {{arena.take<NodeId>(count), count}, arena.take<Place>(count)};
  for (std::uint32_t i = 0; i < count; ++i, parts = parts->next) {
    result->ids[i] = tape().id("scatter_views", parts->array);
    result->places[i] = {parts->layout, parts->offset};
  }
  return result;
}

}  // namespace

template <class T>
Var<T> scatter_views(const char* op, const Layout* whole, const PlacedView<T>* parts, bool cover) {
  if (parts == nullptr) {
    const View<T> y = tape().allocate(op, whole);
    fill(y, T(0));
    return tape().push(constant_op<T>, y, {});
  }
  Places* places = take_places(parts);
  if (cover && tape().fuses(*whole)) {
    check_work(op, whole->dims());
    // Chains of lazy parts would be computed by recursion.
    for (std::uint32_t i = 0; i < places->count; ++i) tape().value(places->ids[i]);
    return tape().push_joined(scatter_views_op, whole, places);
  }
  const View<T> y = tape().allocate(op, whole);
  if (!cover) fill(y, T(0));
  put_parts(y, *places, cover);
  return tape().push_many(scatter_views_op, y, places);
}

template <class T>
Var<T> surround(const char* op, const Layout* whole, const PlacedView<T>& part, T number) {
  const View<T> y = tape().allocate(op, whole);
  Index end = part.offset + 1;
  for (int axis = 0; axis < part.layout->rank; ++axis) {
    end += (part.layout->shape[axis] - 1) * part.layout->strides[axis];
  }
  if (end - part.offset == part.layout->size) {  // there are no gaps in it
    std::fill(y.data, y.data + part.offset, number);
    std::fill(y.data + end, y.data + whole->size, number);
  } else {
    fill(y, number);
  }
  copy<T>({y.data + part.offset, part.layout}, tape().value(op, part.array));
  return tape().push_many(scatter_views_op, y, take_places(&part));
}

template <class T>
Var<T> in_row_major(const Var<T>& x, const char* op) {
  const Layout* layout = tape().node("copy", x).layout;
  return layout->row_major ? x : in_layout(x, tape().row_major(layout->dims(), op), op);
}

template <class T>
Var<T> reshaped(const Var<T>& x, std::span<const Index> shape, const char* op) {
  element_count(shape, op);
  return strided_view(in_row_major(x, op), shape, row_major_strides(shape));
}

template <class T>
Var<T> sum_to(const Var<T>& x, std::span<const Index> shape) {
  const std::span<const Index> from = x.shape();
  if (same(from, shape)) return x;
  const int extra = static_cast<int>(from.size() - shape.size());
  Extents axes;
  for (int axis = 0; axis < static_cast<int>(from.size()); ++axis) {
    if (axis < extra || (shape[axis - extra] == 1 && from[axis] != 1)) axes.push(axis);
  }
  return reshape(sum(x, {.axis = axes}), Extents(shape));
}

template <class T>
Var<T> with_axes(const Var<T>& x, const ReducedAxes* reduced) {
  if (reduced == nullptr || reduced->mask == 0) return x;
  const Layout* layout = restore_axes(tape().arena, tape().value("view", x), reduced).layout;
  return strided_view(x, layout->dims(), layout->steps());
}

template V strided_view(const V&, std::span<const Index>, std::span<const Index>, Index,
                        const char*);
template V part_of_axis(const V&, int, Index, Index);
template V in_layout(const V&, const Layout*, const char*);
template V scatter_views(const char*, const Layout*, const PlacedView<T>*, bool);
template V surround(const char*, const Layout*, const PlacedView<T>&, T);
template V in_row_major(const V&, const char*);
template V reshaped(const V&, std::span<const Index>, const char*);
template V sum_to(const V&, std::span<const Index>);
template V with_axes(const V&, const ReducedAxes*);

V stop_gradient(const V& x) {
  return tape().push(constant_op<T>, tape().value("stop_gradient", x), {});
}

}  // namespace autograd
