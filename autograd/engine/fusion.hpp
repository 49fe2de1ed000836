/// From nodes to fused loops: lazy values and lazy gradients become steps of loops that run tile by
/// tile, forward and backward.
#pragma once

#include "autograd/engine/elementwise.hpp"
#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// The largest number of arrays and steps that a fusable value, and a lazy gradient, may cost.
/// Fused loops made of them stay within the limits of FusedLoop.
inline constexpr int max_lazy_cost = 8;
inline constexpr int max_lazy_gradient_cost = 24;

/// The number of arrays and steps that a fused loop spends on the value of a node.
template <class T>
int cost_of(const Node<T>& node) {
  return node.state == State::fusable ? node.cost : 1;
}

/// Builds a fused loop over one shape. Whoever needs a value, a gradient or a contribution asks for
/// it as an operand. If it lies in memory, the operand is that array; if it is lazy, steps are
/// added that make a row of it, after those of everything that it reads. What has been asked for is
/// remembered, so that it is computed once in a loop. Costly values are stored in memory on the
/// way, so that no other loop computes them again.
template <class T>
class Fusion {
 public:
  using Operand = typename FusedLoop<T>::Operand;

  Fusion(Tape<T>& tape, std::span<const Index> shape);
  Fusion(const RawSweep<T>& sweep, std::span<const Index> shape);
  /// If the loop has not run, because of an exception, the values that it was to store are lazy
  /// again.
  ~Fusion() {
    for (int i = 0; i < stored_count_; ++i) tape_.set_lazy(stored_[i], State::fusable);
  }
  Fusion(const Fusion&) = delete;
  Fusion& operator=(const Fusion&) = delete;
  Tape<T>& tape() const { return tape_; }

  /// Operands for the value of a node, its gradient, and its contribution to the gradient of input
  /// i.
  Operand value(NodeId id);
  /// The value for a step. Arrays that are to be joined are not kept the first time, unless a sweep
  /// reads them: they are joined in memory of `gradients`, which the caller gives back.
  Operand operand(NodeId id);
  Operand gradient(NodeId id);
  Operand contribution(NodeId id, int i);

  /// Adds the steps that compute a fusable value into memory of its own, and returns it as an
  /// operand.
  Operand materialise(NodeId id);
  /// Adds a step for out = operand if `fresh`, otherwise out += operand. Where `out` is broadcast
  /// the operand is summed.
  void put(View<T> out, bool fresh, Operand operand) {
    put(out, fresh, Call{&Builtin<T>::copy, 1, {operand}});
  }
  /// Adds steps for out = the gradient of a node.
  void put_gradient(View<T> out, NodeId id) { put(out, true, call_of_gradient(id)); }
  /// Adds steps for out = the contribution of a node to its input i, or out +=.
  void put_contribution(View<T> out, bool fresh, NodeId id, int i);
  /// Adds steps for both contributions of a difference: plus += and minus -= its gradient. The
  /// places have its shape and equal strides.
  void put_difference(View<T> plus, View<T> minus, NodeId id);

  /// Whether arrays may repeat each of `groups` elements of an axis so `often`. All arrays of a
  /// loop that repeat elements must do it alike, for they share one iteration space.
  bool repeats(Index often, Index groups) {
    if (often == 1 || groups == 1) return true;
    if (groups_ == 0) groups_ = groups;
    return groups_ == groups;
  }

  /// Adds the steps that compute a lazy sum or norm.
  void add_reduction(NodeId id);
  /// Adds a step that adds the sum of terms(x) to an array.
  void add_sum(View<T> out, const Kernel<T>& terms, NodeId x);
  /// Must be called when the loop has run: values that it has stored stay computed, and reductions
  /// are completed (square roots of norms).
  void finish();
  void run() {
    loop.run();
    finish();
  }
  /// Whether the loop may run in chunks of the array of `root`, and gains by it.
  bool runs_in_chunks(NodeId root) const;

  FusedLoop<T> loop;

 private:
  /// A value or gradient that the loop has made an operand of.
  struct Known {
    NodeId id;
    bool is_gradient;
    Operand operand;
  };

  /// A call of a kernel: with the operands that it reads.
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
  Call call_of_gradient(NodeId id);
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
