/// Minimises a smooth function with any optimizer, and says how it ended.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <utility>

#include "autograd/containers.hpp"
#include "optim/optimizers.hpp"
#include "optim/stopping.hpp"
#include "optim/terms.hpp"

namespace optim {

/// The rules of Stopping with the defaults of smooth minimisation.
struct MinimizeOptions {
  std::optional<double> atol = {}, dtol = {}, rtol = {}, xtol = {};
  std::optional<double> gtol = 1e-6;
  std::uint64_t maxit = 1000;
  double explosion = 1e10;

  operator Stopping() const { return {atol, dtol, rtol, xtol, gtol, maxit, explosion}; }
};

namespace detail {

/// What minimize needs of an optimizer.
template <Scalar T>
struct Method {
  using Array = xt::xarray<T>;

  std::function<void(Array& x, const Array& gradient)> step;
  std::function<void(Array& x)> project;
  std::function<double(const Array& x, const Array& gradient)> gradient_norm;
};

/// The callback of a minimisation by a container. Of anything else there is none, so that functions
/// of the user's own that are called minimize may take what they like.
template <class C>
struct CallbackFor {
  struct type {};
};
template <autograd::Container C>
struct CallbackFor<C> {
  using type = Callback<autograd::detail::CallScalarT<C>>;
};

template <Scalar T>
Result<T> minimize_by(const Method<T>& method, const Term<T>& f, xt::xarray<T> x,
                      const MinimizeOptions& options, const Callback<T>& callback);

}  // namespace detail

/// Minimises f from x0 (projected first, if the optimizer is Projected) by steps of an optimizer,
/// whose state goes on: SGD, Adam, Projected, ... Result::x is the last iterate, after divergence
/// that of lowest objective. gtol, tested at the start, too, applies to Optimizer::gradient_norm.
///
///     optim::SGD<double> sgd({.learning_rate = 0.1, .momentum = 0.9});
///     auto result = optim::minimize(optim::smooth<double>(loss), w, sgd, {.maxit = 500});
template <Scalar T, std::derived_from<Optimizer<T>> O>
Result<T> minimize(const Term<T>& f, const xt::xarray<T>& x0, O& optimizer,
                   const MinimizeOptions& options = {}, const Callback<T>& callback = {}) {
  using Array = xt::xarray<T>;
  const detail::Method<T> method{
      [&](Array& x, const Array& g) { optimizer.step(x, g); },
      [&](Array& x) { optimizer.project(x); },
      [&](const Array& x, const Array& g) { return optimizer.gradient_norm(x, g); }};
  return detail::minimize_by(method, f, x0, options, callback);
}

/// Minimises a function of a container of arrays (autograd/containers.hpp), such as the parameters
/// of a network, by any optimizer, LBFGS among them. Returns {container, result}: the solution in
/// the form of x0, and the result, whose x is the solution as one vector. The optimizer, too, sees
/// one vector: limits of the norm of the gradient (Clip::norm) and projections are for all arrays
/// together.
///
///     const auto [net, result] = optim::minimize(loss, net0, adam, {.maxit = 500});
template <class F, autograd::Container C, class O>
auto minimize(const F& f, const C& x0, O& optimizer, const MinimizeOptions& options = {},
              const typename detail::CallbackFor<C>::type& callback = {}) {
  using T = autograd::detail::CallScalarT<C>;
  const auto flat = autograd::flatten(x0);
  const auto& unflatten = flat.second;
  const auto of_vector = [&](const autograd::Var<T>& x) { return f(unflatten(x)); };
  Result<T> result = minimize(smooth<T>(of_vector), flat.first, optimizer, options, callback);
  auto solution = unflatten(result.x);
  return std::pair(std::move(solution), std::move(result));
}

}  // namespace optim
