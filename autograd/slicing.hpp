/// view(x, slices...) with the slices of xtensor, and the functions that change what they show.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <tuple>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

template <class B>
std::optional<Index> bound(B b) {
  if constexpr (std::integral<B>) {
    return static_cast<Index>(b);
  } else {
    return std::nullopt;
  }
}

/// Converts an index. An unsigned one that is larger than any place must not become a negative one.
constexpr Index to_place(std::integral auto at) {
  const auto place = static_cast<Index>(at);
  return at > 0 && place < 0 ? PTRDIFF_MAX : place;
}

template <std::same_as<bool> B>
Slice slice(B) {
  static_assert(!std::same_as<B, bool>, AUTOGRAD_ONE_BOOL);
  return {};
}
inline Slice slice(Integer auto at) { return {Slice::index, to_place(at)}; }
inline Slice slice(xt::xall_tag) { return {}; }
inline Slice slice(xt::xnewaxis_tag) { return {Slice::newaxis}; }
inline Slice slice(xt::xellipsis_tag) { return {Slice::ellipsis}; }
template <class A, class B, class C>
Slice slice(const xt::xrange_adaptor<A, B, C>& r) {
  return {Slice::range, bound(r.start()), bound(r.stop()), bound(r.step()).value_or(1)};
}

template <class S>
concept SliceLike = requires(S s) {
  slice(s);
};

}  // namespace detail

/// Part of x, without a copy. Slices are xtensor's and mean what they mean in NumPy: an integer, a
/// `xt::range(start, stop, step)` (placeholders `_`, negative steps, clipped to the extent),
/// `xt::all()`, `xt::newaxis()`, `xt::ellipsis()`; axes without a slice stay whole.
/// Too many slices: std::invalid_argument; an integer that is no place: std::out_of_range.
template <class T, detail::SliceLike... S>
Var<T> view(const Var<T>& x, const S&... slices) {
  const std::array<Slice, sizeof...(S)> list{detail::slice(slices)...};
  return view(x, std::span<const Slice>(list));
}

namespace detail {

template <class T, class Tuple, std::size_t... i>
auto slices_and_value(const Tuple& tuple, std::index_sequence<i...>) {
  const std::array<Slice, sizeof...(i)> slices{slice(std::get<i>(tuple))...};
  const Var<T> value = std::get<sizeof...(i)>(tuple);
  return std::pair(slices, value);
}

}  // namespace detail

/// set(x, slices..., value): a copy of x in which the place that the slices show holds `value`,
/// which broadcasts. Stands in for the assignment x[slices] = value.
template <class T, class... A>
requires(sizeof...(A) > 1) Var<T> set(const Var<T>& x, const A&... slices_and_value) {
  const auto [slices, value] = detail::slices_and_value<T>(
      std::tie(slices_and_value...), std::make_index_sequence<sizeof...(A) - 1>{});
  return set(x, std::span<const Slice>(slices), value);
}

/// add_at(x, slices..., value): the same with x[slices] += value.
template <class T, class... A>
requires(sizeof...(A) > 1) Var<T> add_at(const Var<T>& x, const A&... slices_and_value) {
  const auto [slices, value] = detail::slices_and_value<T>(
      std::tie(slices_and_value...), std::make_index_sequence<sizeof...(A) - 1>{});
  return add_at(x, std::span<const Slice>(slices), value);
}

/// Refuses one bool, which is no mask.
template <class T, std::same_as<bool> B>
Var<T> take(const Var<T>& x, B) {
  static_assert(!std::same_as<B, bool>, AUTOGRAD_ONE_BOOL);
  return x;
}

/// take(x, places) with any array or expression of integers or booleans.
template <class T, Expression E>
requires std::integral<typename E::value_type> Var<T> take(const Var<T>& x, const E& places,
                                                           std::optional<Index> axis = {}) {
  if constexpr (std::same_as<typename E::value_type, bool>) {
    const xt::xarray<bool> mask = places;
    return take(x, mask);
  } else {
    xt::xarray<Index> indices = xt::xarray<Index>::from_shape(places.shape());
    std::transform(places.begin(), places.end(), indices.begin(),
                   [](auto at) { return detail::to_place(at); });
    return take(x, indices, axis);
  }
}

}  // namespace autograd
