/// Row-major layouts that were made lately.
#pragma once

#include <cstdint>

#include "autograd/base/layout.hpp"

namespace autograd {

/// Arrays of equal shape get the same layout, so that a comparison of two pointers tells that they
/// are alike, and no memory is taken for another one.
class LayoutCache {
 public:
  /// A layout in memory of the arena that belongs to `scope`: those of other scopes are not found,
  /// since they may have ended. Throws as make_row_major.
  const Layout* row_major(Arena& arena, std::uint32_t scope, std::span<const Index> shape,
                          const char* op) {
    Entry& entry = entries_[place_of(shape)];
    if (entry.layout == nullptr || entry.scope != scope || !same(entry.layout->dims(), shape)) {
      entry = {make_row_major(arena, shape, op), scope};
    }
    return entry.layout;
  }

 private:
  struct Entry {
    const Layout* layout = nullptr;
    std::uint32_t scope = 0;
  };
  static constexpr std::size_t size = 16;
  static std::size_t place_of(std::span<const Index> shape) {
    std::size_t place = 0;
    for (const Index extent : shape) place = 3 * place + static_cast<std::size_t>(extent);
    return place % size;
  }

  Entry entries_[size];
};

}  // namespace autograd
