/// Work that is divided among threads.
#pragma once

#include <cstddef>
#include <functional>

namespace autograd {

/// Work on fewer elements is not worth a thread of its own.
inline constexpr std::ptrdiff_t grain = 1 << 17;

namespace detail {
void parallel_for(int count, const std::function<void(int)>& work);
}

/// Calls work(0), ..., work(count - 1), on several threads if that was allowed. What they write
/// must not overlap. Throws what a call throws.
template <class F>
void parallel_for(int count, const F& work) {
  detail::parallel_for(count, std::cref(work));
}

}  // namespace autograd
