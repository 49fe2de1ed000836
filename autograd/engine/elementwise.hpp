/// Elementwise operations, and reductions whose derivative is elementwise: everything about them
/// that does not depend on the rule.
#pragma once

#include <algorithm>
#include <optional>

#include "autograd/engine/raw_sweep.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd {

/// How the contribution to the gradient of one input is computed.
template <class T>
struct Rule {
  Kernel<T> kernel{};
  unsigned reads = 0;     ///< which operands: g (bit 0), the inputs (next bits), the output (last)
  bool exists = false;    ///< false if the derivative is zero: there is no kernel then
  bool identity = false;  ///< the contribution is g itself
  bool costly = false;    ///< as MapOp::costly
  Var<T> (*record)(const Var<T>& g, const Var<T>* x, const Var<T>& y) = nullptr;
  bool safe = false;  ///< gives 0 for a cotangent of 0, whatever the operands
};

/// Copies the operands that a rule reads, out of g, the inputs and the output, and returns their
/// number.
template <class A>
int select(unsigned reads, const A* all, A* read) {
  int count = 0;
  for (int k = 0; reads >> k != 0; ++k) {
    if (reads >> k & 1) read[count++] = all[k];
  }
  return count;
}

/// The part of a reduction's rule that depends on its cotangent g and result y alone. These are
/// small, so it is done once for each result, and not for each element: one division for each norm.
template <class T>
struct Scale {
  typename Kernel<T>::Function store = nullptr;  ///< computes the scaled cotangent from (g, y)
  Var<T> (*record)(const Var<T>& g, const Var<T>& y) = nullptr;
};

/// An elementwise operation, or a reduction whose derivative is elementwise, such as `sum`. Its
/// functions in Op are those below; its kernels are made from the text of a rule (ops/rule.hpp).
template <class T>
struct MapOp : Op<T> {
  int arity = 0;
  Kernel<T> value{};
  Rule<T> rules[3] = {};
  Scale<T> scale{};
  bool costly = false;   ///< computing it takes longer than writing it to memory and reading it
  bool reduces = false;  ///< the value is a reduction of the only input, not elementwise
  /// The value is a - b. A kernel that has a form for differences reads a and b in its place
  /// (Fusion::read_last), and one step adds its gradient to a and subtracts it from b.
  bool subtracts = false;
  bool negates = false;  ///< the value is -x
  /// The terms that a sum or norm adds up, and what it makes of the sums at last (square roots).
  const Kernel<T>* terms = nullptr;
  void (*finish)(T* y, Index n) = nullptr;
};

/// The operation of a node as a MapOp; null if it is none.
template <class T>
const MapOp<T>* map_op_of(const Node<T>& node) {
  return node.op->kind == Kind::map ? static_cast<const MapOp<T>*>(node.op) : nullptr;
}

/// Records an elementwise operation on inputs that broadcast together: computes its value, or
/// leaves it lazy.
template <class T>
Var<T> apply_map(const MapOp<T>& op, const Var<T>* const* inputs);

/// The vjp of a MapOp in both sweeps. A reduction has `ReducedAxes` as its attributes.
template <class T>
void vjp_raw_map(RawSweep<T>& sweep, NodeId id);
template <class T>
void vjp_recorded_map(VjpContext<T>& context);
/// Adds the step of an elementwise operation to a fused loop, and returns its row.
template <class T>
std::uint8_t step_of_map(Fusion<T>& fusion, NodeId id, std::uint8_t out);

/// The number of operations back to which expressions are compared: enough for formulas as people
/// write them, and a bound for long chains.
inline constexpr int deepest_expression = 4;

/// What a result was multiplied and divided by. The order is kept, and quotients stay quotients: a
/// product of the factors, or 1 / x, could overflow where no result of the expression does.
template <class T>
struct Factors {
  struct Factor {
    Var<T> by;
    bool divides;
  };
  Factor list[deepest_expression];
  int count = 0;

  void add(const Var<T>& by, bool divides) { list[count++] = {by, divides}; }
  /// x, multiplied and divided by the same.
  Var<T> times(Var<T> x) const {
    for (int i = 0; i < count; ++i) x = list[i].divides ? x / list[i].by : x * list[i].by;
    return x;
  }
  bool are_numbers() const {
    return std::all_of(list, list + count, [](const Factor& f) { return f.by.dimension() == 0; });
  }
};

/// a * b, if a and b are multiples of the same result that has a kink (see Op::product); otherwise
/// nothing.
template <class T>
std::optional<Var<T>> product_at_kink(const Var<T>& a, const Var<T>& b);

/// The axes that a reduction removed from its input: bit i for axis i.
struct ReducedAxes {
  unsigned mask;
};

/// Shows the result of a reduction, or its gradient, with axes of extent 1 in place of those that
/// were removed, so that it broadcasts to the input.
template <class T>
View<T> restore_axes(Arena& arena, View<T> view, const ReducedAxes* reduced);

}  // namespace autograd
