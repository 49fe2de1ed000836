/// How a transform calls the user's function, and what it gives back: arrays, numbers or Vars, as
/// the arguments were. Details of transforms.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/detail/arguments.hpp"
#include "autograd/detail/scope.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// Makes a node of its own with the value of x, which depends on x without being an argument.
template <class T>
Var<T> stand_in(const Var<T>& x);

/// A function that has been called with Vars: its result, from which a sweep starts, and the
/// arguments to differentiate by.
template <class T>
struct TracedCall {
  const char* transform;
  Var<T> y;
  std::span<const Var<T>> arguments;
};

/// Throws std::logic_error naming the transform if y belongs to a trace that has ended, or to
/// another thread.
template <class T>
void check_result(const char* transform, const Var<T>& y);

/// Writes the gradients of y, which must have one element, by all arguments to `out`, row-major.
template <class T>
void raw_gradients(const TracedCall<T>& of, std::span<T* const> out);
template <class T>
void recorded_gradients(const TracedCall<T>& of, std::span<Var<T>> out);
/// The shape of a Jacobian: the axes of y and then those of x. Throws std::invalid_argument if no
/// array can have it.
template <class T>
Dims jacobian_shape(const TracedCall<T>& of, const Var<T>& x);
/// Writes the Jacobian by each argument to `out`, row-major: one row for each element of y.
template <class T>
void raw_jacobian(const TracedCall<T>& of, std::span<T* const> out);
template <class T>
void recorded_jacobian(const TracedCall<T>& of, std::span<Var<T>> out);

/// Computes the values that sweeps from y will read. Throws std::logic_error if y depends on an
/// argument of an outer transform.
template <class T>
void prepare_vjp(const TracedCall<T>& of);
/// Writes the gradients of sum(g * y) to `out`, row-major. The nodes from the arguments to y may
/// belong to an outer scope, as those of make_vjp do.
template <class T>
void raw_vjp(const TracedCall<T>& of, const Var<T>& g, std::span<T* const> out);
template <class T>
void recorded_vjp(const TracedCall<T>& of, const Var<T>& g, std::span<Var<T>> out);

/// Copies the elements of x to `out`, row-major.
template <class T>
void read(const Var<T>& x, T* out);
/// The only element of y, a derivative of a function of numbers. Throws std::invalid_argument if y
/// has several.
template <class T>
T only_element(const char* transform, const Var<T>& y);
/// sum(a * b). Throws std::invalid_argument, which calls b `what`, if the shapes differ.
template <class T>
Var<T> product_sum(const char* transform, const char* what, const Var<T>& a, const Var<T>& b);
/// The derivative of y in the given directions, one for each argument (jvp). The gradients of y for
/// a cotangent u are linear in u, so the result is the derivative by u of their inner product with
/// the directions: two reverse sweeps, and no rule for the forward direction.
template <class T>
Var<T> forward_derivative(const TracedCall<T>& of, std::span<const Var<T>> directions, bool record);

// ---- the user's function

/// Calls the user's function: f(x...), which must return a Var<T>; or, where `containers` are
/// allowed, a container of Vars. No other place calls it, so that
/// a function that does not fit is one error, in words, instead of pages about templates inside of
/// the library. Everything is asked before the call: whether f takes the arguments, whether it
/// would if it were not const (a mutable lambda), and whether it returns a Var. If the answer is
/// no, a static_assert says what is wrong, and the rest is compiled without the call, so that no
/// second error follows. tests/errors/compile_fail checks these first errors.
template <class T, bool containers = false, class F, class... X>
auto called(const F& f, X&&... x) {
  constexpr bool fits = std::is_invocable_v<const F&, X...>;
  constexpr bool fits_if_mutable = std::is_invocable_v<F&, X...>;
  static_assert(fits || !fits_if_mutable,
                "autograd: the function changes itself when it is called (a mutable lambda?); let "
                "it capture by reference what it changes");
  static_assert(fits || fits_if_mutable,
                "autograd: the function does not take these arguments: compare their number and "
                "their types. Arrays of double arrive as Var<double>, arrays of float as "
                "Var<float>, those that are not differentiated by, too (capture an array in a "
                "lambda if it shall stay one); other things arrive as they are");
  if constexpr (fits) {
    using Y = std::remove_cvref_t<std::invoke_result_t<const F&, X...>>;
    constexpr bool returns_var =
        std::derived_from<Y, Var<T>> || (containers && is_container<Y> && has_vars<Y>);
    static_assert(returns_var,
                  "autograd: the function must return a Var of the number type of its arguments. "
                  "A number, as of item(), or an array, as of value(), is a constant: its "
                  "gradient would be 0; return Var(...) where that is meant");
    if constexpr (containers && is_container<Y> && has_vars<Y>) {
      return Y(std::invoke(f, std::forward<X>(x)...));
    } else if constexpr (returns_var) {
      return Var<T>(std::invoke(f, std::forward<X>(x)...));
    } else {
      return Var<T>();
    }
  } else {
    return Var<T>();
  }
}

