/// Products of matrices, and the functions that are made of them.
#include <algorithm>
#include <utility>

#include "autograd/engine/fusion.hpp"
#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/loops/blas.hpp"

namespace autograd {
namespace {

// The rule of matmul is one text in two algebras. On Vars its functions are the public operations.
// On raw arrays `transposed` swaps strides, and `product` only names the factors: the sweep then
// has BLAS add their product to the gradient, without an array in between.
struct Raw {
  View<const T> view;
};
struct Product {
  Raw a, b;
};
Raw transposed(const Raw& x) {
  const Layout& layout = *x.view.layout;
  Dims shape(layout.dims()), strides(layout.steps());
  std::swap(shape[layout.rank - 2], shape[layout.rank - 1]);
  std::swap(strides[layout.rank - 2], strides[layout.rank - 1]);
  return {{x.view.data, make_layout(tape().gradients, shape, strides)}};
}
V transposed(const V& x) { return swapaxes(x, -1, -2); }
Product product(const Raw& a, const Raw& b) { return {a, b}; }
V product(const V& a, const V& b);

struct Matmul {
  static auto vjp_a(auto g, auto, auto b) { return product(g, transposed(b)); }
  static auto vjp_b(auto g, auto a, auto) { return product(transposed(a), g); }
};

/// c = a b if `fresh`, otherwise c += a b, for stacks of matrices. Where c is broadcast, products
/// are summed.
void multiply(View<T> c, View<const T> a, View<const T> b, std::span<const Index> batch,
              bool fresh) {
  const Index count = element_count(batch);
  const bool summed =
      count > 1 &&
      element_count(c.layout->dims().first(static_cast<std::size_t>(c.layout->rank - 2))) < count;
  if ((summed || count == 0) && fresh) fill(c, T(0));
  multiply_matrices<T>(tape().gradients, c, a, b, summed || !fresh, batch);
}

std::span<const Index> batch_of(const Layout& layout) {
  return layout.dims().first(static_cast<std::size_t>(layout.rank - 2));
}

/// The value of an operand whose elements each take part in `sums` sums of a product. A fusable one
/// is computed for this product alone if computing it takes a small part of the time, so that its
/// memory need not be kept for the sweep.
View<const T> operand_for_once(NodeId id, Index sums) {
  constexpr Index sums_for_step = 16;
  const Index enough = sums_for_step * cost_of(tape()[id]);
  return sums >= enough ? tape().value_for_once(id) : tape().value(id);
}

/// The value of an operand in the forward pass: as above for the first product that reads it. A
/// second product computes it for good, so that no value is computed for each of many products.
View<const T> operand(NodeId id, Index sums) {
  return tape()[id].read_again() ? tape().value(id) : operand_for_once(id, sums);
}

void vjp_raw_matmul(RawSweep<T>& sweep, NodeId id) {
  const Node<T>& node = sweep.tape()[id];
  const Raw g{sweep.gradient(id)};
  for (const int i : {0, 1}) {
    if (!sweep.wants(node.inputs[i])) continue;
    const auto [to, fresh] = sweep.destination(node.inputs[i]);
    const ArenaScope memory(sweep.tape().gradients);
    const Index sums = node.layout->dims().end()[i == 0 ? -2 : -1];
    const Raw other{operand_for_once(node.inputs[1 - i], sums)};
    const auto [a, b] = i == 0 ? Matmul::vjp_a(g, Raw{}, other) : Matmul::vjp_b(g, other, Raw{});
    multiply(to, a.view, b.view, batch_of(*node.layout), fresh);
  }
}

void vjp_recorded_matmul(VjpContext<T>& context) {
  if (context.wants(0)) context.add(0, Matmul::vjp_a(context.g, context.x(0), context.x(1)));
  if (context.wants(1)) context.add(1, Matmul::vjp_b(context.g, context.x(0), context.x(1)));
}

void compute_matmul(Tape<T>& tape, NodeId id, View<T> out) {
  const NodeId* inputs = tape[id].inputs;
  const View<T> a = tape.value(inputs[0]), b = tape.value(inputs[1]);
  multiply(out, a, b, batch_of(*out.layout), true);
}
constexpr Op<T> matmul_op{.name = "matmul",
                          .vjp_raw = vjp_raw_matmul,
                          .vjp_recorded = vjp_recorded_matmul,
                          .compute = compute_matmul,
                          .kind = Kind::product};

/// The product of stacks of matrices: operands with at least two axes.
V multiply_stacks(const V& a, const V& b) {
  const ArenaScope memory(tape().gradients);
  const NodeId left = tape().id("matmul", a), right = tape().id("matmul", b);
  const View<const T> x = operand(left, b.shape(-1)), y = operand(right, a.shape(-2));
  Dims shape = broadcast_shapes("matmul", batch_of(*x.layout), batch_of(*y.layout));
  const Dims batch(shape);
  shape.push(x.layout->dims().end()[-2]);
  shape.push(y.layout->dims().back());
  const View<T> z = tape().allocate("matmul", tape().row_major(shape, "matmul"));
  multiply(z, x, y, batch, true);
  return tape().push(matmul_op, z, {left, right});
}

/// A product in a gradient that is recorded. Large ones are computed when they are read: products
/// of vectors with Hessians need none of the gradients by matrices.
V product(const V& a, const V& b) {
  if (a.dimension() != 2 || b.dimension() != 2) return matmul(a, b);
  const Layout* layout = tape().row_major(Dims{a.shape(0), b.shape(1)}, "matmul");
  if (!tape().fuses(*layout)) return matmul(a, b);
  const NodeId inputs[] = {tape().id("matmul", a), tape().id("matmul", b)};
  return tape().push_apart(matmul_op, layout, inputs, nullptr);
}

void check_inner(const char* op, const V& a, const V& b) {
  const Index inner = b.dimension() == 1 ? -1 : -2;
  if (a.shape(-1) == b.shape(inner)) return;
  fail(op,
       "inner dimensions differ: a has shape {}, b has shape {}; a.shape[-1] = {} must equal "
       "b.shape[{}] = {}",
       to_string(a.shape()), to_string(b.shape()), a.shape(-1), inner, b.shape(inner));
}

void check_stacks(const V& a, const V& b) {
  for (Index axis = -3; axis >= -std::min(a.dimension(), b.dimension()); --axis) {
    const Index x = a.shape(axis), y = b.shape(axis);
    if (x == y || x == 1 || y == 1) continue;
    fail("matmul",
         "stacks of matrices do not broadcast: a has shape {}, b has shape {}; axis {} is {} vs {}",
         to_string(a.shape()), to_string(b.shape()), axis, x, y);
  }
}

/// Throws for operands whose extents do not fit into BLAS's int, or of more than max_work elements.
void check_large(const V& a, const V& b) {
  check_work("matmul", a.shape());
  check_work("matmul", b.shape());
  const Index rows = a.dimension() == 1 ? 1 : a.shape(-2);
  if (std::max({rows, a.shape(-1), b.shape(-1)}) > largest_in_blas) {
    fail("matmul", "BLAS takes axes of at most {}: a has shape {}, b has shape {}", largest_in_blas,
         to_string(a.shape()), to_string(b.shape()));
  }
}

/// A vector as the only row (axis 0 is new) or column (axis 1) of a matrix, and the way back: a
/// view without an axis of extent 1. expand_dims and squeeze take several axes, and more time.
V as_matrix(const V& x, int axis) {
  const Layout& layout = *tape().node("matmul", x).layout;
  Dims shape(layout.dims()), strides(layout.steps());
  shape.insert(axis, 1);
  strides.insert(axis, 0);
  return strided_view(x, shape, strides);
}
V without_axis(const V& x, Index axis) {
  const Layout& layout = *tape().node("matmul", x).layout;
  Dims shape(layout.dims()), strides(layout.steps());
  shape.erase(static_cast<int>(axis));
  strides.erase(static_cast<int>(axis));
  return strided_view(x, shape, strides);
}

void check_matmul(const V& a, const V& b) {
  if (a.dimension() == 0 || b.dimension() == 0) {
    fail("matmul", "operands need at least one axis: a has shape {}, b has shape {}",
         to_string(a.shape()), to_string(b.shape()));
  }
  check_inner("matmul", a, b);
  check_stacks(a, b);
  const Layout &x = *tape().node("matmul", a).layout, &y = *tape().node("matmul", b).layout;
  if (std::max(x.size, y.size) > largest_in_blas) check_large(a, b);
}

/// x as a matrix: the given axes joined to the first or the last axis, the rest to the other one.
V contracted_last(const V& x, const Dims& axes, bool first) {
  Dims order, rest;
  Index joined = 1, others = 1;
  for (int axis = 0; axis < x.dimension(); ++axis) {
    if (std::ranges::count(axes, axis) > 0) continue;
    rest.push(axis);
    others *= x.shape(axis);
  }
  for (Index axis : axes) joined *= x.shape(axis);
  for (Index axis : first ? axes : rest) order.push(axis);
  for (Index axis : first ? rest : axes) order.push(axis);
  const V moved = order.size() == 0 ? x : transpose(x, order);
  return reshape(moved, first ? Extents{joined, others} : Extents{others, joined});
}

/// tensordot, whose errors name the operation that the user called.
V contract(const char* op, const V& a, const V& b, const Extents& a_axes, const Extents& b_axes) {
  axes_mask(op, a_axes, a.shape());
  axes_mask(op, b_axes, b.shape());
  Dims left, right, shape;
  for (Index axis : a_axes) left.push(normalize_axis(op, axis, a.shape()));
  for (Index axis : b_axes) right.push(normalize_axis(op, axis, b.shape()));
  bool fits = left.size() == right.size();
  for (int i = 0; fits && i < left.size(); ++i) {
    fits = a.shape(left[i]) == b.shape(right[i]);
  }
  if (!fits) {
    fail(op, "axes {} of a and {} of b do not match: a has shape {}, b has shape {}",
         to_string(a_axes), to_string(b_axes), to_string(a.shape()), to_string(b.shape()));
  }
  check_work(op, a.shape());
  check_work(op, b.shape());
  const auto keep = [&](const V& x, const Dims& contracted) {
    for (int axis = 0; axis < x.dimension(); ++axis) {
      if (std::ranges::count(contracted, axis) == 0) shape.push(x.shape(axis));
    }
  };
  keep(a, left);
  keep(b, right);
  element_count(shape, op);
  const V x = contracted_last(a, left, false), y = contracted_last(b, right, true);
  return reshape(matmul(x, y), shape);
}

}  // namespace

V matmul(const V& a, const V& b) {
  check_matmul(a, b);
  if (a.dimension() == 1) {
    const V row = matmul(as_matrix(a, 0), b);
    return without_axis(row, b.dimension() == 1 ? 0 : row.dimension() - 2);
  }
  if (b.dimension() == 1) return without_axis(matmul(a, as_matrix(b, 1)), a.dimension() - 1);
  if (a.dimension() > 2 && b.dimension() == 2) {
    Dims shape(a.shape());
    shape[shape.size() - 1] = b.shape(1);
    const Index rows = element_count(a.shape().first(a.shape().size() - 1));
    if (rows > largest_in_blas) return multiply_stacks(a, b);
    return reshape(multiply_stacks(reshape(a, {rows, a.shape(-1)}), b), shape);
  }
  return multiply_stacks(a, b);
}

V tensordot(const V& a, const V& b, const Extents& a_axes, const Extents& b_axes) {
  return contract("tensordot", a, b, a_axes, b_axes);
}

V tensordot(const V& a, const V& b, int axes) {
  if (axes < 0 || axes > a.dimension() || axes > b.dimension()) {
    fail("tensordot", "cannot contract {} axes: a has shape {}, b has shape {}", axes,
         to_string(a.shape()), to_string(b.shape()));
  }
  Dims last, first;
  for (int i = 0; i < axes; ++i) {
    last.push(a.dimension() - axes + i);
    first.push(i);
  }
  return tensordot(a, b, Extents(last), Extents(first));
}

V dot(const V& a, const V& b) {
  if (a.dimension() == 0 || b.dimension() == 0) return a * b;
  check_inner("dot", a, b);
  if (a.dimension() == 1 && b.dimension() == 1) {
    if (const auto smooth = product_at_kink(a, b)) return sum(*smooth);
  }
  if (a.dimension() <= 2 && b.dimension() <= 2) return matmul(a, b);
  return contract("dot", a, b, -1, b.dimension() == 1 ? -1 : -2);
}

V inner(const V& a, const V& b) {
  if (a.dimension() == 0 || b.dimension() == 0) return a * b;
  return contract("inner", a, b, -1, -1);
}

V outer(const V& a, const V& b) {
  element_count(Dims{a.size(), b.size()}, "outer");
  return expand_dims(ravel(a), 1) * expand_dims(ravel(b), 0);
}

V kron(const V& a, const V& b) {
  const int axes = std::max(a.dimension(), b.dimension());
  if (axes > 8) {
    fail("kron", "operands have at most 8 axes: a has shape {}, b has shape {}",
         to_string(a.shape()), to_string(b.shape()));
  }
  // Each axis of the result is made of two axes of the product, one of a and one of b.
  Dims left, right, shape;
  for (int axis = -axes; axis < 0; ++axis) {
    const Index m = axis < -a.dimension() ? 1 : a.shape(axis);
    const Index n = axis < -b.dimension() ? 1 : b.shape(axis);
    for (const Index extent : {m, Index{1}}) left.push(extent);
    for (const Index extent : {Index{1}, n}) right.push(extent);
    shape.push(element_count(Dims{m, n}, "kron"));
  }
  element_count(shape, "kron");
  check_work("kron", a.shape());
  check_work("kron", b.shape());
  return reshaped(reshaped(a, left, "kron") * reshaped(b, right, "kron"), shape, "kron");
}

}  // namespace autograd
