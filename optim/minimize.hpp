/// Minimises a smooth function with any optimizer, and says how it ended.
#pragma once

#include "optim/function.hpp"
#include "optim/stopping.hpp"

namespace optim {

/// The rules of Stopping with the defaults of smooth minimisation.
struct MinimizeOptions {
  std::optional<double> atol = {}, dtol = {}, rtol = {}, xtol = {};
  std::optional<double> gtol = 1e-6;
  std::uint64_t maxit = 1000;
  double explosion = 1e10;

  operator Stopping() const { return {atol, dtol, rtol, xtol, gtol, maxit, explosion}; }
};

/// One step of an optimizer: moves x, given the gradient at x.
template <Scalar T>
using Step = std::function<void(xt::xarray<T>& x, const xt::xarray<T>& gradient)>;

/// Minimises f from x0 by steps along its gradient. Result::x is the last iterate (after
/// divergence, that of lowest objective); gtol is tested at the start, too.
template <Scalar T>
Result<T> minimize_by(const Function<T>& f, const xt::xarray<T>& x0, const Step<T>& step,
                      const MinimizeOptions& options = {}, const Callback<T>& callback = {});

/// The same by an optimizer, whose state goes on: SGD, Adam, Projected, ...
///
///     optim::SGD<double> sgd({.learning_rate = 0.1, .momentum = 0.9});
///     auto result = optim::minimize(optim::smooth<double>(loss), w, sgd, {.maxit = 500});
template <Scalar T, class O>
requires requires(O& optimizer, xt::xarray<T>& x) { optimizer.step(x, x); }
Result<T> minimize(const Function<T>& f, const xt::xarray<T>& x0, O& optimizer,
                   const MinimizeOptions& options = {}, const Callback<T>& callback = {}) {
  return minimize_by<T>(
      f, x0, [&](xt::xarray<T>& x, const xt::xarray<T>& g) { optimizer.step(x, g); }, options,
      callback);
}

}  // namespace optim
