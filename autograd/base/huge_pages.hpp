/// Huge pages of memory: where these are used, arrays that do not fit in the cache miss the table
/// of pages less often.
#pragma once

#include <cstddef>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace autograd {

inline constexpr std::size_t huge_page = std::size_t{1} << 21;

/// Asks the system for huge pages, if the memory is large.
inline void ask_for_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  if (bytes >= huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace autograd
