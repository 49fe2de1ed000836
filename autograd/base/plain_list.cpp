#include "autograd/base/plain_list.hpp"

#include <cstdlib>

#include "autograd/base/huge_pages.hpp"

namespace autograd {

#ifdef __linux__

namespace {

/// Whole pages; huge ones for what is large, so that the system lays them on a border of these.
std::size_t rounded(std::size_t bytes) {
  const std::size_t page = bytes < huge_page ? 4096 : huge_page;
  return (bytes + page - 1) / page * page;
}

}  // namespace

void* resized(void* memory, std::size_t old_bytes, std::size_t bytes) {
  const std::size_t from = rounded(old_bytes), to = rounded(bytes);
  if (from == to) return memory;
  if (to == 0) {
    munmap(memory, from);
    return nullptr;
  }
  void* const result =
      from == 0 ? mmap(nullptr, to, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                : mremap(memory, from, to, MREMAP_MAYMOVE);
  if (result == MAP_FAILED) throw std::bad_alloc{};
  ask_for_huge_pages(result, to);
  return result;
}

#else

void* resized(void* memory, std::size_t, std::size_t bytes) {
  if (bytes == 0) {
    std::free(memory);
    return nullptr;
  }
  void* const result = std::realloc(memory, bytes);
  if (result == nullptr) throw std::bad_alloc{};
  return result;
}

#endif

}  // namespace autograd
