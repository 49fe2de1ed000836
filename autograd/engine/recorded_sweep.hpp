/// The recorded sweep runs rules on Vars, so that derivatives can be differentiated.
#pragma once

#include <span>

#include "autograd/tape/tape.hpp"

namespace autograd {

/// The recorded sweep: makes the gradients of y for the cotangent g by all targets, as Vars that
/// can be differentiated.
template <class T>
void recorded_sweep(Tape<T>& tape, NodeId y, const Var<T>& g, std::span<const NodeId> targets,
                    std::span<Var<T>> results);

}  // namespace autograd
