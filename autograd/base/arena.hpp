/// Bump memory with marks: everything taken since a mark is given back at once. Blocks are kept, so
/// that repeating the same work takes nothing from the heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace autograd {

class Arena {
 public:
  struct Mark {
    std::size_t block = 0;
    std::size_t used = 0;
  };

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// Uninitialised memory for `count` objects of a trivial type. What fills a cache line starts at
  /// one; numbers lie side by side.
  template <class T>
  T* take(std::size_t count) {
    T* here = take_here<T>(count);
    return here != nullptr ? here : static_cast<T*>(take_from_next_block(count * sizeof(T)));
  }
  /// The same, but nothing if the block in use is full. Does not throw.
  template <class T>
  T* take_here(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    const std::size_t bytes = count * sizeof(T), alignment = bytes >= 64 ? 64 : alignof(T);
    const std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (block_ >= blocks_.size() || start + bytes > blocks_[block_].size) return nullptr;
    used_ = start + bytes;
    std::byte* memory = blocks_[block_].memory.get() + start;
    unpoison(memory, bytes);
    return reinterpret_cast<T*>(memory);
  }

  Mark mark() const { return {block_, used_}; }

  /// Gives back all that was taken since the mark.
  void rewind(const Mark& mark) {
    poison_from(mark);
    block_ = mark.block;
    used_ = mark.used;
  }

  /// Frees the blocks in which nothing is in use.
  void release();

  /// Bytes in use, and bytes held.
  std::size_t used() const;
  std::size_t capacity() const;

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  struct Block {
    std::unique_ptr<std::byte, Free> memory;
    std::size_t size;
  };

  void* take_from_next_block(std::size_t bytes);
  void free_from(std::size_t first);
  // With the address sanitizer, memory that was given back may not be touched.
  static void unpoison(void* memory, std::size_t bytes);
  void poison_from(const Mark& mark);

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

/// Gives back at the end what was taken during its life.
class ArenaScope {
 public:
  explicit ArenaScope(Arena& arena) : arena_(arena), start_(arena.mark()) {}
  ~ArenaScope() { arena_.rewind(start_); }
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  Arena& arena_;
  Arena::Mark start_;
};

// g++ says with a macro that it compiles for the address sanitizer, clang with a feature.
#if defined(__SANITIZE_ADDRESS__)
#define AUTOGRAD_POISON_ARENA 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AUTOGRAD_POISON_ARENA 1
#endif
#endif
#ifndef AUTOGRAD_POISON_ARENA
inline void Arena::unpoison(void*, std::size_t) {}
inline void Arena::poison_from(const Mark&) {}
#endif

}  // namespace autograd
