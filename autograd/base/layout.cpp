#include "autograd/base/layout.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/base/error.hpp"

namespace autograd {

const Layout scalar_layout{nullptr, nullptr, 1, 0, true, true};

namespace {

/// Orders the axes from the innermost (smallest stride) to the outermost. Axes of equal strides
/// keep the order of the shape.
Dims memory_order(std::span<const Index> shape, std::span<const Index> strides) {
  Dims order;
  for (int axis = static_cast<int>(shape.size()) - 1; axis >= 0; --axis) {
    int at = order.size();
    while (at > 0 && std::abs(strides[order[at - 1]]) > std::abs(strides[axis])) --at;
    order.insert(at, axis);
  }
  return order;
}

/// Whether the elements fill memory without gaps, in some order of the axes (Layout::dense).
bool fills_memory(std::span<const Index> shape, std::span<const Index> strides) {
  Index expected = 1;
  for (Index axis : memory_order(shape, strides)) {
    if (shape[axis] == 1) continue;
    if (strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/// Puts a layout into the arena. All scalars share one layout, so that a comparison of pointers
/// recognises a scalar.
const Layout* store(Arena& arena, std::span<const Index> shape, std::span<const Index> strides,
                    Index size, bool row_major, bool dense) {
  if (shape.empty()) return &scalar_layout;
  const auto rank = shape.size();
  auto* numbers = arena.take<Index>(2 * rank);
  std::copy(shape.begin(), shape.end(), numbers);
  std::copy(strides.begin(), strides.end(), numbers + rank);
  auto* layout = arena.take<Layout>(1);
  const bool repeats =
      !dense && size > 1 && std::ranges::all_of(strides, [](Index s) { return s == 0; });
  *layout = {numbers, numbers + rank, size, static_cast<int>(rank), dense, row_major, repeats};
  return layout;
}

}  // namespace

const Layout* make_layout(Arena& arena, std::span<const Index> shape,
                          std::span<const Index> strides, const char* op) {
  const Index size = element_count(shape, op);
  if (shape.size() == 1) {
    const bool contiguous = strides[0] == 1 || shape[0] == 1;
    return store(arena, shape, strides, size, contiguous, contiguous);
  }
  const bool row_major = is_row_major(shape, strides);
  return store(arena, shape, strides, size, row_major, row_major || fills_memory(shape, strides));
}

const Layout* make_row_major(Arena& arena, std::span<const Index> shape, const char* op) {
  const Index size = element_count(shape, op);
  if (shape.size() == 1) return store(arena, shape, Dims{1}, size, true, true);
  return store(arena, shape, row_major_strides(shape), size, true, true);
}

const Layout* make_like(Arena& arena, std::span<const Index> shape, const Layout& model,
                        const char* op) {
  if (model.row_major) return make_row_major(arena, shape, op);
  element_count(shape, op);
  Dims strides(static_cast<int>(shape.size()), 0);
  Index step = 1;
  for (Index axis : memory_order(shape, broadcast_strides(model, shape))) {
    strides[static_cast<int>(axis)] = step;
    step *= shape[axis];
  }
  return make_layout(arena, shape, strides, op);
}

bool same_layout(const Layout& a, const Layout& b) {
  return &a == &b || (same(a.dims(), b.dims()) && same(a.steps(), b.steps()));
}

Index row_length(const Layout& layout) {
  if (layout.row_major && layout.rank > 0 && layout.shape[layout.rank - 1] > 1) {
    return layout.shape[layout.rank - 1];
  }
  for (Index axis : memory_order(layout.dims(), layout.steps())) {
    if (layout.shape[axis] > 1 && layout.strides[axis] != 0) return layout.shape[axis];
  }
  return 1;
}

bool is_injective(const Layout& layout) {
  for (int axis = 0; axis < layout.rank; ++axis) {
    if (layout.strides[axis] == 0 && layout.shape[axis] > 1) return false;
  }
  return true;
}

Index offset_of(const Layout& layout, Index i) {
  Index offset = 0;
  for (int axis = layout.rank - 1; axis >= 0; --axis) {
    offset += i % layout.shape[axis] * layout.strides[axis];
    i /= layout.shape[axis];
  }
  return offset;
}

Dims broadcast_strides(const Layout& layout, std::span<const Index> shape) {
  Dims strides(static_cast<int>(shape.size()), 0);
  const int offset = strides.size() - layout.rank;
  for (int axis = 0; axis < layout.rank; ++axis) {
    if (layout.shape[axis] != 1) strides[axis + offset] = layout.strides[axis];
  }
  return strides;
}

}  // namespace autograd
