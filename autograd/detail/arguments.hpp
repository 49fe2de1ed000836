/// The arguments of a transform: which kinds there are, their common number type, and the Vars that
/// the user's function receives in their place. Details of transforms.hpp.
#pragma once

#include <concepts>
#include <span>
#include <type_traits>

#include "autograd/detail/api.hpp"
#include "autograd/detail/containers.hpp"
#include "autograd/var.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// The first of some types that is not void; void if all are.
template <class... T>
struct FirstType {
  using type = void;
};
template <class T, class... Rest>
struct FirstType<T, Rest...> {
  using type = std::conditional_t<std::is_void_v<T>, typename FirstType<Rest...>::type, T>;
};

/// The number type of a call: that of its Vars and arrays, which have the same, and to which
/// numbers are converted; if there are none, that of its floating-point numbers, which have the
/// same.
template <class... A>
struct CallScalar;
template <class... A>
struct CallScalar<Types<A...>> {
  using of_arrays = typename FirstType<typename ScalarOf<A>::type...>::type;
  using of_numbers =
      typename FirstType<std::conditional_t<std::is_floating_point_v<A>, A, void>...>::type;
  static_assert(((std::is_void_v<typename ScalarOf<A>::type> ||
                  std::is_same_v<typename ScalarOf<A>::type, of_arrays>)&&...),
                "autograd: arguments mix float and double; convert with xt::cast");
  static_assert(((!std::is_void_v<of_arrays> || !std::is_floating_point_v<A> ||
                  std::is_same_v<A, of_numbers>)&&...),
                "autograd: arguments mix float and double; give all numbers one type");
  using found = typename FirstType<of_arrays, of_numbers>::type;
  static_assert(!std::is_void_v<found>,
                "autograd: arguments must be arrays or numbers of type float or double; convert "
                "integers with xt::cast or static_cast");
  using type =
      typename FirstType<found, double>::type;  // any type, so that no second error follows
};
template <class... A>
using CallScalarT = typename CallScalar<typename LeafTypes<std::tuple<A...>>::type>::type;

/// Makes an argument to differentiate by, which shows the memory of an array instead of copying it.
template <class T>
Var<T> argument(const T* data, std::span<const Index> shape, std::span<const Index> strides);
/// Makes an argument with the value of x. It is a node of its own, so that a derivative by it does
/// not include other uses of x.
template <class T>
Var<T> argument(const Var<T>& x);

/// Makes an argument of a, or of each leaf of a container. In a call that is `kept`, as by
/// make_vjp, the trace outlives the arrays that were given, so they are copied.
template <class T, bool kept, class A>
auto as_argument(const A& a) {
  static_assert(is_leaf<A> || is_container<A>,
                "autograd: only arrays and numbers of type float or double can be differentiated "
                "by, and containers of them; convert integers, or choose arguments as in "
                "grad<0>(f)");
  if constexpr (is_container<A>) {
    return map_leaves([](const auto& leaf) { return as_argument<T, kept>(leaf); }, a);
  } else if constexpr (std::is_same_v<A, Var<T>>) {
    return argument(a);
  } else if constexpr (ContainerOf<A, T> && !kept) {
    return argument(a.data() + a.data_offset(), std::span<const Index>(shape_of(a)),
                    std::span<const Index>(strides_of(a)));
  } else if constexpr (std::is_constructible_v<Var<T>, const A&>) {
    return argument(Var<T>(a));
  } else {
    return Var<T>();  // the static_assert above has failed
  }
}

/// What f receives in place of a: an argument if f is differentiated `by_it`, a constant if it is
/// another array of floating-point numbers, constants in place of the leaves of another container
/// of such arrays, and a itself if it is anything else.
template <class T, bool by_it, bool kept, class A>
decltype(auto) pass_argument(const A& a) {
  if constexpr (by_it) {
    return as_argument<T, kept>(a);
  } else if constexpr (is_array<A> && ExpressionOf<A, T>) {
    return Var<T>(a);
  } else if constexpr (is_container<A> && has_arrays<A>) {
    return map_leaves([](const auto& leaf) { return Var<T>(leaf); }, a);
  } else {
    return static_cast<const A&>(a);
  }
}

}  // namespace detail
}  // namespace autograd
