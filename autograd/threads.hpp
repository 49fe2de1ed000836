/// How many threads work on large arrays.
#pragma once

#include <cstddef>
#include <functional>

namespace autograd {

/// Lets operations on large arrays use up to `count` threads, those of this library as well as
/// those of BLAS (where it is OpenBLAS). Until it is called, the library uses the calling thread
/// only, and BLAS what its own settings say. What the library computes does not depend on the
/// number; products of matrices do as far as those of BLAS do.
///
/// Call it while nothing is computed. While several threads compute at once, one of them is helped
/// at a time. Throws std::invalid_argument for a count below 1, and std::system_error if the system
/// has no room for so many threads: the number stays as it was then.
///
/// A process made by fork() has the number of its parent and threads of its own, which start when
/// they are needed; the parent may be computing meanwhile.
void set_num_threads(int count);
int num_threads();

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