/// The function that a transform returns. The compiler warns if its result is not used.
template <class F>
class Transformed {
 public:
  explicit Transformed(F f) : f_(std::move(f)) {}
  template <class... A>
  [[nodiscard]] auto operator()(const A&... a) const {
    return f_(a...);
  }

 private:
  F f_;
};

// ---- results

/// The type of a gradient by an argument of type A: a number for numbers, otherwise an array. For
/// Jacobians it is ArrayOf: an array in any case.
template <class T, class A>
struct ResultOf {
  using type = xt::xarray<T>;
};
template <class T, class A>
requires std::is_floating_point_v<A>
struct ResultOf<T, A> {
  using type = T;
};
template <class T, class>
struct ArrayOf {
  using type = xt::xarray<T>;
};

/// Gives a result of a transform its shape and returns its memory. Errors name the transform. What
/// the result was before goes to `old`, if that is given.
template <class T>
T* output_buffer(T& result, std::span<const Index>, const char*,
                 std::optional<xt::xarray<T>>* = nullptr) {
  return &result;
}
template <class T>
T* output_buffer(xt::xarray<T>& result, std::span<const Index> shape,
                 const char* transform = "value", std::optional<xt::xarray<T>>* old = nullptr) {
  if (std::ranges::equal(shape, result.shape())) return result.data();
  const xt::dynamic_shape<std::size_t> extents(shape.begin(), shape.end());
  try {
    check_work(transform, shape);
    // Made anew instead of resized: an array whose resize runs out of memory is left with the new
    // shape and without elements.
    auto made = xt::xarray<T>::from_shape(extents);
    if (old != nullptr) old->emplace(std::move(result));
    result = std::move(made);
  } catch (const std::bad_alloc&) {
    refuse_memory(transform, shape, sizeof(T));
  }
  return result.data();
}

/// The element of a tuple of one; other tuples as they are.
template <class Tuple>
auto unpacked(Tuple&& results) {
  if constexpr (std::tuple_size_v<std::remove_cvref_t<Tuple>> == 1) {
    return std::get<0>(std::forward<Tuple>(results));
  } else {
    return std::forward<Tuple>(results);
  }
}

template <std::size_t i, class... A>
using Nth = std::tuple_element_t<i, std::tuple<A...>>;

/// One call of f, whose arguments N are differentiated by: the result, and the Vars that stand for
/// the leaves of these arguments.
template <class T, bool kept, class Selected, class... A>
struct Call;
template <class T, bool kept, std::size_t... N, class... A>
struct Call<T, kept, std::index_sequence<N...>, A...> {
  Var<T> y;
  decltype(list_of_leaves<Var<T>>(NoLeaf(), std::declval<const Nth<N, A...>&>()...)) arguments;

  template <class F>
  explicit Call(const F& f, const A&... a) {
    evaluate(f, std::index_sequence_for<A...>{}, a...);
  }
  TracedCall<T> traced(const char* transform) const {
    check_result(transform, y);
    return {transform, y, arguments};
  }

