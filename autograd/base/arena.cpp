#include "autograd/base/arena.hpp"

#include <algorithm>
#include <new>

#include "autograd/base/huge_pages.hpp"

#ifdef AUTOGRAD_POISON_ARENA
#include <sanitizer/asan_interface.h>
#endif

namespace autograd {
namespace {

constexpr std::size_t smallest_block = std::size_t{1} << 20;
constexpr std::size_t largest_block = std::size_t{1} << 43;

/// Takes a block that starts at a huge page.
std::byte* take_block(std::size_t size) {
  if (size > largest_block) throw std::bad_alloc{};  // systems that overcommit would grant it
  auto* memory = static_cast<std::byte*>(::operator new (size, std::align_val_t{huge_page}));
  ask_for_huge_pages(memory, size);
  return memory;
}

/// Takes a block of `size` bytes, or of `least` if there is no memory for that many. Sets `size`.
std::byte* take_block(std::size_t& size, std::size_t least) {
  try {
    return take_block(size);
  } catch (const std::bad_alloc&) {
    if (size == least) throw;
    size = least;
    return take_block(least);
  }
}

void poison([[maybe_unused]] std::byte* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef AUTOGRAD_POISON_ARENA
  ASAN_POISON_MEMORY_REGION(memory, bytes);
#endif
}

}  // namespace

#ifdef AUTOGRAD_POISON_ARENA
void Arena::unpoison(void* memory, std::size_t bytes) {
  ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
}

void Arena::poison_from(const Mark& mark) {
  for (std::size_t i = mark.block; i < blocks_.size() && i <= block_; ++i) {
    const std::size_t from = i == mark.block ? mark.used : 0;
    poison(blocks_[i].memory.get() + from, blocks_[i].size - from);
  }
}
#endif

Arena::~Arena() { free_from(0); }

void Arena::release() { free_from(used_ == 0 ? block_ : block_ + 1); }

void Arena::free_from(std::size_t first) {
  for (; blocks_.size() > first; blocks_.pop_back()) {
    unpoison(blocks_.back().memory.get(), blocks_.back().size);
  }
}

void Arena::Free::operator()(std::byte* memory) const {
  ::operator delete (memory, std::align_val_t{huge_page});
}

void* Arena::take_from_next_block(std::size_t bytes) {
  std::size_t next = blocks_.empty() ? 0 : block_ + 1;
  while (next < blocks_.size() && blocks_[next].size < bytes) ++next;
  if (next == blocks_.size()) {
    const std::size_t last = blocks_.empty() ? 0 : blocks_.back().size;
    const std::size_t least = std::max(smallest_block, bytes);
    std::size_t size = std::max(2 * last, least);
    std::byte* memory = take_block(size, least);
    blocks_.push_back({std::unique_ptr<std::byte, Free>(memory), size});
    poison(memory, size);
  }
  block_ = next;
  used_ = bytes;
  unpoison(blocks_[next].memory.get(), bytes);
  return blocks_[next].memory.get();
}

std::size_t Arena::used() const {
  std::size_t total = used_;
  for (std::size_t i = 0; i < block_; ++i) total += blocks_[i].size;
  return total;
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.size;
  return total;
}

}  // namespace autograd
