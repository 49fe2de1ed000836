/// grad, value_and_grad, vjp, make_vjp, jvp, jacobian, hessian, hvp, elementwise_grad, evaluate.
///
/// Each takes a function of Vars that returns a Var, and returns a function. The arguments with
/// which that function is called decide what it returns. If they are arrays (any xtensor
/// expression) or numbers, the results are arrays or numbers, and the trace is forgotten. If any
/// argument is a Var, the results are Vars, which can be differentiated again. Results for several
/// arguments come as a std::tuple.
///
/// `grad<0, 2>(f)` differentiates by arguments 0 and 2 only, `grad(f)` by all. Other arrays of
/// floating-point numbers are passed to f as constants, anything else as it is.
#pragma once

#include <array>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/containers.hpp"
#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"
#include "autograd/make_vjp.hpp"
#include "autograd/slicing.hpp"

namespace AUTOGRAD_API autograd {

/// While a Trace lives, Vars can be made and used outside of a transform; all of them end with it.
/// It must be destroyed on the thread that made it.
class Trace {
  Scope<float> float_;
  Scope<double> double_;
};

template <class F, std::size_t... N>
class ValueAndGrad {
 public:
  explicit ValueAndGrad(F f) : f_(std::move(f)) {}

  /// {f(a...), gradient}. Throws std::invalid_argument if the function does not return one element.
  template <class... A>
  [[nodiscard]] auto operator()(const A&... a) const {
    return detail::value_and_gradients<N...>("value_and_grad", f_, a...);
  }

  /// Writes the gradients to arrays of the caller, which receive the shapes of the arguments, and
  /// returns the value. From the second call on it takes no heap memory. The arrays may be the
  /// arguments themselves, but no arrays that the function borrows.
  ///
  ///     value_and_grad(loss).into(std::tie(gW, gb), W, b);
  template <class... G, class... A>
  auto into(const std::tuple<G&...>& gradients, const A&... a) const {
    return detail::gradients_into(
        detail::selected_indices(std::index_sequence<N...>{}, std::index_sequence_for<A...>{}), f_,
        gradients, a...);
  }
  template <Scalar T, class... A>
  T into(xt::xarray<T>& gradient, const A&... a) const {
    return into(std::tie(gradient), a...);
  }
  template <class G, class... A>
  requires detail::is_container<G>
  auto into(G& gradient, const A&... a) const { return into(std::tie(gradient), a...); }

 private:
  F f_;
};

/// The function x -> {f(x), gradient of f at x}.
template <std::size_t... N, class F>
[[nodiscard]] auto value_and_grad(F f) {
  return ValueAndGrad<F, N...>(std::move(f));
}

/// The function x -> gradient of f at x. f must return one element.
template <std::size_t... N, class F>
[[nodiscard]] auto grad(F f) {
  return detail::Transformed(
      [f = std::move(f)](const auto&... a) { return detail::gradients<N...>("grad", f, a...); });
}

/// evaluate(f)(x...): the value of f as an array, computed with a trace of its own; where f returns
/// a container of Vars, that container of arrays. As
/// `Var::value()` does, it leaves differentiation: inside a function that is being differentiated
/// the result is a constant.
template <class F>
[[nodiscard]] auto evaluate(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    const Scope<T> scope;
    return detail::as_arrays<T>(
        "evaluate", detail::called<T, true>(f, detail::pass_argument<T, false, false>(a)...));
  });
}

