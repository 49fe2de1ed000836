#include "autograd/loops/places.hpp"

#include <cstdlib>

#include "autograd/loops/iteration_space.hpp"

namespace autograd {
namespace {

/// Functions from i to an offset: that of slice i, and that of slice places[i].
struct Counted {
  Index step;
  Index operator()(Index i) const { return i * step; }
};
struct Listed {
  const Index* places;
  Index step;
  Index operator()(Index i) const { return places[i] * step; }
};

template <bool add, class T>
void move(T& out, T in) {
  out = add ? out + in : in;
}

template <bool add, class T>
void move_row(T* __restrict out, const T* __restrict in, Index n) {
  for (Index k = 0; k < n; ++k) move<add>(out[k], in[k]);
}
template <bool add, class T>
void move_row(T* out, Index out_step, const T* in, Index in_step, Index n) {
  for (Index k = 0; k < n; ++k) move<add>(out[k * out_step], in[k * in_step]);
}

/// The innermost loops: over the listed places, number by number, or for each listed place over a
/// row along the nearest other axis.
template <class T, class To, class From>
struct Mover {
  To to;
  From from;
  Index count;
  Index length;             ///< the length of the rows
  Index out_step, in_step;  ///< the steps along them

  template <bool add>
  void numbers(T* out, const T* in) const {
    for (Index i = 0; i < count; ++i) move<add>(out[to(i)], in[from(i)]);
  }
  template <bool add>
  void contiguous_rows(T* out, const T* in) const {
    for (Index i = 0; i < count; ++i) move_row<add>(out + to(i), in + from(i), length);
  }
  template <bool add>
  void strided_rows(T* out, const T* in) const {
    for (Index i = 0; i < count; ++i) {
      move_row<add>(out + to(i), out_step, in + from(i), in_step, length);
    }
  }
};

/// Calls f(out, in) at every place of the axes of a space from `first` up to `axis`.
template <class T, class F>
void for_each(const IterationSpace& space, int first, int axis, T* out, const T* in, const F& f) {
  if (axis < first) return f(out, in);
  const Index out_step = space.stride[0][axis], in_step = space.stride[1][axis];
  for (Index i = 0; i < space.shape[axis]; ++i) {
    for_each(space, first, axis - 1, out + i * out_step, in + i * in_step, f);
  }
}

/// The space of all axes but one.
template <class T>
IterationSpace walk_others(View<T> out, View<const T> in, int axis) {
  Dims shape(out.layout->dims()), to(out.layout->steps()), from(in.layout->steps());
  for (Dims* dims : {&shape, &to, &from}) dims->erase(axis);
  const Index size = element_count(shape);
  const Layout outer{shape.begin(), to.begin(), size, shape.size(), false, false};
  const Layout inner{shape.begin(), from.begin(), size, shape.size(), false, false};
  const Layout* const layouts[] = {&outer, &inner};
  IterationSpace space;
  plan(space, shape, layouts);
  return space;
}

/// The largest number of places that are visited once for each row, instead of once for each
/// element.
constexpr Index few_places = 4;

/// Whether rows are walked innermost: if there are few places, or if neighbours in a row are nearer
/// in memory than places of the axis are.
template <class T>
bool by_rows(const IterationSpace& space, View<T> out, View<const T> in, int axis, Index count) {
  if (space.rank == 0) return false;
  const Index apart = std::abs(out.layout->strides[axis]) + std::abs(in.layout->strides[axis]);
  return count <= few_places || std::abs(space.step(0)) + std::abs(space.step(1)) < apart;
}

template <bool add, class T, class To, class From>
void run(View<T> out, View<const T> in, int axis, Index count, To to, From from) {
  if (count == 0 || out.layout->size == 0 || in.layout->size == 0) return;
  const IterationSpace space = walk_others(out, in, axis);
  using Loops = Mover<T, To, From>;
  const Loops loops{to, from, count, space.length(), space.step(0), space.step(1)};
  const auto run = [&](int first, void (Loops::*inner)(T*, const T*) const) {
    for_each(space, first, space.rank - 1, out.data, in.data,
             [&](T* to, const T* from) { (loops.*inner)(to, from); });
  };
  if (!by_rows(space, out, in, axis, count)) {
    run(0, &Loops::template numbers<add>);
  } else if (loops.out_step == 1 && loops.in_step == 1) {
    run(1, &Loops::template contiguous_rows<add>);
  } else {
    run(1, &Loops::template strided_rows<add>);
  }
}

}  // namespace

template <class T>
void take_places(View<T> out, View<const T> in, int axis, std::span<const Index> places, bool add) {
  const Counted to{out.layout->strides[axis]};
  const Listed from{places.data(), in.layout->strides[axis]};
  const auto count = static_cast<Index>(places.size());
  if (add) {
    run<true>(out, in, axis, count, to, from);
  } else {
    run<false>(out, in, axis, count, to, from);
  }
}

template <class T>
void put_places(View<T> out, View<const T> in, int axis, std::span<const Index> places) {
  const Listed to{places.data(), out.layout->strides[axis]};
  const Counted from{in.layout->strides[axis]};
  run<true>(out, in, axis, static_cast<Index>(places.size()), to, from);
}

template void take_places<float>(View<float>, View<const float>, int, std::span<const Index>, bool);
template void take_places<double>(View<double>, View<const double>, int, std::span<const Index>,
                                  bool);
template void put_places<float>(View<float>, View<const float>, int, std::span<const Index>);
template void put_places<double>(View<double>, View<const double>, int, std::span<const Index>);

}  // namespace autograd
