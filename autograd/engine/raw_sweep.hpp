/// The reverse sweeps. The raw sweep adds numbers into gradient buffers; the recorded sweep runs
/// the same rules on Vars, so that its result can be differentiated again.
#pragma once

#include <algorithm>

#include "autograd/engine/gradients.hpp"
#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// Which nodes from `first` to `last` depend on the targets of a sweep, and which on arguments
/// before `first`.
template <class T>
class Dependents {
 public:
  Dependents(Tape<T>& tape, std::span<const NodeId> targets, NodeId first, NodeId last);
  /// Where every active node depends on the targets.
  Dependents(const Tape<T>& tape, NodeId first, NodeId last)
      : tape_(tape), first_(std::min(first, last)), last_(last) {}
  bool operator[](NodeId id) const {
    if (id < first_ || id > last_) return false;
    return flags_ == nullptr ? tape_[id].active : (flags_[id - first_] & on_target) != 0;
  }
  bool on_earlier(NodeId id) const {
    return flags_ != nullptr && (flags_[id - first_] & on_earlier_argument) != 0;
  }
  NodeId first() const { return first_; }
  NodeId last() const { return last_; }

 private:
  enum : std::uint8_t { on_target = 1, on_earlier_argument = 2 };
  const Tape<T>& tape_;
  NodeId first_;
  NodeId last_;
  std::uint8_t* flags_ = nullptr;  ///< null where every active node depends on the targets
};

/// Raw sweep from node `y` down to the targets, which are their own roots.
template <class T>
class RawSweep {
 public:
  RawSweep(const char* name, Tape<T>& tape, NodeId y, std::span<const NodeId> targets)
      : RawSweep(name, tape, y, targets, tape.scope_start()) {}
  /// The same for a function that was recorded in an outer scope, which begins at `first`.
  RawSweep(const char* name, Tape<T>& tape, NodeId y, std::span<const NodeId> targets,
           NodeId first);

  /// Runs with the cotangent `g`, which has the shape of y. May be repeated. The gradient of target
  /// i is put at outputs[i], if that is not null, and if no other gradient serves it: outputs are
  /// for row-major targets.
  void run(View<const T> g, std::span<T* const> outputs = {});
  /// The gradient with respect to a target; empty (no data) where y does not depend on it.
  View<const T> gradient(NodeId id) const {
    if (!dependents_[id]) return {nullptr, tape_[id].layout};
    const Slot& s = slot(id);
    return {s.data(), s.alias() != nullptr ? s.alias() : tape_[id].layout};
  }

  /// The terms of the gradient of a node that `gradient` does not hold yet.
  const LazyTerm* lazy_terms(NodeId id) const { return slot(id).terms(); }

