/// From the text of an elementwise rule to an operation. The text is evaluated on several types,
/// each of which makes a part of the operation map_op<Sin>:
///
///     struct Sin             evaluated on   becomes
///       name                                .name
///       value(x)    ---+---> Batch, T       .value: the loop over rows of arrays
///                      +---> T              apply<Sin>(x): the value of a number
///                      +---> RuleTracer     .costly
///       vjp(g,x,y)  ---+---> Batch, T       .rules[0].kernel: loops gradient = rule and += rule
///                      +---> T              .vjp_number: the contribution to a number
///                      +---> Var            .rules[0].record: the formula, recorded on the tape
///                      +---> RuleTracer     .rules[0].reads, identity, costly, safe
///
/// A rule is a struct with `name`, `arity`, `value(x)` and `vjp(g, x, y)`; or `value(a, b)` with
/// `vjp_a(g, a, b, y)` and `vjp_b(g, a, b, y)`. A missing vjp means that the derivative is zero.
/// Rules say == and never !=: with AVX, xsimd 8.1 takes NaN != NaN to be false. Below the struct,
/// AUTOGRAD_UNARY or AUTOGRAD_BINARY defines the public function of one that needs no more than its
/// rule.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "autograd/detail/arithmetic.hpp"
#include "autograd/engine/elementwise.hpp"
#include "autograd/ops/algebra.hpp"
#include "autograd/ops/rule_loop.hpp"

