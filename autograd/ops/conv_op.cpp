/// Cross-correlation as an operation. Its result is computed at once, or is lazy (fusable) and
/// computed row by row in a fused loop.
#include "autograd/ops/conv_op.hpp"

#include <array>
#include <new>

#include "autograd/engine/fusion.hpp"
#include "autograd/engine/op_scalar.hpp"

namespace autograd {
namespace {

using Role = ConvProblem::Role;

/// The operation that makes the array of one role from the other two, its inputs in the order of
/// the roles. The vjps of each of the three operations are the other two.
struct ConvOp : Op<T> {
  Role makes;
};

/// How the rows of a lazy result are computed.
struct ByRows {
  const Stencil* stencil;
  const Layout* image;  ///< the image in the shape of the result: see space_of_image
  View<const T> weights;
};

/// The attributes of a node.
struct Recorded : ConvProblem {
  const ByRows* rows;  ///< null unless the result is lazy, or was when it was recorded
};

const Recorded& recorded(const Node<T>& node) {
  return *static_cast<const Recorded*>(node.attributes);
}

Role role_of_input(Role makes, int input) { return Role(input < makes ? input : input + 1); }

V record(Role makes, const std::array<V, 3>& arrays, const ConvProblem& c);

/// A layout of the image in the shape of the result: the element for place (i, j) is the one that
/// the first place of the kernel meets there. So a loop over the result can walk the image with it.
const Layout* space_of_image(const ConvProblem& c) {
  const Index row = c.columns.image, channel = c.rows.image * row;
  Dims shape = c.shape(Role::result), strides{row * c.rows.stride, 1};
  if (!c.matrices) {
    shape[1] = c.groups;
    strides.insert(0, c.channels * channel);
    strides.insert(0, c.groups * c.channels * channel);
  }
  return make_layout(tape().arena, shape, strides);
}

/// The weights of the stencil for each filter. If the kernels of all filters are products of a
/// column and a row, the stencil becomes separable, which takes fewer multiplications.
View<const T> weights_for(Stencil& stencil, const ConvProblem& c, const T* kernel) {
  Arena& arena = tape().arena;
  const Index filters = c.groups * c.filters, rows = stencil.height(), columns = stencil.columns;
  stencil.separable = c.channels == 1 && rows > 1 && columns > 1;
  T* factors = arena.take<T>(static_cast<std::size_t>(filters * (rows + columns)));
  for (Index f = 0; f < filters && stencil.separable; ++f) {
    T* own = factors + f * (rows + columns);
    stencil.separable = separate(kernel + f * rows * columns, rows, columns, own, own + rows);
  }
  const Index size = stencil.separable ? rows + columns : rows * columns;
  const Layout* layout =
      c.matrices ? &scalar_layout : make_layout(arena, Dims{filters, 1, 1}, Dims{size, 0, 0});
  return {stencil.separable ? factors : kernel, layout};
}

/// Adds the step that makes a row of the result. If the loop already repeats elements of another
/// array differently, the result is computed by a loop of its own.
std::uint8_t step_of_conv(Fusion<T>& fusion, NodeId id, std::uint8_t out) {
  const Node<T>& node = tape()[id];
  const Recorded& c = recorded(node);
  const ByRows& by = *c.rows;
  FusedLoop<T>& loop = fusion.loop;
  if (!fusion.repeats(c.filters, c.groups)) {
    Fusion<T> alone(tape(), node.layout->dims());
    alone.materialise(id);
    alone.run();
    return loop.array({node.data, node.layout});
  }
  const auto image = loop.array({tape()[node.inputs[0]].data, by.image});
  const auto weights = loop.array(by.weights);
  return loop.sum_around(*by.stencil, out, image, weights);
}

/// Adds the contribution to the gradient of the image in a fused loop, which computes the lazy
/// cotangent row by row on the way.
void vjp_raw_by_rows(RawSweep<T>& sweep, NodeId id) {
  const Node<T>& node = tape()[id];
  const ByRows& by = *recorded(node).rows;
  const auto [to, fresh] = sweep.destination(node.inputs[0]);
  if (fresh) fill(to, T(0));
  Fusion<T> fusion(sweep, node.layout->dims());
  FusedLoop<T>& loop = fusion.loop;
  fusion.repeats(recorded(node).filters, recorded(node).groups);
  const auto g = fusion.gradient(id);
  const auto weights = loop.array(by.weights);
  loop.scatter_around(*by.stencil, loop.array({to.data, by.image}), g, weights);
  fusion.run();
}

void vjp_raw_conv(RawSweep<T>& sweep, NodeId id) {
  const Node<T>& node = sweep.tape()[id];
  if (sweep.lazy_terms(id) != nullptr) {
    if (recorded(node).rows != nullptr && !sweep.wants(node.inputs[1])) {
      return vjp_raw_by_rows(sweep, id);
    }
    sweep.materialise(id);
  }
  const Role makes = static_cast<const ConvOp*>(node.op)->makes;
  std::array<View<const T>, 3> arrays;
  arrays[makes] = sweep.gradient(id);
  for (int i = 0; i < 2; ++i) {
    arrays[role_of_input(makes, i)] = sweep.tape().value(node.inputs[i]);
  }
  for (int i = 0; i < 2; ++i) {
    if (!sweep.wants(node.inputs[i])) continue;
    const auto [to, fresh] = sweep.destination(node.inputs[i]);
    convolve(sweep.tape().gradients, recorded(node), role_of_input(makes, i), to, arrays, !fresh);
  }
}

void vjp_recorded_conv(VjpContext<T>& context) {
  const Role makes = static_cast<const ConvOp&>(context.op()).makes;
  const auto& c = context.attributes<Recorded>();
  std::array<V, 3> arrays;
  arrays[makes] = context.g;
  for (int i = 0; i < 2; ++i) arrays[role_of_input(makes, i)] = context.x(i);
  for (int i = 0; i < 2; ++i) {
    if (context.wants(i)) context.add(i, record(role_of_input(makes, i), arrays, c));
  }
}

constexpr ConvOp conv_ops[] = {
    {{"correlate2d_image", vjp_raw_conv, vjp_recorded_conv}, Role::image},
    {{"correlate2d_kernel", vjp_raw_conv, vjp_recorded_conv}, Role::kernel},
    {{"correlate2d", vjp_raw_conv, vjp_recorded_conv, step_of_conv}, Role::result}};

/// The cost of a lazy result: two arrays and a step.
constexpr int cost_of_correlation = 3;

/// How the rows of a result are computed if it can be lazy; null if it must be computed now.
const ByRows* by_rows(const ConvProblem& c, const Layout& result,
                      const std::array<View<const T>, 3>& arrays) {
  const View<const T> image = arrays[Role::image], kernel = arrays[Role::kernel];
  if (!tape().fuses(result) || !image.layout->row_major || !kernel.layout->row_major)
    return nullptr;
  Stencil* stencil = stencil_of(tape().arena, c);
  if (stencil == nullptr) return nullptr;
  const auto weights = weights_for(*stencil, c, kernel.data);
  return new (tape().arena.take<ByRows>(1)) ByRows{stencil, space_of_image(c), weights};
}

V record(Role makes, const std::array<V, 3>& arrays, const ConvProblem& c) {
  const ConvOp& op = conv_ops[makes];
  const V &first = arrays[role_of_input(makes, 0)], &second = arrays[role_of_input(makes, 1)];
  std::array<View<const T>, 3> views;
  views[role_of_input(makes, 0)] = tape().value(op.name, first);
  views[role_of_input(makes, 1)] = tape().value(op.name, second);
  const Layout* layout = make_row_major(tape().arena, c.shape(makes), op.name);
  const NodeId inputs[] = {tape().id(op.name, first), tape().id(op.name, second)};
  auto* attributes = tape().arena.take<Recorded>(1);
  *attributes = {c, makes == Role::result ? by_rows(c, *layout, views) : nullptr};
  if (attributes->rows != nullptr) {
    return tape().push_fusable(op, layout, cost_of_correlation, inputs, attributes);
  }
  const View<T> made = tape().allocate(op.name, layout);
  convolve(tape().gradients, c, makes, made, views, false);
  return tape().push(op, made, {inputs[0], inputs[1]}, attributes);
}

}  // namespace

V record_conv(const ConvProblem& c, const V& image, const V& kernel) {
  return record(Role::result, {image, kernel}, c);
}

}  // namespace autograd
