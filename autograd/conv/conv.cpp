#include "autograd/conv/conv.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "autograd/conv/block.hpp"
#include "autograd/loops/loops.hpp"

namespace autograd {

using namespace conv;

Dims ConvProblem::shape(Role role) const {
  Dims shape;
  if (!matrices) {
    shape.push(role == kernel ? groups * filters : batch);
    shape.push(role == kernel ? channels : groups * (role == image ? channels : filters));
  }
  for (const Axis& axis : {rows, columns}) shape.push(axis.extent(role));
  return shape;
}

namespace {

/// The span of place v = `place` of the kernel.
Span span_of(const Axis& axis, Index place) {
  const Index zeros = axis.before - place;
  const Index first = zeros > 0 ? (zeros - 1) / axis.stride + 1 : 0;
  const Index seen = axis.image + zeros;
  const Index end = seen > 0 ? std::min(axis.result, (seen - 1) / axis.stride + 1) : 0;
  if (end <= first) return {0, 0, 0};
  return {first, first * axis.stride - zeros, end - first};
}

/// The spans of all columns of the kernel.
const Span* spans_of(Arena& scratch, const Axis& columns) {
  auto* spans = scratch.take<Span>(static_cast<std::size_t>(columns.kernel));
  for (Index v = 0; v < columns.kernel; ++v) spans[v] = span_of(columns, v);
  return spans;
}

/// The number of filters from which on copying patches pays: each patch is read by all of them.
constexpr Index many_filters = 8;

bool uses_im2col(const ConvProblem& c) { return c.filters >= many_filters || c.columns.stride > 1; }

/// The elements of an array in row-major order: those of the array itself, or a copy.
template <class T>
T* row_major(Arena& scratch, View<const T> v) {
  if (v.layout->row_major) return const_cast<T*>(v.data);  // inputs are not written
  const View<T> made =
      allocate<T>("correlate2d", scratch, make_row_major(scratch, v.layout->dims()));
  copy<T>(made, v);
  return made.data;
}

}  // namespace

Stencil* stencil_of(Arena& arena, const ConvProblem& c) {
  const Index count = c.channels * c.rows.kernel, places = count * c.columns.kernel;
  const bool zeros = c.rows.sees_zeros() || c.columns.sees_zeros();
  if (zeros || c.columns.result < 2 || uses_im2col(c) || places == 0 ||
      places > Stencil::most_places)
    return nullptr;
  auto* rows = arena.take<Index>(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    rows[i] = (i / c.rows.kernel * c.rows.image + i % c.rows.kernel) * c.columns.image;
  }
  return new (arena.take<Stencil>(1))
      Stencil{{rows, static_cast<std::size_t>(count)}, c.columns.kernel, false};
}

template <class T>
void convolve(Arena& scratch, const ConvProblem& c, Role role, View<T> out,
              const std::array<View<const T>, 3>& arrays, bool add) {
  if (out.layout->size == 0) return;
  const ArenaScope memory(scratch);
  if (!out.layout->row_major) {
    const View<T> made =
        allocate<T>("correlate2d", scratch, make_row_major(scratch, out.layout->dims()));
    convolve(scratch, c, role, made, arrays, false);
    return add ? accumulate<T>(out, made) : copy<T>(out, made);
  }
  std::array<T*, 3> data;
  for (int i = 0; i < 3; ++i) data[i] = i == role ? out.data : row_major(scratch, arrays[i]);
  if (role == Role::kernel && !add) fill(out, T(0));
  const Span* spans = spans_of(scratch, c.columns);
  const Index kernel = c.channels * c.rows.kernel * c.columns.kernel;
  const Index image = c.channels * c.rows.image * c.columns.image;
  const Index result = c.filters * c.rows.result * c.columns.result;
  const bool products = uses_im2col(c) && kernel > 0 && result > 0;
  for (Index i = 0; i < c.batch * c.groups; ++i) {
    const Block<T> block{
        c,
        spans,
        {data[Role::image] + i * image, data[Role::kernel] + i % c.groups * c.filters * kernel,
         data[Role::result] + i * result}};
    if (products) {
      im2col(scratch, block, role, add);
    } else {
      direct(scratch, block, role, add);
    }
  }
}

template void convolve<float>(Arena&, const ConvProblem&, Role, View<float>,
                              const std::array<View<const float>, 3>&, bool);
template void convolve<double>(Arena&, const ConvProblem&, Role, View<double>,
                               const std::array<View<const double>, 3>&, bool);

}  // namespace autograd
