/// The memory that is kept for the next gradient.
#pragma once

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {

/// Gives back to the system what this thread keeps and does not use. Each thread keeps the memory
/// of its largest gradient, so that the next one takes none; call this after one that was much
/// larger than what follows. What open transforms and Traces use stays.
void empty_cache();

}  // namespace autograd
