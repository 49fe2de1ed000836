#include "autograd/engine/elementwise.hpp"

#include <bit>

#include "autograd/engine/differences.hpp"
#include "autograd/engine/fusion.hpp"
#include "autograd/engine/rows.hpp"
#include "autograd/engine/views.hpp"

namespace autograd {

namespace {

/// The layout of the result: that of an input which has the shape of the result, so that the loop
/// walks both in the order of memory.
template <class T>
const Layout* result_layout(Tape<T>& tape, const char* name, const NodeId* ids, int count) {
  const Layout* model = tape[ids[0]].layout;
  bool alike = true;
  for (int i = 1; i < count; ++i) {
    const Layout* other = tape[ids[i]].layout;
    alike &= other == model || same(other->dims(), model->dims());
    if (other->size > model->size) model = other;
  }
  if (alike && model->dense) return model;
  Dims shape(tape[ids[0]].layout->dims());
  for (int i = 1; i < count; ++i) {
    const bool masks = i == 2;  // where(mask, a, b)
    shape = broadcast_shapes(name, shape, tape[ids[i]].layout->dims(), masks ? "a with b" : "a",
                             masks ? "mask" : "b");
  }
  if (model->dense && same(model->dims(), shape)) return model;
  return tape.layout_like(shape, *model, name);
}

/// Computes the value of an operation.
template <class T>
View<T> apply_to_arrays(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids,
                        const Layout* layout) {
  const View<T> y = tape.allocate(op.name, layout);
  View<const T> in[3];
  for (int i = 0; i < op.arity; ++i) in[i] = tape.value(ids[i]);
  map_store(y.layout->dims(), y, std::span<const View<const T>>(in, op.arity), op.value);
  return y;
}

/// Whether the sweep will read input k.
template <class T>
bool sweep_reads(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids, int k) {
  bool reads = false;
  for (int i = 0; i < op.arity; ++i) {
    reads |= tape[ids[i]].active && (op.rules[i].reads >> (k + 1) & 1);
  }
  return reads;
}

/// Whether input k may stay lazy where a result of that shape is. A lazy product of matrices is
/// part of a recorded gradient, whose value may never be read.
template <class T>
bool stays_lazy(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids, int k, const Layout& layout) {
  const Node<T>& node = tape[ids[k]];
  if (!same(node.layout->dims(), layout.dims())) return false;
  if (node.state == State::apart && node.op->kind == Kind::product) return true;
  return node.state == State::fusable || (node.joins() && !sweep_reads(tape, op, ids, k));
}

template <class T>
Var<T> push_map(Tape<T>& tape, const MapOp<T>& op, View<T> y, const NodeId* ids) {
  const Var<T> result = tape.push(op, y, std::span(ids, static_cast<std::size_t>(op.arity)));
  if (!op.rules[0].exists) tape.deactivate(result);
  return result;
}

/// Records a large result without computing it. Its inputs are computed now if they would make it
/// cost too much, if they are broadcast (a loop would compute their elements again for each row),
/// or if no fused loop computes them.
template <class T>
Var<T> push_fusable(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids, const Layout* layout) {
  const std::span<const NodeId> inputs(ids, static_cast<std::size_t>(op.arity));
  int cost = 1;
  for (int k = 0; k < op.arity; ++k) {
    if (!stays_lazy(tape, op, ids, k, *layout)) tape.value(ids[k]);
    cost += cost_of(tape[ids[k]]);
  }
  if (cost > max_lazy_cost) {
    for (NodeId id : inputs) {
      if (!tape[id].joins()) tape.value(id);
    }
    cost = 1 + op.arity;
  }
  const Var<T> result = tape.push_fusable(op, layout, cost, inputs);
  if (!op.rules[0].exists) tape.deactivate(result);
  return result;
}

/// Computes the operands that the rules of an operation on numbers read, if they are lazy.
template <class T>
[[gnu::noinline]] void compute_operands(const RawSweep<T>& sweep, const MapOp<T>& op, NodeId id) {
  Tape<T>& tape = sweep.tape();
  for (int i = 0; i < op.arity; ++i) {
    const unsigned reads = sweep.wants(tape[id].inputs[i]) ? op.rules[i].reads : 0;
    for (int k = 0; k < op.arity; ++k) {
      if (reads >> (k + 1) & 1) tape.value(tape[id].inputs[k]);
    }
    if (reads >> (op.arity + 1) & 1) tape.value(id);
  }
}

/// The operands that the rules of the wanted inputs read, as bits in the order g, inputs, y.
template <class T>
unsigned operands_read(const RawSweep<T>& sweep, const MapOp<T>& op, const Node<T>& node) {
  unsigned reads = 0;
  for (int i = 0; i < op.arity; ++i) {
    if (op.rules[i].exists && sweep.wants(node.inputs[i])) reads |= op.rules[i].reads;
  }
  return reads;
}

/// A contribution that a loop will write, and its place.
template <class T>
struct PendingWrite {
  int input;
  NodeId root;
  typename RawSweep<T>::Destination to;
  bool adds_in_place;  ///< each element is added to one place; nothing is stored or summed