namespace autograd::rules {
namespace {

/// The value of rule R as the function of a Loop.
template <class R>
struct Value {
  static constexpr int operands = R::arity;
  template <class... A>
  static auto apply(const A&... x) {
    return R::value(x...);
  }
};

/// Whether rule R has a derivative by input i.
template <class R, int i, class... A>
concept HasVjp = (i == 0 && (
                                requires(A... a) { R::vjp(a...); } ||
                                requires(A... a) { R::vjp_a(a...); })) ||
                 (i == 1 && requires(A... a) { R::vjp_b(a...); });

/// Calls the vjp of input i with g, the inputs and the output.
template <class R, int i, class... A>
constexpr auto call_vjp(const A&... a) {
  if constexpr (i == 1) {
    return R::vjp_b(a...);
  } else if constexpr (R::arity == 1) {
    return R::vjp(a...);
  } else {
    return R::vjp_a(a...);
  }
}

/// The vjp of input i as the function of a Loop. A cotangent of zero gives zero, whatever the
/// derivative: that keeps `where` from passing on a NaN of the branch that is not taken. Rules that
/// only choose and add are `safe`, and do without the selection.
template <class R, int i, bool safe>
struct Vjp {
  static constexpr int operands = R::arity + 2;
  template <class A, class... Rest>
  static A apply(const A& g, const Rest&... rest) {
    const A result = call_vjp<R, i>(g, rest...);
    if constexpr (safe) {
      return result;
    } else {
      return where(g == A(T(0)), A(T(0)), result);
    }
  }
};

/// The vjp of input i on Vars, for the recorded sweep. A selection on g would lose the derivative
/// of the result by g, so only what is not finite is replaced where g is 0.
template <class R, int i, bool safe, int... k>
V record(const V& g, const V* x, const V& y, std::integer_sequence<int, k...>) {
  const V result = call_vjp<R, i>(g, x[k]..., y);
  if constexpr (safe) {
    return result;
  } else {
    return drop_non_finite(result, g);
  }
}
template <class R, int i, bool safe>
V record(const V& g, const V* x, const V& y) {
  return record<R, i, safe>(g, x, y, std::make_integer_sequence<int, R::arity>{});
}

/// x / y, where y is the result of a root: 0 where y is 0, which is a kink, and NaN where y is
/// infinite (then y - y is NaN).
template <class A>
constexpr A over_root(const A& x, const A& y) {
  return where(y == A(T(0)), A(T(0)), x) / where(y == A(T(0)), A(T(1)), y + (y - y));
}

/// Turns a mask of operands into a mask of positions among the operands that are read: keeps the
/// bits of `some` where `reads` has one, and closes the gaps.
constexpr unsigned compress_bits(unsigned some, unsigned reads) {
  unsigned result = 0;
  for (int k = 0, place = 0; reads >> k != 0; ++k) {
    if (reads >> k & 1) result |= (some >> k & 1) << place++;
  }
  return result;
}

/// The kernel of a function F that reads the operands in the mask `reads`, with forms for the case
/// that the operands in the mask `scalars` are single numbers.
template <class F, unsigned reads, unsigned scalars>
constexpr Kernel<T> make_kernel() {
  Kernel<T> kernel{Loop<F, reads, false>::run, Loop<F, reads, true>::run};
  if constexpr ((reads & scalars) != 0) {
    kernel.store_with_scalars = Loop<F, reads, false, scalars>::run;
    kernel.add_with_scalars = Loop<F, reads, true, scalars>::run;
    kernel.scalar_operands = compress_bits(scalars, reads);
  }
  return kernel;
}

/// Runs the vjp of input i on RuleTracers, of which number k stands for operand k (g, the inputs,
/// the output), and makes kernels of the operands that it reads. Empty if the rule has no such vjp.
template <class R, int i, unsigned scalars, unsigned... k>
constexpr Rule<T> make_rule(std::integer_sequence<unsigned, k...>) {
  if constexpr (!HasVjp<R, i, decltype(RuleTracer(k, false))...>) {
    return {};
  } else {
    constexpr RuleTracer seen = call_vjp<R, i>(RuleTracer(1u << k, k == 0)...);
    constexpr bool safe = !seen.scales;
    using F = Vjp<R, i, safe>;
    return {make_kernel<F, seen.reads, scalars>(),
            seen.reads,
            true,
            seen.identity,
            seen.costly,
            record<R, i, safe>,
            safe};
  }
}

template <class R, int i, unsigned scalars = 0>
constexpr Rule<T> make_rule() {
  if constexpr (i >= R::arity) {
    return {};
  } else {
    return make_rule<R, i, scalars>(std::make_integer_sequence<unsigned, R::arity + 2>{});
  }
}

/// (f x) (g x).
inline V scaled_square(const V& x, const Factors<T>& f, const Factors<T>& g) {
  if (f.count == 0 && g.count == 0) return autograd::square(x);
  return f.times(x) * g.times(x);
}

/// Op::product for rules that have `product(f, g, x..., y)`.
template <class R>
std::optional<V> product_from_inputs(Tape<T>& tape, NodeId id, const Factors<T>& f,
                                     const Factors<T>& g) {
  const NodeId* x = tape[id].inputs;
  if constexpr (R::arity == 1) {
    return R::product(f, g, tape.var(x[0]), tape.var(id));
  } else {
    return R::product(f, g, tape.var(x[0]), tape.var(x[1]), tape.var(id));
  }
}
template <class R>
constexpr auto product_of() -> decltype(Op<T>::product) {
  if constexpr (HasProduct<R>) {
    return product_from_inputs<R>;
  } else {
    return nullptr;
  }
}

constexpr unsigned all_operands(int count) { return (1u << count) - 1; }

template <class R, unsigned... k>
constexpr bool is_costly(std::integer_sequence<unsigned, k...>) {
  constexpr RuleTracer seen = R::value(RuleTracer(1u << k, false)...);
  return seen.costly;
}

/// Adds the contribution of a number to the gradient of its input i, which is a number, too.
template <class R, int i, class... A>
void give(RawSweep<T>& sweep, NodeId input, const A&... operands) {
  if constexpr (HasVjp<R, i, A...>) {
    constexpr bool safe = make_rule<R, i>().safe;
    if (sweep.wants(input)) sweep.give(input, Vjp<R, i, safe>::apply(operands...));
  }
}
template <class R, int... i>
void vjp_number(RawSweep<T>& sweep, const Node<T>& node, T g, std::integer_sequence<int, i...>) {
  const T x[] = {*sweep.tape()[node.inputs[i]].data...};
  const T y = *node.data;
  (give<R, i>(sweep, node.inputs[i], g, x[i]..., y), ...);
}
template <class R>
void vjp_number(RawSweep<T>& sweep, const Node<T>& node, T g) {
  vjp_number<R>(sweep, node, g, std::make_integer_sequence<int, R::arity>{});
}

/// Adds what input i of a small array has to be given, where all lie alike.
template <class R, int i>
void add_flat(RawSweep<T>& sweep, NodeId input, const T* const* operands, const Layout* layout) {
  constexpr Rule<T> rule = make_rule<R, i>();
  if (!rule.exists || !sweep.wants(input)) return;
  if (rule.identity && sweep.alias_first(input, {operands[0], layout})) return;
  const T* in[R::arity + 2];
  select(rule.reads, operands, in);
  const auto [to, fresh] = sweep.destination(input);
  const auto run = fresh ? rule.kernel.store : rule.kernel.add;
  run(to.data, in, layout->size);
}
/// True if the node and all that its rules read are small arrays that lie alike: kernels have run
/// on the whole of them.
template <class R, int... i>
bool vjp_flat(RawSweep<T>& sweep, NodeId id, std::integer_sequence<int, i...>) {
  const Tape<T>& tape = sweep.tape();
  const Node<T>& node = tape[id];
  const View<const T> g = sweep.gradient(id);
  const Layout* layout = g.layout;
  const auto is_alike = [&](const Node<T>& x) { return x.layout == layout && !x.lazy(); };
  const bool alike = is_alike(node) && (is_alike(tape[node.inputs[i]]) && ...);
  if (!alike || layout->rank == 0 || !tape.is_flat(*layout)) return false;
  const T* const operands[] = {g.data, tape[node.inputs[i]].data..., node.data};
  (add_flat<R, i>(sweep, node.inputs[i], operands, layout), ...);
  return true;
}
template <class R>
void vjp_raw(RawSweep<T>& sweep, NodeId id) {
  if (!vjp_flat<R>(sweep, id, std::make_integer_sequence<int, R::arity>{})) vjp_raw_map(sweep, id);
}

template <class R>
constexpr MapOp<T> make_map_op() {
  MapOp<T> op{{.name = R::name,
               .vjp_raw = vjp_raw<R>,
               .vjp_recorded = vjp_recorded_map<T>,
               .step = step_of_map<T>,
               .product = product_of<R>(),
               .vjp_number = vjp_number<R>,
               .kind = Kind::map}};
  op.arity = R::arity;
  op.value = {Loop<Value<R>, all_operands(R::arity), false>::run, nullptr};
  op.rules[0] = make_rule<R, 0>();
  op.rules[1] = make_rule<R, 1>();
  op.rules[2] = make_rule<R, 2>();
  op.negates = requires { R::negates; };
  op.costly = is_costly<R>(std::make_integer_sequence<unsigned, R::arity>{});
  return op;
}
/// The operation of rule R. Operations that need more than their rule says specialise it.
template <class R>
constexpr MapOp<T> map_op = make_map_op<R>();

/// Records y = R::value(x...) for small arrays that lie alike.
template <class R, class... X>
[[gnu::noinline]] V apply_flat(Tape<T>& tape, const Layout* layout, const X&... x) {
  const MapOp<T>& op = map_op<R>;
  const View<T> y = tape.allocate(op.name, layout);
  const T* const in[] = {tape.computed_value(x)...};
  op.value.store(y.data, in, layout->size);
  return tape.push_alike(op, y, op.rules[0].exists && (tape.is_active(x) || ...), x...);
}

}  // namespace
}  // namespace autograd::rules

