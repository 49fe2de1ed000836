/// The computation of lazy values (State in tape/tape.hpp), when something reads them.
///
/// A large value (fusable) is computed by a fused loop over its shape. Small ones (sums and norms
/// of large arrays, and small results made of these) are all computed when one of them is needed:
/// first the reductions of large arrays, then the others in the order of the tape, in a loop
/// without recursion. Reductions that read the same array, or the same chain on it, share a fused
/// loop. Loops of different shapes over one large array run in chunks. So an array goes through
/// memory once for all of them.
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

/// Whether a loop over both values has something to share: they have one shape, and are the same,
/// or one reads the other, or both read a third.
template <class T>
bool related(Tape<T>& tape, NodeId a, NodeId b) {
  if (!same(tape[a].layout->dims(), tape[b].layout->dims())) return false;
  const auto read_by_a = [&](NodeId id) { return reads(tape[a], a, id); };
  return read_by_a(b) || std::ranges::any_of(inputs_if_fusable(tape[b]), read_by_a);
}

/// The root of the array at the beginning of a chain of fusable values, along their first inputs.
template <class T>
NodeId root_of(Tape<T>& tape, NodeId id) {
  while (tape[id].state == State::fusable) id = tape[id].inputs[0];
  tape.value(id);
  return tape[id].root;
}

/// Adds those reductions to a fused loop that read x or a related value, as long as the cost stays
/// within the limit, and takes them from the list.
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

/// Loops that sum to one number do not run in chunks: they are divided into blocks among threads,
/// in a way that depends on their shape only, and chunks would change it.
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

/// Copies the list of lazy reductions. Callers take from the copy what a fused loop will compute;
/// the list itself keeps all of them until they are computed, since a fused loop may throw.
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

/// Runs a fused loop that computes a node, with the reductions that can share it.
template <class T>
void Tape<T>::run_with_reductions(Fusion<T>& fusion, NodeId id) {
  std::span<NodeId> reductions = copy_of_reductions();
  add_related_reductions(fusion, id, reductions);
  fusion.run();
  forget_computed_reductions();
}

template <class T>
void Tape<T>::compute_fusable(NodeId id) {
  const ArenaScope memory(gradients);
  Fusion<T> fusion(*this, nodes_[id].layout->dims());
  fusion.materialise(id);
  run_with_reductions(fusion, id);
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
  run_with_reductions(fusion, id);
  return y;
}

/// Computes the first lazy reduction and others until the list is empty or there are as many loops
/// as chunks can take. Reductions of the same root run in chunks if they gain by it, the rest at
/// once.
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

/// Computes a small value whose inputs are computed.
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

/// Computes all small values. Reductions of large arrays can come first: a large value that depends
/// on a small one has had it computed when it was recorded (push_fusable).
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
