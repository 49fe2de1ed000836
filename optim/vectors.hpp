/// Arithmetic on arrays as on vectors, without temporary arrays. For writers of optimizers.
#pragma once

#include <algorithm>
#include <cmath>

#include "autograd/var.hpp"

namespace optim::detail {

/// Summed in double, in eight parts that the compiler can compute side by side.
template <class T>
double dot(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  constexpr std::size_t width = 8;
  const T *p = a.data(), *q = b.data();
  const auto product = [&](std::size_t i) { return static_cast<double>(p[i]) * q[i]; };
  double parts[width] = {};
  std::size_t i = 0;
  for (; i + width <= a.size(); i += width) {
    for (std::size_t j = 0; j < width; ++j) parts[j] += product(i + j);
  }
  for (; i < a.size(); ++i) parts[0] += product(i);
  double total = 0;
  for (const double part : parts) total += part;
  return total;
}

/// Euclidean
template <class T>
double norm(const xt::xarray<T>& a) {
  return std::sqrt(dot(a, a));
}

/// a += factor * b
template <class T>
void add(xt::xarray<T>& a, double factor, const xt::xarray<T>& b) {
  const T c = static_cast<T>(factor);
  T* p = a.data();
  const T* q = b.data();
  for (std::size_t i = 0; i < a.size(); ++i) p[i] += c * q[i];
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
