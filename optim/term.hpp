/// What is minimised: a function of one array that knows its value and, as far as it has them, its
/// gradient and its proximal operator.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "autograd/transforms.hpp"

namespace optim {

using autograd::Scalar;

/// A term of an objective. Members that are empty say that the term does not have it: a solver that
/// needs it throws std::invalid_argument and names the term.
template <Scalar T>
struct Term {
  using Array = xt::xarray<T>;

  std::string name;
  std::function<T(const Array& x)> eval;
  /// Writes the gradient (which has the shape of x) and returns the value.
  std::function<T(Array& gradient, const Array& x)> value_and_grad;
  /// Replaces x by argmin_z 1/2 ||z - x||^2 + step * f(z).
  std::function<void(Array& x, T step)> prox;
};

/// A differentiable function of a Var: autograd derives its gradient.
template <Scalar T, class F>
Term<T> smooth(F f, std::string name = "smooth") {
  const auto gradient = autograd::value_and_grad(f);
  return {std::move(name),
          [f](const xt::xarray<T>& x) {
            const autograd::Scope<T> scope;
            return autograd::detail::called<T>(f, autograd::Var<T>(x)).item();
          },
          [gradient](xt::xarray<T>& g, const xt::xarray<T>& x) { return gradient.into(g, x); },
          {}};
}

/// 0 everywhere: gradient 0, its proximal operator leaves x as it is.
template <Scalar T>
Term<T> zero() {
  return {"zero", [](const auto&) { return T(0); },
          [](auto& gradient, const auto& x) {
            gradient.resize(x.shape());
            gradient.fill(0);
            return T(0);
          },
          [](auto&, T) {}};
}

}  // namespace optim
