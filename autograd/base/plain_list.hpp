/// A list of plain data that may grow to hundreds of megabytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>

namespace autograd {

/// Memory of another size with the old contents, as far as they fit: null gives new memory, a size
/// of 0 gives it back. Where the system can, it moves pages instead of copying what is in them, so
/// that none is cleared or read twice. Throws std::bad_alloc.
void* resized(void* memory, std::size_t old_bytes, std::size_t bytes);

template <class E>
class PlainList {
  static_assert(std::is_trivially_copyable_v<E> && std::is_trivially_destructible_v<E>);

 public:
  PlainList() = default;
  PlainList(const PlainList&) = delete;
  PlainList& operator=(const PlainList&) = delete;
  ~PlainList() { set_capacity(0); }

  std::size_t size() const { return size_; }
  E& operator[](std::size_t i) { return data_[i]; }
  const E& operator[](std::size_t i) const { return data_[i]; }
  E& back() { return data_[size_ - 1]; }

  /// Appends an element of zeros.
  E& emplace_back() {
    if (size_ == capacity_) set_capacity(std::max(smallest, 2 * capacity_));
    return *new (data_ + size_++) E{};
  }
  /// Forgets all elements but the first so many.
  void shorten(std::size_t size) { size_ = size; }
  void shrink_to_fit() { set_capacity(size_); }

 private:
  static constexpr std::size_t smallest = 1024;
  void set_capacity(std::size_t capacity) {
    data_ = static_cast<E*>(resized(data_, capacity_ * sizeof(E), capacity * sizeof(E)));
    capacity_ = capacity;
  }

  E* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace autograd
