/// Counts what the test program takes from the heap.
#pragma once

#include <cstddef>

namespace allocations {

/// False with a sanitizer, whose own operator new stays in place.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool counted = false;
#else
inline constexpr bool counted = true;
#endif

/// How often operator new was called on this thread so far.
std::size_t count();

}  // namespace allocations