namespace autograd {
namespace {

/// Computes y = R::value(x...) and appends its node. Numbers take the short way: no layouts, no
/// laziness.
template <class R, class... X>
V apply(const X&... x) {
  Tape<T>& tape = Tape<T>::current();
  const MapOp<T>& op = rules::map_op<R>;
  if constexpr (rules::HasProduct<R>) tape.has_kinks = true;
  const Layout* layout = tape.common_layout(x...);
  if (layout == &scalar_layout && !tape.throw_on_nonfinite) [[likely]] {
    const bool active = op.rules[0].exists && (tape.is_active(x) || ...);
    return tape.push_number(op, T(R::value(*tape.computed_value(x)...)), active, x...);
  }
  if (layout != nullptr && tape.is_flat(*layout)) return rules::apply_flat<R>(tape, layout, x...);
  const V* const inputs[] = {&x...};
  return apply_map<T>(op, inputs);
}

}  // namespace
}  // namespace autograd

/// Defines the value and the slopes of a rule at numbers, for dual numbers (detail/dual.hpp).
#define AUTOGRAD_UNARY_SLOPES(function, Rule)                            \
  namespace detail {                                                     \
  Slopes<T, 1> function##_slopes(T x) { return slopes<rules::Rule>(x); } \
  }
#define AUTOGRAD_BINARY_SLOPES(function, Rule)                                   \
  namespace detail {                                                             \
  Slopes<T, 2> function##_slopes(T a, T b) { return slopes<rules::Rule>(a, b); } \
  }

/// Defines a function of ops.inc, and its slopes, by a rule. Each stands below its rule, in the
/// unnamed namespace of `rules`, which it leaves for its definitions and opens again.
#define AUTOGRAD_UNARY(function, Rule)                     \
  }                                                        \
  }                                                        \
  V function(const V& x) { return apply<rules::Rule>(x); } \
  AUTOGRAD_UNARY_SLOPES(function, Rule)                    \
  namespace rules {                                        \
  namespace {
#define AUTOGRAD_BINARY(function, Rule)                                   \
  }                                                                       \
  }                                                                       \
  V function(const V& a, const V& b) { return apply<rules::Rule>(a, b); } \
  AUTOGRAD_BINARY_SLOPES(function, Rule)                                  \
  namespace rules {                                                       \
  namespace {
