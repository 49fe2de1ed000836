/// Reductions that are compositions of others.
#include <cmath>
#include <string_view>

#include "autograd/movement.hpp"
#include "autograd/op_scalar.hpp"

namespace autograd {
namespace {

/// How many elements go into one result.
Index group_size(const char* op, const V& x, const Reduce& over) {
  if (!over.axis) return x.size();
  Index count = 1;
  for (Index axis : *over.axis) count *= x.shape()[normalize_axis(op, axis, x.shape())];
  return count;
}

V centred(const V& x, const Reduce& over) {
  return x - mean(x, {.axis = over.axis, .keepdims = true});
}

/// The reduced axes moved to the end and joined to one.
V gathered(const char* op, const V& x, const Reduce& over, Dims& rest) {
  V moved = x;
  Index joined = 1;
  Dims kept(x.shape());
  Dims order, last;
  for (int axis = 0; axis < kept.size(); ++axis) {
    bool reduced = !over.axis;
    if (over.axis) {
      for (Index a : *over.axis) reduced |= normalize_axis(op, a, x.shape()) == axis;
    }
    (reduced ? last : order).push(axis);
    if (reduced) joined *= std::exchange(kept[axis], 1);
    if (!reduced || over.keepdims) rest.push(kept[axis]);
  }
  Dims shape;
  for (Index axis : order) shape.push(kept[axis]);
  for (Index axis : last) order.push(axis);
  shape.push(joined);
  return reshape(order.size() == 0 ? moved : transpose(moved, order), shape);
}

/// Elements from, from + 1, ..., from + count - 1 of the last axis.
V last_axis(const V& x, Index from, Index count) {
  const Layout& layout = *tape().node("view", x).layout;
  Dims shape(layout.dims());
  shape[shape.size() - 1] = count;
  return strided_view(x, shape, layout.steps(), from * layout.strides[layout.rank - 1]);
}

xt::xarray<Index> extreme_places(const char* op, const V& x, std::optional<Index> axis,
                                 bool (*better)(T, T)) {
  Dims shape;
  const V rows = in_row_major(
      gathered(op, x, axis ? Reduce{.axis = Extents(*axis)} : Reduce{}, shape));
  const Index n = rows.shape(-1);
  auto result = xt::xarray<Index>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
  if (n == 0 && result.size() > 0) {
    fail(op, "no elements: the operand has shape {}", to_string(x.shape()));
  }
  const T* row = tape().node(op, rows).data;
  for (Index& place : result) {
    place = 0;
    for (Index i = 1; i < n; ++i) {
      if (!std::isnan(row[place]) && (better(row[i], row[place]) || std::isnan(row[i]))) place = i;
    }
    row += n;
  }
  return result;
}

/// The order of a vector norm along one axis.
V vector_norm(const V& x, double p, const Reduce& over) {
  if (p == 2) return norm(x, over);
  if (p == 1) return sum(abs(x), over);
  if (p == inf) return max(abs(x), over);
  if (!(p > 0)) fail("norm", "order {} is not supported for vectors; use 1, 2, inf or p > 0", p);
  return power(sum(power(abs(x), p), over), 1 / p);
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

V mean(const V& x, const Reduce& over) {
  return sum(x, over) / T(group_size("mean", x, over));
}

V var(const V& x, const Reduce& over, int ddof) {
  return sum(square(centred(x, over)), over) / T(group_size("var", x, over) - ddof);
}

V std(const V& x, const Reduce& over, int ddof) {
  return norm(centred(x, over), over) / std::sqrt(T(group_size("std", x, over) - ddof));
}

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
  return exp(x - logsumexp(x, {.axis = axis, .keepdims = true}));
}

V norm(const V& x, Order ord, const Reduce& over) {
  const int axes = over.axis ? over.axis->size() : static_cast<int>(x.dimension());
  if (axes == 1 && !ord.frobenius) return vector_norm(x, ord.p, over);
  if (axes == 2) return matrix_norm(x, ord, over);
  fail("norm", "order {} takes a vector or a matrix: the operand has shape {}, {} axes are reduced",
       ord.frobenius ? "\"fro\"" : format("{}", ord.p), to_string(x.shape()), axes);
}

V any(const V& x, const Reduce& over) { return sum(x != 0, over) > 0; }
V all(const V& x, const Reduce& over) { return sum(x == 0, over) == 0; }

xt::xarray<Index> argmax(const V& x, std::optional<Index> axis) {
  return extreme_places("argmax", x, axis, [](T a, T b) { return a > b; });
}
xt::xarray<Index> argmin(const V& x, std::optional<Index> axis) {
  return extreme_places("argmin", x, axis, [](T a, T b) { return a < b; });
}

}  // namespace autograd
