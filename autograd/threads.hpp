/// How many threads work on large arrays.
#pragma once

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

/// Lets operations on large arrays use up to `count` threads, those of this library as well as
/// those of BLAS (where it is OpenBLAS). Until it is called, the library uses the calling thread
/// only, and BLAS as many as its own settings say. Results do not depend on the number, but for
/// products of matrices, if those of BLAS do.
///
/// Call it while nothing is computed. If several threads compute at once, one of them is helped at
/// a time. Throws std::invalid_argument for a count below 1, and std::system_error if the system
/// cannot start so many threads; the number then stays as it was.
///
/// A process made by fork() has the number of its parent and threads of its own, which start when
/// they are needed; the parent may be computing meanwhile.
void set_num_threads(int count);
int num_threads();

}  // namespace autograd
