/// Where the elements of an array lie in memory.
#pragma once

#include <new>
#include <type_traits>

#include "autograd/base/arena.hpp"
#include "autograd/detail/shape.hpp"

namespace autograd {

/// Shape and strides (in elements), in arena memory.
struct Layout {
  const Index* shape;
  const Index* strides;
  Index size;            ///< number of elements
  int rank;              ///< number of axes
  bool dense;            ///< the elements fill `size` places in some order of the axes
  bool row_major;        ///< dense, in row-major order
  bool repeats = false;  ///< many elements, all at one place

  std::span<const Index> dims() const { return {shape, static_cast<std::size_t>(rank)}; }
  std::span<const Index> steps() const { return {strides, static_cast<std::size_t>(rank)}; }
};

/// The layout of a scalar.
extern const Layout scalar_layout;

/// An array: a pointer to its first element and a layout.
template <class T>
struct View {
  T* data;
  const Layout* layout;

  operator View<const T>() const requires(!std::is_const_v<T>) { return {data, layout}; }
};

// The functions that make layouts check the shape: `element_count` throws naming `op`.

const Layout* make_layout(Arena& arena, std::span<const Index> shape,
                          std::span<const Index> strides, const char* op = "shape");
const Layout* make_row_major(Arena& arena, std::span<const Index> shape, const char* op = "shape");

/// True where such strides are those of row-major order; those of axes of extent 1 do not matter.
inline bool is_row_major(std::span<const Index> shape, std::span<const Index> strides) {
  Index expected = 1;
  for (auto axis = shape.size(); axis-- > 0;) {
    if (shape[axis] == 1) continue;
    if (strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/// A dense layout of the given shape whose axes are ordered in memory as those of `model`
/// (which has the same shape, up to broadcasting).
const Layout* make_like(Arena& arena, std::span<const Index> shape, const Layout& model,
                        const char* op = "shape");

/// Takes memory for an array from the next block of the arena: the rare case of `allocate`, which
/// is kept out of line so that the usual case can be inlined. Throws as `detail::refuse_memory`
/// does.
template <class T>
[[gnu::noinline]] T* take_elsewhere(const char* op, Arena& arena, const Layout* layout) {
  try {
    return arena.take<T>(static_cast<std::size_t>(layout->size));
  } catch (const std::bad_alloc&) {
    detail::refuse_memory(op, layout->dims(), sizeof(T));
  }
}

/// Takes memory for an array, uninitialised. Throws as `detail::refuse_memory` does.
template <class T>
[[gnu::always_inline]] inline View<T> allocate(const char* op, Arena& arena, const Layout* layout) {
  T* here = arena.take_here<T>(static_cast<std::size_t>(layout->size));
  return {here != nullptr ? here : take_elsewhere<T>(op, arena, layout), layout};
}

/// True when both have the same shape and strides.
bool same_layout(const Layout& a, const Layout& b);

/// The extent of the axis along which neighbours are nearest in memory. Axes of extent 1 and
/// broadcast axes do not count.
Index row_length(const Layout& layout);

/// True when no two elements share a place (no axis is broadcast).
bool is_injective(const Layout& layout);

/// The distance in memory, in elements, from the first element to element `i` in row-major order.
Index offset_of(const Layout& layout, Index i);

/// The strides of an array that is broadcast to `shape`: 0 along broadcast axes.
Dims broadcast_strides(const Layout& layout, std::span<const Index> shape);

}  // namespace autograd