namespace detail {

/// Calls g(first half of the arguments as a tuple, second half as a tuple).
template <std::size_t first, class G, class... A>
auto split_call(const G& g, const A&... a) {
  const auto all = std::tie(a...);
  return [&]<std::size_t... i, std::size_t... j>(std::index_sequence<i...>,
                                                 std::index_sequence<j...>) {
    return g(std::tie(std::get<i>(all)...), std::tie(std::get<first + j>(all)...));
  }
  (std::make_index_sequence<first>{}, std::make_index_sequence<sizeof...(A) - first>{});
}

/// Whether a transform differentiates by argument i: by those that are named, or else by all.
template <std::size_t... N>
constexpr bool is_selected(std::size_t i) {
  return sizeof...(N) == 0 || ((i == N) || ...);
}

/// Makes a constant Var of an array or number if the transform records, that is, if any other
/// argument is a Var: then all its results are Vars.
template <bool record, class T, class A>
decltype(auto) promoted(const A& a) {
  if constexpr (record && (is_array<A> || std::is_floating_point_v<A>)) {
    return Var<T>(a);
  } else if constexpr (record && is_container<A>) {
    return map_leaves([](const auto& leaf) { return Var<T>(leaf); }, a);
  } else {
    return static_cast<const A&>(a);
  }
}

/// The sum of the inner products of y and g, Vars or containers of Vars. Errors call g `what`.
template <class T, class Y, class G>
Var<T> inner_product(const char* name, const char* what, const Y& y, const G& g) {
  Var<T> total;
  for_each_pair_of_leaves(
      name, what,
      [&](const Var<T>& a, const auto& b) { total += product_sum<T>(name, what, a, b); }, y, g);
  return total;
}

/// The sum of the inner products of the gradients with their directions.
template <class T, class G, class... V>
Var<T> total_product(const char* name, const G& gradients, const std::tuple<V...>& directions) {
  if constexpr (sizeof...(V) == 1) {
    return inner_product<T>(name, "the vector", gradients, std::get<0>(directions));
  } else {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return (
          inner_product<T>(name, "the vector", std::get<i>(gradients), std::get<i>(directions)) +
          ...);
    }
    (std::index_sequence_for<V...>{});
  }
}

/// The leaves of the directions v as Vars, after a check that each has the structure of its x.
template <class T, class... X, class... V>
auto directions(const std::tuple<X...>& x, const std::tuple<V...>& v) {
  std::vector<Var<T>> list;
  const auto add = [&](const auto&, const auto& leaf) { list.push_back(Var<T>(leaf)); };
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (for_each_pair_of_leaves("jvp", "the vector", add, std::get<i>(x), std::get<i>(v)), ...);
  }
  (std::index_sequence_for<V...>{});
  return list;
}

}  // namespace detail

/// vjp(f)(x..., g): the gradients of sum(g * f(x...)); g has the shape of f(x...). Where f returns
/// a container of Vars, g is a container of the same form, and the sum is over all its leaves.
template <std::size_t... N, class F>
[[nodiscard]] auto vjp(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    static_assert(sizeof...(a) >= 2,
                  "autograd: vjp takes arguments and the cotangent of the result");
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    constexpr bool record = (detail::has_vars<std::remove_cvref_t<decltype(a)>> || ...);
    const auto split = [&](const auto& x, const auto& last) {
      const auto weighted = [&](const auto&... at) {
        return detail::inner_product<T>("vjp", "the cotangent", detail::called<T, true>(f, at...),
                                        std::get<0>(last));
      };
      return [&]<std::size_t... i>(std::index_sequence<i...>) {
        return detail::gradients<N...>("vjp", weighted,
                                       detail::promoted < record && detail::is_selected<N...>(i),
                                       T > (std::get<i>(x))...);
      }
      (std::make_index_sequence<sizeof...(a) - 1>());
    };
    return detail::split_call<sizeof...(a) - 1>(split, a...);
  });
}

/// elementwise_grad(f)(x): the derivative of each element of f(x) by the element of x in its place,
/// for functions that work element by element. In general it is the gradient of the sum of all
/// elements of f(x).
template <std::size_t... N, class F>
[[nodiscard]] auto elementwise_grad(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    const auto total = [&](const auto&... at) { return sum(detail::called<T>(f, at...)); };
    return detail::gradients<N...>("elementwise_grad", total, a...);
  });
}

