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

  /// Returns uninitialised memory for `count` objects of a trivial type. 64 bytes or more start at
  /// a cache line, so that a SIMD register is loaded from one line; smaller pieces lie side by
  /// side.
  template <class T>
  T* take(std::size_t count) {
    T* here = take_here<T>(count);
    return here != nullptr ? here : static_cast<T*>(take_from_next_block(count * sizeof(T)));
  }
  /// As `take`, but returns null if the block in use is full. Does not throw, and is short enough
  /// to be inlined where every operation takes memory.
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

  /// The number of bytes in use, and of bytes in all blocks.
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
  // The address sanitizer reports whoever touches memory that was given back, though its block is
  // kept.
  static void unpoison(void* memory, std::size_t bytes);
  void poison_from(const Mark& mark);

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

/// Rewinds an arena, when this object ends, to where it was when the object began.
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

// g++ defines a macro when it compiles for the address sanitizer, clang has a feature test.
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
