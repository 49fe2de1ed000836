#include "autograd/engine/dependents.hpp"

namespace autograd {

template <class T>
Dependents<T>::Dependents(Tape<T>& tape, std::span<const NodeId> targets, NodeId first, NodeId last)
    : tape_(tape), first_(std::min(first, last)), last_(last) {
  flags_ = tape.gradients.template take<std::uint8_t>(last_ - first_ + 1);
  std::fill_n(flags_, last_ - first_ + 1, 0);
  for (NodeId target : targets) {
    if (target <= last_) flags_[target - first_] = on_target;
  }
  for (NodeId id = first_; id <= last_; ++id) {
    if (!tape[id].active) continue;
    for (NodeId input : tape[id].in()) {
      if (input >= first_) {
        flags_[id - first_] |= flags_[input - first_];
      } else if (tape[input].active) {
        flags_[id - first_] |= on_earlier_argument;
      }
    }
  }
}

template class Dependents<float>;
template class Dependents<double>;

}  // namespace autograd
