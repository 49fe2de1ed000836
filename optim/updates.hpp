/// Loops that several solvers share; not for users' code.
#pragma once

#include <cmath>
#include <cstddef>

namespace optim::detail {

/// out = x - step * g; out may be x.
template <class T>
void descend(T* out, const T* x, const T* g, T step, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) out[i] = x[i] - step * g[i];
}

/// The Euclidean norm.
template <class T>
double norm(const T* x, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(x[i]) * x[i];
  return std::sqrt(total);
}

}  // namespace optim::detail
