/// make_vjp: the products of many cotangents with the Jacobian of one run of a function.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include "autograd/containers.hpp"
#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// The function g -> gradients of sum(g * y), where y = f(a...) was computed with arrays and
/// numbers. It owns their trace. Y is what f returns: a Var or a container of Vars.
template <class T, class Y, class Selected, class... A>
class ArrayVjp;

template <class T, class Y, std::size_t... N, class... A>
class ArrayVjp<T, Y, std::index_sequence<N...>, A...> {
 public:
  template <class F>
  explicit ArrayVjp(const F& f, const A&... a)
      : call_(joining<T>(f, joined_), a...),
        empty_(empty_result<ResultOf, T>(std::get<N>(std::tie(a...)))...) {
    prepare_vjp<T>(call_.traced("make_vjp"));
  }

  template <class G>
  [[nodiscard]] auto operator()(const G& g) const {
    static_assert(!has_vars<G>,
                  "autograd: this vjp belongs to arrays, and takes arrays as cotangents; give "
                  "make_vjp Vars, and its results can be differentiated again");
    const TracedCall<T> of = call_.traced("make_vjp");
    auto results = empty_;
    if constexpr (!has_vars<G>) {
      const Scope<T> scope;
      const Var<T> cotangent = joined_.joined("make_vjp", "the cotangent", g);
      raw_vjp<T>(of, cotangent, output_buffers<false>(of, results));
    }
    return unpacked(std::move(results));
  }

  auto value() const {
    const Scope<T> scope;
    return as_arrays<T>("make_vjp", joined_.apart(call_.y));
  }

 private:
  Scope<T> scope_;
  Joined<T, Y> joined_;
  Call<T, true, std::index_sequence<N...>, A...> call_;
  std::tuple<decltype(empty_result<ResultOf, T>(std::declval<const Nth<N, A...>&>()))...> empty_;
};

/// The function g -> gradients of sum(g * y), where y = f(a...) was computed with Vars, in the
/// trace that is open.
template <class T, class Y, class Selected, class... A>
class VarVjp;

template <class T, class Y, std::size_t... N, class... A>
class VarVjp<T, Y, std::index_sequence<N...>, A...> {
 public:
  template <class F>
  explicit VarVjp(const F& f, const A&... a)
      : call_(joining<T>(f, joined_), a...), selected_(std::get<N>(std::tie(a...))...) {}

  template <class G>
  [[nodiscard]] auto operator()(const G& g) const {
    auto results = call_.arguments;
    recorded_vjp<T>(call_.traced("make_vjp"), joined_.joined("make_vjp", "the cotangent", g),
                    results);
    return unpacked(std::apply(
        [&](const auto&... each) { return with_leaves(results.data(), each...); }, selected_));
  }

  auto value() const { return joined_.apart(call_.y); }

 private:
  Joined<T, Y> joined_;
  Call<T, true, std::index_sequence<N...>, A...> call_;
  std::tuple<Nth<N, A...>...> selected_;
};

template <class T, class Y, class Selected, class... A>
using VjpOf = std::conditional_t<(has_vars<A> || ...), VarVjp<T, Y, Selected, A...>,
                                 ArrayVjp<T, Y, Selected, A...>>;

/// What make_vjp(f) returns for arguments a.... It is constructed where it stays, since a trace can
/// be neither copied nor moved.
template <class Vjp>
struct ValueAndVjp {
  std::remove_cvref_t<decltype(std::declval<const Vjp&>().value())> value;
  Vjp vjp;

  template <class F, class... A>
  explicit ValueAndVjp(const F& f, const A&... a) : vjp(f, a...) {
    value = vjp.value();
  }
};

}  // namespace detail

/// make_vjp(f)(x...): {f(x...), vjp}, where vjp(g) is what vjp(f)(x..., g) is, without running f
/// again: the gradients of sum(g * f(x...)), for a cotangent g of the shape of f(x...).
///
///     const auto [y, vjp] = ag::make_vjp(f)(x);
///     for (const auto& g : cotangents) use(vjp(g));
///
/// With arrays and numbers as arguments, which are copied, y is an array and vjp keeps the trace:
/// a scope of the thread, which ends with it. So both stay where they are made (they can be neither
/// copied nor moved) and on their thread. Other transforms may run and other vjps may be made while
/// it lives, and vjp may be called in between, also inside of them, where its results are
/// constants. If a scope around it ends before, such as the call of a transform in whose function
/// it was made on the heap, it throws std::logic_error. Everything that was recorded after it, on
/// this thread and with its type of numbers, ends with it.
///
/// With a Var among the arguments y is a Var, vjp takes and returns Vars that can be differentiated
/// again, also by g, and may be copied; it lives as long as the trace of these Vars. A cotangent of
/// another shape throws std::invalid_argument. Where f returns a container of Vars, y is a
/// container, and so are the cotangents.
template <std::size_t... N, class F>
[[nodiscard]] auto make_vjp(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    using Selected = decltype(detail::selected_indices(std::index_sequence<N...>{},
                                                       std::index_sequence_for<decltype(a)...>{}));
    using Y =
        typename detail::ResultOfCall<T, Selected, F, std::remove_cvref_t<decltype(a)>...>::type;
    using Vjp = detail::VjpOf<T, Y, Selected, std::remove_cvref_t<decltype(a)>...>;
    return detail::ValueAndVjp<Vjp>(f, a...);
  });
}

}  // namespace autograd
