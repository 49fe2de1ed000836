#include "autograd/loops/stencil.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/loops/weighted_rows.hpp"

namespace autograd {
namespace {

constexpr Index most = Stencil::most_places;

/// out[i] = the sum of weights[v] * x[i + v].
template <class T>
void sum_row(T* out, const T* x, const T* weights, Index columns, Index n) {
  Term<T> terms[most];
  for (Index v = 0; v < columns; ++v) terms[v] = {x + v, weights[v], 0, n};
  add_terms(out, Row<T>{n, 0, n, terms}, static_cast<std::size_t>(columns), false);
}

/// out[i + v] = the sum of weights[v] * g[i], or +=.
template <class T>
void scatter_row(T* out, const T* g, const T* weights, Index columns, Index n, bool add) {
  Term<T> terms[most];
  for (Index v = 0; v < columns; ++v) terms[v] = {g, weights[v], v, v + n};
  add_terms(out, Row<T>{n + columns - 1, columns - 1, n, terms}, static_cast<std::size_t>(columns),
            add);
}

template <class T>
void add_multiple(T* __restrict out, const T* __restrict x, T weight, Index n) {
  for (Index i = 0; i < n; ++i) out[i] += weight * x[i];
}

}  // namespace

/// The rows get the column through the largest weight, divided by that weight, so that no quotient
/// exceeds 1; the columns get the row through it. Then all products are compared.
template <class T>
bool separate(const T* weights, Index rows, Index columns, T* of_rows, T* of_columns) {
  const T* largest = std::max_element(weights, weights + rows * columns,
                                      [](T a, T b) { return std::abs(a) < std::abs(b); });
  const Index row = (largest - weights) / columns, column = (largest - weights) % columns;
  for (Index u = 0; u < rows; ++u) of_rows[u] = weights[u * columns + column] / *largest;
  for (Index v = 0; v < columns; ++v) of_columns[v] = weights[row * columns + v];
  for (Index i = 0; i < rows * columns; ++i) {
    if (of_rows[i / columns] * of_columns[i % columns] != weights[i]) return false;
  }
  return true;
}

template <class T>
void sum_around(const Stencil& stencil, T* out, const T* x, const T* weights, Index n) {
  Term<T> terms[most];
  std::size_t count = 0;
  if (stencil.separable) {
    T sums[tile_length + most];
    const Index width = n + stencil.columns - 1;
    for (const Index row : stencil.rows) terms[count++] = {x + row, *weights++, 0, width};
    add_terms(sums, Row<T>{width, 0, width, terms}, count, false);
    return sum_row(out, sums, weights, stencil.columns, n);
  }
  for (const Index row : stencil.rows) {
    for (Index v = 0; v < stencil.columns; ++v) terms[count++] = {x + row + v, *weights++, 0, n};
  }
  add_terms(out, Row<T>{n, 0, n, terms}, count, false);
}

template <class T>
void scatter_around(const Stencil& stencil, T* out, const T* g, const T* weights, Index n) {
  const Index columns = stencil.columns;
  if (stencil.separable) {
    T sums[tile_length + most];
    scatter_row(sums, g, weights + stencil.height(), columns, n, false);
    for (const Index row : stencil.rows) add_multiple(out + row, sums, *weights++, n + columns - 1);
    return;
  }
  for (const Index row : stencil.rows) {
    scatter_row(out + row, g, weights, columns, n, true);
    weights += columns;
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                               \
  template bool separate<T>(const T*, Index, Index, T*, T*);                  \
  template void sum_around<T>(const Stencil&, T*, const T*, const T*, Index); \
  template void scatter_around<T>(const Stencil&, T*, const T*, const T*, Index)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
