/// checkpoint, fixed_point and root: functions of Vars whose steps are not kept for the sweep.
#pragma once

#include <functional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/containers.hpp"
#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

/// When fixed_point and root end: with |x' - x| <= tolerance * max(1, |x|) for the largest
/// elements, x' being the iterate after x. Throws std::runtime_error if that is not reached within
/// maxit steps.
struct FixedPointOptions {
  double tolerance = 0;  ///< 0 stands for 1e-10 (double), 1e-5 (float)
  int maxit = 1000;      ///< positive
};

namespace detail {

/// A function of the leaves of its arguments.
template <class T>
using OfLeaves = std::function<Var<T>(const std::vector<Var<T>>& leaves)>;
/// A step of an iteration: from the leaves of the parameters and x to the next x.
template <class T>
using StepOfLeaves = std::function<Var<T>(const std::vector<Var<T>>& parameters, const Var<T>& x)>;

template <class T>
Var<T> checkpoint(OfLeaves<T> f, const std::vector<Var<T>>& leaves);
template <class T>
Var<T> root(StepOfLeaves<T> f, const std::vector<Var<T>>& parameters, xt::xarray<T> x,
            FixedPointOptions options);
template <class T>
Var<T> fixed_point(StepOfLeaves<T> f, const std::vector<Var<T>>& parameters, xt::xarray<T> x,
                   FixedPointOptions options);

/// A container of Vars without values, which keeps the form of a.
template <class T, class A>
auto form_of(const A& a) {
  return map_leaves([](const auto&) { return Var<T>(); }, a);
}
template <class T, class... A>
std::vector<Var<T>> leaves_of(const A&... a) {
  std::vector<Var<T>> leaves;
  (for_each_leaf([&](const auto& leaf) { leaves.push_back(Var<T>(leaf)); }, a), ...);
  return leaves;
}

/// f(a, x) as a function of the leaves of a.
template <class T, class F, class A>
StepOfLeaves<T> step_of_leaves(F f, const A& a) {
  return
      [f = std::move(f), form = form_of<T>(a)](const std::vector<Var<T>>& leaves, const Var<T>& x) {
        return called<T>(f, std::get<0>(with_leaves(leaves.data(), form)), x);
      };
}

}  // namespace detail

/// checkpoint(f)(x...): f(x...), of which only the result is kept. The sweep runs f again when it
/// needs what lies in between, and forgets it afterwards: memory for time. Arguments are Vars,
/// arrays, numbers and containers of them; derivatives of every order. f is copied, and called
/// again in the sweep, when names that it captures by reference may be gone: capture by value. It
/// must depend on Vars that are differentiated by through its arguments only: std::logic_error for
/// others.
///
///     for (const auto& layer : layers) x = ag::checkpoint(apply)(layer, x);
template <class F>
[[nodiscard]] auto checkpoint(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    const auto of_leaves =
        [f, form = std::make_tuple(detail::form_of<T>(a)...)](const std::vector<Var<T>>& leaves) {
          const auto call = [&](const auto&... x) { return detail::called<T>(f, x...); };
          return std::apply(
              [&](const auto&... each) {
                return std::apply(call, detail::with_leaves(leaves.data(), each...));
              },
              form);
        };
    return detail::checkpoint<T>(of_leaves, detail::leaves_of<T>(a...));
  });
}

/// fixed_point(f, a, x0): the x with f(a, x) = x to which x = f(a, x) converges from x0. The steps
/// are not kept: the derivative by a follows from the equation, and costs one more iteration, with
/// products of cotangents; x0 has none. `a` is a Var, an array, a number or a container of them;
/// derivatives of every order. As with checkpoint, f is called again in the sweep, so it captures
/// by value, and depends on differentiated Vars through its arguments only. Throws
/// std::runtime_error if one of the two iterations does not converge, std::invalid_argument if f(a,
/// x) has another shape than x.
///
///     const auto newton = [](const Var& a, const Var& x) { return 0.5 * (x + a / x); };
///     const Var root = ag::fixed_point(newton, a, 1.0);
template <class F, class A, class X>
[[nodiscard]] auto fixed_point(F f, const A& a, const X& x0, FixedPointOptions options = {}) {
  using T = detail::CallScalarT<A, X>;
  return detail::fixed_point<T>(detail::step_of_leaves<T>(std::move(f), a), detail::leaves_of<T>(a),
                                xt::xarray<T>(Var<T>(x0).value()), options);
}

/// root(f, a, x0): the x with f(a, x) = 0 to which Newton's method converges from x0; f(a, x) has
/// the shape of x. A step is halved, up to 20 times, until it makes the largest element of f
/// smaller. The steps are not kept: the derivative by a follows from the equation, and costs one
/// Jacobian by x and the solution of one system; x0 has none. Arguments, captures and errors are
/// those of fixed_point. Throws std::runtime_error for a singular Jacobian, and where no step makes
/// f smaller.
///
///     const auto kepler = [](const auto& p, const Var& E) { return E - p.e * ag::sin(E) - p.M; };
///     const Var E = ag::root(kepler, orbit, M);
template <class F, class A, class X>
[[nodiscard]] auto root(F f, const A& a, const X& x0, FixedPointOptions options = {}) {
  using T = detail::CallScalarT<A, X>;
  return detail::root<T>(detail::step_of_leaves<T>(std::move(f), a), detail::leaves_of<T>(a),
                         xt::xarray<T>(Var<T>(x0).value()), options);
}

}  // namespace autograd
