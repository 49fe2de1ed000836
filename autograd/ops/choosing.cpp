/// Elements that are chosen by arrays of places, conditions and numbers of choices.
#include <algorithm>
#include <utility>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

xt::xarray<Index> list_of(const std::vector<Index>& places) {
  auto list = xt::xarray<Index>::from_shape({places.size()});
  std::ranges::copy(places, list.begin());
  return list;
}

/// 0, 1, 2, ... along one of the axes.
xt::xarray<Index> numbers_along(std::size_t axis, Index count, std::size_t rank) {
  std::vector<std::size_t> shape(rank, 1);
  shape[axis] = static_cast<std::size_t>(count);
  auto numbers = xt::xarray<Index>::from_shape(shape);
  Index next = 0;
  for (Index& number : numbers) number = next++;
  return numbers;
}

/// The indices for which x[indices] has the elements at these places of one axis: numbers along all
/// others.
std::vector<Indices> indices_along(const char* op, const V& x, const xt::xarray<Index>& places,
                                   Index axis) {
  const auto along = static_cast<std::size_t>(normalize_axis(op, axis, x.shape()));
  const auto rank = static_cast<std::size_t>(x.dimension());
  if (places.dimension() != rank) {
    fail(op, "the indices have shape {}, the operand has shape {}: they need as many axes",
         to_string(detail::shape_of(places)), to_string(x.shape()));
  }
  std::vector<Indices> indices;
  for (std::size_t i = 0; i < rank; ++i) {
    indices.push_back(
        {Indices::places,
         {},
         i == along ? places : numbers_along(i, x.shape(static_cast<Index>(i)), rank)});
  }
  return indices;
}

/// The shape to which all arrays broadcast.
Dims common_shape(const char* op, Dims shape, std::span<const V> arrays) {
  for (const V& array : arrays) shape = broadcast_shapes(op, shape, array.shape());
  return shape;
}

void check_counts(const char* op, std::size_t conditions, std::size_t choices) {
  if (conditions == choices) return;
  fail(op, "{} conditions are given, and {} choices", conditions, choices);
}

/// The places, in row-major order, of elements that are not zero.
std::vector<Index> true_places(const char* op, const V& x) {
  const V rows = in_row_major(x, op);
  const T* data = tape().value(op, rows).data;
  std::vector<Index> places;
  for (Index i = 0; i < rows.size(); ++i) {
    if (data[i] != 0) places.push_back(i);
  }
  return places;
}

}  // namespace

V take_along_axis(const V& x, const xt::xarray<Index>& indices, std::optional<Index> axis) {
  if (!axis) return take_along_axis(ravel(x), indices, 0);
  return view_at("take_along_axis", x, indices_along("take_along_axis", x, indices, *axis));
}

V put_along_axis(const V& x, const xt::xarray<Index>& indices, const V& values,
                 std::optional<Index> axis) {
  if (!axis) return reshape(put_along_axis(ravel(x), indices, values, 0), Extents(x.shape()));
  return set_at("put_along_axis", x, indices_along("put_along_axis", x, indices, *axis), values);
}

V choose(const xt::xarray<Index>& a, std::span<const V> choices) {
  const auto count = static_cast<Index>(choices.size());
  for (const Index number : a) {
    if (number >= 0 && number < count) continue;
    fail<std::out_of_range>("choose", "number {} is none of {} choices", number, count);
  }
  const V numbers = a;
  V result = broadcast_to(V(0), common_shape("choose", detail::shape_of(a), choices));
  for (Index i = 0; i < count; ++i) {
    result = where(numbers == i, choices[static_cast<std::size_t>(i)], result);
  }
  return result;
}
V choose(const xt::xarray<Index>& a, std::initializer_list<V> choices) {
  return choose(a, std::span<const V>(choices.begin(), choices.size()));
}

