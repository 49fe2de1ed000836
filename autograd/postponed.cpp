/// Values that are computed when they are needed. Large ones are pending: they are computed tile by
/// tile. Their sums and norms, and small results made of these, are postponed: when one is needed,
/// all reductions that wait are made, and what reads the same array shares its tiles or takes
/// turns.
#include "autograd/differences.hpp"
#include "autograd/fusion.hpp"

namespace autograd {
namespace {

template <class T>
std::span<const NodeId> inputs_if_pending(const Node<T>& node) {
  return node.pending() ? node.in() : std::span<const NodeId>();
}

template <class T>
bool reads(const Node<T>& node, NodeId id, NodeId other) {
  return id == other || std::ranges::count(inputs_if_pending(node), other) > 0;
}

/// Whether two arrays of one shape are the same, or one is made of the other, or both of a third.
template <class T>
bool related(Tape<T>& tape, NodeId a, NodeId b) {
  if (!same(tape[a].layout->dims(), tape[b].layout->dims())) return false;
  const auto read_by_a = [&](NodeId id) { return reads(tape[a], a, id); };
  return read_by_a(b) || std::ranges::any_of(inputs_if_pending(tape[b]), read_by_a);
}

/// The array at the beginning of a chain.
template <class T>
NodeId root_of(Tape<T>& tape, NodeId id) {
  while (tape[id].pending()) id = tape[id].inputs[0];
  return tape[id].root;
}

}  // namespace

template <class T>
void Fusion<T>::fold(NodeId id) {
  const Node<T>& node = tape_[id];
  const View<T> y{node.data, node.layout};
  fill(y, T(0));
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  fold_sum(restore_axes(tape_.arena, y, reduced), *map_op_of(node)->terms, node.inputs[0]);
  folded_[folded_count_++] = id;
}

template <class T>
void Fusion<T>::finish() {
  stored_count_ = 0;
  for (const NodeId id : std::span(folded_, static_cast<std::size_t>(folded_count_))) {
    Node<T>& node = tape_[id];
    if (map_op_of(node)->finish != nullptr) map_op_of(node)->finish(node.data, node.layout->size);
    node.weight = 0;
  }
}

/// If that is large, and all that they write is what they fold along some axes.
template <class T>
bool Fusion<T>::takes_turns(NodeId root) const {
  const std::span folded(folded_, static_cast<std::size_t>(folded_count_));
  const Layout& layout = *tape_[root].layout;
  return layout.dense && program.takes_turns(layout.size) &&
         std::ranges::none_of(folded, [&](NodeId id) { return tape_[id].layout->size == 1; });
}

/// Adds those reductions of x, and of what is related to it, for which there is room.
template <class T>
void Tape<T>::fold_related(Fusion<T>& fusion, NodeId x) {
  int weight = weight_of(nodes_[x]), count = 0;
  NodeId chosen[heaviest_gradient];
  std::erase_if(postponed_, [&](NodeId id) {
    const NodeId other = nodes_[id].inputs[0];
    if (weight + weight_of(nodes_[other]) > heaviest_gradient || !related(*this, x, other)) {
      return false;
    }
    weight += weight_of(nodes_[other]) + 2;
    chosen[count++] = id;
    return true;
  });
  for (int i = 0; i < count; ++i) fusion.fold(chosen[i]);
}

template <class T>
void Tape<T>::compute_reductions() {
  const ArenaScope memory(gradients);
  const auto destroy = [](Fusion<T>* fusion) { fusion->~Fusion(); };
  const NodeId root = root_of(*this, nodes_[postponed_[0]].inputs[0]);
  Fusion<T>* waiting[most_in_turns];
  const Program<T>* programs[most_in_turns];
  std::size_t count = 0;
  while (!postponed_.empty() && count < most_in_turns) {
    const NodeId x = nodes_[postponed_[0]].inputs[0];
    auto* room = gradients.take<std::byte>(sizeof(Fusion<T>));
    std::unique_ptr<Fusion<T>, decltype(destroy)> fusion(
        new (room) Fusion<T>(*this, nodes_[x].layout->dims()));
    const bool same_root = root_of(*this, x) == root;
    fold_related(*fusion, x);
    if (same_root && fusion->takes_turns(root)) {
      programs[count] = &fusion->program;
      waiting[count++] = fusion.release();  // stores nothing, and needs no destruction
    } else {
      fusion->run();
    }
  }
  run_in_turns<T>({programs, count}, value(root));
  for (std::size_t i = 0; i < count; ++i) waiting[i]->finish();
}

template <class T>
void Tape<T>::compute_small(NodeId id) {
  Node<T>& node = nodes_[id];
  const MapOp<T>& op = *map_op_of(node);
  if (op.terms != nullptr) {
    Fusion<T> fusion(*this, nodes_[node.inputs[0]].layout->dims());
    fusion.fold(id);
    return fusion.run();
  }
  View<const T> in[3];
  for (int i = 0; i < op.arity; ++i) in[i] = value(node.inputs[i]);
  const View<T> y{node.data, node.layout};
  map_store(y.layout->dims(), y, {in, static_cast<std::size_t>(op.arity)}, op.value);
  node.weight = 0;
}

template <class T>
void Tape<T>::compute_pending(NodeId id) {
  if (is_pending_difference(nodes_[id])) return nodes_[id].op->differences(*this, id, settle(id));
  if (nodes_[id].data == nullptr) {
    Fusion<T> fusion(*this, nodes_[id].layout->dims());
    fusion.settle(id);
    fold_related(fusion, id);
    return fusion.run();
  }
  if (nodes_[id].weight > 1) return compute_small(id);
  while (nodes_[id].pending()) compute_reductions();
}

/// If that fails, the reductions that were chosen wait again.
template <class T>
void Tape<T>::compute(NodeId id) {
  try {
    compute_pending(id);
  } catch (...) {
    postponed_.clear();
    for (NodeId each = 0; each < size(); ++each) {
      if (nodes_[each].postponed() && nodes_[each].weight == 1) postponed_.push_back(each);
    }
    throw;
  }
}

#define AUTOGRAD_INSTANTIATE(T)          \
  template void Fusion<T>::fold(NodeId); \
  template void Fusion<T>::finish();     \
  template void Tape<T>::compute(NodeId)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
