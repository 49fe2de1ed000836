/// Programs for values that are pending and gradients that are deferred: chains of elementwise
/// operations run tile by tile, forward and backward.
#pragma once

#include "autograd/map.hpp"
#include "autograd/program.hpp"

namespace autograd {

/// The most arrays and steps that a pending value, and a deferred gradient, may take. The programs
/// made of them stay within the limits of Program.
inline constexpr int heaviest_value = 8;
inline constexpr int heaviest_gradient = 24;

/// How many arrays and steps the value of a node takes.
template <class T>
int weight_of(const Node<T>& node) {
  return node.pending() ? node.weight : 1;
}

/// Builds a program over one shape. Everything that it reads and is pending becomes a step; values
/// that are costly are stored on the way, and are pending no more.
template <class T>
class Fusion {
 public:
  using Place = typename Program<T>::Place;

  Fusion(Tape<T>& tape, std::span<const Index> shape);
  Fusion(const Sweep<T>& sweep, std::span<const Index> shape);
  /// If its program has not run, what it was to store is pending again.
  ~Fusion() {
    for (int i = 0; i < stored_count_; ++i) tape_.unsettle(stored_[i].id, stored_[i].weight);
  }
  Fusion(const Fusion&) = delete;
  Fusion& operator=(const Fusion&) = delete;
  Tape<T>& tape() const { return tape_; }

  /// The value of a node, its gradient, and what it contributes to the gradient of input i.
  Place value(NodeId id);
  Place gradient(NodeId id);
  Place contribution(NodeId id, int i);

  /// Computes a pending value in memory of its own.
  Place settle(NodeId id);
  /// out = a place, or out += the place, where what was broadcast is summed.
  void put(View<T> out, bool fresh, Place place) {
    put(out, fresh, Call{&Builtin<T>::copy, 1, {place}});
  }
  /// The same with the contribution of a node.
  void put_contribution(View<T> out, bool fresh, NodeId id, int i);

  /// Whether arrays may repeat each of `groups` elements of an axis that often: all that do it in a
  /// program must do it alike.
  bool repeats(Index often, Index groups) {
    if (often == 1 || groups == 1) return true;
    if (groups_ == 0) groups_ = groups;
    return groups_ == groups;
  }

  /// Adds up a postponed reduction.
  void fold(NodeId id);
  /// Adds the sum of terms of x to an array.
  void fold_sum(View<T> out, const Kernel<T>& terms, NodeId x);
  /// To be called when the program has run: values that it stored are pending no more, and
  /// reductions are completed.
  void finish();
  void run() {
    program.run();
    finish();
  }
  /// Whether programs over parts of the array of `root` gain by taking turns.
  bool takes_turns(NodeId root) const;

  Program<T> program;

 private:
  struct Known {
    NodeId id;
    bool is_gradient;
    Place place;
  };

  /// A kernel and the places that it reads.
  struct Call {
    const Kernel<T>* kernel;
    std::size_t count = 0;
    Place in[max_operands] = {};

    void read(Place place) { in[count++] = place; }
    typename Program<T>::Places places() const { return {in, count}; }
  };

  const Place* find(NodeId id, bool is_gradient) const;
  Place remember(NodeId id, bool is_gradient, Place place);
  bool without_row(NodeId id) const;
  void read_last(Call& call, NodeId id);
  Call call_of_rule(NodeId id, const Rule<T>& rule);
  Call call_of_sum(const Kernel<T>& terms, NodeId x);
  Place restored(View<const T> view, const ReducedAxes* reduced);
  void put(View<T> out, bool fresh, const Call& call);

  Tape<T>& tape_;
  const Sweep<T>* sweep_;
  Index size_;
  int known_count_ = 0;
  Known known_[Program<T>::max_places];
  Index groups_ = 0;
  struct Stored {
    NodeId id;
    std::uint8_t weight;
  };
  int stored_count_ = 0;
  Stored stored_[Program<T>::max_steps];
  int folded_count_ = 0;
  NodeId folded_[heaviest_gradient];
};

}  // namespace autograd
