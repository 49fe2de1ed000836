/// Reductions that are compositions of others.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/ops/gather.hpp"

namespace autograd {
namespace {

/// Bit i for each reduced axis i. Compositions call it first, so that errors name the operation
/// that the user called, and not one inside of it.
unsigned reduced_axes(const char* op, const V& x, const Reduce& over) {
  check_work(op, x.shape());
  if (over.axis) return axes_mask(op, *over.axis, x.shape());
  return (1u << x.dimension()) - 1;
}

/// How many elements go into one result.
T group_size(const char* op, const V& x, const Reduce& over) {
  const unsigned reduced = reduced_axes(op, x, over);
  Index count = 1;
  for (int axis = 0; axis < x.dimension(); ++axis) {
    if (reduced >> axis & 1) count *= x.shape(axis);
  }
  return T(count);
}

V centred(const V& x, const Reduce& over) {
  return x - mean(x, {.axis = over.axis, .keepdims = true});
}

/// Elements from, from + 1, ..., from + count - 1 of the last axis.
V last_axis(const V& x, Index from, Index count) {
  return part_of_axis(x, static_cast<int>(x.dimension()) - 1, from, count);
}

xt::xarray<Index> extreme_places(const char* op, const V& x, std::optional<Index> axis,
                                 bool (*better)(T, T)) {
  Dims shape;
  const V rows =
      in_row_major(gathered(op, x, axis ? Reduce{.axis = Extents(*axis)} : Reduce{}, shape), op);
  const Index n = rows.shape(-1);
  auto result = xt::xarray<Index>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
  if (n == 0 && result.size() > 0) {
    fail(op, "no elements: the operand has shape {}", to_string(x.shape()));
  }
  const T* row = tape().value(op, rows).data;
  for (Index& place : result) {
    place = 0;
    for (Index i = 1; i < n; ++i) {
      if (!std::isnan(row[place]) && (better(row[i], row[place]) || std::isnan(row[i]))) place = i;
    }
    row += n;
  }
  return result;
}

/// The norm of order p of vectors along one axis.
V vector_norm(const V& x, double p, const Reduce& over) {
  if (p == 2) return norm(x, over);
  if (p == 1) return sum(abs(x), over);
  if (p == inf) return max(abs(x), over);
  if (!(p > 0)) fail("norm", "order {} is not supported for vectors; use 1, 2, inf or p > 0", p);
  const V total = sum(power(abs(x), p), over), zero = total == 0;
  return where(zero, 0, power(where(zero, 1, total), 1 / p));  // derivative 0 at 0
}

V matrix_norm(const V& x, const Order& ord, const Reduce& over) {
  if (ord.frobenius) return norm(x, over);
  const Dims axes = over.axis ? Dims(*over.axis) : Dims{0, 1};
  const int row = normalize_axis("norm", axes[0], x.shape());
  const int column = normalize_axis("norm", axes[1], x.shape());
  if (ord.p != 1 && ord.p != inf) {
    fail("norm", "order {} is not supported for matrices; use \"fro\", 1 or inf", ord.p);
  }
  const V sums = sum(abs(x), {.axis = ord.p == 1 ? row : column, .keepdims = true});
  return max(sums, {.axis = Extents{row, column}, .keepdims = over.keepdims});
}

}  // namespace

V gathered(const char* op, const V& x, const Reduce& over, Dims& rest) {
  const unsigned mask = reduced_axes(op, x, over);
  Index joined = 1;
  Dims kept(x.shape());
  Dims order, last;
  for (int axis = 0; axis < kept.size(); ++axis) {
    const bool reduced = mask >> axis & 1;
    (reduced ? last : order).push(axis);
    if (reduced) joined *= std::exchange(kept[axis], 1);
    if (!reduced || over.keepdims) rest.push(kept[axis]);
  }
  Dims shape;
  for (Index axis : order) shape.push(kept[axis]);
  for (Index axis : last) order.push(axis);
  shape.push(joined);
  return reshaped(order.size() == 0 ? x : transpose(x, order), shape, op);
}

V mean(const V& x, const Reduce& over) {
  const T count = group_size("mean", x, over);
  return sum(x, over) / count;
}

V var(const V& x, const Reduce& over, int ddof) {
  const T count = group_size("var", x, over);
  return sum(square(centred(x, over)), over) / std::max(T(0), count - T(ddof));
}

V std(const V& x, const Reduce& over, int ddof) {
  const T count = group_size("std", x, over);
  return norm(centred(x, over), over) / std::sqrt(std::max(T(0), count - T(ddof)));
}

/// Multiplies the first half of the factors by the second half until one factor is left; of an odd
/// number the last one is set aside. In this tree every derivative is a product of the other
/// factors, exact where some are 0, and nothing is divided.
V prod(const V& x, const Reduce& over) {
  Dims shape;
  V factors = gathered("prod", x, over, shape);
  std::optional<V> odd;
  while (factors.shape(-1) > 1) {
    const Index n = factors.shape(-1), half = n / 2;
    if (n % 2 == 1) {
      const V last = last_axis(factors, n - 1, 1);
      odd = odd ? *odd * last : last;
    }
    factors = last_axis(factors, 0, half) * last_axis(factors, half, half);
  }
  if (factors.shape(-1) == 0) return broadcast_to(V(1), shape);
  return reshape(odd ? factors * *odd : factors, shape);
}

V softmax(const V& x, Index axis) {
  const Reduce over{.axis = normalize_axis("softmax", axis, x.shape()), .keepdims = true};
  check_work("softmax", x.shape());
  if (x.size() == 0) return x;
  const V powers = exp(x - stop_gradient(max(x, over)));
  return powers / sum(powers, over);
}

V norm(const V& x, Order ord, const Reduce& over) {
  const int axes = std::popcount(reduced_axes("norm", x, over));
  if (axes == 1 && !ord.frobenius) return vector_norm(x, ord.p, over);
  if (axes == 2) return matrix_norm(x, ord, over);
  fail("norm", "order {} is for {}: the operand has shape {}, reduced over {} of its axes",
       ord.frobenius ? "\"fro\"" : format("{}", ord.p),
       ord.frobenius ? "matrices" : "vectors and matrices", to_string(x.shape()), axes);
}

V any(const V& x, const Reduce& over) {
  reduced_axes("any", x, over);
  return sum(x != 0, over) > 0;
}
V all(const V& x, const Reduce& over) {
  reduced_axes("all", x, over);
  return sum(x == 0, over) == 0;
}

xt::xarray<Index> argmax(const V& x, std::optional<Index> axis) {
  return extreme_places("argmax", x, axis, [](T a, T b) { return a > b; });
}
xt::xarray<Index> argmin(const V& x, std::optional<Index> axis) {
  return extreme_places("argmin", x, axis, [](T a, T b) { return a < b; });
}

}  // namespace autograd
