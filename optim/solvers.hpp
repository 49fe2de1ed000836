/// Proximal splitting: minimises sums of convex terms, of which some are smooth and the others have
/// a proximal operator. In the manner of pyunlocbox, whose names and defaults these are.
///
/// All solvers throw std::invalid_argument when a term lacks what they need, for options out of
/// range, and when the objective is not finite at x0. They report divergence (Result::diverged)
/// instead of throwing. After every iteration each term is evaluated at the solution.
///
/// Stopping::gtol: gradient_descent tests the norm of the gradient, forward_backward that of the
/// gradient mapping; the others have no such measure and throw std::invalid_argument for it.
/// An objective of indicators only is 0 everywhere and ends nothing: use xtol (`{.xtol = 1e-6}`).
#pragma once

#include <functional>
#include <span>
#include <type_traits>
#include <vector>

#include "optim/stopping.hpp"
#include "optim/terms.hpp"

namespace optim {

struct GradientDescent {
  double step = 1;            ///< less than 2 / L, L: Lipschitz constant of the gradient
  bool backtracking = false;  ///< shrinks the step as in ForwardBackward
  double eta = 0.5;           ///< by this factor, in (0, 1)
};
/// x -= step * gradient.
template <Scalar T>
Result<T> gradient_descent(const Term<T>& f, const xt::xarray<T>& x0,
                           const GradientDescent& options = {}, const Stopping& stopping = {},
                           const Callback<T>& callback = {});

enum class Method { ista, fista };

struct ForwardBackward {
  double step = 1;  ///< ISTA: less than 2 / L, FISTA: at most 1 / L; to begin with, if backtracking
  Method method = Method::fista;
  double lambda = 1;  ///< ISTA: part of the way that is gone, in (0, 1]
  /// Shrinks the step, for good, until f(x) <= f(u) + <grad f(u), x - u> + ||x - u||^2 / (2 step),
  /// up to rounding: Beck and Teboulle (2009).
  bool backtracking = false;
  double eta = 0.5;  ///< by this factor, in (0, 1)
  /// FISTA forgets its momentum when it points uphill: O'Donoghue and Candes (2015).
  bool restart = false;
  /// FISTA, f is quadratic: its gradient at the extrapolated point is extrapolated, too, which is
  /// exact and saves evaluating f once more in each iteration. Not with backtracking.
  bool quadratic = false;
};
/// Minimises f + g: f smooth, g with a proximal operator. FISTA's momentum in iteration k is
/// (t_k - 1) / t_{k+1} with t_1 = 1, as in pyunlocbox (one ahead of Beck and Teboulle's).
///
/// `gtol` is compared after each iteration with ||u - prox_{step g}(u - step grad f(u))|| / step: u
/// is the point the iteration stepped from (the former x for ISTA, the extrapolated one for FISTA)
/// and step the one it took. This is 0 at a minimum, and the norm of the gradient where g is 0.
template <Scalar T>
Result<T> forward_backward(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                           const ForwardBackward& options = {}, const Stopping& stopping = {},
                           const Callback<T>& callback = {});

struct GeneralizedForwardBackward {
  double step = 1;    ///< less than 2 / L, L: Lipschitz constant of the gradient of f
  double lambda = 1;  ///< relaxation, in (0, 1]
};
/// Minimises f + sum g_i: f smooth, each g_i with a proximal operator. Raguet, Fadili, Peyre
/// (2013).
template <Scalar T>
Result<T> generalized_forward_backward(const Term<T>& f,
                                       std::type_identity_t<std::span<const Term<T>>> g,
                                       const xt::xarray<T>& x0,
                                       const GeneralizedForwardBackward& options = {},
                                       const Stopping& stopping = {},
                                       const Callback<T>& callback = {});

struct DouglasRachford {
  double step = 1;    ///< positive
  double lambda = 1;  ///< relaxation, in (0, 1]
};
/// Minimises f + g, both with a proximal operator. Combettes and Pesquet (2007).
template <Scalar T>
Result<T> douglas_rachford(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                           const DouglasRachford& options = {}, const Stopping& stopping = {},
                           const Callback<T>& callback = {});

/// A linear map and its adjoint; each writes `out`, resized as needed.
template <Scalar T>
struct LinearOperator {
  std::function<void(xt::xarray<T>&out, const xt::xarray<T>&x)> apply, adjoint;
};

/// A linear function of a Var on arrays of this shape: autograd derives the adjoint. The adjoint
/// throws std::invalid_argument for an array that has not the shape of f(x).
template <Scalar T, class F>
LinearOperator<T> linear_operator(F f, const std::vector<std::size_t>& shape) {
  using autograd::Var;
  const xt::xarray<T> origin = xt::zeros<T>(shape);
  return {[f](xt::xarray<T>& out, const xt::xarray<T>& x) {
            const autograd::Scope<T> scope;
            const Var<T> image = autograd::detail::called<T>(f, Var<T>(x));
            autograd::detail::read(image, autograd::detail::output_buffer(out, image.shape()));
          },
          [f, origin](xt::xarray<T>& out, const xt::xarray<T>& y) {
            const auto product = [&](const Var<T>& x) {
              return autograd::detail::product_sum<T>("linear_operator", "the array",
                                                      autograd::detail::called<T>(f, x), Var<T>(y));
            };
            autograd::value_and_grad(product).into(out, origin);
          }};
}

/// The largest ||K x|| / ||x|| of arrays of the shape of x0, by the power method from a fixed
/// random array: never too large, up to rounding.
template <Scalar T>
double operator_norm(const LinearOperator<T>& K, const xt::xarray<T>& x0, int iterations = 100);

struct ChambollePock {
  double tau = 0;    ///< primal step; 0: 0.99 / ||K|| (both steps), found by the power method
  double sigma = 0;  ///< dual step; tau * sigma * ||K||^2 < 1
  double theta = 1;  ///< extrapolation, in [0, 1]
};
/// Minimises f(x) + g(K x), both with a proximal operator. Chambolle and Pock (2011).
template <Scalar T>
Result<T> chambolle_pock(const Term<T>& f, const Term<T>& g, const LinearOperator<T>& K,
                         const xt::xarray<T>& x0, const ChambollePock& options = {},
                         const Stopping& stopping = {}, const Callback<T>& callback = {});

}  // namespace optim