  // ---- for the operations
  Tape<T>& tape() const { return tape_; }
  bool wants(NodeId id) const { return dependents_[id]; }
  /// No node before this one takes part.
  NodeId first() const { return dependents_.first(); }
  /// Adds kernel(in...), of the given shape, to the gradient of `input`, summing broadcast axes.
  void add(NodeId input, std::span<const Index> shape, std::span<const View<const T>> in,
           const Kernel<T>& kernel);
  /// Adds `g`, which may be kept instead of copied: it must not change any more.
  void add_alias(NodeId input, View<const T> g);
  /// True after keeping `g`, which has the layout of `input`, as what arrives there first.
  bool alias_first(NodeId input, View<const T> g) {
    Slot& s = slot(input);
    if (tape_[input].root != input || s.has_data()) return false;
    s.show(g);
    still_read_ = true;
    return true;
  }
  /// Gives `input` the gradient of its consumer, whose buffer becomes its own where that is
  /// possible. For the last use of that gradient, which has been made by `target`.
  void hand_over(NodeId consumer, NodeId input);
  /// True if nothing is left to do for the contribution of a consumer to its input i: the gradient
  /// of the input shows that of the consumer, or has got a lazy term.
  bool add_lazily(NodeId consumer, int i);
  /// Computes the lazy terms of a gradient.
  void materialise(NodeId id);
  /// Runs a fused loop that adds to the gradient of `root`, now or with others that do.
  void run_in_chunks(NodeId root, const FusedLoop<T>& loop);
  bool is_costly(NodeId id) const { return slot(id).lazy() && slot(id).terms()->costly; }
  /// Runs the rule of a node on Vars, for its numbers only.
  void vjp_by_rule(NodeId id);
  /// Replaces the gradient of a node by kernel(gradient, value).
  void scale_gradient(NodeId id, typename Kernel<T>::Function kernel);
  /// The gradient of a node in the layout of its value.
  View<const T> owned_gradient(NodeId id) {
    const Slot& s = slot(id);
    if (s.alias() != tape_[id].layout || s.lazy()) make_owned(id);
    return gradient(id);
  }
  /// Fills the gradient of the root of a view with zeros, if it is empty: to be called before one
  /// fused loop adds to two views of one root, of which neither may then be stored as the first.
  void make_root_owned(NodeId input) {
    const NodeId root = tape_[input].root;
    if (tape_[input].layout->size != tape_[root].layout->size) make_owned(root);
  }
  /// The gradient of `input` as a buffer to write: `fresh` ones hold nothing yet.
  struct Target {
    View<T> view;
    bool fresh;
  };
  Target target(NodeId input) {
    const Node<T>& node = tape_[input];
    const Slot& s = slot(node.root);
    if (!s.owned()) return make_target(input);
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
    const Target to = target(input);
    *to.view.data = to.fresh ? value : *to.view.data + value;
  }
  /// The array that the caller provides for the gradient of a root, if there is one.
  T* output_buffer(NodeId root) const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (targets_[i] == root && outputs_[i] != nullptr) return outputs_[i];
    }
    return nullptr;
  }
  /// The same where there is no buffer yet that may be added to.
  Target make_target(NodeId input);
  /// Memory for the gradient of a root.
  T* allocate_gradient(NodeId root);
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
  Chunks<T> chunks_;         ///< fused loops that add to one gradient,
  NodeId chunks_root_ = 0;   ///< that of this node
  bool still_read_ = false;  ///< something will read the gradient of the node whose vjp runs
  /// Buffers of gradients that nobody will read again, for those of later nodes.
  static constexpr std::size_t most_recycled = 8;
  View<T> recycled_[most_recycled];
  std::size_t recycled_count_ = 0;
  Arena::Mark start_;
};

/// Differentiable version: writes the gradients of y, times the cotangent g, to `results`.
template <class T>
void recorded_sweep(Tape<T>& tape, NodeId y, const Var<T>& g, std::span<const NodeId> targets,
                    std::span<Var<T>> results);

/// What a differentiable rule sees: the node, its inputs, its output and its cotangent as Vars.
template <class T>
class VjpContext {
 public:
  VjpContext(Tape<T>& tape, NodeId id, const Var<T>& g) : g(g), tape_(tape), id_(id) {}
  virtual ~VjpContext() = default;

  const Var<T> g;
  Var<T> y() const { return tape_.var(id_); }
  Var<T> x(int i) const { return tape_.var(input(i)); }
  int count() const { return static_cast<int>(tape_[id_].in().size()); }
  template <class A>
  const A& attributes() const {
    return *static_cast<const A*>(tape_[id_].attributes);
  }
  /// The attributes, or nothing where the operation has none.
  template <class A>
  const A* attributes_if_any() const {
    return static_cast<const A*>(tape_[id_].attributes);
  }
  const Op<T>& op() const { return *tape_[id_].op; }

  /// True when the result is going to be differentiated again.
  virtual bool records() const = 0;
  virtual bool wants(int i) const = 0;
  /// Gives input i its contribution: of its shape, or one that broadcasting made larger.
  virtual void add(int i, const Var<T>& contribution) = 0;

 protected:
  NodeId input(int i) const { return tape_[id_].in()[static_cast<std::size_t>(i)]; }
  Tape<T>& tape_;
  NodeId id_;
};

}  // namespace autograd
