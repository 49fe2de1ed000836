/// Counts what the test program takes from the heap, and lets it run out of memory.
#pragma once

#include <cstddef>

namespace allocations {

/// False with a sanitizer, whose own operator new stays in place.
#ifdef SANITIZED
inline constexpr bool counted = false;
#else
inline constexpr bool counted = true;
#endif

/// How often operator new was called on this thread so far.
std::size_t count();

/// While it lives, operator new throws std::bad_alloc on this thread: once, after `successes`
/// calls; and always for more than `largest` bytes. Does nothing with a sanitizer.
class Shortage {
 public:
  explicit Shortage(std::size_t successes, std::size_t largest = ~std::size_t{0});
  ~Shortage();
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;
  /// Whether that call has come.
  bool has_failed() const;
};

}  // namespace allocations
