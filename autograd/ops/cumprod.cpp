/// Running products, and the linear recurrence that their derivatives are made of.
#include <optional>

#include "autograd/engine/views.hpp"
#include "autograd/loops/lines.hpp"
#include "autograd/ops/record.hpp"

namespace autograd {
namespace {

struct Along {
  int axis;
};

/// a y, the term of a recurrence. In derivatives y is a cotangent: one of 0 gives 0, whatever a is.
template <bool derivative>
T carried(T a, T y) {
  return derivative && y == 0 ? 0 : a * y;
}

/// One line of a recurrence, of n elements.
template <bool derivative>
void recur_line(T* y, const T* a, const T* b, Index n, Index, const Lines<3>& by) {
  T last = y[0] = b[0];
  for (Index i = 1; i < n; ++i) {
    last = carried<derivative>(a[(i - 1) * by.along(1)], last);
    if constexpr (derivative) last += b[i * by.along(2)];
    y[i * by.along(0)] = last;
  }
}

/// Lines beside each other, all of which advance together. Those of y are `next` apart.
template <bool derivative>
[[gnu::always_inline]] inline void recur_beside(T* y, Index next, const T* a, const T* b, Index n,
                                                Index width, const Lines<3>& by) {
  const Index next_a = by.across(1), next_b = by.across(2);
  for (Index j = 0; j < width; ++j) y[j * next] = b[j * next_b];
  for (Index i = 1; i < n; ++i) {
    T* to = y + i * by.along(0);
    const T *before = to - by.along(0), *factors = a + (i - 1) * by.along(1);
    const T* terms = b + i * by.along(2);
    for (Index j = 0; j < width; ++j) {
      to[j * next] = carried<derivative>(factors[j * next_a], before[j * next]);
      if constexpr (derivative) to[j * next] += terms[j * next_b];
    }
  }
}
template <bool derivative>
void recur_rows(T* y, const T* a, const T* b, Index n, Index width, const Lines<3>& by) {
  if (by.across(0) == 1) return recur_beside<derivative>(y, 1, a, b, n, width, by);
  recur_beside<derivative>(y, by.across(0), a, b, n, width, by);
}

/// y[0] = b[0], y[i] = a[i - 1] y[i - 1] along an axis; for derivatives plus b[i].
template <bool derivative>
void recur(View<T> y, View<const T> a, View<const T> b, int axis) {
  const Index n = y.layout->shape[axis];
  const Lines<3> lines({y.layout, a.layout, b.layout}, axis, n, longest_row_of_lines);
  const auto recur = lines.by_rows() ? recur_rows<derivative> : recur_line<derivative>;
  lines.for_each([&](const auto& at, Index width) {
    recur(y.data + at[0], a.data + at[1], b.data + at[2], n, width, lines);
  });
}

V recurrence(const V& a, const V& b, int axis);

/// s with s[i] = g[i] + a[i] s[i + 1] along an axis, where a has one element less than g.
V backwards(const V& a, const V& g, int axis) {
  return flip(recurrence(flip(a, axis), flip(g, axis), axis), axis);
}

/// s[1], s[2], ... times y[0], y[1], ...: the derivative by the factors that carried y[i] to
/// y[i + 1].
V by_factors(const V& s, const V& y, int axis) {
  const Index n = y.shape(axis) - 1;
  const V next = part_of_axis(s, axis, 1, n);
  return drop_non_finite(next * part_of_axis(y, axis, 0, n), next);
}

void vjp_recurrence(VjpContext<T>& context) {
  const int axis = context.attributes<Along>().axis;
  const V s = backwards(context.x(0), context.g, axis);
  const V y = context.y();
  if (context.wants(0)) {
    // A term of y = 0 is 0 for every factor, as in `carried`.
    const V before = part_of_axis(y, axis, 0, y.shape(axis) - 1);
    context.add(0, drop_non_finite(by_factors(s, y, axis), before));
  }
  if (context.wants(1)) context.add(1, s);
}
constexpr Op<T> recurrence_op{"cumprod_adjoint", nullptr, vjp_recurrence};

/// y with y[0] = b[0], y[i] = a[i - 1] y[i - 1] + b[i] along an axis.
V recurrence(const V& a, const V& b, int axis) {
  const View<const T> factors = tape().value("cumprod", a), terms = tape().value("cumprod", b);
  const auto compute = [&](View<T> y) { recur<true>(y, factors, terms, axis); };
  return record(recurrence_op, tape().row_major(b.shape(), "cumprod"), keep(Along{axis}), compute,
                a, b);
}

/// x[k] is a factor of y[k], y[k + 1], ...: its derivative is y[k - 1] s[k], where s sums up the
/// cotangents of these times the factors after k. Nothing is divided, so zeros are no exception.
void vjp_cumprod(VjpContext<T>& context) {
  const int axis = context.attributes<Along>().axis;
  const V factors = part_of_axis(context.x(0), axis, 1, context.g.shape(axis) - 1);
  const V s = backwards(factors, context.g, axis);
  const V first = part_of_axis(s, axis, 0, 1);
  context.add(0, concatenate({first, by_factors(s, context.y(), axis)}, axis));
}
constexpr Op<T> cumprod_op{"cumprod", nullptr, vjp_cumprod};

}  // namespace

V cumprod(const V& x, std::optional<Index> axis) {
  if (!axis) return cumprod(ravel(x), 0);
  const int along = normalize_axis("cumprod", *axis, x.shape());
  const Layout* layout = tape().row_major(x.shape(), "cumprod");
  if (layout->size == 0) return x;
  const View<const T> in = tape().value("cumprod", x);
  const View<const T> factors{in.data + in.layout->strides[along], in.layout};
  const auto compute = [&](View<T> y) { recur<false>(y, factors, in, along); };
  return record(cumprod_op, layout, keep(Along{along}), compute, x);
}

}  // namespace autograd
