/// Arrays of places and masks as indices. The axes for which they stand are joined to one; then
/// x[i, j] takes slices of that axis, and x[i, j] = v puts slices there.
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

/// The arrays among some indices: for which axes they stand, and which places of these, joined to
/// one, they name.
struct Lookup {
  Extents axes;
  int first = 0;           ///< where their axes stand in the result
  bool separated = false;  ///< slices stand between them
  Dims shape;              ///< to which they broadcast
  std::vector<Index> places;
};

Index axes_of(const Indices& each) {
  switch (each.kind) {
    case Indices::mask:
      return static_cast<Index>(each.array.dimension());
    case Indices::places:
      return 1;
    default:
      return each.of_axis.kind == Slice::range || each.of_axis.kind == Slice::index;
  }
}

bool is_ellipsis(const Indices& each) {
  return each.kind == Indices::slice && each.of_axis.kind == Slice::ellipsis;
}

/// With integers as arrays of places, and with whole axes behind an ellipsis, or at the end. The
/// ellipsis itself stays, since it stands between arrays even where it stands for no axis.
std::vector<Indices> complete(const char* op, const V& x, std::span<const Indices> indices) {
  Index given = 0;
  for (const Indices& each : indices) given += axes_of(each);
  if (given > x.dimension()) {
    fail(op, "too many indices: they stand for {} axes, the operand has shape {}", given,
         to_string(x.shape()));
  }
  const auto whole = static_cast<std::size_t>(x.dimension() - given);
  std::vector<Indices> result;
  bool ellipsis = false;
  for (const Indices& each : indices) {
    if (is_ellipsis(each)) {
      if (std::exchange(ellipsis, true)) fail(op, "more than one ellipsis");
      result.push_back(each);
      result.resize(result.size() + whole);
    } else if (each.kind == Indices::slice && each.of_axis.kind == Slice::index) {
      result.push_back({Indices::places, {}, xt::xarray<Index>(*each.of_axis.start)});
    } else {
      result.push_back(each);
    }
  }
  if (!ellipsis) result.resize(result.size() + whole);
  return result;
}

/// What slices show of x, where whole axes stand for the arrays.
std::vector<Slice> slices_of(std::span<const Indices> indices) {
  std::vector<Slice> slices;
  for (const Indices& each : indices) {
    if (is_ellipsis(each)) continue;
    const bool is_slice = each.kind == Indices::slice;
    const Index axes = is_slice ? 1 : axes_of(each);
    for (Index i = 0; i < axes; ++i) slices.push_back(is_slice ? each.of_axis : Slice{});
  }
  return slices;
}

bool is_whole(const Slice& s) {
  return s.kind == Slice::range && !s.start && !s.stop && s.step == 1;
}

/// The places that arrays of them name, and those of the elements of masks that are true.
class Lookups {
 public:
  Lookups(const char* op, const V& x, std::span<const Indices> indices)
      : op_(op), shape_(x.shape()) {
    for (const Indices& each : indices) add(each);
    result_.places.assign(static_cast<std::size_t>(element_count(result_.shape, op_)), 0);
    for (std::size_t i = 0; i < arrays_.size(); ++i)
      join(arrays_[i], result_.axes[static_cast<int>(i)]);
  }
  Lookup result() && { return std::move(result_); }