namespace detail {

/// {f(x...), the derivative of f at x in the direction v}. Without arrays among the arguments the
/// results are numbers.
template <class F, class... X, class... V>
auto value_and_product(const F& f, const std::tuple<X...>& x, const std::tuple<V...>& v) {
  using T = CallScalarT<std::remove_cvref_t<X>..., std::remove_cvref_t<V>...>;
  constexpr bool record =
      (has_vars<std::remove_cvref_t<X>> || ...) || (has_vars<std::remove_cvref_t<V>> || ...);
  using Selected = std::index_sequence_for<X...>;
  using Y = typename ResultOfCall<T, Selected, F, std::remove_cvref_t<X>...>::type;
  Joined<T, Y> joined;
  const auto derivative = [&] {
    const auto call = std::apply(
        [&](const auto&... at) {
          return CallByAll<T, record, std::remove_cvref_t<X>...>(joining<T>(f, joined), at...);
        },
        x);
    const Var<T> product = forward_derivative<T>(call.traced("jvp"), directions<T>(x, v), record);
    return std::pair(call.y, product);
  };
  if constexpr (record) {
    const auto [y, product] = derivative();
    return std::pair(joined.apart(y), joined.apart(product));
  } else {
    const Scope<T> scope;
    const auto [y, product] = derivative();
    if constexpr (((std::is_arithmetic_v<std::remove_cvref_t<X>> &&
                    std::is_arithmetic_v<std::remove_cvref_t<V>>)&&...)) {
      return std::pair(only_element("jvp", y), only_element("jvp", product));
    } else {
      return std::pair(as_arrays<T>("jvp", joined.apart(y)),
                       as_arrays<T>("jvp", joined.apart(product)));
    }
  }
}

}  // namespace detail

/// jvp(f)(x..., v...): the derivative of f at x in the direction v, of the shape of f(x...). If all
/// arguments are numbers the result is one, and f must return one element.
template <class F>
[[nodiscard]] auto jvp(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    static_assert(sizeof...(a) % 2 == 0, "autograd: jvp takes a vector for each argument");
    const auto split = [&](const auto& x, const auto& v) {
      return detail::value_and_product(f, x, v).second;
    };
    return detail::split_call<sizeof...(a) / 2>(split, a...);
  });
}

namespace detail {

template <template <class, class> class Result, std::size_t... N, class F, class... A>
auto jacobians(const char* name, const F& f, const A&... a) {
  using T = CallScalarT<A...>;
  const auto raw = [](const TracedCall<T>& of, auto& results) {
    raw_jacobian<T>(of, output_buffers<true>(of, results));
    return T(0);
  };
  const auto recorded = [](const TracedCall<T>& of, std::span<Var<T>> out) {
    recorded_jacobian<T>(of, out);
  };
  return differentiate<Result>(
             selected_indices(std::index_sequence<N...>{}, std::index_sequence_for<A...>{}), name,
             f, raw, recorded, a...)
      .second;
}

}  // namespace detail

/// jacobian(f)(x): all derivatives, an array of shape f(x).shape + x.shape, for numbers too. Takes
/// one sweep for each element of f(x). If the arguments have clearly fewer elements, it records a
/// sweep and takes one for each of these instead.
template <std::size_t... N, class F>
[[nodiscard]] auto jacobian(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    return detail::jacobians<detail::ArrayOf, N...>("jacobian", f, a...);
  });
}

/// hessian(f)(x): the second derivatives of a scalar function, of shape x.shape + x.shape. With
/// several arguments, those by argument N.
template <std::size_t N = 0, class F>
[[nodiscard]] auto hessian(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    const auto slope = [&](const auto&... at) { return detail::gradients<N>("hessian", f, at...); };
    return detail::jacobians<detail::ResultOf, N>("hessian", slope, a...);
  });
}

/// hvp(f)(x..., v...): the Hessian of a scalar function at x times v, without forming it. With
/// several arguments, the Hessian by all of them together.
template <class F>
[[nodiscard]] auto hvp(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    static_assert(sizeof...(a) % 2 == 0, "autograd: hvp takes a vector for each argument");
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    constexpr bool record = (detail::has_vars<std::remove_cvref_t<decltype(a)>> || ...);
    const auto split = [&](const auto& x, const auto& v) {
      const auto slope = [&](const auto&... at) {
        return detail::total_product<T>("hvp", detail::gradients("hvp", f, at...), v);
      };
      return std::apply(
          [&](const auto&... at) {
            return detail::gradients("hvp", slope, detail::promoted<record, T>(at)...);
          },
          x);
    };
    return detail::split_call<sizeof...(a) / 2>(split, a...);
  });
}

}  // namespace autograd
