/// Arithmetic on arrays as on vectors, without temporary arrays. For writers of optimizers and
/// solvers.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "optim/base/arrays.hpp"

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

/// The square root of the sum of squares of element(0), ..., element(n - 1). No square overflows,
/// and none that matters is lost: where the plain sum left the range in which it is exact, the
/// elements are multiplied by a power of 2 first.
template <class F>
double norm_of(std::size_t n, F element) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += element(i) * element(i);
  constexpr double exact = std::numeric_limits<double>::min() * 0x1p100;
  if (total >= exact && total <= std::numeric_limits<double>::max()) return std::sqrt(total);
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(element(i)));
  if (std::isnan(total) || largest == 0 || std::isinf(largest)) return std::sqrt(total);
  const double scale = std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000));
  total = 0;
  for (std::size_t i = 0; i < n; ++i) total += (scale * element(i)) * (scale * element(i));
  return std::sqrt(total) / scale;
}

/// Euclidean.
template <class T>
double norm(const xt::xarray<T>& a) {
  return norm_of(a.size(), [p = a.data()](std::size_t i) { return static_cast<double>(p[i]); });
}

/// The norm of a - b.
template <class T>
double distance(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return norm_of(a.size(), [p = a.data(), q = b.data()](std::size_t i) {
    return static_cast<double>(p[i]) - q[i];
  });
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
  set_shape(to, x.shape());
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
  set_shape(to, from.shape());
  std::copy_n(from.data(), from.size(), to.data());
}

/// to = a - b
template <class T>
void subtract(xt::xarray<T>& to, const xt::xarray<T>& a, const xt::xarray<T>& b) {
  set_shape(to, a.shape());
  const T *p = a.data(), *q = b.data();
  T* difference = to.data();
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = p[i] - q[i];
}

}  // namespace optim::detail
