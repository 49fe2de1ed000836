/// Arithmetic on arrays as on vectors, without temporary arrays. For writers of optimizers and
/// solvers.
#pragma once

#include <algorithm>
#include <cmath>

#include "autograd/var.hpp"

namespace optim::detail {

/// Summed in double.
template <class A, class B>
double dot(const A* a, const B* b, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(a[i]) * b[i];
  return total;
}
template <class T>
double dot(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return dot(a.data(), b.data(), a.size());
}

/// Euclidean
template <class T>
double norm(const xt::xarray<T>& a) {
  return std::sqrt(dot(a, a));
}

/// The norm of a - b.
template <class T>
double distance(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  const T *p = a.data(), *q = b.data();
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(p[i]) - q[i];
    total += d * d;
  }
  return std::sqrt(total);
}

/// a += factor * b
template <class T>
void add(xt::xarray<T>& a, double factor, const xt::xarray<T>& b) {
  const T c = static_cast<T>(factor);
  T* p = a.data();
  const T* q = b.data();
  for (std::size_t i = 0; i < a.size(); ++i) p[i] += c * q[i];
}

/// to = x - step * gradient; to may be x
template <class T>
void descend(xt::xarray<T>& to, const xt::xarray<T>& x, double step,
             const xt::xarray<T>& gradient) {
  to.resize(x.shape());
  const T c = static_cast<T>(step);
  const T *p = x.data(), *g = gradient.data();
  T* out = to.data();
#pragma omp simd
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = p[i] - c * g[i];
}

/// a *= factor
template <class T>
void scale(xt::xarray<T>& a, double factor) {
  const T c = static_cast<T>(factor);
  T* p = a.data();
  for (std::size_t i = 0; i < a.size(); ++i) p[i] *= c;
}

/// to = from
template <class T>
void copy(xt::xarray<T>& to, const xt::xarray<T>& from) {
  to.resize(from.shape());
  std::copy_n(from.data(), from.size(), to.data());
}

/// to = a - b
template <class T>
void subtract(xt::xarray<T>& to, const xt::xarray<T>& a, const xt::xarray<T>& b) {
  to.resize(a.shape());
  const T *p = a.data(), *q = b.data();
  T* difference = to.data();
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = p[i] - q[i];
}

}  // namespace optim::detail
