/// How the operations that are not elementwise come onto the tape. One that has no rule but
/// `vjp_recorded`, on Vars, serves both sweeps and every order with it:
///
///     struct Scale { T factor; };
///     void vjp_scaled(VjpContext<T>& context) {
///       context.add(0, context.g * context.attributes<Scale>().factor);
///     }
///     constexpr Op<T> scaled_op{"scaled", nullptr, vjp_scaled};
///
///     V scaled(const V& x, T factor) {
///       const View<const T> in = tape().value("scaled", x);  // with any strides
///       const Layout* layout = tape().row_major(x.shape(), "scaled");
///       const auto compute = [&](View<T> y) { ... };
///       return record(scaled_op, layout, keep(Scale{factor}), compute, x);
///     }
#pragma once

#include <new>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/raw_sweep.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd {
namespace {

/// Copies the attributes of a node to the memory of the tape.
template <class A>
[[maybe_unused]] A* keep(const A& attributes) {
  return new (tape().arena.take<A>(1)) A(attributes);
}

/// Takes memory of the given layout, has `compute` fill it, and appends the node.
template <class Compute, class... X>
[[maybe_unused]] V record(const Op<T>& op, const Layout* layout, void* attributes,
                          const Compute& compute, const X&... x) {
  const View<T> y = tape().allocate(op.name, layout);
  compute(y);
  return tape().push(op, y, {tape().id(op.name, x)...}, attributes);
}

}  // namespace
}  // namespace autograd
