/// Linear operations along one axis, in pairs, of which each is the adjoint of the other. So one
/// function for each operation serves its value, and as the vjp of the other one the derivatives of
/// every order.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "autograd/engine/differences.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/loops/places.hpp"
#include "autograd/loops/running_sums.hpp"
#include "autograd/ops/gather.hpp"
#include "autograd/ops/record.hpp"

namespace autograd {
namespace {

/// The attributes of these operations: the axis; for take and put also the places, and the extent
/// of the axis in the larger array.
struct Along {
  int axis;
  const Index* places = nullptr;
  Index count = 0;
  Index extent = 0;
};

using Apply = void (*)(View<T> out, View<const T> in, const Along& along, bool fresh);

struct LinearOp : Op<T> {
  Apply apply;
  Index (*extent)(Index in, const Along& along);  ///< the extent of the axis in the output
  const LinearOp* adjoint;
};

const LinearOp& linear(const Op<T>& op) { return static_cast<const LinearOp&>(op); }

V record_linear(const LinearOp& op, const V& x, const Along& along) {
  const View<const T> in = tape().value(op.name, x);
  Dims shape(in.layout->dims());
  shape[along.axis] = op.extent(shape[along.axis], along);
  const Layout* layout = tape().layout_like(shape, *in.layout, op.name);
  const auto compute = [&](View<T> y) { op.apply(y, in, along, true); };
  return record(op, layout, keep(along), compute, x);
}

void vjp_raw_linear(RawSweep<T>& sweep, NodeId id) {
  const Node<T>& node = sweep.tape()[id];
  if (!sweep.wants(node.inputs[0])) return;
  const auto [to, fresh] = sweep.destination(node.inputs[0]);
  linear(*node.op).adjoint->apply(to, sweep.gradient(id), *static_cast<Along*>(node.attributes),
                                  fresh);
}

void vjp_recorded_linear(VjpContext<T>& context) {
  context.add(0,
              record_linear(*linear(context.op()).adjoint, context.g, context.attributes<Along>()));
}

/// A view of `count` places of one axis, from a place on. It owns its layout, on the stack, since
/// no node keeps it.
template <class A>
class Slab {
 public:
  Slab(View<A> of, int axis, Index from, Index count) {
    shape_ = Dims(of.layout->dims());
    shape_[axis] = count;
    layout_ = {shape_.begin(), of.layout->strides, element_count(shape_), of.layout->rank, false,
               false};
    view_ = {of.data + from * of.layout->strides[axis], &layout_};
  }
  Slab(const Slab&) = delete;
  operator View<A>() const { return view_; }
  operator View<const A>() const requires(!std::is_const_v<A>) { return view_; }
  std::span<const Index> shape() const { return shape_; }

