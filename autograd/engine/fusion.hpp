/// Fused loops for lazy values and lazy gradients: chains of elementwise operations run tile by
/// tile, forward and backward.
#pragma once

#include "autograd/engine/elementwise.hpp"
#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// The most arrays and steps that a fusable value, and a lazy gradient, may cost. The fused loops
/// made of them stay within the limits of FusedLoop.
inline constexpr int max_lazy_cost = 8;
inline constexpr int max_lazy_gradient_cost = 24;

/// How many arrays and steps a fused loop spends on the value of a node.
template <class T>
int cost_of(const Node<T>& node) {
  return node.state == State::fusable ? node.cost : 1;
}

/// Builds a fused loop over one shape. Every fusable value that it reads becomes a step; values
/// that are costly are stored on the way, so that nobody computes them twice.
template <class T>
class Fusion {
 public:
  using Operand = typename FusedLoop<T>::Operand;

  Fusion(Tape<T>& tape, std::span<const Index> shape);
  Fusion(const RawSweep<T>& sweep, std::span<const Index> shape);
  /// If the fused loop has not run, the values that it was to store are lazy again.
  ~Fusion() {
    for (int i = 0; i < stored_count_; ++i) tape_.set_lazy(stored_[i], State::fusable);
  }
  Fusion(const Fusion&) = delete;
  Fusion& operator=(const Fusion&) = delete;
  Tape<T>& tape() const { return tape_; }

  /// The value of a node, its gradient, and what it contributes to the gradient of input i.
  Operand value(NodeId id);
  /// The value for a step. Arrays that are to be joined are not kept the first time, unless a sweep
  /// reads them: they are joined in memory of `gradients`, which the caller gives back.
  Operand operand(NodeId id);
  Operand gradient(NodeId id);
  Operand contribution(NodeId id, int i);

  /// Computes a fusable value in memory of its own.
  Operand materialise(NodeId id);
  /// out = an operand, or out +=, where what was broadcast is summed.
  void put(View<T> out, bool fresh, Operand operand) {
    put(out, fresh, Call{&Builtin<T>::copy, 1, {operand}});
  }
  /// The same with the contribution of a node.
  void put_contribution(View<T> out, bool fresh, NodeId id, int i);

  /// Whether arrays may repeat each of `groups` elements of an axis that often: all that do it in a
  /// fused loop must do it alike.
  bool repeats(Index often, Index groups) {
    if (often == 1 || groups == 1) return true;
    if (groups_ == 0) groups_ = groups;
    return groups_ == groups;
  }

  /// Computes a lazy sum or norm.
  void add_reduction(NodeId id);
  /// Adds the sum of terms of x to an array.
  void add_sum(View<T> out, const Kernel<T>& terms, NodeId x);
  /// To be called when the fused loop has run: the values that it stored stay, and reductions are
  /// completed.
  void finish();
  void run() {
    loop.run();
    finish();
  }
  /// Whether the fused loop may run chunk by chunk of the array of `root`, and gains by it.
  bool runs_in_chunks(NodeId root) const;

  FusedLoop<T> loop;

 private:
  struct Known {
    NodeId id;
    bool is_gradient;
    Operand operand;
  };

  /// A kernel and the operands that it reads.
  struct Call {
    const Kernel<T>* kernel;
    std::size_t count = 0;
    Operand in[max_operands] = {};

    void read(Operand operand) { in[count++] = operand; }
    typename FusedLoop<T>::Operands operands() const { return {in, count}; }
  };

  const Operand* find(NodeId id, bool is_gradient) const;
  Operand remember(NodeId id, bool is_gradient, Operand operand);
  bool without_row(NodeId id) const;
  void read_last(Call& call, NodeId id);
  Call call_of_rule(NodeId id, const Rule<T>& rule);
  Call call_of_sum(const Kernel<T>& terms, NodeId x);
  Operand restored(View<const T> view, const ReducedAxes* reduced);
  void put(View<T> out, bool fresh, const Call& call);

  Tape<T>& tape_;
  const RawSweep<T>* sweep_;
  Index size_;
  int known_count_ = 0;
  Known known_[FusedLoop<T>::max_values];
  Index groups_ = 0;
  int stored_count_ = 0;
  NodeId stored_[FusedLoop<T>::max_steps];
  int reduction_count_ = 0;
  NodeId reductions_[max_lazy_gradient_cost];
};

}  // namespace autograd
