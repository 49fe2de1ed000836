/// All operations on Var<float> and Var<double>, and the small types of their arguments.
#pragma once

#include <concepts>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "autograd/detail/api.hpp"
#include "autograd/var.hpp"

namespace AUTOGRAD_API autograd {

/// An axis, an extent or an index: an integer, but no bool, which == of two xtensor arrays gives.
template <class I>
concept Integer = std::integral<I> && !std::same_as<I, bool>;

/// A list of extents or axes: {2, 3}, or a single 2.
class Extents : public Dims {
 public:
  Extents() = default;
  Extents(Integer auto single) : Dims({static_cast<Index>(single)}) {}
  Extents(std::initializer_list<Index> list) : Dims(list) {}
  Extents(std::span<const Index> list) : Dims(list) {}
  Extents(const Dims& list) : Dims(list) {}
};

/// One of the axes in a list.
struct Axis {
  Axis(Integer auto index) : index(static_cast<Index>(index)) {}
  Index index;
};

/// The axes of a reduction: 1, {0, 2}, or none for all of them.
struct Axes : std::optional<Extents> {
  using std::optional<Extents>::optional;
  Axes(std::initializer_list<Index> list) : optional(Extents(list)) {}
  template <std::size_t n>
  Axes(const Axis (&axes)[n]) : optional(Extents()) {
    for (Axis axis : axes) (*this)->push(axis.index);
  }
};

/// A bool, and nothing that converts to one, so that {0, 1} are two axes and not {axis, keepdims}.
struct Flag {
  Flag(std::same_as<bool> auto on) : on(on) {}
  operator bool() const { return on; }
  bool on;
};

/// The axes of a reduction, and whether they stay with extent 1.
struct Reduce {
  Axes axis = {};
  Flag keepdims = false;
};

/// The order of a norm: a number, or "fro".
struct Order {
  Order(double p) : p(p) {}
  Order(int p) : p(p) {}
  Order(const std::string& name) : p(2), frobenius(true) {
    if (name != "fro") {
      throw std::invalid_argument("norm: unknown order \"" + name + "\"; the only name is \"fro\"");
    }
  }
  Order(const char* name) : Order(std::string(name)) {}
  double p;
  bool frobenius = false;
};

inline constexpr double inf = std::numeric_limits<double>::infinity();

/// One slice of an axis; see slicing.hpp for those of xtensor.
struct Slice {
  enum Kind { range, index, newaxis, ellipsis } kind = range;
  std::optional<Index> start = {}, stop = {};
  Index step = 1;
};

/// How much to pad each axis, before and after; and by what: a constant, the last element, the
/// array mirrored at the last element or beyond it, the array from its other end.
using Widths = std::vector<std::pair<Index, Index>>;
enum class Pad { constant, edge, reflect, symmetric, wrap };

/// Into what an axis is divided: a number of equal parts, or {places} at which new parts begin.
struct Sections {
  Sections(Integer auto parts) : parts(static_cast<Index>(parts)) {}
  Sections(std::initializer_list<Index> places) : places(Extents(places)) {}
  Sections(const Extents& places) : places(places) {}
  Index parts = 0;
  std::optional<Extents> places = {};
};

/// What stands in place of NaN, infinity and minus infinity.
struct Finite {
  double nan = 0;
  std::optional<double> posinf = {}, neginf = {};
};

/// How close numbers are called close.
struct Closeness {
  double rtol = 1e-5, atol = 1e-8;
  Flag equal_nan = false;
};

/// Zeros around images: `valid` means none. With `same` the result has ceil(extent / stride) places
/// along an axis; an odd number of zeros has one more after than before. `full` puts zeros on every
/// side as far as the kernel reaches: its extent less one. Or numbers: for every side, or {above
/// and below, left and right}.
struct Padding {
  enum Kind { valid, same, full, numbers };
  Padding(Kind kind) : kind(kind) {}
  Padding(std::integral auto every_side) : kind(numbers), width(every_side) {}
  Padding(std::initializer_list<Index> width) : kind(numbers), width(width) {}
  Kind kind;
  Extents width = 0;
};

/// How a kernel moves over images: by `stride` places, or {down, across}.
struct Conv {
  Extents stride = 1;
  Padding padding = Padding::valid;
  Index groups = 1;
};

#pragma push_macro("V")
#undef V
#define V Var<AUTOGRAD_SCALAR>
#pragma push_macro("AUTOGRAD_SCALAR")
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR float
#include "autograd/ops.inc"
#undef AUTOGRAD_SCALAR
#define AUTOGRAD_SCALAR double
#include "autograd/ops.inc"
#undef AUTOGRAD_SCALAR
#pragma pop_macro("AUTOGRAD_SCALAR")
#undef V
#pragma pop_macro("V")

/// Using-declarations for the operations that <cmath> has too.
#define AUTOGRAD_NAMES_OF_CMATH                                             \
  using autograd::abs, autograd::sqrt, autograd::cbrt, autograd::hypot;     \
  using autograd::floor, autograd::ceil, autograd::trunc, autograd::rint;   \
  using autograd::fmax, autograd::fmin, autograd::fmod, autograd::copysign; \
  using autograd::isnan, autograd::isinf, autograd::isfinite;               \
  using autograd::cos, autograd::sin, autograd::tan;                        \
  using autograd::cosh, autograd::sinh, autograd::tanh;                     \
  using autograd::erf, autograd::exp, autograd::exp2, autograd::expm1;      \
  using autograd::log, autograd::log10, autograd::log1p, autograd::log2;

/// The functions that are found without a namespace: operators, and names of <cmath>. All others
/// are written `ag::name`; so are `round` and `remainder`, which mean something else in <cmath>.
namespace core {
using autograd::operator+, autograd::operator-, autograd::operator*, autograd::operator/;
using autograd::operator==, autograd::operator!=;
using autograd::operator<, autograd::operator<=, autograd::operator>, autograd::operator>=;
AUTOGRAD_NAMES_OF_CMATH
}  // namespace core

}  // namespace autograd