 private:
  Dims shape_;
  Layout layout_;
  View<A> view_;
};

template <class... In>
void put(const Slab<T>& out, bool fresh, const Kernel<T>& kernel, const In&... in) {
  const View<const T> operands[] = {in...};
  (fresh ? map_store<T> : map_add<T>)(out.shape(), out, std::span(operands), kernel);
}

// ---- diff

template <bool add>
void difference(T* __restrict out, const T* const* in, Index n) {
  const T *a = in[0], *b = in[1];
  for (Index i = 0; i < n; ++i) out[i] = (add ? out[i] : 0) + (a[i] - b[i]);
}
template <bool add>
void negative(T* __restrict out, const T* const* in, Index n) {
  const T* a = in[0];
  for (Index i = 0; i < n; ++i) out[i] = add ? out[i] - a[i] : -a[i];
}
constexpr Kernel<T> difference_kernel{difference<false>, difference<true>};
constexpr Kernel<T> negative_kernel{negative<false>, negative<true>};

using Const = Slab<const T>;

/// diff of a vector with any stride, tile by tile through contiguous rows.
void diff_vector(View<T> out, View<const T> in, bool fresh) {
  const Index from = in.layout->strides[0], to = out.layout->strides[0];
  T buffer[tile_length + 1], result[tile_length];
  for (Index i = 0; i < out.layout->size; i += tile_length) {
    const Index n = std::min(tile_length, out.layout->size - i);
    const T* row = gather(in.data + i * from, from, n + 1, buffer);
    const T* operands[] = {row + 1, row};
    if (to == 1) {
      (fresh ? difference_kernel.store : difference_kernel.add)(out.data + i, operands, n);
    } else {
      difference_kernel.store(result, operands, n);
      scatter(out.data + i * to, to, result, n, !fresh);
    }
  }
}

void apply_diff(View<T> out, View<const T> in, const Along& along, bool fresh) {
  if (in.layout->rank == 1) return diff_vector(out, in, fresh);
  const Index n = out.layout->shape[along.axis];
  put(Slab<T>(out, along.axis, 0, n), fresh, difference_kernel, Const(in, along.axis, 1, n),
      Const(in, along.axis, 0, n));
}

/// out[0] = -in[0], out[i] = in[i - 1] - in[i], out[n] = in[n - 1].
void diff_adjoint_vector(View<T> out, View<const T> in, bool fresh) {
  const Index n = in.layout->size, to = out.layout->strides[0];
  const T first = -in.data[0], last = in.data[n - 1];
  scatter(out.data, to, &first, 1, !fresh);
  T result[tile_length];
  for (Index i = 1; i < n; i += tile_length) {
    const Index count = std::min(tile_length, n - i);
    const T* operands[] = {in.data + i - 1, in.data + i};
    if (to == 1) {
      (fresh ? difference_kernel.store : difference_kernel.add)(out.data + i, operands, count);
    } else {
      difference_kernel.store(result, operands, count);
      scatter(out.data + i * to, to, result, count, !fresh);
    }
  }
  scatter(out.data + n * to, to, &last, 1, !fresh);
}

void apply_diff_adjoint(View<T> out, View<const T> in, const Along& along, bool fresh) {
  const int axis = along.axis;
  const Index n = in.layout->shape[axis];
  if (n == 0) {
    if (fresh) fill(out, T(0));
    return;
  }
  if (in.layout->rank == 1 && in.layout->strides[0] == 1) {
    return diff_adjoint_vector(out, in, fresh);
  }
  put(Slab<T>(out, axis, 0, 1), fresh, negative_kernel, Const(in, axis, 0, 1));
  put(Slab<T>(out, axis, 1, n - 1), fresh, difference_kernel, Const(in, axis, 0, n - 1),
      Const(in, axis, 1, n - 1));
  put(Slab<T>(out, axis, n, 1), fresh, Builtin<T>::copy, Const(in, axis, n - 1, 1));
}

void compute_diff(Tape<T>& tape, NodeId id, View<T> out) {
  apply_diff(out, tape.value(tape[id].inputs[0]), *static_cast<Along*>(tape[id].attributes), true);
}

extern const LinearOp diff_op, diff_adjoint_op;
const LinearOp diff_op{{.name = "diff",
                        .vjp_raw = vjp_raw_linear,
                        .vjp_recorded = vjp_recorded_linear,
                        .compute = compute_diff,
                        .kind = Kind::difference},
                       apply_diff,
                       [](Index in, const Along&) { return std::max<Index>(0, in - 1); },
                       &diff_adjoint_op};
const LinearOp diff_adjoint_op{{"diff_adjoint", vjp_raw_linear, vjp_recorded_linear},
                               apply_diff_adjoint,
                               [](Index, const Along& along) { return along.extent; },
                               &diff_op};

// ---- cumsum

template <bool backwards>
void apply_cumsum(View<T> out, View<const T> in, const Along& along, bool fresh) {
  running_sums(out, in, along.axis, backwards, !fresh);
}
Index same_extent(Index in, const Along&) { return in; }

extern const LinearOp cumsum_op, cumsum_adjoint_op;
const LinearOp cumsum_op{{"cumsum", vjp_raw_linear, vjp_recorded_linear},
                         apply_cumsum<false>,
                         same_extent,
                         &cumsum_adjoint_op};
const LinearOp cumsum_adjoint_op{{"cumsum_adjoint", vjp_raw_linear, vjp_recorded_linear},
                                 apply_cumsum<true>,
                                 same_extent,
                                 &cumsum_op};

// ---- take and put

std::span<const Index> places_of(const Along& along) {
  return {along.places, static_cast<std::size_t>(along.count)};
}
void apply_take(View<T> out, View<const T> in, const Along& along, bool fresh) {
  take_places(out, in, along.axis, places_of(along), !fresh);
}
void apply_put(View<T> out, View<const T> in, const Along& along, bool fresh) {
  if (fresh) fill(out, T(0));
  put_places(out, in, along.axis, places_of(along));
}

extern const LinearOp take_op, put_op;
const LinearOp take_op{{"take", vjp_raw_linear, vjp_recorded_linear},
                       apply_take,
                       [](Index, const Along& along) { return along.count; },
                       &put_op};
const LinearOp put_op{{"put", vjp_raw_linear, vjp_recorded_linear},
                      apply_put,
                      [](Index, const Along& along) { return along.extent; },
                      &take_op};

Index checked_place(Index place, Index extent, const V& x) {
  if (place < -extent || place >= extent) {
    fail<std::out_of_range>("take", "index {} is out of range: the operand has shape {}", place,
                            to_string(x.shape()));
  }
  return place < 0 ? place + extent : place;
}

}  // namespace

namespace {

/// Records the differences of a vector without computing them (State::apart): a norm does without
/// them.
V lazy_difference(const V& x, Index extent) {
  const NodeId id = tape().id("diff", x);
  tape().value(id);
  return tape().push_apart(diff_op, tape().row_major(Dims{extent - 1}, "diff"), {&id, 1},
                           keep(Along{.axis = 0, .extent = extent}));
}

/// One order of diff. Differences of large arrays are written as the subtraction of two views,
/// which fusion knows.
V difference(const V& x, int axis) {
  const Index extent = x.shape(axis);
  const Layout& layout = *tape().node("diff", x).layout;
  if (tape().fuses(layout)) {
    const V next = part_of_axis(x, axis, 1, extent - 1);
    const V previous = part_of_axis(x, axis, 0, extent - 1);
    return next - previous;
  }
  const bool is_long = layout.rank == 1 && extent >= shortest_lazy_difference;
  if (is_long && layout.strides[0] != 0 && !tape().throw_on_nonfinite) {
    return lazy_difference(x, extent);
  }
  return record_linear(diff_op, x, {.axis = axis, .extent = extent});
}

}  // namespace

V diff(const V& x, int n, Index axis) {
  if (n < 0) fail("diff", "order {} is negative", n);
  const std::span<const Index> shape = x.shape();
  const int along = normalize_axis("diff", axis, shape);
  check_work("diff", shape);
  V result = x;
  for (int i = 0; i < n && result.shape(along) > 0; ++i) result = difference(result, along);
  return result;
}

namespace {

/// A number as one slice across an axis of x; an array as it is.
V as_slice(const V& value, const V& x, int axis) {
  if (value.dimension() > 0) return value;
  Extents shape(x.shape());
  shape[axis] = 1;
  return broadcast_to(value, shape);
}

}  // namespace

V diff(const V& x, int n, Index axis, const std::optional<V>& prepend,
       const std::optional<V>& append) {
  const int along = normalize_axis("diff", axis, x.shape());
  V result = x;
  if (prepend) result = concatenate({as_slice(*prepend, x, along), result}, along);
  if (append) result = concatenate({result, as_slice(*append, x, along)}, along);
  return diff(result, n, along);
}

V cumsum(const V& x, std::optional<Index> axis) {
  if (!axis) return cumsum(ravel(x), 0);
  return record_linear(cumsum_op, x, {.axis = normalize_axis("cumsum", *axis, x.shape())});
}

namespace {

std::span<const Index> kept(std::span<const Index> places) {
  auto* copied = tape().arena.take<Index>(places.size());
  std::ranges::copy(places, copied);
  return {copied, places.size()};
}

}  // namespace

V take_at(const V& x, int axis, std::span<const Index> places) {
  const std::span<const Index> own = kept(places);
  return record_linear(take_op, x,
                       {axis, own.data(), static_cast<Index>(own.size()), x.shape(axis)});
}
V put_at(const V& x, int axis, std::span<const Index> places, Index extent) {
  const std::span<const Index> own = kept(places);
  return record_linear(put_op, x, {axis, own.data(), static_cast<Index>(own.size()), extent});
}

V take(const V& x, const xt::xarray<Index>& indices, std::optional<Index> axis) {
  if (!axis) return take(ravel(x), indices, 0);
  const int along = normalize_axis("take", *axis, x.shape());
  const Index extent = x.shape(along), count = static_cast<Index>(indices.size());
  auto* places = tape().arena.take<Index>(indices.size());
  std::transform(indices.begin(), indices.end(), places,
                 [&](Index place) { return checked_place(place, extent, x); });
  const V rows = record_linear(take_op, x, {along, places, count, extent});
  if (indices.dimension() == 1) return rows;
  Dims shape(rows.shape());
  shape.erase(along);
  for (std::size_t i = 0; i < indices.dimension(); ++i) {
    shape.insert(along + static_cast<int>(i), static_cast<Index>(indices.shape(i)));
  }
  return reshape(rows, shape);
}

V take(const V& x, const xt::xarray<bool>& mask) {
  if (!same(detail::shape_of(mask), x.shape())) {
    fail("take", "the mask must have the shape of the operand: mask has shape {}, x has shape {}",
         to_string(detail::shape_of(mask)), to_string(x.shape()));
  }
  auto* places = tape().arena.take<Index>(mask.size());
  Index count = 0, place = 0;
  for (bool chosen : mask) {
    places[count] = place++;
    count += chosen ? 1 : 0;
  }
  return record_linear(take_op, ravel(x), {0, places, count, x.size()});
}

V take(const V& x, const V& mask) {
  const xt::xarray<bool> chosen = xt::not_equal(mask.value(), T(0));
  return take(x, chosen);
}

}  // namespace autograd