 private:
  template <class F, std::size_t... i>
  void evaluate(const F& f, std::index_sequence<i...>, const A&... a) {
    std::tuple<decltype(pass_argument<T, contains(i), kept>(a))...> ready{
        pass_argument<T, contains(i), kept>(a)...};
    const auto as_it_is = [](const Var<T>& leaf) { return leaf; };
    arguments = list_of_leaves<Var<T>>(as_it_is, std::get<N>(ready)...);
    y = called<T>(f, std::get<i>(ready)...);
  }
  static constexpr bool contains(std::size_t i) { return ((i == N) || ...); }
};

/// What f returns when a transform calls it with A..., of which arguments N are differentiated by:
/// a Var or a container of Vars.
template <class T, class Selected, class F, class... A>
struct ResultOfCall;
template <class T, std::size_t... N, class F, class... A>
struct ResultOfCall<T, std::index_sequence<N...>, F, A...> {
  static constexpr bool contains(std::size_t i) { return ((i == N) || ...); }
  template <std::size_t i, class X>
  using Passed =
      std::remove_cvref_t<decltype(pass_argument<T, contains(i), true>(std::declval<const X&>()))>;
  template <std::size_t... i>
  static auto call(std::index_sequence<i...>)
      -> decltype(called<T, true>(std::declval<const F&>(), std::declval<Passed<i, A>&>()...));
  using type = decltype(call(std::index_sequence_for<A...>()));
};

/// The arguments to differentiate by: those that were named as in grad<0, 2>(f), or else all.
template <std::size_t... N, std::size_t... all>
auto selected_indices(std::index_sequence<N...> some, std::index_sequence<all...> every) {
  static_assert(((N < sizeof...(all)) && ...),
                "autograd: there is no argument N to differentiate by; they are counted from 0");
  if constexpr (sizeof...(N) == 0) {
    return every;
  } else {
    return some;
  }
}

/// The type of a call of f, to be differentiated by all arguments.
template <class T, bool kept, class... A>
using CallByAll = Call<T, kept, std::index_sequence_for<A...>, A...>;

/// What a derivative by `a` is put into: an empty array or a number, or a container of these.
template <template <class, class> class Result, class T, class A>
auto empty_result(const A& a) {
  return map_leaves([]<class L>(const L&) { return typename Result<T, L>::type(); }, a);
}

/// Calls f, differentiates, and returns {f(a...), derivatives}. The types of the arguments choose
/// the sweep. If any is a Var or a container of Vars, `recorded` runs in the trace that is open and
/// Vars come out. If not, `raw` runs in a scope that ends here, and a leaf of type A has a result
/// of `Result<T, A>::type`.
template <template <class, class> class Result, std::size_t... N, class F, class Raw,
          class Recorded, class... A>
auto differentiate(std::index_sequence<N...>, const char* name, const F& f, const Raw& raw,
                   const Recorded& recorded, const A&... a) {
  using T = CallScalarT<A...>;
  if constexpr ((has_vars<A> || ...)) {
    const Call<T, true, std::index_sequence<N...>, A...> call(f, a...);
    auto results = call.arguments;
    recorded(call.traced(name), std::span<Var<T>>(results));
    return std::pair(call.y, unpacked(with_leaves(results.data(), std::get<N>(std::tie(a...))...)));
  } else {
    const Scope<T> scope;
    const Call<T, false, std::index_sequence<N...>, A...> call(f, a...);
    std::tuple<decltype(empty_result<Result, T>(std::declval<const Nth<N, A...>&>()))...> results{
        empty_result<Result, T>(std::get<N>(std::tie(a...)))...};
    const T value = raw(call.traced(name), results);
    return std::pair(value, unpacked(std::move(results)));
  }
}

/// Gives the results their shapes and returns their memory. A gradient has the shape of its
/// argument, a Jacobian the shape of y before it.
template <bool jacobians, class T, class... R>
auto output_buffers(const TracedCall<T>& of, std::tuple<R...>& results) {
  std::size_t next = 0;
  const auto buffer = [&](auto& result) {
    const Var<T>& argument = of.arguments[next++];
    const Dims shape = jacobians ? jacobian_shape(of, argument) : Dims(argument.shape());
    return output_buffer(result, shape, of.transform);
  };
  return std::apply([&](R&... result) { return list_of_leaves<T*>(buffer, result...); }, results);
}

