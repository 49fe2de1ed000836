#include "autograd/loops/places.hpp"

#include "autograd/loops/lines.hpp"

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

/// Moves place from(i) of lines beside each other to place to(i): `width` numbers. A call of its
/// own, because the compiler remembers only so that the rows do not overlap.
template <bool add, class T, class To, class From>
[[gnu::noinline]] void move_rows(T* out, To to, Index out_step, const T* in, From from,
                                 Index in_step, Index count, Index width) {
  if (out_step == 1 && in_step == 1) {
    for (Index i = 0; i < count; ++i) move_row<add>(out + to(i), in + from(i), width);
  } else {
    for (Index i = 0; i < count; ++i) {
      move_row<add>(out + to(i), out_step, in + from(i), in_step, width);
    }
  }
}

/// Moves place from(i) of each line of `in` to place to(i) of the same line of `out`.
template <bool add, class T, class To, class From>
void run(View<T> out, View<const T> in, int axis, Index count, To to, From from) {
  if (count == 0 || out.layout->size == 0 || in.layout->size == 0) return;
  const Lines<2> lines({out.layout, in.layout}, axis, count);
  lines.for_each([&](const auto& at, Index width) {
    T* y = out.data + at[0];
    const T* x = in.data + at[1];
    if (lines.by_rows()) {
      move_rows<add>(y, to, lines.across(0), x, from, lines.across(1), count, width);
    } else {
      for (Index i = 0; i < count; ++i) move<add>(y[to(i)], x[from(i)]);
    }
  });
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
