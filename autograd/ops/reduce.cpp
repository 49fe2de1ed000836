/// Reductions over axes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "autograd/engine/differences.hpp"
#include "autograd/engine/fusion.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/loops/parallel_for.hpp"
#include "autograd/ops/pairs.hpp"

namespace autograd {
namespace rules {
namespace {

struct ReductionRule {
  static constexpr int arity = 1;
};

// clang-format off
struct Sum : ReductionRule { static constexpr auto name = "sum";
  static constexpr auto vjp(auto g, auto, auto) { return g; } };

struct Norm : ReductionRule { static constexpr auto name = "norm";
  static constexpr auto scale(auto g, auto y) { return over_root(g, y); }
  static constexpr auto vjp(auto g, auto x, auto) { return g * x; } };

struct Logsumexp : ReductionRule { static constexpr auto name = "logsumexp";
  static constexpr auto vjp(auto g, auto x, auto y) { return g * exp(where(x == y, T(0), x - y)); } };

/// 1 for the elements x that are equal to the extreme y of their group, or for all if y is NaN; 0
/// for the others.
struct Ties { static constexpr auto name = "ties"; static constexpr int arity = 2;
  static constexpr auto value(auto x, auto y) { return where(x == y, T(1), where(y == y, T(0), T(1))); } };
// clang-format on

/// The function R::scale of a Loop. As in Vjp, a cotangent of zero gives zero.
template <class R>
struct ScaleOf {
  static constexpr int operands = 2;
  template <class A>
  static A apply(const A& g, const A& y) {
    return where(g == A(T(0)), A(T(0)), R::scale(g, y));
  }
};

template <class R>
constexpr Scale<T> make_scale() {
  if constexpr (requires(T x) { R::scale(x, x); }) {
    return {Loop<ScaleOf<R>, 3, false>::run,
            [](const V& g, const V& y) -> V { return drop_non_finite(R::scale(g, y), g); }};
  } else {
    return {};
  }
}

/// The rule of a reduction. Along a reduced axis operands 0 and 2, the cotangent and the result,
/// are single numbers (mask 5).
template <class R>
constexpr Rule<T> rule_of_reduction() {
  if constexpr (std::is_same_v<R, Norm>) return with_differences<R>(make_rule<R, 0, 5>());
  return make_rule<R, 0, 5>();
}
template <class R>
constexpr MapOp<T> reduce_op(const Kernel<T>* terms = nullptr, void (*finish)(T*, Index) = nullptr,
                             decltype(Op<T>::product) product = nullptr) {
  MapOp<T> op{{.name = R::name,
               .vjp_raw = vjp_raw_map<T>,
               .vjp_recorded = vjp_recorded_map<T>,
               .product = product,
               .kind = Kind::map}};
  op.arity = 1;
  op.rules[0] = rule_of_reduction<R>();
  op.scale = make_scale<R>();
  op.reduces = true;
  op.terms = terms;
  op.finish = finish;
  return op;
}

/// The terms of sums: the function whose values are added up.
struct SquareOf {
  static constexpr int arity = 1;
  static auto value(auto x) { return x * x; }
};
struct ExpOfDifference {
  static constexpr int arity = 2;
  static auto value(auto x, auto m) { return exp(where(x == m, T(0), x - m)); }
};
/// exp(x - m), if m is finite and the largest of many. xsimd's exp serves as it is: what it rounds
/// to 0 too early does not count beside exp(0).
struct ExpBelow {
  static constexpr int arity = 2;
  static T value(T x, T m) { return std::exp(x - m); }
  static Batch value(const Batch& x, const Batch& m) { return xsimd::exp(x - m); }
};
template <class R>
constexpr Kernel<T> terms = summed_value<R>();

}  // namespace
}  // namespace rules

namespace {

/// The result of a reduction, in two shapes on the same memory: with the reduced axes kept at
/// extent 1, and as the user wants it.
struct Plan {
  View<T> kept;
  View<T> result;
  unsigned mask = 0;
  Index count = 1;  ///< how many elements one result is made of
  ReducedAxes* attributes;
};

unsigned all_axes(const Layout& layout) { return (1u << layout.rank) - 1; }

/// Whether the axes in the mask are leading ones: broadcasting restores these by itself.
bool leading(unsigned mask) { return (mask & (mask + 1)) == 0; }

const ReducedAxes nothing_removed{0};

/// Takes memory for the result of a reduction, and finds its shapes.
Plan plan(const char* op, const V& x, const Reduce& over) {
  const Layout& layout = *tape().node(op, x).layout;
  if (layout.size > max_work) check_work(op, layout.dims());
  Arena& arena = tape().arena;
  Plan p;
  p.mask = over.axis ? axes_mask(op, *over.axis, layout.dims()) : all_axes(layout);
  p.attributes = over.keepdims || leading(p.mask) ? const_cast<ReducedAxes*>(&nothing_removed)
                                                  : new (arena.take<ReducedAxes>(1))
                                                        ReducedAxes{p.mask};
  if (p.mask == all_axes(layout) && !over.keepdims) {
    p.count = layout.size;
    p.kept = p.result = tape().allocate(op, &scalar_layout);
    return p;
  }
  Dims shape(layout.dims());
  for (int axis = 0; axis < layout.rank; ++axis) {
    if (p.mask >> axis & 1) p.count *= std::exchange(shape[axis], 1);
  }
  p.kept = tape().allocate(op, tape().layout_like(shape, layout, op));
  p.result = p.kept;
  if (!over.keepdims) {
    Dims extents, strides;
    for (int axis = 0; axis < layout.rank; ++axis) {
      if (p.mask >> axis & 1) continue;
      extents.push(shape[axis]);
      strides.push(p.kept.layout->strides[axis]);
    }
    p.result.layout = tape().layout(extents, strides, op);
  }
  return p;
}

V record(const Op<T>& op, const Plan& p, const V& x) {
  return tape().push(op, p.result, {tape().id(op.name, x)}, p.attributes);
}

/// The sum of kernel(x) over a dense array. Blocks are added up in double, which bounds the
/// rounding error.
T sum_of_flat(const T* x, Index size, const Kernel<T>& kernel) {
  double total = 0;
  for (Index i = 0; i < size; i += longest_sum) {
    const T* block = x + i;
    total += kernel.sum(&block, std::min(longest_sum, size - i));
  }
  return static_cast<T>(total);
}

/// Combines kernel(x, more...) into `out`. A fusable x is computed tile by tile on the way, and not
/// stored.
void reduce_values(View<T> out, NodeId x, std::initializer_list<View<const T>> more,
                   const Kernel<T>& kernel, const Reduction<T>& reduction) {
  const ArenaScope memory(tape().gradients);
  Fusion<T> fusion(tape(), tape()[x].layout->dims());
  FusedLoop<T>& loop = fusion.loop;
  typename FusedLoop<T>::Operand in[max_operands] = {fusion.value(x)};
  std::size_t count = 1;
  for (const View<const T>& each : more) in[count++] = loop.array(each);
  loop.accumulate(loop.array(out), kernel, {in, count}, reduction);
  fusion.run();
}

void sum_terms(const Plan& p, const V& x, std::initializer_list<View<const T>> more,
               const Kernel<T>& kernel) {
  const Node<T>& node = tape().node("sum", x);
  if (is_lazy_difference(node) && kernel.of_difference != nullptr && p.kept.layout->size == 1) {
    *p.kept.data = sum_of_differences<T>(tape().value(node.inputs[0]), kernel);
    return;
  }
  if (node.state == State::apart) tape().value("sum", x);
  const bool is_flat = !node.lazy() && node.layout->dense && node.layout->size < 2 * grain;
  if (p.kept.layout->rank == 0 && is_flat && more.size() == 0) {
    *p.kept.data = sum_of_flat(node.data, node.layout->size, kernel);
    return;
  }
  fill(p.kept, T(0));
  reduce_values(p.kept, tape().id("sum", x), more, kernel, Builtin<T>::sum);
}

/// The vjp of max and min: the elements that are equal to the extreme share the cotangent equally.
/// If the extreme is NaN, all elements receive NaN.
void vjp_recorded_extreme(VjpContext<T>& context) {
  const auto* reduced = context.attributes_if_any<ReducedAxes>();
  const V x = context.x(0), y = stop_gradient(with_axes(context.y(), reduced));
  const V g = with_axes(context.g, reduced);
  const V ties = apply<rules::Ties>(x, y), count = sum_to(ties, g.shape());
  const V share = drop_non_finite(g / where(y == y, count, y), g);  // NaN for NaN
  context.add(0, where(ties, share, 0));
}
constexpr Op<T> max_op{"max", nullptr, vjp_recorded_extreme};
constexpr Op<T> min_op{"min", nullptr, vjp_recorded_extreme};

V extreme(const Op<T>& op, const V& x, const Reduce& over, const Reduction<T>& reduction, T start) {
  const Plan p = plan(op.name, x, over);
  if (p.count == 0 && p.kept.layout->size > 0) {
    fail(op.name, "no elements: the operand has shape {}", to_string(x.shape()));
  }
  fill(p.kept, start);
  reduce_values(p.kept, tape().id(op.name, x), {}, Builtin<T>::copy, reduction);
  return record(op, p, x);
}

void square_roots(T* y, Index n) {
  for (Index i = 0; i < n; ++i) y[i] = std::sqrt(y[i]);
}
/// The sum of (f x) (g x) in the shape of the norm, if the factors are numbers. The mask says which
/// axes have been removed; it is empty for leading axes, which broadcasting restores by itself.
std::optional<V> product_of_norms(Tape<T>& tape, NodeId id, const Factors<T>& f,
                                  const Factors<T>& g) {
  if (!f.are_numbers() || !g.are_numbers()) return {};
  const Node<T> node = tape[id];
  Dims shape(node.layout->dims());
  const unsigned removed = static_cast<const ReducedAxes*>(node.attributes)->mask;
  for (int axis = 0; removed >> axis != 0; ++axis) {
    if (removed >> axis & 1) shape.insert(axis, 1);
  }
  const V squares = rules::scaled_square(tape.var(node.inputs[0]), f, g);
  return reshape(sum_to(squares, shape), Extents(node.layout->dims()));
}
constexpr MapOp<T> sum_op = rules::reduce_op<rules::Sum>(&Builtin<T>::copy);
constexpr MapOp<T> norm_op =
    rules::reduce_op<rules::Norm>(&rules::terms<rules::SquareOf>, square_roots, product_of_norms);
constexpr MapOp<T> logsumexp_op = rules::reduce_op<rules::Logsumexp>();

/// A sum or norm. It is lazy if it is one of a large array, so that several can share a loop, or
/// one of small results that are lazy for that reason.
V reduce(const MapOp<T>& op, const V& x, const Reduce& over) {
  const Plan p = plan(op.name, x, over);
  const Node<T>& node = tape().node(op.name, x);
  const bool large = tape().fuses(*node.layout);
  if (large && node.state != State::fusable) tape().value(op.name, x);
  if (!large && (node.state != State::small || tape().throw_on_nonfinite)) {
    sum_terms(p, x, {}, *op.terms);
    if (op.finish != nullptr) op.finish(p.kept.data, p.kept.layout->size);
    return record(op, p, x);
  }
  const V y = record(op, p, x);
  tape().make_small(large);
  return y;
}

constexpr T infinity = std::numeric_limits<T>::infinity();

}  // namespace

V sum(const V& x, const Reduce& over) { return reduce(sum_op, x, over); }
V norm(const V& x, const Reduce& over) {
  tape().has_kinks = true;
  return reduce(norm_op, x, over);
}

namespace {

/// A sum of exponentials, as exp(largest) * total, to which others can be added without overflow.
struct Exponentials {
  T largest = -infinity;
  double total = 0;