/// {f(a...), gradients by the arguments N}. The value is computed only where it is asked for: that
/// of a function that ends in a sum of large arrays is lazy, and its gradient may do without it.
template <bool with_value, std::size_t... N, class F, class... A>
auto result_and_gradients(const char* name, const F& f, const A&... a) {
  using T = CallScalarT<A...>;
  return differentiate<ResultOf>(
      selected_indices(std::index_sequence<N...>{}, std::index_sequence_for<A...>{}), name, f,
      [](const TracedCall<T>& of, auto& results) {
        raw_gradients<T>(of, output_buffers<false>(of, results));
        return with_value ? of.y.item() : T();
      },
      [](const TracedCall<T>& of, std::span<Var<T>> out) { recorded_gradients<T>(of, out); }, a...);
}

template <std::size_t... N, class F, class... A>
auto value_and_gradients(const char* name, const F& f, const A&... a) {
  return result_and_gradients<true, N...>(name, f, a...);
}

/// The gradients by the arguments N alone: what grad and most transforms are made of.
template <std::size_t... N, class F, class... A>
auto gradients(const char* name, const F& f, const A&... a) {
  return result_and_gradients<false, N...>(name, f, a...).second;
}

/// Whether a gradient of type G can be written for an argument of type A.
template <class T, class G, class A>
constexpr bool fits_gradient =
    std::is_same_v<G, decltype(empty_result<ResultOf, T>(std::declval<const A&>()))> ||
    (is_leaf<A> && std::is_same_v<G, xt::xarray<T>>);

/// A gradient with the structure of its argument, if that of the caller has another one.
template <class T, class G, class A>
std::optional<G> restructured(const G& gradient, const A& argument) {
  if constexpr (is_container<G>) {
    if (!same_structure(gradient, argument)) return empty_result<ResultOf, T>(argument);
  }
  return {};
}

/// Puts what a gradient shall be in its place, and keeps what it was.
template <class G>
void exchange(G& gradient, std::optional<G>& other) {
  if (other) std::swap(gradient, *other);
}

/// Writes the gradients to arrays of the caller, one for each argument N, and returns the value. An
/// array that receives another shape may be an argument, whose memory the sweep still reads: it
/// lives on in `old`.
template <std::size_t... N, class F, class... G, class... A>
auto gradients_into(std::index_sequence<N...>, const F& f, std::tuple<G&...> gradients,
                    const A&... a) {
  using T = CallScalarT<A...>;
  static_assert(sizeof...(G) == sizeof...(N), "autograd: into takes one array for each gradient");
  static_assert((std::is_same_v<T, CallScalarT<G>> && ...),
                "autograd: into mixes float and double; convert with xt::cast");
  static_assert((fits_gradient<T, G, Nth<N, A...>> && ...),
                "autograd: into takes an xt::xarray for each array, a number or an array for a "
                "number, and for a container one of the same form");
  const Scope<T> scope;
  const Call<T, false, std::index_sequence<N...>, A...> call(f, a...);
  const TracedCall<T> of = call.traced("value_and_grad");
  const auto all = std::tie(a...);
  return std::apply(
      [&](G&... gradient) {
        // All are made before one is exchanged: gradients may be the arguments of others.
        std::tuple<std::optional<G>...> others{restructured<T>(gradient, std::get<N>(all))...};
        std::apply([&](auto&... other) { (exchange(gradient, other), ...); }, others);
        auto old = list_of_leaves<std::optional<xt::xarray<T>>>(
            [](const auto&) { return std::nullopt; }, gradient...);
        std::size_t next = 0;
        const auto buffer = [&](auto& result) {
          const std::size_t i = next++;
          return output_buffer(result, of.arguments[i].shape(), of.transform, &old[i]);
        };
        const auto buffers = list_of_leaves<T*>(buffer, gradient...);
        // Before the sweep, which writes to arguments that y may show. It refuses what is no
        // scalar.
        const T value = call.y.size() == 1 ? call.y.item() : T();
        raw_gradients<T>(of, buffers);
        return value;
      },
      gradients);
}

}  // namespace detail

}  // namespace autograd
