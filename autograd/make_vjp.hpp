/// make_vjp: the products of many cotangents with the Jacobian of one run of a function.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// The function g -> gradients of sum(g * y), where y = f(a...) was computed with arrays and
/// numbers. It owns their trace.
template <class T, class Selected, class... A>
class ArrayVjp;

template <class T, std::size_t... N, class... A>
class ArrayVjp<T, std::index_sequence<N...>, A...> {
 public:
  template <class F>
  explicit ArrayVjp(const F& f, const A&... a) : call_(f, a...) {
    prepare_vjp<T>(call_.traced("make_vjp"));
  }

  template <class G>
  [[nodiscard]] auto operator()(const G& g) const {
    static_assert(!is_var<G>,
                  "autograd: this vjp belongs to arrays, and takes arrays as cotangents; give "
                  "make_vjp Vars, and its results can be differentiated again");
    const TracedCall<T> of = call_.traced("make_vjp");
    std::tuple<typename ResultOf<T, Nth<N, A...>>::type...> results;
    if constexpr (!is_var<G>) {
      const Scope<T> scope;
      raw_vjp<T>(of, Var<T>(g), output_buffers<false>(of, results));
    }
    return unpacked(std::move(results));
  }

  xt::xarray<T> value() const {
    xt::xarray<T> result;
    read(call_.y, output_buffer(result, call_.y.shape(), "make_vjp"));
    return result;
  }

 private:
  Scope<T> scope_;
  Call<T, true, N...> call_;
};

/// The function g -> gradients of sum(g * y), where y = f(a...) was computed with Vars, in the
/// trace that is open.
template <class T, std::size_t... N>
class VarVjp {
 public:
  template <class F, class... A>
  explicit VarVjp(const F& f, const A&... a) : call_(f, a...) {}

  [[nodiscard]] auto operator()(const Var<T>& g) const {
    std::array<Var<T>, sizeof...(N)> results;
    recorded_vjp<T>(call_.traced("make_vjp"), g, results);
    return unpacked(std::apply([](auto... r) { return std::tuple(r...); }, results));
  }

  Var<T> value() const { return call_.y; }

 private:
  Call<T, true, N...> call_;
};

template <class T, bool record, std::size_t... N, class... A>
auto vjp_type(std::index_sequence<N...>, const A&...) {
  using Vjp =
      std::conditional_t<record, VarVjp<T, N...>, ArrayVjp<T, std::index_sequence<N...>, A...>>;
  return std::type_identity<Vjp>();
}

/// What make_vjp(f) returns for arguments a.... It is constructed where it stays, since a trace can
/// be neither copied nor moved.
template <class Vjp>
struct ValueAndVjp {
  decltype(std::declval<const Vjp&>().value()) value;
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
/// another shape throws std::invalid_argument.
template <std::size_t... N, class F>
[[nodiscard]] auto make_vjp(F f) {
  return detail::Transformed([f = std::move(f)](const auto&... a) {
    using T = detail::CallScalarT<std::remove_cvref_t<decltype(a)>...>;
    constexpr bool record = (detail::is_var<std::remove_cvref_t<decltype(a)>> || ...);
    using Selected = decltype(detail::selected_indices(std::index_sequence<N...>{},
                                                       std::index_sequence_for<decltype(a)...>{}));
    using Vjp = typename decltype(detail::vjp_type<T, record>(Selected{}, a...))::type;
    return detail::ValueAndVjp<Vjp>(f, a...);
  });
}

}  // namespace autograd
