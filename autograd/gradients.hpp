/// The gradients that a raw sweep has gathered so far, one for each node of a range.
#pragma once

#include "autograd/tape.hpp"

namespace autograd {

/// A part of a gradient that is not computed yet: what a consumer contributes to one of its inputs.
struct Deferred {
  NodeId consumer;
  int input;
  const Deferred* next;
  int weight;   ///< arrays and steps that it takes, with those of the parts after it
  bool costly;  ///< of these
};

/// The gradient of a number that owns its memory is a number in a row of its own. Any other node
/// has a slot, which is made when it is first asked for: most nodes of a long computation with
/// numbers never need one.
template <class T>
class Gradients {
 public:
  struct Slot {
    T* data;
    const Layout* lent;  ///< set when the data belongs to another gradient
    const Deferred* deferred;

    bool empty() const { return data == nullptr && deferred == nullptr; }
    /// Whether the data is a buffer that may be added to.
    bool owned() const { return data != nullptr && lent == nullptr && deferred == nullptr; }
  };

  Gradients(Arena& arena, NodeId first, NodeId last)
      : first_(first),
        count_(last - first + 1),
        states_(arena.take<State>(count_)),
        numbers_(arena.take<T>(count_)),
        slots_(arena.take<Slot>(count_)) {}

  void clear() { std::fill_n(states_, count_, State::none); }

  /// False only for nodes to which nothing has been given.
  bool seen(NodeId id) const { return states_[id - first_] != State::none; }
  bool is_number(NodeId id) const { return states_[id - first_] == State::number; }
  T number(NodeId id) const { return numbers_[id - first_]; }

  /// Adds to the gradient of a number that owns its memory; false if that has a slot already.
  [[gnu::always_inline]] bool add_number(NodeId id, T value) {
    State& state = states_[id - first_];
    T& number = numbers_[id - first_];
    if (state == State::slot) return false;
    number = state == State::none ? value : number + value;
    state = State::number;
    return true;
  }

  Slot& slot(NodeId id) const {
    State& state = states_[id - first_];
    Slot& slot = slots_[id - first_];
    if (state != State::slot) {
      slot = {state == State::number ? &numbers_[id - first_] : nullptr, nullptr, nullptr};
      state = State::slot;
    }
    return slot;
  }

 private:
  enum class State : std::uint8_t { none, number, slot };
  NodeId first_;
  std::size_t count_;
  State* states_;
  T* numbers_;
  Slot* slots_;
};

}  // namespace autograd
