/// Lazy values (State): what is large is computed by fused loops when somebody reads it. So are the
/// sums and norms of large arrays, and small results made of these: when one of them is needed, all
/// are computed, and those that read the same array do so in one loop, or chunk by chunk in turn.
#include <algorithm>
#include <memory>
#include <new>

#include "autograd/engine/differences.hpp"
#include "autograd/engine/fusion.hpp"

namespace autograd {
namespace {

template <class T>
std::span<const NodeId> inputs_if_fusable(const Node<T>& node) {
  return node.state == State::fusable ? node.in() : std::span<const NodeId>();
}

template <class T>
bool reads(const Node<T>& node, NodeId id, NodeId other) {
  return id == other || std::ranges::count(inputs_if_fusable(node), other) > 0;
}

/// Whether two arrays of one shape are the same, or one is made of the other, or both of a third.
template <class T>
bool related(Tape<T>& tape, NodeId a, NodeId b) {
  if (!same(tape[a].layout->dims(), tape[b].layout->dims())) return false;
  const auto read_by_a = [&](NodeId id) { return reads(tape[a], a, id); };
  return read_by_a(b) || std::ranges::any_of(inputs_if_fusable(tape[b]), read_by_a);
}

/// The array at the beginning of a chain of fusable values.
template <class T>
NodeId root_of(Tape<T>& tape, NodeId id) {
  while (tape[id].state == State::fusable) id = tape[id].inputs[0];
  tape.value(id);
  return tape[id].root;
}

/// Adds those reductions to a fused loop that read x, or what is related to it, as far as they fit
/// into it; and takes them from the list.
template <class T>
void add_related_reductions(Fusion<T>& fusion, NodeId x, std::span<NodeId>& reductions) {
  Tape<T>& tape = fusion.tape();
  int cost = cost_of(tape[x]), count = 0;
  NodeId chosen[max_lazy_gradient_cost];
  const auto rest = std::remove_if(reductions.begin(), reductions.end(), [&](NodeId id) {
    const NodeId other = tape[id].inputs[0];
    if (cost + cost_of(tape[other]) > max_lazy_gradient_cost || !related(tape, x, other)) {
      return false;
    }
    cost += cost_of(tape[other]) + 2;
    chosen[count++] = id;
    return true;
  });
  reductions = reductions.first(static_cast<std::size_t>(rest - reductions.begin()));
  for (int i = 0; i < count; ++i) fusion.add_reduction(chosen[i]);
}

}  // namespace

template <class T>
void Fusion<T>::add_reduction(NodeId id) {
  const Node<T>& node = tape_[id];
  const View<T> y{node.data, node.layout};
  fill(y, T(0));
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  add_sum(restore_axes(tape_.arena, y, reduced), *map_op_of(node)->terms, node.inputs[0]);
  reductions_[reduction_count_++] = id;
}

template <class T>
void Fusion<T>::finish() {
  stored_count_ = 0;
  for (const NodeId id : std::span(reductions_, static_cast<std::size_t>(reduction_count_))) {
    Node<T>& node = tape_[id];
    if (map_op_of(node)->finish != nullptr) map_op_of(node)->finish(node.data, node.layout->size);
    node.state = State::computed;
  }
}

/// Nothing may be summed to one number: fused loops are split into blocks for that, so that the
/// result does not depend on the number of threads.
template <class T>
bool Fusion<T>::runs_in_chunks(NodeId root) const {
  const std::span reductions(reductions_, static_cast<std::size_t>(reduction_count_));
  const Layout& layout = *tape_[root].layout;
  return layout.dense && loop.gains_by_chunks(layout.size) &&
         std::ranges::none_of(reductions, [&](NodeId id) { return tape_[id].layout->size == 1; });
}

template <class T>
void Tape<T>::compute(NodeId id) {
  switch (nodes_[id].state) {
    case State::computed:
      return;
    case State::fusable:
      return compute_fusable(id);
    case State::apart:
      return compute_apart(id);
    case State::small:
      return compute_small();
  }
}

template <class T>
void Tape<T>::compute_apart(NodeId id) {
  const View<T> memory = allocate(nodes_[id].op->name, nodes_[id].layout);
  nodes_[id].op->compute(*this, id, memory);
  set_computed(id, memory);
}

/// A copy of the list of lazy reductions, from which those are taken that a fused loop computes.
/// The list itself keeps them until they are computed, since fused loops may fail.
template <class T>
std::span<NodeId> Tape<T>::copy_of_reductions() {
  auto* copy = gradients.take<NodeId>(lazy_reductions_.size());
  std::ranges::copy(lazy_reductions_, copy);
  return {copy, lazy_reductions_.size()};
}

template <class T>
void Tape<T>::forget_computed_reductions() {
  std::erase_if(lazy_reductions_, [&](NodeId id) { return !nodes_[id].lazy(); });
}

template <class T>
void Tape<T>::compute_fusable(NodeId id) {
  const ArenaScope memory(gradients);
  Fusion<T> fusion(*this, nodes_[id].layout->dims());
  fusion.materialise(id);
  std::span<NodeId> reductions = copy_of_reductions();
  add_related_reductions(fusion, id, reductions);
  fusion.run();
  forget_computed_reductions();
}

template <class T>
View<T> Tape<T>::value_for_once(NodeId id) {
  const Op<T>& op = *nodes_[id].op;
  const MapOp<T>* map = map_op_of(nodes_[id]);
  if (nodes_[id].state != State::fusable || map == nullptr || map->costly) return value(id);
  const View<T> y = autograd::allocate<T>(op.name, gradients, nodes_[id].layout);
  const ArenaScope memory(gradients);
  Fusion<T> fusion(*this, y.layout->dims());
  op.step(fusion, id, fusion.loop.array(y));
  std::span<NodeId> reductions = copy_of_reductions();
  add_related_reductions(fusion, id, reductions);
  fusion.run();
  forget_computed_reductions();
  return y;
}

/// Computes the first lazy reduction and all that read the same array.
template <class T>
void Tape<T>::compute_reductions() {
  const ArenaScope memory(gradients);
  const auto destroy = [](Fusion<T>* fusion) { fusion->~Fusion(); };
  std::span<NodeId> rest = copy_of_reductions();
  const NodeId root = root_of(*this, nodes_[rest[0]].inputs[0]);
  Chunks<T> chunks;
  Fusion<T>* in_chunks[Chunks<T>::most];
  std::size_t count = 0;
  while (!rest.empty() && !chunks.full()) {
    const NodeId x = nodes_[rest[0]].inputs[0];
    std::unique_ptr<Fusion<T>, decltype(destroy)> fusion(new (
        gradients.take<std::byte>(sizeof(Fusion<T>))) Fusion<T>(*this, nodes_[x].layout->dims()));
    const bool same_root = root_of(*this, x) == root;
    add_related_reductions(*fusion, x, rest);
    if (same_root && fusion->runs_in_chunks(root)) {
      chunks.add(&fusion->loop);
      in_chunks[count++] = fusion.release();  // stores nothing, and needs no destruction
    } else {
      fusion->run();
    }
  }
  chunks.run(value(root));
  for (std::size_t i = 0; i < count; ++i) in_chunks[i]->finish();
}

/// The inputs of node `id` are computed.
template <class T>
void Tape<T>::compute_small(NodeId id) {
  Node<T>& node = nodes_[id];
  const MapOp<T>& op = *map_op_of(node);
  if (op.reduces) {
    const ArenaScope memory(gradients);
    Fusion<T> fusion(*this, nodes_[node.inputs[0]].layout->dims());
    fusion.add_reduction(id);
    return fusion.run();
  }
  View<const T> in[3];
  for (int i = 0; i < op.arity; ++i) in[i] = value(node.inputs[i]);
  const View<T> y{node.data, node.layout};
  map_store(y.layout->dims(), y, {in, static_cast<std::size_t>(op.arity)}, op.value);
  node.state = State::computed;
}

/// Reductions of large arrays do not depend on other small results, since large results that do
/// have had these computed.
template <class T>
void Tape<T>::compute_small() {
  while (!lazy_reductions_.empty()) {
    compute_reductions();
    forget_computed_reductions();
  }
  for (const NodeId id : lazy_small_) {
    if (nodes_[id].lazy()) compute_small(id);
  }
  lazy_small_.clear();
}

#define AUTOGRAD_INSTANTIATE(T)                   \
  template void Fusion<T>::add_reduction(NodeId); \
  template void Fusion<T>::finish();              \
  template void Tape<T>::compute(NodeId);         \
  template View<T> Tape<T>::value_for_once(NodeId)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
