#include "autograd/stencil.hpp"

#include "autograd/weighted_rows.hpp"

namespace autograd {

template <class T>
void sum_around(const Stencil& stencil, T* out, const T* x, const T* weights, Index n) {
  Term<T> terms[Stencil::most_places];
  std::size_t count = 0;
  for (const Index row : stencil.rows) {
    for (Index v = 0; v < stencil.columns; ++v, ++count) {
      terms[count] = {x + row + v, weights[count], 0, n};
    }
  }
  add_terms(out, Row<T>{n, 0, n, terms}, count, false);
}

template <class T>
void spread_around(const Stencil& stencil, T* out, const T* g, const T* weights, Index n) {
  const Index columns = stencil.columns;
  Term<T> terms[Stencil::most_places];
  for (const Index row : stencil.rows) {
    for (Index v = 0; v < columns; ++v) terms[v] = {g, *weights++, v, v + n};
    add_terms(out + row, Row<T>{n + columns - 1, columns - 1, n, terms},
              static_cast<std::size_t>(columns), true);
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                               \
  template void sum_around<T>(const Stencil&, T*, const T*, const T*, Index); \
  template void spread_around<T>(const Stencil&, T*, const T*, const T*, Index)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
