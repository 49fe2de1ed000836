/// Work that is divided among threads.
#pragma once

#include <cstddef>
#include <functional>

namespace autograd {

/// The number of elements whose work is worth waking a thread for.
inline constexpr std::ptrdiff_t grain = 1 << 17;

namespace detail {
void parallel_for(int count, const std::function<void(int)>& work);
}

/// Calls work(0), ..., work(count - 1), on several threads if set_num_threads allows them. The
/// calls must not write to the same places. Throws what one of them throws.
template <class F>
void parallel_for(int count, const F& work) {
  detail::parallel_for(count, std::cref(work));
}

}  // namespace autograd
