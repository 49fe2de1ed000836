/// Jacobians. Row i of J is the gradient for a cotangent that is 1 at element i of y and 0
/// elsewhere: one sweep for each row. If there are clearly fewer columns than rows, the columns are
/// cheaper. With a vector u of the shape of y, the sweep for g(u) = J^T u is recorded once. It is
/// linear in u, so the Jacobian of g by u is J^T, whose rows are the columns of J: one raw sweep
/// for each column.
#include <algorithm>
#include <vector>

#include "autograd/engine/recorded_sweep.hpp"
#include "autograd/transforms/traced_call.hpp"

namespace autograd::detail {

namespace {

/// Calls take(i, sweep) after the sweep whose cotangent is 1 at element i of y and 0 elsewhere.
template <class T, class Take>
void sweep_rows(const TracedCall<T>& of, std::span<const NodeId> ids, const Take& take) {
  Tape<T>& tape = Tape<T>::current();
  const NodeId y = tape.id(of.transform, of.y);
  RawSweep<T> sweep(of.transform, tape, y, ids);
  const Layout* layout = make_row_major(tape.arena, of.y.shape());
  const View<T> g = tape.allocate(of.transform, layout);
  fill(g, T(0));
  if (layout->size > 1) compute_values(sweep, y);
  for (Index i = 0; i < layout->size; ++i) {
    g.data[i] = 1;
    sweep.run(g);
    g.data[i] = 0;
    take(i, sweep);
  }
}

template <class T>
void raw_rows(const TracedCall<T>& of, std::span<T* const> out) {
  const std::span<const NodeId> ids = ids_of(of);
  sweep_rows<T>(of, ids, [&](Index row, const RawSweep<T>& sweep) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      write(out[i] + row * of.arguments[i].size(), sweep.gradient(ids[i]));
    }
  });
}

/// Writes column `j` of the matrix with `columns` columns at `out`.
template <class T>
void write_column(T* out, Index j, Index columns, View<const T> from) {
  Tape<T>& tape = Tape<T>::current();
  const ArenaScope memory(tape.arena);
  const std::span<const Index> shape = from.layout->dims();
  Dims strides(make_row_major(tape.arena, shape)->steps());
  for (Index& stride : strides) stride *= columns;
  const View<T> to{out + j, make_layout(tape.arena, shape, strides)};
  from.data == nullptr ? fill(to, T(0)) : copy<T>(to, from);
}

template <class T>
Index column_count(const TracedCall<T>& of) {
  Index columns = 0;
  for (const Var<T>& x : of.arguments) columns += x.size();
  return columns;
}

/// Writes the Jacobians by columns. Returns false if an element is not finite.
template <class T>
bool raw_columns(const TracedCall<T>& of, const Transposed<T>& t, std::span<T* const> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const TracedCall<T> by_u{of.transform, t.g[i], {&t.u, 1}};
    const std::span<const NodeId> id = ids_of(by_u);
    const Index columns = t.g[i].size();
    sweep_rows<T>(by_u, id, [&](Index j, const RawSweep<T>& sweep) {
      write_column(out[i], j, columns, sweep.gradient(id[0]));
    });
    if (!all_finite(out[i], columns * of.y.size())) return false;
  }
  return true;
}

}  // namespace

template <class T>
void raw_jacobian(const TracedCall<T>& of, std::span<T* const> out) {
  const auto t = transposed(of, of.y.size(), column_count(of));
  if (!t || !raw_columns(of, *t, out)) raw_rows(of, out);
}

template <class T>
Dims jacobian_shape(const TracedCall<T>& of, const Var<T>& x) {
  Dims shape(of.y.shape());
  for (Index extent : x.shape()) shape.push(extent);
  element_count(shape, of.transform);
  return shape;
}

namespace {

template <class T>
void recorded_rows(const TracedCall<T>& of, std::span<Var<T>> out) {
  Tape<T>& tape = Tape<T>::current();
  const std::span<const NodeId> ids = ids_of(of);
  const NodeId y = tape.id(of.transform, of.y);
  const Dims shape(of.y.shape());
  const Index count = of.y.size();
  std::vector<std::vector<Var<T>>> rows(ids.size());
  for (Index row = 0; row < count; ++row) {
    Var<T> g;
    T* data = new_constant(std::span<const Index>(shape), g);
    std::fill_n(data, count, T(0));
    data[row] = 1;
    recorded_sweep<T>(tape, y, g, ids, out);
    for (std::size_t i = 0; i < ids.size(); ++i) rows[i].push_back(expand_dims(out[i], 0));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Dims whole = jacobian_shape(of, of.arguments[i]);
    out[i] = count == 0 ? broadcast_to(Var<T>(0), whole)
                        : reshape(concatenate(std::span<const Var<T>>(rows[i])), whole);
  }
}

/// Makes the Jacobians by columns. Returns false if an element is not finite.
template <class T>
bool recorded_columns(const TracedCall<T>& of, const Transposed<T>& t, std::span<Var<T>> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const TracedCall<T> by_u{of.transform, t.g[i], {&t.u, 1}};
    recorded_rows<T>(by_u, out.subspan(i, 1));
    const Var<T> columns = reshape(out[i], {t.g[i].size(), of.y.size()});
    out[i] = reshape(transpose(columns), jacobian_shape(of, of.arguments[i]));
    if (!all_finite(out[i])) return false;
  }
  return true;
}

}  // namespace

template <class T>
void recorded_jacobian(const TracedCall<T>& of, std::span<Var<T>> out) {
  for (const Var<T>& x : of.arguments) jacobian_shape(of, x);
  const auto t = transposed(of, of.y.size(), column_count(of));
  if (!t || !recorded_columns(of, *t, out)) recorded_rows(of, out);
}

#define AUTOGRAD_INSTANTIATE(T)                                             \
  template void raw_jacobian<T>(const TracedCall<T>&, std::span<T* const>); \
  template Dims jacobian_shape<T>(const TracedCall<T>&, const Var<T>&);     \
  template void recorded_jacobian<T>(const TracedCall<T>&, std::span<Var<T>>)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd::detail
