/// What the terms of terms.hpp have in common; not for users' code.
#pragma once

#include "optim/base/arrays.hpp"
#include "optim/terms.hpp"

namespace optim::detail {

template <Scalar T>
void check_lambda(const char* op, T lambda) {
  if (!(lambda >= 0)) autograd::fail(op, "lambda must be 0 or positive, got {}", lambda);
}

template <Scalar T>
void check_weights(const char* op, const xt::xarray<T>& weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const T w = weights.data()[i];
    if (!(w >= 0)) autograd::fail(op, "weights must be 0 or positive, got {}", w);
  }
}

/// Throws std::invalid_argument unless the option is empty or has the shape of x.
template <Scalar T, class U>
void check_fits(const char* op, const xt::xarray<T>& x, const char* name,
                const xt::xarray<U>& option) {
  if (option.size() == 0 || option.shape() == x.shape()) return;
  autograd::fail(op, "shapes differ: x has shape {}, {} has shape {}", shape_text(x), name,
                 shape_text(option));
}

/// An array of one number.
template <class T>
struct Constant {
  T value;

  T operator[](std::size_t) const { return value; }
};

/// Calls f with the elements of an array or, if it is empty, with the number that stands for them.
template <class T, class F>
auto with_elements(const xt::xarray<T>& array, T otherwise, F f) {
  return array.size() == 0 ? f(Constant<T>{otherwise}) : f(array.data());
}

}  // namespace optim::detail