  void add(T other, double sum) {
    const T before = std::exchange(largest, std::max(largest, other));  // a NaN stays in the total
    total = total * factor(before) + sum * factor(other);
  }
  double factor(T exponent) const { return exponent == largest ? 1 : std::exp(exponent - largest); }
  T logarithm() const { return largest + std::log(static_cast<T>(total)); }
};

/// The sum of exp(x[0]), ..., exp(x[n - 1]). Works in blocks, which stay in the first cache from
/// the search for the largest element to the sum: x goes through memory once.
Exponentials exponentials(const T* x, Index n) {
  using Terms = rules::Loop<rules::Value<rules::ExpOfDifference>, 3, false, 2>;
  using FiniteTerms = rules::Loop<rules::Value<rules::ExpBelow>, 3, false, 2>;
  Exponentials result;
  for (Index i = 0; i < n; i += longest_sum) {
    const Index length = std::min(longest_sum, n - i);
    const T largest = static_cast<T>(Builtin<T>::max.tile(-infinity, x + i, length));
    const T* const in[] = {x + i, &largest};
    const bool finite = std::isfinite(largest);
    result.add(largest, finite ? FiniteTerms::sum(in, length) : Terms::sum(in, length));
  }
  return result;
}

/// logsumexp of a dense array. The parts depend on the size only, so that threads do not change the
/// result.
T logsumexp_of_flat(const T* x, Index size) {
  constexpr Index most_parts = 64;
  const Index parts = std::clamp<Index>(size / grain, 1, most_parts);
  const Index length = (size + parts * longest_sum - 1) / (parts * longest_sum) * longest_sum;
  Exponentials each[most_parts], all;
  parallel_for(static_cast<int>(parts), [&](int part) {
    const Index from = std::min(size, part * length);
    each[part] = exponentials(x + from, std::min(length, size - from));
  });
  for (const Exponentials& part : std::span(each, static_cast<std::size_t>(parts))) {
    all.add(part.largest, part.total);
  }
  return all.logarithm();
}

}  // namespace

V logsumexp(const V& x, const Reduce& over) {
  const Plan p = plan("logsumexp", x, over);
  const Node<T>& node = tape().node("logsumexp", x);
  if (p.kept.layout->rank == 0 && !node.lazy() && node.layout->dense) {
    *p.kept.data = logsumexp_of_flat(node.data, node.layout->size);
    return record(logsumexp_op, p, x);
  }
  const View<T> largest = tape().allocate("logsumexp", p.kept.layout);
  fill(largest, -infinity);
  reduce_values(largest, tape().id("logsumexp", x), {}, Builtin<T>::copy, Builtin<T>::max);
  sum_terms(p, x, {largest}, rules::terms<rules::ExpOfDifference>);
  for (Index i = 0; i < p.kept.layout->size; ++i) {
    p.kept.data[i] = largest.data[i] + std::log(p.kept.data[i]);
  }
  return record(logsumexp_op, p, x);
}

V max(const V& x, const Reduce& over) {
  return extreme(max_op, x, over, Builtin<T>::max, -infinity);
}
V min(const V& x, const Reduce& over) {
  return extreme(min_op, x, over, Builtin<T>::min, infinity);
}

}  // namespace autograd
