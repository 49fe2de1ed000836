/// What the functions of optim do with arrays as such; not for users' code.
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "autograd/base/error.hpp"
#include "autograd/var.hpp"

namespace optim::detail {

/// "(3, 4)".
template <class T>
std::string shape_text(const xt::xarray<T>& x) {
  return autograd::to_string(autograd::detail::shape_of(x));
}

/// As x.resize(shape), which leaves the new shape without room for it where memory runs out.
template <class T, class Shape>
void set_shape(xt::xarray<T>& x, const Shape& shape) {
  if (x.shape() != shape) x = xt::xarray<T>::from_shape(shape);
}

/// Throws std::invalid_argument for elements that are infinite or NaN.
template <class T>
void check_finite(const char* op, const char* name, const xt::xarray<T>& x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(x.data()[i])) continue;
    autograd::fail(op, "{} must be finite: element {} of {} is {}", name, i, x.size(), x.data()[i]);
  }
}

/// Elements of an array, `step` apart.
template <class T>
struct Strided {
  T* first;
  std::size_t size, step;

  T& operator[](std::size_t i) const { return first[i * step]; }
};

/// An array as `count` blocks of `size` rows of `step` elements: the vectors along an axis are the
/// columns of the blocks.
struct Blocks {
  std::size_t count, size, step;
};

/// Throws std::out_of_range for an axis that x does not have.
template <class T>
Blocks blocks_along(const char* op, const xt::xarray<T>& x, int axis) {
  const autograd::Dims shape = autograd::detail::shape_of(x);
  const int along = autograd::normalize_axis(op, axis, shape);
  Blocks blocks = {1, x.shape(along), 1};
  for (int i = 0; i < along; ++i) blocks.count *= x.shape(i);
  for (std::size_t i = along + 1; i < x.dimension(); ++i) blocks.step *= x.shape(i);
  return blocks;
}

/// Calls f for each vector along the axis, or once for all elements if no axis is given. Throws
/// std::out_of_range for an axis that x does not have.
template <class T, class F>
void for_each_vector(const char* op, xt::xarray<T>& x, std::optional<int> axis, F f) {
  if (!axis) return f(Strided<T>{x.data(), x.size(), 1});
  const auto [count, size, step] = blocks_along(op, x, *axis);
  for (std::size_t block = 0; block < count; ++block) {
    for (std::size_t i = 0; i < step; ++i)
      f(Strided<T>{x.data() + block * size * step + i, size, step});
  }
}

}  // namespace optim::detail
