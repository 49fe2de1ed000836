#include "autograd/loops/running_sums.hpp"

#include <algorithm>

#include "autograd/loops/lines.hpp"

namespace autograd {
namespace {

/// How far a step leads along the axis, and across lines.
struct Steps {
  Index along, across;
};

template <bool add, class T>
void sum_line(T* out, Index to, const T* in, Index from, Index count) {
  T total = 0;
  for (Index i = 0; i < count; ++i) {
    total += in[i * from];
    out[i * to] = add ? out[i * to] + total : total;
  }
}

template <bool add, class T>
[[gnu::always_inline]] inline void sum_row(T* __restrict totals, T* out, Index to, const T* in,
                                           Index from, Index width) {
  for (Index j = 0; j < width; ++j) {
    const T total = totals[j] + in[j * from];
    totals[j] = total;
    out[j * to] = add ? out[j * to] + total : total;
  }
}

/// Lines beside each other, all of which advance together.
template <bool add, class T>
void sum_rows(T* __restrict out, Steps to, const T* __restrict in, Steps from, Index count,
              Index width) {
  T totals[longest_row_of_lines];
  std::fill_n(totals, width, T(0));
  for (Index i = 0; i < count; ++i, out += to.along, in += from.along) {
    if (to.across == 1 && from.across == 1) {
      sum_row<add>(totals, out, 1, in, 1, width);
    } else {
      sum_row<add>(totals, out, to.across, in, from.across, width);
    }
  }
}

template <bool add, class T>
void sum_along(View<T> out, View<const T> in, int axis, bool backwards) {
  const Index count = in.layout->shape[axis], sign = backwards ? -1 : 1;
  const Lines<2> lines({out.layout, in.layout}, axis, count, longest_row_of_lines);
  const Steps to{sign * lines.along(0), lines.across(0)};
  const Steps from{sign * lines.along(1), lines.across(1)};
  const Index first = backwards ? count - 1 : 0;
  T* const y = out.data + first * lines.along(0);
  const T* const x = in.data + first * lines.along(1);
  lines.for_each([&](const auto& at, Index width) {
    if (lines.by_rows()) {
      sum_rows<add>(y + at[0], to, x + at[1], from, count, width);
    } else {
      sum_line<add>(y + at[0], to.along, x + at[1], from.along, count);
    }
  });
}

}  // namespace

template <class T>
void running_sums(View<T> out, View<const T> in, int axis, bool backwards, bool add) {
  if (in.layout->size == 0) return;
  (add ? sum_along<true, T> : sum_along<false, T>)(out, in, axis, backwards);
}

template void running_sums<float>(View<float>, View<const float>, int, bool, bool);
template void running_sums<double>(View<double>, View<const double>, int, bool, bool);

}  // namespace autograd
