/// Which nodes a sweep has to visit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "autograd/tape/tape.hpp"

namespace autograd {

/// Tells which nodes from `first` to `last` depend on the targets of a sweep, and which on
/// arguments before `first`.
template <class T>
class Dependents {
 public:
  Dependents(Tape<T>& tape, std::span<const NodeId> targets, NodeId first, NodeId last);
  /// Takes every active node for one that depends on the targets, without a pass over the nodes.
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

}  // namespace autograd