  /// Whether one loop may write both contributions, tile by tile in turn.
  bool may_interleave(const PendingWrite& other) const {
    return root != other.root || (adds_in_place && other.adds_in_place);
  }
  /// Whether one step may add to this place and subtract from the other.
  bool lies_like(const PendingWrite& other) const {
    return adds_in_place && other.adds_in_place &&
           same(to.view.layout->steps(), other.to.view.layout->steps());
  }
};

/// The vjp of a large node. Contributions are added lazily if possible, and otherwise by as few
/// fused loops as possible, so that operands which several contributions read go through memory
/// once. Those of a difference are one step with two places.
template <class T>
void vjp_raw_fused(RawSweep<T>& sweep, NodeId id, const Layout& space) {
  Tape<T>& tape = sweep.tape();
  const Node<T>& node = tape[id];
  const auto gives = [&](int i) {
    return map_op_of(node)->rules[i].exists && sweep.wants(node.inputs[i]);
  };
  if (sweep.is_costly(id) && gives(0) && node.count > 1 && gives(1)) sweep.materialise(id);
  const bool two_places = node.count > 1 && gives(0) && gives(1) &&
                          tape[node.inputs[0]].root == tape[node.inputs[1]].root;
  if (two_places) sweep.make_root_owned(node.inputs[0]);
  PendingWrite<T> list[3];
  int count = 0;
  for (int i = 0; i < node.count; ++i) {
    if (!gives(i) || sweep.add_lazily(id, i)) continue;
    const auto to = sweep.destination(node.inputs[i]);
    const bool in_place =
        !to.fresh && to.view.layout->size == space.size && is_injective(*to.view.layout);
    list[count++] = {i, tape[node.inputs[i]].root, to, in_place};
  }
  const bool is_pair = map_op_of(node)->subtracts && count == 2 && list[0].lies_like(list[1]);
  for (int k = 0; k < count;) {
    Fusion<T> fusion(sweep, space.dims());
    const NodeId root = list[k].root;
    bool only_adds = true;
    if (is_pair) fusion.put_difference(list[0].to.view, list[1].to.view, id);
    do {
      if (!is_pair) fusion.put_contribution(list[k].to.view, list[k].to.fresh, id, list[k].input);
      only_adds &= list[k].adds_in_place && list[k].root == root;
    } while (++k < count && list[k].may_interleave(list[k - 1]));
    if (only_adds) {
      sweep.run_in_chunks(root, fusion.loop);
    } else {
      fusion.loop.run();
    }
    fusion.finish();
  }
}

}  // namespace

/// The value is computed at once, but for two cases: a large result becomes a lazy node (fusable),
/// and a result of small lazy values is lazy as they are.
template <class T>
Var<T> apply_map(const MapOp<T>& op, const Var<T>* const* inputs) {
  Tape<T>& tape = Tape<T>::current();
  NodeId ids[3];
  bool scalars = true, is_small = false;  // is_small: an input is, so that the result is, too
  for (int i = 0; i < op.arity; ++i) {
    ids[i] = tape.id(op.name, *inputs[i]);
    scalars &= tape[ids[i]].layout->rank == 0;
    is_small |= tape[ids[i]].state == State::small;
  }
  if (const auto y = apply_to_rows(tape, op, ids)) return push_map(tape, op, *y, ids);
  const Layout* layout = scalars ? &scalar_layout : result_layout(tape, op.name, ids, op.arity);
  if (!scalars && tape.fuses(*layout)) return push_fusable(tape, op, ids, layout);
  is_small &= !tape.throw_on_nonfinite;
  const View<T> y =
      is_small ? tape.allocate(op.name, layout) : apply_to_arrays(tape, op, ids, layout);
  const Var<T> result = push_map(tape, op, y, ids);
  if (is_small) tape.make_small(false);
  return result;
}

template <class T>
std::uint8_t step_of_map(Fusion<T>& fusion, NodeId id, std::uint8_t out) {
  typename FusedLoop<T>::Operand in[3];
  std::size_t count = 0;
  const Node<T>& node = fusion.tape()[id];
  for (const NodeId input : node.in()) in[count++] = fusion.operand(input);
  return fusion.loop.store(out, map_op_of(node)->value, {in, count});
}

template <class T>
View<T> restore_axes(Arena& arena, View<T> view, const ReducedAxes* reduced) {
  if (reduced == nullptr || reduced->mask == 0) return view;
  const int rank = view.layout->rank + std::popcount(reduced->mask);
  Dims shape, strides;
  for (int axis = 0, from = 0; axis < rank; ++axis) {
    const bool removed = reduced->mask >> axis & 1;
    shape.push(removed ? 1 : view.layout->shape[from]);
    strides.push(removed ? 0 : view.layout->strides[from]);
    from += removed ? 0 : 1;
  }
  return {view.data, make_layout(arena, shape, strides)};
}

/// Chooses how the vjp runs: on numbers for a number, in rows for a small array and numbers beside
/// it, through fused loops for large arrays, directly to the neighbours for a norm of lazy
/// differences, and otherwise by a loop for each input. Small arrays that lie alike do not come
/// here (vjp_flat in ops/rule.hpp).
template <class T>
void vjp_raw_map(RawSweep<T>& sweep, NodeId id) {
  Tape<T>& tape = sweep.tape();
  const Node<T>& node = tape[id];
  const auto& op = static_cast<const MapOp<T>&>(*node.op);
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  if (reduced == nullptr && node.layout->rank == 0) {
    if (node.lazy()) compute_operands(sweep, op, id);
    return op.vjp_number(sweep, tape[id], *sweep.gradient(id).data);
  }
  if (reduced == nullptr && vjp_raw_of_rows(sweep, op, id)) return;
  const Layout& space = reduced != nullptr ? *tape[node.inputs[0]].layout : *node.layout;
  if (op.scale.store != nullptr) sweep.scale_gradient(id, op.scale.store);
  if (tape.fuses(space)) return vjp_raw_fused(sweep, id, space);
  if (reduced != nullptr && vjp_raw_to_neighbours(sweep, id)) return;
  View<const T> all[5];
  all[0] = restore_axes(tape.gradients, sweep.gradient(id), reduced);
  const unsigned reads = operands_read(sweep, op, node);
  for (int i = 0; i < op.arity; ++i) {
    if (reads >> (i + 1) & 1) all[i + 1] = tape.value(node.inputs[i]);
  }
  if (reads >> (op.arity + 1) & 1) {
    all[op.arity + 1] = restore_axes<const T>(tape.gradients, tape.value(id), reduced);
  }

  for (int i = 0; i < op.arity; ++i) {
    const Rule<T>& rule = op.rules[i];
    if (!rule.exists || !sweep.wants(node.inputs[i])) continue;
    if (rule.identity) {
      sweep.add_alias(node.inputs[i], all[0]);
      continue;
    }
    View<const T> in[5];
    const int count = select(rule.reads, all, in);
    sweep.add(node.inputs[i], space.dims(), {in, static_cast<std::size_t>(count)}, rule.kernel);
  }
}

template <class T>
void vjp_recorded_map(VjpContext<T>& context) {
  const auto& op = static_cast<const MapOp<T>&>(context.op());
  const auto* reduced = context.template attributes_if_any<ReducedAxes>();
  const bool scales = op.scale.record != nullptr;
  const Var<T> g = with_axes(scales ? op.scale.record(context.g, context.y()) : context.g, reduced);
  const Var<T> y = with_axes(context.y(), reduced);
  Var<T> x[3];
  for (int i = 0; i < op.arity; ++i) x[i] = context.x(i);
  for (int i = 0; i < op.arity; ++i) {
    if (!op.rules[i].exists || !context.wants(i)) continue;
    const Var<T> contribution = op.rules[i].record(g, x, y);
    context.add(i, reduced != nullptr ? broadcast_to(contribution, x[i].shape()) : contribution);
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                           \
  template Var<T> apply_map<T>(const MapOp<T>&, const Var<T>* const*);    \
  template void vjp_raw_map<T>(RawSweep<T>&, NodeId);                     \
  template void vjp_recorded_map<T>(VjpContext<T>&);                      \
  template std::uint8_t step_of_map<T>(Fusion<T>&, NodeId, std::uint8_t); \
  template View<T> restore_axes<T>(Arena&, View<T>, const ReducedAxes*);  \
  template View<const T> restore_axes<const T>(Arena&, View<const T>, const ReducedAxes*)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
