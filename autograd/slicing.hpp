/// view(x, slices...) with the slices of xtensor, and the functions that change what they show.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <tuple>
#include <utility>

#include "autograd/detail/api.hpp"
#include "autograd/numpy.hpp"
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

/// The elements of an array or expression of integers or booleans.
template <class E>
auto integers(const E& places) {
  xt::xarray<Index> indices = xt::xarray<Index>::from_shape(places.shape());
  std::transform(places.begin(), places.end(), indices.begin(),
                 [](auto at) { return detail::to_place(at); });
  return indices;
}

/// An array of places or a mask among the indices, where slices may stand as well.
template <Expression E>
requires std::integral<typename E::value_type> Indices indices(const E& array) {
  const bool is_mask = std::same_as<typename E::value_type, bool>;
  return {is_mask ? Indices::mask : Indices::places, {}, integers(array)};
}
template <class T>
Indices indices(const Var<T>& condition) {
  return mask_of(condition);
}
template <SliceLike S>
Indices indices(const S& of_axis) {
  return {Indices::slice, slice(of_axis), {}};
}

template <class S>
concept IndexLike = requires(S s) {
  indices(s);
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

/// x[i, j], x[mask], x[1:, i]: with arrays of integers among the slices, or masks (arrays of bool,
/// comparisons of Vars), what NumPy gives, which is a copy. Arrays of places broadcast to one
/// shape, whose axes stand where the arrays do, or first, if slices stand between arrays; integers
/// count as arrays. A mask stands for as many axes as it has. Places may be negative; those that do
/// not exist throw std::out_of_range.
template <class T, detail::IndexLike... S>
requires(!(detail::SliceLike<S> && ...)) Var<T> view(const Var<T>& x, const S&... indices) {
  const std::array<Indices, sizeof...(S)> list{detail::indices(indices)...};
  return view(x, std::span<const Indices>(list));
}

namespace detail {

template <class T, class Tuple, std::size_t... i>
auto slices_and_value(const Tuple& tuple, std::index_sequence<i...>) {
  const Var<T> value = std::get<sizeof...(i)>(tuple);
  if constexpr ((SliceLike<std::tuple_element_t<i, Tuple>> && ...)) {
    return std::pair(std::array<Slice, sizeof...(i)>{slice(std::get<i>(tuple))...}, value);
  } else {
    return std::pair(std::array<Indices, sizeof...(i)>{indices(std::get<i>(tuple))...}, value);
  }
}

}  // namespace detail

/// set(x, slices..., value): a copy of x in which the place that the slices show holds `value`,
/// which broadcasts. Stands in for the assignment x[slices] = value. Slices may be arrays of places
/// and masks, as in view; of values for one place the last one counts, and receives the gradient.
template <class T, class... A>
requires(sizeof...(A) > 1) Var<T> set(const Var<T>& x, const A&... slices_and_value) {
  const auto [slices, value] = detail::slices_and_value<T>(
      std::tie(slices_and_value...), std::make_index_sequence<sizeof...(A) - 1>{});
  using Element = typename std::remove_cvref_t<decltype(slices)>::value_type;
  return set(x, std::span<const Element>(slices), value);
}

/// add_at(x, slices..., value): the same with x[slices] += value. Values for one place add up, as
/// in numpy.add.at.
template <class T, class... A>
requires(sizeof...(A) > 1) Var<T> add_at(const Var<T>& x, const A&... slices_and_value) {
  const auto [slices, value] = detail::slices_and_value<T>(
      std::tie(slices_and_value...), std::make_index_sequence<sizeof...(A) - 1>{});
  using Element = typename std::remove_cvref_t<decltype(slices)>::value_type;
  return add_at(x, std::span<const Element>(slices), value);
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
    const xt::xarray<Index> indices = detail::integers(places);
    return take(x, indices, axis);
  }
}

}  // namespace autograd
