/// Elementwise operations, and reductions whose derivative is elementwise: everything about them
/// that does not depend on the rule.
#pragma once

#include <optional>

#include "autograd/engine/raw_sweep.hpp"

namespace autograd {

/// How the gradient of one input is computed.
template <class T>
struct Rule {
  Kernel<T> kernel{};
  unsigned reads = 0;     ///< bit 0: g; next bits: the inputs; last bit: the output
  bool exists = false;    ///< missing where the derivative is zero
  bool identity = false;  ///< g itself
  bool costly = false;    ///< as MapOp::costly
  Var<T> (*record)(const Var<T>& g, const Var<T>* x, const Var<T>& y) = nullptr;
  bool safe = false;  ///< gives 0 for a cotangent of 0, whatever the operands
};

/// The operands that a rule reads, out of g, the inputs and the output.
template <class A>
int select(unsigned reads, const A* all, A* read) {
  int count = 0;
  for (int k = 0; reads >> k != 0; ++k) {
    if (reads >> k & 1) read[count++] = all[k];
  }
  return count;
}

/// What a reduction makes of its cotangent and its result, which are small, before its rule meets
/// each element.
template <class T>
struct Scale {
  typename Kernel<T>::Function store = nullptr;  ///< of (g, y)
  Var<T> (*record)(const Var<T>& g, const Var<T>& y) = nullptr;
};

template <class T>
struct MapOp : Op<T> {
  int arity = 0;
  Kernel<T> value{};
  Rule<T> rules[3] = {};
  Scale<T> scale{};
  bool costly = false;   ///< takes longer than writing the result to memory and reading it again
  bool reduces = false;  ///< the first operand, along axes; the value is not elementwise
  /// Of a sum or norm: what is added up, and what is made of all sums at last.
  const Kernel<T>* terms = nullptr;
  void (*finish)(T* y, Index n) = nullptr;
};

/// The operation of a node, if it is a MapOp.
template <class T>
const MapOp<T>* map_op_of(const Node<T>& node) {
  return node.op->kind == Kind::map ? static_cast<const MapOp<T>*>(node.op) : nullptr;
}

/// Applies an elementwise operation to inputs that broadcast together.
template <class T>
Var<T> apply_map(const MapOp<T>& op, const Var<T>* const* inputs);

/// Both sweeps of a MapOp. A reduction has `ReducedAxes` as its attributes.
template <class T>
void vjp_raw_map(RawSweep<T>& sweep, NodeId id);
template <class T>
void vjp_recorded_map(VjpContext<T>& context);
/// The step of an elementwise operation in a fused loop.
template <class T>
std::uint8_t step_of_map(Fusion<T>& fusion, NodeId id, std::uint8_t out);

/// a * b, where a and b are multiples of the same result that has a kink (see Op::product); nothing
/// where they are not.
template <class T>
std::optional<Var<T>> product_of_roots(const Var<T>& a, const Var<T>& b);

/// The axes that a reduction removed from its input: bit i for axis i.
struct ReducedAxes {
  unsigned mask;
};

/// `view` with axes of extent 1 where a reduction removed them.
template <class T>
View<T> restore_axes(Arena& arena, View<T> view, const ReducedAxes* reduced);

}  // namespace autograd
