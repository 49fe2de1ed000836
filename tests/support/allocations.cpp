#include "tests/support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t never = ~std::size_t{0};

thread_local std::size_t calls = 0;
thread_local std::size_t failing_call = never;
thread_local std::size_t most_bytes = never;

}  // namespace

namespace allocations {

std::size_t count() { return calls; }

Shortage::Shortage(std::size_t successes, std::size_t largest) {
  failing_call = successes == never ? never : calls + successes + 1;
  most_bytes = largest;
}
Shortage::~Shortage() { failing_call = most_bytes = never; }
bool Shortage::has_failed() const { return calls >= failing_call; }

}  // namespace allocations

#ifndef SANITIZED

namespace {

void* take(std::size_t size, std::size_t alignment) {
  if (++calls == failing_call || size > most_bytes) throw std::bad_alloc();
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t) ? std::malloc(size)
                                                        : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The forms for arrays and those that do not throw call these.
void* operator new(std::size_t size) { return take(size == 0 ? 1 : size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size == 0 ? 1 : size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif
