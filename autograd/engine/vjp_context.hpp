/// What a rule on Vars receives.
#pragma once

#include <cstddef>

#include "autograd/tape/tape.hpp"

namespace autograd {

/// The node for which a rule on Vars runs, with its inputs, its output and its cotangent g as Vars.
/// The sweep that runs the rule receives the contributions.
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
  /// The attributes, or null if the operation has none.
  template <class A>
  const A* attributes_if_any() const {
    return static_cast<const A*>(tape_[id_].attributes);
  }
  const Op<T>& op() const { return *tape_[id_].op; }

  /// Whether the contributions will be differentiated again.
  virtual bool records() const = 0;
  /// Whether a contribution to input i is of use.
  virtual bool wants(int i) const = 0;
  /// Adds a contribution to the gradient of input i. It has the shape of the input, or a larger one
  /// to which the input was broadcast; then it is summed.
  virtual void add(int i, const Var<T>& contribution) = 0;

 protected:
  NodeId input(int i) const { return tape_[id_].in()[static_cast<std::size_t>(i)]; }
  Tape<T>& tape_;
  NodeId id_;
};

}  // namespace autograd
