/// Shapes and strides without heap memory, and how they broadcast.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

using Index = std::ptrdiff_t;

/// The largest number of axes that an array may have.
inline constexpr int max_rank = 16;

/// `max_size` is the largest number of elements that an array may have, so that its bytes can be
/// counted. `max_work` is the largest number that an operation goes through; only views that repeat
/// elements have more.
inline constexpr Index max_size = PTRDIFF_MAX / Index{sizeof(double)};
inline constexpr Index max_work = Index{1} << 40;

/// A short list of extents, strides or axes, without heap memory. It may be longer than `max_rank`,
/// so that `element_count` can show in its message the shape that it refuses.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<Index> list) : Dims(std::span(list.begin(), list.size())) {}
  explicit Dims(std::span<const Index> list) {
    for (Index value : list) push(value);
  }
  Dims(int count, Index value) {
    for (int i = 0; i < count; ++i) push(value);
  }
  /// Copies the elements in use and not the whole buffer, since most lists are short.
  Dims(const Dims& other) : count_(other.count_) { std::copy(other.begin(), other.end(), begin()); }
  Dims& operator=(const Dims& other) {
    if (this == &other) return *this;
    count_ = other.count_;
    std::copy(other.begin(), other.end(), begin());
    return *this;
  }

  void push(Index value) {
    if (count_ == longest) throw std::invalid_argument("shape: an array has at most 16 axes");
    values_[count_++] = value;
  }
  void insert(int at, Index value) {
    push(value);
    std::rotate(begin() + at, end() - 1, end());
  }
  void erase(int at) {
    std::copy(begin() + at + 1, end(), begin() + at);
    --count_;
  }

  int size() const { return count_; }
  Index& operator[](int i) { return values_[i]; }
  Index operator[](int i) const { return values_[i]; }
  Index* begin() { return values_.data(); }
  Index* end() { return values_.data() + count_; }
  const Index* begin() const { return values_.data(); }
  const Index* end() const { return values_.data() + count_; }
  operator std::span<const Index>() const { return {begin(), end()}; }

 private:
  static constexpr int longest = 2 * max_rank + 1;

  int count_ = 0;
  std::array<Index, longest> values_;
};

/// a + b and a * b of extents. If the result does not fit into an Index, it is the largest Index,
/// which no extent reaches.
Index saturated_sum(Index a, Index b);
Index saturated_product(Index a, Index b);

namespace detail {
/// The rare case of `element_count`: shapes that have no elements, or too many.
Index count_of_odd_shape(std::span<const Index> shape, const char* op);
[[noreturn]] void refuse_size(const char* op, std::span<const Index> shape);
/// Throws in place of the std::bad_alloc that is being handled, for an array of the given shape
/// whose elements take that many bytes: std::invalid_argument if the shape is larger than any
/// operation goes through, otherwise an exception derived from std::bad_alloc. Both name `op` and
/// the shape.
[[noreturn]] void refuse_memory(const char* op, std::span<const Index> shape, std::size_t element);
}  // namespace detail

/// The product of all extents; 1 for rank 0. Throws std::invalid_argument naming `op` if no array
/// can have that shape: for more than `max_rank` axes, and for a product of more than `max_size`,
/// where extents of 0 do not count.
inline Index element_count(std::span<const Index> shape, const char* op = "shape") {
  Index count = 1;
  bool fits = shape.size() <= max_rank;
  for (Index extent : shape) fits &= !__builtin_mul_overflow(count, extent, &count);
  return fits && count > 0 && count <= max_size ? count : detail::count_of_odd_shape(shape, op);
}

/// Throws std::invalid_argument naming `op` if an array of that shape has more than `max_work`
/// elements.
inline void check_work(const char* op, std::span<const Index> shape) {
  if (element_count(shape, op) > max_work) detail::refuse_size(op, shape);
}

/// Row-major strides in elements.
Dims row_major_strides(std::span<const Index> shape);

/// NumPy's broadcasting of two shapes. Throws std::invalid_argument naming `op` and the operands.
Dims broadcast_shapes(const char* op, std::span<const Index> a, std::span<const Index> b,
                      const char* name_of_a = "a", const char* name_of_b = "b");

/// True when an array of shape `from` broadcasts to the shape `to`.
bool broadcasts_to(std::span<const Index> from, std::span<const Index> to);

/// "(3, 4)", "(3,)", "()".
std::string to_string(std::span<const Index> shape);

/// Shapes are short: this takes less time than a call of std::memcmp, which std::equal makes.
inline bool same(std::span<const Index> a, std::span<const Index> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

/// The axis counted from the front. Throws std::out_of_range naming `op` when there is none.
int normalize_axis(const char* op, Index axis, std::span<const Index> shape);

/// As `normalize_axis`, for the place of an axis that is about to be inserted.
int normalize_new_axis(const char* op, Index axis, std::span<const Index> shape);

/// Throws std::invalid_argument for fewer than two axes.
void check_matrix(const char* op, std::span<const Index> shape);

/// Bit i for axis i. Throws like normalize_axis, and std::invalid_argument for an axis given twice.
unsigned axes_mask(const char* op, std::span<const Index> axes, std::span<const Index> shape);

}  // namespace autograd