 private:
  void add(const Indices& each) {
    if (each.kind == Indices::slice) {
      between_ = started_;
      axis_ += is_ellipsis(each) ? 0 : 1;
      return;
    }
    if (!std::exchange(started_, true)) result_.first = static_cast<int>(axis_);
    result_.separated |= between_;
    each.kind == Indices::mask ? add_mask(each.array) : add_array(each.array);
  }
  void add_array(const xt::xarray<Index>& places) {
    result_.shape = broadcast_shapes(op_, result_.shape, detail::shape_of(places),
                                     "one array of places", "another");
    result_.axes.push(axis_++);
    arrays_.push_back(places);
  }
  void add_mask(const xt::xarray<Index>& mask) {
    const Dims shape = detail::shape_of(mask);
    const auto covered =
        std::span(shape_).subspan(static_cast<std::size_t>(axis_), mask.dimension());
    if (!same(shape, covered)) {
      fail(op_, "a mask of shape {} stands for axes of shape {}: the operand has shape {}",
           to_string(shape), to_string(covered), to_string(shape_));
    }
    std::vector<Index> chosen;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask.data()[i] != 0) chosen.push_back(static_cast<Index>(i));
    }
    Index step = static_cast<Index>(mask.size());
    for (const Index extent : shape) {
      step /= std::max<Index>(1, extent);
      xt::xarray<Index> places = xt::xarray<Index>::from_shape({chosen.size()});
      std::ranges::transform(chosen, places.begin(),
                             [&](Index place) { return place / step % extent; });
      add_array(places);
    }
    if (shape.size() == 0) {
      const Dims one{static_cast<Index>(chosen.size())};
      result_.shape = broadcast_shapes(op_, result_.shape, one, "one array of places", "another");
    }
  }
  /// Puts the places of one more axis beside those of the axes before.
  void join(const xt::xarray<Index>& array, Index axis) {
    if (result_.places.empty()) return check(array, axis);
    const Index extent = shape_[static_cast<std::size_t>(axis)];
    const std::vector<std::size_t> shape(result_.shape.begin(), result_.shape.end());
    const auto repeated = xt::broadcast(array, shape);
    auto place = repeated.begin();
    for (Index& joined : result_.places) joined = joined * extent + checked(*place++, axis);
  }
  void check(const xt::xarray<Index>& array, Index axis) const {
    for (std::size_t i = 0; i < array.size(); ++i) checked(array.data()[i], axis);
  }
  Index checked(Index place, Index axis) const {
    const Index extent = shape_[static_cast<std::size_t>(axis)];
    if (place < -extent || place >= extent) {
      fail<std::out_of_range>(op_, "index {} is out of range for axis {}: the operand has shape {}",
                              place, axis, to_string(shape_));
    }
    return place < 0 ? place + extent : place;
  }

  const char* op_;
  std::span<const Index> shape_;
  Index axis_ = 0;
  bool started_ = false, between_ = false;
  std::vector<xt::xarray<Index>> arrays_;
  Lookup result_;
};

Extents first_axes(const Lookup& at) {
  Extents axes;
  for (int i = 0; i < at.axes.size(); ++i) axes.push(i);
  return axes;
}

int joined_axis(const Lookup& at) { return at.separated ? 0 : at.first; }

/// x with the axes of the arrays joined to one.
V joined(const V& x, const Lookup& at) {
  const V ready = at.separated ? moveaxis(x, at.axes, first_axes(at)) : x;
  Extents shape(ready.shape());
  Index extent = 1;
  for (int i = 0; i < at.axes.size(); ++i) {
    extent *= shape[joined_axis(at)];
    shape.erase(joined_axis(at));
  }
  shape.insert(joined_axis(at), extent);
  return reshape(ready, shape);
}

/// The reverse of `joined`, for an array of the given shape.
V apart(const V& y, const Lookup& at, std::span<const Index> shape) {
  if (!at.separated) return reshape(y, Extents(shape));
  Extents moved;
  for (Index axis : at.axes) moved.push(shape[static_cast<std::size_t>(axis)]);
  for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
    if (std::ranges::find(at.axes, axis) == at.axes.end()) {
      moved.push(shape[static_cast<std::size_t>(axis)]);
    }
  }
  return moveaxis(reshape(y, moved), first_axes(at), at.axes);
}

/// The shape of x[indices], for x with its axes joined.
Extents result_shape(const V& x, const Lookup& at) {
  Extents shape(x.shape());
  shape.erase(joined_axis(at));
  int axis = joined_axis(at);
  for (Index extent : at.shape) shape.insert(axis++, extent);
  return shape;
}

