#include "autograd/shape.hpp"

#include "autograd/error.hpp"

namespace autograd {

Index element_count(std::span<const Index> shape) {
  Index count = 1;
  for (Index extent : shape) count *= extent;
  return count;
}

Dims row_major_strides(std::span<const Index> shape) {
  Dims strides(static_cast<int>(shape.size()), 1);
  for (int i = strides.size() - 2; i >= 0; --i) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

Dims broadcast_shapes(const char* op, std::span<const Index> a, std::span<const Index> b) {
  const int rank = static_cast<int>(std::max(a.size(), b.size()));
  Dims result(rank, 1);
  for (int back = 1; back <= rank; ++back) {
    const Index x = back <= static_cast<int>(a.size()) ? a[a.size() - back] : 1;
    const Index y = back <= static_cast<int>(b.size()) ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1) {
      fail(op,
           "shapes do not broadcast: a has shape {}, b has shape {}; axis -{} is {} vs {}",
           to_string(a), to_string(b), back, x, y);
    }
    result[rank - back] = x == 1 ? y : x;
  }
  return result;
}

std::string to_string(std::span<const Index> shape) {
  if (shape.size() == 1) return format("({},)", shape[0]);
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + ")";
}

bool same(std::span<const Index> a, std::span<const Index> b) { return std::ranges::equal(a, b); }

int normalize_axis(const char* op, Index axis, std::span<const Index> shape) {
  const auto rank = static_cast<Index>(shape.size());
  if (axis < -rank || axis >= rank) {
    fail<std::out_of_range>(op, "axis {} is out of range: the operand has shape {}", axis,
                            to_string(shape));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace autograd
