/// The raw sweep adds numbers into gradient buffers. (The recorded sweep runs the same rules on
/// Vars.)
#pragma once

#include <algorithm>

#include "autograd/engine/dependents.hpp"
#include "autograd/engine/gradients.hpp"
#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// The raw sweep, from node `y` down to the targets, the nodes whose gradients are wanted. Each
/// target is its own root. For each node that has received a gradient it runs the vjp of the
/// operation, which adds contributions to the gradients of the inputs.
template <class T>
class RawSweep {
 public:
  RawSweep(const char* name, Tape<T>& tape, NodeId y, std::span<const NodeId> targets)
      : RawSweep(name, tape, y, targets, tape.scope_start()) {}
  /// Sweeps a function that was recorded in an outer scope, whose nodes begin at `first`.
  RawSweep(const char* name, Tape<T>& tape, NodeId y, std::span<const NodeId> targets,
           NodeId first);

  /// Runs with the cotangent `g`, which has the shape of y. May be repeated. The buffer for the
  /// gradient of target i is outputs[i], if that is not null; then the target must be row-major. If
  /// the gradient of a target is still an alias when the sweep ends, outputs[i] has not been
  /// written: gradient(targets[i]).data is another place, from which the caller copies it.
  void run(View<const T> g, std::span<T* const> outputs = {});
  /// The gradient of a node without its lazy terms; no data if y does not depend on the node.
  View<const T> gradient(NodeId id) const {
    if (!dependents_[id]) return {nullptr, tape_[id].layout};
    const Slot& s = slot(id);
    return {s.data(), s.alias() != nullptr ? s.alias() : tape_[id].layout};
  }

  /// The lazy terms of the gradient of a node, which `gradient` does not contain.
  const LazyTerm* lazy_terms(NodeId id) const { return slot(id).terms(); }

  // ---- for the operations
  Tape<T>& tape() const { return tape_; }
  bool wants(NodeId id) const { return dependents_[id]; }
  /// The first node that may take part.
  NodeId first() const { return dependents_.first(); }
  /// Adds kernel(in...), of the given shape, to the gradient of `input`, summing broadcast axes.
  void add(NodeId input, std::span<const Index> shape, std::span<const View<const T>> in,
           const Kernel<T>& kernel);
  /// Adds `g` to the gradient of `input`. If it is the first contribution it becomes an alias
  /// instead of being copied, so it must not change any more.
  void add_alias(NodeId input, View<const T> g);
  /// Makes `g`, which has the layout of `input`, the gradient of `input` as an alias if it is the
  /// first contribution. Returns false if it is not.
  bool alias_first(NodeId input, View<const T> g) {
    if (tape_[input].root != input || slot(input).has_data()) return false;
    show(input, g);
    return true;
  }
  /// Adds the gradient of the consumer to that of `input`, which takes over the buffer if it can.
  /// For the last use of the consumer's gradient, whose buffer must come from `destination`.
  void hand_over(NodeId consumer, NodeId input);
  /// Adds the contribution of a consumer to its input i without computing it, as an alias or as a
  /// lazy term. Returns false if it must be computed now.
  bool add_lazily(NodeId consumer, int i);
  /// Computes the lazy terms of a gradient into a buffer.
  void materialise(NodeId id);
  /// Runs a fused loop that adds to the gradient of `root`: now, or in chunks with other such loops
  /// when that gradient is needed.
  void run_in_chunks(NodeId root, const FusedLoop<T>& loop);
  /// Whether the gradient of a node has a lazy term that takes longer than going through memory.
  bool is_costly(NodeId id) const { return slot(id).lazy() && slot(id).terms()->costly; }
  /// Runs the rule of a node on Vars that are forgotten at once, for operations without a raw vjp.
  void vjp_by_rule(NodeId id);
  /// Replaces the gradient of a node by kernel(gradient, value): see Scale.
  void scale_gradient(NodeId id, typename Kernel<T>::Function kernel);
  /// The gradient of a node in the layout of its value: as it is if it is an alias in that layout,
  /// otherwise in a buffer of its own. It must not be written.
  View<const T> gradient_in_layout(NodeId id) {
    const Slot& s = slot(id);
    if (s.alias() != tape_[id].layout || s.lazy()) make_owned(id);
    return gradient(id);
  }
  /// Gives the root of a view a gradient in a buffer, of zeros if it was empty. Called before one
  /// fused loop adds to two views of one root: neither of them may then be stored as the first
  /// contribution.
  void make_root_owned(NodeId input) {
    const NodeId root = tape_[input].root;
    if (tape_[input].layout->size != tape_[root].layout->size) make_owned(root);
  }
  /// The place of `input` in the gradient of its root. A `fresh` one holds nothing yet, and is
  /// written instead of added to.
  struct Destination {
    View<T> view;
    bool fresh;
  };
  Destination destination(NodeId input) {
    const Node<T>& node = tape_[input];
    const Slot& s = slot(node.root);
    if (!s.owned()) return make_destination(input);
    return {{s.data() + (node.data - tape_[node.root].data), node.layout}, false};
  }
  /// Adds to the gradient of a number.
  [[gnu::always_inline]] void give(NodeId input, T value) {
    if (tape_[input].root == input && gradients_.add_number(input, value)) return;
    give_to_array(input, value);
  }