/// The value in the shape that slices of the joined axis have.
V as_slices(const char* op, const V& x, const Lookup& at, const V& value) {
  const Extents shape = result_shape(x, at);
  if (!broadcasts_to(value.shape(), shape)) {
    fail(op, "the value does not broadcast to the places: the value has shape {}, the places {}",
         to_string(value.shape()), to_string(shape));
  }
  Extents slices(x.shape());
  slices[joined_axis(at)] = static_cast<Index>(at.places.size());
  return reshape(broadcast_to(value, shape), slices);
}

/// A mask that is 1 at the places of the joined axis of x.
V marks(const V& x, const Lookup& at) {
  Dims shape(static_cast<int>(x.dimension()), 1);
  shape[joined_axis(at)] = x.shape(joined_axis(at));
  V mask;
  T* data = detail::new_constant(std::span<const Index>(shape), mask, "set");
  std::fill_n(data, shape[joined_axis(at)], T(0));
  for (Index place : at.places) data[place] = 1;
  return mask;
}

V set_joined(const V& x, const Lookup& at, V slices) {
  const int axis = joined_axis(at);
  std::vector<Index> last(static_cast<std::size_t>(x.shape(axis)), -1);
  for (std::size_t i = 0; i < at.places.size(); ++i) {
    last[static_cast<std::size_t>(at.places[i])] = static_cast<Index>(i);
  }
  std::vector<Index> chosen, places;
  for (std::size_t place = 0; place < last.size(); ++place) {
    if (last[place] == -1) continue;
    chosen.push_back(last[place]);
    places.push_back(static_cast<Index>(place));
  }
  if (chosen.size() < at.places.size()) {
    slices = take_at(slices, axis, chosen);
  } else {
    places = at.places;
  }
  return where(marks(x, at), put_at(slices, axis, places, x.shape(axis)), x);
}

V add_joined(const V& x, const Lookup& at, V slices) {
  return x + put_at(slices, joined_axis(at), at.places, x.shape(joined_axis(at)));
}

/// Changes x where the indices say: in what the slices among them show of it.
V change(const char* op, const V& x, std::span<const Indices> indices, const V& value,
         V (*change_joined)(const V& x, const Lookup& at, V slices)) {
  const std::vector<Indices> all = complete(op, x, indices);
  const std::vector<Slice> slices = slices_of(all);
  const bool whole = std::ranges::all_of(slices, is_whole);
  const V part = whole ? x : view(x, std::span(slices));
  const Lookup at = Lookups(op, part, all).result();
  const V before = joined(part, at);
  const V after = change_joined(before, at, as_slices(op, before, at, value));
  const V changed = apart(after, at, part.shape());
  return whole ? changed : set(x, std::span(slices), changed);
}

}  // namespace

V view_at(const char* op, const V& x, std::span<const Indices> indices) {
  const std::vector<Indices> all = complete(op, x, indices);
  const std::vector<Slice> slices = slices_of(all);
  const V part = std::ranges::all_of(slices, is_whole) ? x : view(x, std::span(slices));
  const Lookup at = Lookups(op, part, all).result();
  const V ready = joined(part, at);
  return reshape(take_at(ready, joined_axis(at), at.places), result_shape(ready, at));
}
V set_at(const char* op, const V& x, std::span<const Indices> indices, const V& value) {
  return change(op, x, indices, value, set_joined);
}

V view(const V& x, std::span<const Indices> indices) { return view_at("view", x, indices); }
V set(const V& x, std::span<const Indices> indices, const V& value) {
  return set_at("set", x, indices, value);
}
V add_at(const V& x, std::span<const Indices> indices, const V& value) {
  return change("add_at", x, indices, value, add_joined);
}

Indices detail::mask_of(const V& condition) {
  return {Indices::mask, {}, xt::cast<Index>(xt::not_equal(condition.value(), T(0)))};
}

}  // namespace autograd
