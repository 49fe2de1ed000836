#include "autograd/detail/shape.hpp"

#include "autograd/base/error.hpp"

namespace autograd {

void detail::refuse_size(const char* op, std::span<const Index> shape) {
  fail(op, "an array of shape {} has too many elements", to_string(shape));
}

void detail::refuse_memory(const char* op, std::span<const Index> shape, std::size_t element) {
  check_work(op, shape);
  fail<OutOfMemory>(op, "out of memory: an array of shape {} takes {} bytes", to_string(shape),
                    element_count(shape) * static_cast<Index>(element));
}

Index saturated_sum(Index a, Index b) {
  Index sum;
  return __builtin_add_overflow(a, b, &sum) ? PTRDIFF_MAX : sum;
}

Index saturated_product(Index a, Index b) {
  Index product;
  return __builtin_mul_overflow(a, b, &product) ? PTRDIFF_MAX : product;
}

Index detail::count_of_odd_shape(std::span<const Index> shape, const char* op) {
  if (shape.size() > max_rank) {
    fail(op, "an array of shape {} has more than {} axes", to_string(shape), max_rank);
  }
  Index count = 1;
  bool empty = false;
  for (Index extent : shape) {
    if (extent == 0) {
      empty = true;
    } else {
      count = saturated_product(count, extent);
    }
  }
  if (count > max_size) refuse_size(op, shape);
  return empty ? 0 : count;
}

Dims row_major_strides(std::span<const Index> shape) {
  Dims strides(static_cast<int>(shape.size()), 1);
  for (int i = strides.size() - 2; i >= 0; --i) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

Dims broadcast_shapes(const char* op, std::span<const Index> a, std::span<const Index> b,
                      const char* name_of_a, const char* name_of_b) {
  const int rank = static_cast<int>(std::max(a.size(), b.size()));
  Dims result(rank, 1);
  for (int back = 1; back <= rank; ++back) {
    const Index x = back <= static_cast<int>(a.size()) ? a[a.size() - back] : 1;
    const Index y = back <= static_cast<int>(b.size()) ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1) {
      fail(op, "shapes do not broadcast: {} has shape {}, {} has shape {}; axis -{} is {} vs {}",
           name_of_a, to_string(a), name_of_b, to_string(b), back, x, y);
    }
    result[rank - back] = x == 1 ? y : x;
  }
  return result;
}

bool broadcasts_to(std::span<const Index> from, std::span<const Index> to) {
  if (from.size() > to.size()) return false;
  const auto last = to.last(from.size());
  return std::ranges::equal(from, last, [](Index x, Index y) { return x == y || x == 1; });
}

std::string to_string(std::span<const Index> shape) {
  if (shape.size() == 1) return format("({},)", shape[0]);
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + ")";
}

int normalize_axis(const char* op, Index axis, std::span<const Index> shape) {
  const auto rank = static_cast<Index>(shape.size());
  if (axis < -rank || axis >= rank) {
    fail<std::out_of_range>(op, "axis {} is out of range: the operand has shape {}", axis,
                            to_string(shape));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

int normalize_new_axis(const char* op, Index axis, std::span<const Index> shape) {
  const auto rank = static_cast<Index>(shape.size()) + 1;
  if (axis < -rank || axis >= rank) {
    fail<std::out_of_range>(op, "new axis {} is out of range: the operand has shape {}", axis,
                            to_string(shape));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

void check_matrix(const char* op, std::span<const Index> shape) {
  if (shape.size() < 2) {
    fail(op, "needs at least two axes: the operand has shape {}", to_string(shape));
  }
}

unsigned axes_mask(const char* op, std::span<const Index> axes, std::span<const Index> shape) {
  unsigned mask = 0;
  for (Index axis : axes) {
    const unsigned bit = 1u << normalize_axis(op, axis, shape);
    if (mask & bit)
      fail(op, "axis {} is given twice: the operand has shape {}", axis, to_string(shape));
    mask |= bit;
  }
  return mask;
}

}  // namespace autograd
