/// make_jvp, make_hvp, ggnvp, make_ggnvp and deriv: products of vectors with matrices of
/// derivatives that are never formed. The transforms that they are made of are in transforms.hpp.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/transforms.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// The function v... -> product(x..., v...) for x... that are given now.
template <class F, class... X>
auto given(F product, const X&... x) {
  return Transformed([product = std::move(product), at = std::make_tuple(x...)](const auto&... v) {
    return std::apply([&](const auto&... each) { return product(each..., v...); }, at);
  });
}

/// The sum of the squares of all elements, halved: the loss whose second derivative is 1.
struct HalfSquares {
  template <class T>
  Var<T> operator()(const Var<T>& y) const {
    return 0.5 * sum(square(y));
  }
};

/// A number as an array; anything else as it is.
template <class A>
decltype(auto) number_as_array(const A& a) {
  if constexpr (std::is_floating_point_v<A>) {
    return xt::xarray<A>(a);
  } else {
    return static_cast<const A&>(a);
  }
}

/// Ones in the shapes of the leaves of a.
template <class A>
auto ones_of(const A& a) {
  using T = CallScalarT<A>;
  return map_leaves(
      [](const auto& leaf) {
        const Dims shape = shape_of_leaf(leaf);
        return xt::xarray<T>(xt::dynamic_shape<std::size_t>(shape.begin(), shape.end()), T(1));
      },
      a);
}

}  // namespace detail

/// make_jvp(f)(x...): the function v... -> {f(x...), jvp(f)(x..., v...)}.
template <class F>
[[nodiscard]] auto make_jvp(F f) {
  const auto product = [f = std::move(f)](const auto&... a) {
    const auto split = [&](const auto& x, const auto& v) {
      return detail::value_and_product(f, x, v);
    };
    return detail::split_call<sizeof...(a) / 2>(split, a...);
  };
  return detail::Transformed([product](const auto&... x) { return detail::given(product, x...); });
}

/// make_hvp(f)(x...): {gradient, hvp}, where hvp(v) is what hvp(f)(x..., v) is, without running f
/// and its sweep again. With several arguments the gradient is a std::tuple, and so is v. As to
/// lifetimes, see make_vjp: the Hessian is symmetric, so this is make_vjp(grad(f)).
///
///     const auto [gradient, hvp] = ag::make_hvp(f)(x);
template <class F>
[[nodiscard]] auto make_hvp(F f) {
  return make_vjp(grad(std::move(f)));
}

/// ggnvp(f, g)(x..., v...): the product of the generalized Gauss-Newton matrix J^T H J with v,
/// where J is the Jacobian of f at x and H the Hessian of the scalar function g at f(x). It is
/// positive semidefinite if g is convex, and the Hessian of g(f(x)) if f is linear. Without g, half
/// the sum of squares, it is J^T J v. (N. Schraudolph, Neural Computation 14, 2002.)
template <class F, class G = detail::HalfSquares>
[[nodiscard]] auto ggnvp(F f, G g = {}) {
  return detail::Transformed([f = std::move(f), g = std::move(g)](const auto&... a) {
    static_assert(sizeof...(a) % 2 == 0, "autograd: ggnvp takes a vector for each argument");
    const auto split = [&](const auto& x, const auto& v) {
      const auto [y, forward] = detail::value_and_product(f, x, v);
      const auto weighted = hvp(g)(y, forward);
      return std::apply([&](const auto&... each) { return vjp(f)(each..., weighted); }, x);
    };
    return detail::split_call<sizeof...(a) / 2>(split, a...);
  });
}

/// make_ggnvp(f, g)(x...): the function v... -> ggnvp(f, g)(x..., v...).
template <class F, class G = detail::HalfSquares>
[[nodiscard]] auto make_ggnvp(F f, G g = {}) {
  return detail::Transformed([product = ggnvp(std::move(f), std::move(g))](const auto&... x) {
    return detail::given(product, x...);
  });
}

/// deriv(f)(x): the derivative of f along a direction of ones, an array of the shape of f(x): for a
/// number x the derivative of each element of f(x).
template <class F>
[[nodiscard]] auto deriv(F f) {
  return detail::Transformed([product = jvp(std::move(f))](const auto&... x) {
    return product(detail::number_as_array(x)..., detail::ones_of(x)...);
  });
}

namespace detail {

template <std::size_t... N, class F, class... A>
auto gradient_and_aux(const F& f, const A&... a) {
  using T = CallScalarT<A...>;
  using Selected =
      decltype(selected_indices(std::index_sequence<N...>{}, std::index_sequence_for<A...>{}));
  using Y = typename ResultOfCall<T, Selected, F, A...>::type;
  static_assert(has_two_parts<Y>,
                "autograd: grad_and_aux takes a function that returns a std::pair of a scalar and "
                "what else the caller wants to know");
  if constexpr (has_two_parts<Y>) {
    const auto kept = [](const auto& aux) {
      if constexpr ((has_vars<A> || ...)) {
        return aux;
      } else {
        return as_arrays<T>("grad_and_aux", aux);
      }
    };
    std::optional<decltype(kept(std::get<1>(std::declval<const Y&>())))> aux;
    const auto scalar = [&](const auto&... at) {
      const Y y = called<T, true>(f, at...);
      aux.emplace(kept(std::get<1>(y)));
      return std::get<0>(y);
    };
    auto gradient = gradients<N...>("grad_and_aux", scalar, a...);
    return std::pair(std::move(gradient), *std::move(aux));
  }
}

}  // namespace detail

/// grad_and_aux(f)(x...): {gradient, aux} of a function that returns a std::pair (or a tuple of
/// two) of a scalar and aux, whatever else the caller wants to know. With arrays as arguments the
/// Vars in aux, which may be a container of them, become arrays; anything else stays as it is.
template <std::size_t... N, class F>
[[nodiscard]] auto grad_and_aux(F f) {
  return detail::Transformed(
      [f = std::move(f)](const auto&... a) { return detail::gradient_and_aux<N...>(f, a...); });
}

}  // namespace autograd
