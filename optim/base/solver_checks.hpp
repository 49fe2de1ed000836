/// What the solvers demand of their arguments; not for users' code.
#pragma once

#include <cmath>

#include "optim/base/arrays.hpp"
#include "optim/stopping.hpp"
#include "optim/terms.hpp"

namespace optim::detail {

inline void check_positive(const char* op, const char* name, double value) {
  if (!(value > 0 && std::isfinite(value))) {
    autograd::fail(op, "{} must be positive and finite, got {}", name, value);
  }
}

inline void check_relaxation(const char* op, double lambda) {
  if (!(lambda > 0 && lambda <= 1)) autograd::fail(op, "lambda must be in (0, 1], got {}", lambda);
}

inline void check_no_gtol(const char* op, const Stopping& stopping) {
  if (stopping.gtol) autograd::fail(op, "this solver has no gtol; use rtol or xtol");
}

template <Scalar T>
void check_value(const char* op, const Term<T>& f) {
  if (!f.eval) autograd::fail(op, "the term {} has no value (eval)", f.name);
}

template <Scalar T>
void check_gradient(const char* op, const Term<T>& f) {
  if (!f.value_and_grad) autograd::fail(op, "the term {} has no gradient", f.name);
}

/// Of a term that is not smooth.
template <Scalar T>
void check_prox(const char* op, const Term<T>& f) {
  check_value(op, f);
  if (!f.prox) autograd::fail(op, "the term {} has no proximal operator", f.name);
}

/// The value, and the gradient, which must come out in the shape of x.
template <Scalar T>
T value_and_gradient(const char* op, const Term<T>& f, xt::xarray<T>& gradient,
                     const xt::xarray<T>& x) {
  set_shape(gradient, x.shape());
  const T value = f.value_and_grad(gradient, x);
  if (gradient.shape() != x.shape()) {
    autograd::fail(op, "the gradient of {} has shape {}, x has shape {}", f.name,
                   shape_text(gradient), shape_text(x));
  }
  return value;
}

}  // namespace optim::detail
