/// Checking derivatives against finite differences.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/containers.hpp"
#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"

namespace AUTOGRAD_API autograd {

struct CheckOptions {
  int order = 2;           ///< derivatives of order 1 to `order` are checked
  double step = 0;         ///< step of the differences; 0 stands for 1e-3 (double), 3e-2 (float)
  double tolerance = 0;    ///< relative tolerance; 0 stands for 1e-6 (double), 2e-2 (float)
  std::uint64_t seed = 0;  ///< seed of the random directions
};

namespace detail {

template <class T>
using ManyToOne = std::function<Var<T>(std::span<const Var<T>>)>;

/// Random numbers from -1 to 1 in the shape of x; `state` becomes that for the next ones. They do
/// not come from the standard distributions, so that they are the same with every standard library.
template <class T>
xt::xarray<T> random_like(const xt::xarray<T>& x, std::uint64_t& state);

template <class T>
void check_gradients(const ManyToOne<T>& f, std::vector<xt::xarray<T>> at, CheckOptions options);

template <class F, class... V>
constexpr bool takes = std::is_invocable_v<const F&, const V&...>;

/// Calls f with as many arguments as x has.
template <class T, class F>
Var<T> call_with(const F& f, std::span<const Var<T>> x) {
  using V = Var<T>;
  static_assert(takes<F, V> || takes<F, V, V> || takes<F, V, V, V> || takes<F, V, V, V, V>,
                "autograd: check_gradients takes a function of 1 to 4 Vars of the number type of "
                "the arrays");
  if constexpr (takes<F, V>) {
    if (x.size() == 1) return called<T>(f, x[0]);
  }
  if constexpr (takes<F, V, V>) {
    if (x.size() == 2) return called<T>(f, x[0], x[1]);
  }
  if constexpr (takes<F, V, V, V>) {
    if (x.size() == 3) return called<T>(f, x[0], x[1], x[2]);
  }
  if constexpr (takes<F, V, V, V, V>) {
    if (x.size() == 4) return called<T>(f, x[0], x[1], x[2], x[3]);
  }
  throw std::invalid_argument("check_gradients: the function does not take " +
                              std::to_string(x.size()) + " arguments (at most 4)");
}

}  // namespace detail

/// Compares the derivatives of f (1 to 4 arguments, a result of any shape) at x with central
/// differences along random directions, the raw sweep with the recorded one, and the derivative
/// forward (jvp) with that in reverse. Throws std::runtime_error naming the order and both numbers
/// if they disagree. At kinks and at the edge
/// of the domain differences mean nothing: choose points away from them.
template <class F, class T>
void check_gradients(const F& f, const std::vector<xt::xarray<T>>& at, CheckOptions options = {}) {
  detail::check_gradients<T>([&](std::span<const Var<T>> x) { return detail::call_with<T>(f, x); },
                             at, options);
}
template <class F, class T>
void check_gradients(const F& f, std::initializer_list<xt::xarray<T>> at,
                     CheckOptions options = {}) {
  check_gradients(f, std::vector<xt::xarray<T>>(at), options);
}

/// The same for any number of arguments, arrays, numbers or containers of them (containers.hpp), in
/// a std::tuple, and for functions that return a Var or a container of Vars. Elements that are
/// neither are passed to f as they are. (std::make_tuple(pair) for a pair or tuple alone, which
/// std::tuple(pair) would take apart.)
///
///     ag::check_gradients(loss, std::tuple(net, inputs, targets));
template <class F, class... A>
void check_gradients(const F& f, const std::tuple<A...>& at, CheckOptions options = {}) {
  using T = detail::CallScalarT<A...>;
  std::vector<xt::xarray<T>> leaves;
  const auto add = [&](const auto& leaf) { leaves.push_back(xt::xarray<T>(leaf)); };
  std::apply([&](const A&... a) { (detail::for_each_leaf(add, a), ...); }, at);
  const auto of_leaves = [&](std::span<const Var<T>> x) {
    const auto call = [&](const auto&... given) {
      const auto y = detail::called<T, true>(f, given...);
      return detail::Joined<T, std::remove_const_t<decltype(y)>>()(y);
    };
    return std::apply(
        [&](const A&... a) { return std::apply(call, detail::with_leaves(x.data(), a...)); }, at);
  };
  detail::check_gradients<T>(of_leaves, std::move(leaves), options);
}

}  // namespace autograd