V select(std::span<const V> conditions, std::span<const V> choices, const V& otherwise) {
  check_counts("select", conditions.size(), choices.size());
  V result = otherwise;
  for (std::size_t i = conditions.size(); i-- > 0;) {
    result = where(conditions[i], choices[i], result);
  }
  return result;
}
V select(std::initializer_list<V> conditions, std::initializer_list<V> choices,
         const V& otherwise) {
  return select(std::span<const V>(conditions.begin(), conditions.size()),
                std::span<const V>(choices.begin(), choices.size()), otherwise);
}

V piecewise(const V& x, std::initializer_list<V> conditions,
            std::initializer_list<std::function<V(const V&)>> functions) {
  std::vector<V> pieces(conditions);
  if (functions.size() == pieces.size() + 1) {
    V none = ones_like(x);
    for (const V& condition : conditions) none = logical_and(none, logical_not(condition));
    pieces.push_back(none);
  }
  check_counts("piecewise", pieces.size(), functions.size());
  V result = zeros_like(x);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Indices chosen[] = {detail::mask_of(pieces[i])};
    const V values = functions.begin()[i](view_at("piecewise", x, chosen));
    result = set_at("piecewise", result, chosen, values);
  }
  return result;
}

V compress(const V& condition, const V& x, std::optional<Index> axis) {
  if (!axis) return compress(condition, ravel(x), 0);
  const int along = normalize_axis("compress", *axis, x.shape());
  if (condition.dimension() != 1 || condition.size() > x.shape(along)) {
    fail("compress",
         "the condition is a vector, no longer than axis {}: it has shape {}, the operand has "
         "shape {}",
         *axis, to_string(condition.shape()), to_string(x.shape()));
  }
  return take_at(x, along, true_places("compress", condition));
}

V extract(const V& condition, const V& x) {
  if (condition.size() != x.size()) {
    fail("extract", "the mask has shape {}, the operand has shape {}: they need as many elements",
         to_string(condition.shape()), to_string(x.shape()));
  }
  return take_at(ravel(x), 0, true_places("extract", condition));
}

std::vector<xt::xarray<Index>> nonzero(const V& x) {
  if (x.dimension() == 0) fail("nonzero", "a number has no axes");
  const std::vector<Index> places = true_places("nonzero", x);
  std::vector<xt::xarray<Index>> result;
  Index step = x.size();
  for (const Index extent : x.shape()) {
    step /= std::max<Index>(1, extent);
    result.push_back(xt::xarray<Index>::from_shape({places.size()}));
    std::ranges::transform(places, result.back().begin(),
                           [&](Index place) { return place / step % extent; });
  }
  return result;
}
std::vector<xt::xarray<Index>> where(const V& mask) { return nonzero(mask); }

xt::xarray<Index> argwhere(const V& x) {
  const auto along_axes = nonzero(x);
  const std::size_t count = along_axes[0].size(), rank = along_axes.size();
  auto result = xt::xarray<Index>::from_shape({count, rank});
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t axis = 0; axis < rank; ++axis) result(i, axis) = along_axes[axis](i);
  }
  return result;
}
xt::xarray<Index> flatnonzero(const V& x) { return list_of(true_places("flatnonzero", x)); }

V bincount(const xt::xarray<Index>& x, const V& weights, Index minlength) {
  if (x.dimension() != 1 || weights.dimension() != 1 ||
      weights.size() != static_cast<Index>(x.size())) {
    fail("bincount", "takes two vectors of one length: x has shape {}, the weights have shape {}",
         to_string(detail::shape_of(x)), to_string(weights.shape()));
  }
  Index count = std::max<Index>(0, minlength);
  for (const Index number : x) {
    if (number < 0) fail("bincount", "number {} is negative", number);
    count = std::max(count, saturated_sum(number, 1));
  }
  check_work("bincount", Dims{count});
  return put_at(weights, 0, {x.data(), x.size()}, count);
}

}  // namespace autograd