 private:
  using Slot = typename Gradients<T>::Slot;
  Slot& slot(NodeId id) const { return gradients_.slot(id); }
  [[gnu::noinline]] void give_to_array(NodeId input, T value) {
    const Destination to = destination(input);
    *to.view.data = to.fresh ? value : *to.view.data + value;
  }
  bool is_target(NodeId id) const { return std::ranges::count(targets_, id) > 0; }
  /// The array of the caller for the gradient of a root, or null.
  T* output_buffer(NodeId root) const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (targets_[i] == root && outputs_[i] != nullptr) return outputs_[i];
    }
    return nullptr;
  }
  /// The same where there is no buffer yet that may be added to.
  Destination make_destination(NodeId input);
  /// Takes a buffer for the gradient of a root: the caller's array, a recycled one, or new memory.
  T* allocate_gradient(NodeId root);
  /// The gradient of a node becomes an alias: the buffer waits until it has been read.
  void show(NodeId input, View<const T> g);
  /// The gradient of a node, and what it is made of, will be read when `reader` is visited.
  void keep_for(NodeId reader, NodeId id);
  /// What the gradient of a node was made of has been read, perhaps before its turn.
  void has_read(NodeId id) {
    readers_.remove(id);
    buffers_.remove_reader(id);
  }
  void recycle(NodeId id);
  static Dependents<T> dependents_on(Tape<T>& tape, std::span<const NodeId> targets, NodeId first,
                                     NodeId y);
  void run_chunks();
  void run_vjp(NodeId id);
  void refuse_outer_dependence(NodeId first);
  void check_contributions(NodeId id) const;
  bool may_be_lazy(NodeId id) const;
  bool add_whole_alias(NodeId consumer, int i);
  int cost_with(NodeId consumer, int i) const;
  void make_owned(NodeId root);

  const char* name_;
  Tape<T>& tape_;
  ArenaScope memory_;
  NodeId y_;
  Dependents<T> dependents_;
  std::span<const NodeId> targets_;
  std::span<T* const> outputs_;
  Gradients<T> gradients_;
  Chunks<T> chunks_;        ///< fused loops that have not run, and add to one gradient:
  NodeId chunks_root_ = 0;  ///< that of this node
  Buffers<T> buffers_;
  NodeId visited_ = 0;  ///< the node whose vjp runs
  Readers readers_;     ///< the nodes that will read its gradient again
  Arena::Mark start_;
};

}  // namespace autograd
