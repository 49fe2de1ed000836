/// Arrays of places and masks as indices. The axes for which they stand are joined to one; then
/// x[i, j] takes slices of that axis, and x[i, j] = v puts slices there.
#include <algorithm>
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

/// Puts the places of an array, which broadcasts to the shape, beside those of arrays before it: as
/// digits of a number, of which the new one is the last and less than `extent`.
class Digits {
 public:
  Digits(const Dims& shape, const xt::xarray<Index>& array) : shape_(shape), next_(array.data()) {
    Index step = 1;
    const int missing = shape.size() - static_cast<int>(array.dimension());
    for (int axis = shape.size(); axis-- > missing;) {
      const auto here = static_cast<Index>(array.shape(static_cast<std::size_t>(axis - missing)));
      steps_[axis] = here == 1 ? 0 : step;
      step *= here;
    }
  }
  void append(std::vector<Index>& places, Index extent) const {
    Index* out = places.data();
    append(next_, 0, extent, out);
  }

 private:
  void append(const Index* in, int axis, Index extent, Index*& out) const {
    if (axis == shape_.size()) {
      *out = *out * extent + *in;
      ++out;
    } else if (axis + 1 == shape_.size()) {
      for (Index i = 0; i < shape_[axis]; ++i, ++out) {
        *out = *out * extent + in[i * steps_[axis]];
      }
    } else {
      for (Index i = 0; i < shape_[axis]; ++i) append(in + i * steps_[axis], axis + 1, extent, out);
    }
  }

  const Dims& shape_;
  const Index* next_;
  Dims steps_ = Dims(shape_.size(), 0);
};

/// The places that arrays of them name, and those of the elements of masks that are true: of
/// `part`, what slices show of x, for which errors name x.
class Lookups {
 public:
  Lookups(const char* op, const V& x, const V& part, std::span<const Indices> indices)
      : op_(op), shape_(part.shape()), whole_shape_(x.shape()) {
    for (const Indices& each : indices) add(each);
    result_.places.assign(static_cast<std::size_t>(element_count(result_.shape, op_)), 0);
    if (result_.places.empty()) return;
    for (const auto& [places, extent] : arrays_) {
      Digits(result_.shape, places).append(result_.places, extent);
    }
  }
  Lookup result() && { return std::move(result_); }

 private:
  void add(const Indices& each) {
    if (each.kind == Indices::slice) {
      between_ = started_;
      axis_ += is_ellipsis(each) ? 0 : 1;
      whole_axis_ += axes_of(each);
      return;
    }
    if (!std::exchange(started_, true)) result_.first = static_cast<int>(axis_);
    result_.separated |= between_;
    each.kind == Indices::mask ? add_mask(each.array) : add_array(each.array);
  }
  void add_array(xt::xarray<Index> places) {
    const Index extent = shape_[static_cast<std::size_t>(axis_)];
    for (std::size_t i = 0; i < places.size(); ++i) {
      places.data()[i] = checked(places.data()[i], extent);
    }
    result_.axes.push(axis_++);
    ++whole_axis_;
    join(std::move(places), extent);
  }
  /// A mask names places of its axes joined to one.
  void add_mask(const xt::xarray<Index>& mask) {
    const Dims shape = detail::shape_of(mask);
    const auto covered =
        std::span(shape_).subspan(static_cast<std::size_t>(axis_), mask.dimension());
    if (!same(shape, covered)) {
      fail(op_, "a mask of shape {} stands for axes of shape {}: the operand has shape {}",
           to_string(shape), to_string(covered), to_string(whole_shape_));
    }
    std::vector<Index> chosen;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask.data()[i] != 0) chosen.push_back(static_cast<Index>(i));
    }
    auto places = xt::xarray<Index>::from_shape({chosen.size()});
    std::copy(chosen.begin(), chosen.end(), places.data());
    for (int i = 0; i < shape.size(); ++i) result_.axes.push(axis_++);
    whole_axis_ += shape.size();
    join(std::move(places), static_cast<Index>(mask.size()));
  }
  void join(xt::xarray<Index> places, Index extent) {
    result_.shape = broadcast_shapes(op_, result_.shape, detail::shape_of(places),
                                     "one array of places", "another");
    arrays_.emplace_back(std::move(places), extent);
  }
  Index checked(Index place, Index extent) const {
    if (place < -extent || place >= extent) {
      fail<std::out_of_range>(op_, "index {} is out of range for axis {}: the operand has shape {}",
                              place, whole_axis_, to_string(whole_shape_));
    }
    return place < 0 ? place + extent : place;
  }

  const char* op_;
  std::span<const Index> shape_, whole_shape_;
  Index axis_ = 0, whole_axis_ = 0;
  bool started_ = false, between_ = false;
  std::vector<std::pair<xt::xarray<Index>, Index>> arrays_;  ///< with the extents of their axes
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
  const Lookup at = Lookups(op, x, part, all).result();
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
  const Lookup at = Lookups(op, x, part, all).result();
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
  const V rows = in_row_major(condition, "mask");
  const std::vector<std::size_t> shape(rows.shape().begin(), rows.shape().end());
  Indices mask{Indices::mask, {}, xt::xarray<Index>::from_shape(shape)};
  const T* data = tape().value("mask", rows).data;
  for (std::size_t i = 0; i < mask.array.size(); ++i) mask.array.data()[i] = data[i] != 0;
  return mask;
}

}  // namespace autograd
