/// Sweeps for sparse Jacobians: one for each group of rows, or of columns, of one colour.
#include "autograd/sparsity.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "autograd/base/error.hpp"
#include "autograd/engine/recorded_sweep.hpp"
#include "autograd/transforms/traced_call.hpp"

namespace autograd::detail {
namespace {

template <class T>
void check_size(const SparsePlan& plan, const TracedCall<T>& of) {
  const Index rows = of.y.size(), columns = of.arguments[0].size();
  if (plan.pattern.rows() == rows && plan.pattern.columns() == columns) return;
  fail(plan.transform, "the pattern is {} x {}, but the matrix {} x {}", plan.pattern.rows(),
       plan.pattern.columns(), rows, columns);
}

/// Writes a cotangent of y: 1 for the rows of one colour.
template <class T>
void fill_group(T* g, const Compression& by, Index colour) {
  for (std::size_t i = 0; i < by.colour.size(); ++i) g[i] = by.colour[i] == colour;
}

/// One sweep gives the sum of the rows of a colour, in which each element of these rows stands
/// alone; `by.places` says where.
template <class T>
void raw_groups(const TracedCall<T>& of, const Compression& by, T* values) {
  Tape<T>& tape = Tape<T>::current();
  const std::span<const NodeId> x = ids_of(of);
  const NodeId y = tape.id(of.transform, of.y);
  RawSweep<T> sweep(of.transform, tape, y, x);
  const View<T> g = tape.allocate(of.transform, make_row_major(tape.arena, of.y.shape()));
  const Index columns = of.arguments[0].size(), sums[] = {by.colours * columns};
  const View<T> rows = tape.allocate(of.transform, make_row_major(tape.arena, sums, of.transform));
  if (by.colours > 1) compute_values(sweep, y);
  for (Index colour = 0; colour < by.colours; ++colour) {
    fill_group(g.data, by, colour);
    sweep.run(g);
    write<T>(rows.data + colour * columns, sweep.gradient(x[0]));
  }
  for (std::size_t i = 0; i < by.places.size(); ++i) values[i] = rows.data[by.places[i]];
}

template <class T>
void recorded_groups(const TracedCall<T>& of, const Compression& by, Var<T>& values) {
  Tape<T>& tape = Tape<T>::current();
  const std::span<const NodeId> x = ids_of(of);
  const NodeId y = tape.id(of.transform, of.y);
  const Dims shape(of.y.shape());
  std::vector<Var<T>> rows(by.colours);
  for (Index colour = 0; colour < by.colours; ++colour) {
    Var<T> g;
    fill_group(new_constant(std::span<const Index>(shape), g), by, colour);
    recorded_sweep<T>(tape, y, g, x, {&rows[colour], 1});
    rows[colour] = ravel(rows[colour]);
  }
  const xt::xarray<Index> places = xt::adapt(by.places, std::vector<std::size_t>{by.places.size()});
  values = rows.empty() ? broadcast_to(Var<T>(0), {0})
                        : take(concatenate(std::span<const Var<T>>(rows)), places);
}

}  // namespace

template <class T>
void raw_sparse(const SparsePlan& plan, const TracedCall<T>& of, T* values) {
  check_size(plan, of);
  if (plan.columns.colours > 0) {
    if (const auto t = transposed(of, plan.rows.colours, plan.columns.colours)) {
      raw_groups<T>({of.transform, t->g[0], {&t->u, 1}}, plan.columns, values);
      if (all_finite(values, static_cast<Index>(plan.pattern.places().size()))) return;
    }
  }
  raw_groups(of, plan.rows, values);
}

template <class T>
void recorded_sparse(const SparsePlan& plan, const TracedCall<T>& of, Var<T>& values) {
  check_size(plan, of);
  if (plan.columns.colours > 0) {
    if (const auto t = transposed(of, plan.rows.colours, plan.columns.colours)) {
      recorded_groups<T>({of.transform, t->g[0], {&t->u, 1}}, plan.columns, values);
      if (all_finite(values)) return;
    }
  }
  recorded_groups(of, plan.rows, values);
}

template <class T>
void compare_products(const char* check, const Sparsity& pattern, const xt::xarray<T>& values,
                      const xt::xarray<T>& v, const xt::xarray<T>& product) {
  std::vector<double> sums(pattern.rows(), 0), sizes(pattern.rows(), 0);
  for (std::size_t i = 0; i < pattern.places().size(); ++i) {
    const auto [row, column] = pattern.places()[i];
    const double term = double(values.data()[i]) * double(v.data()[column]);
    sums[row] += term;
    sizes[row] += std::abs(term);
  }
  const double tolerance = sizeof(T) == 4 ? 1e-3 : 1e-9;
  for (Index row = 0; row < pattern.rows(); ++row) {
    const double right = product.data()[row];
    if (sums[row] == right) continue;
    if (!std::isfinite(right) || !std::isfinite(sums[row])) {
      fail<std::runtime_error>(
          check,
          "row {} is not finite: times a random vector it is {}, and {} by the "
          "elements in the pattern",
          row, right, sums[row]);
    }
    if (std::abs(sums[row] - right) <= tolerance * std::max(sizes[row], std::abs(right))) continue;
    fail<std::runtime_error>(check,
                             "the pattern misses elements: row {} times a random vector is {}, but "
                             "{} by the elements in the pattern",
                             row, right, sums[row]);
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                                         \
  template void raw_sparse<T>(const SparsePlan&, const TracedCall<T>&, T*);             \
  template void recorded_sparse<T>(const SparsePlan&, const TracedCall<T>&, Var<T>&);   \
  template void compare_products<T>(const char*, const Sparsity&, const xt::xarray<T>&, \
                                    const xt::xarray<T>&, const xt::xarray<T>&)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd::detail
