/// The singular value decomposition as one array, for the functions that are made of it.
#pragma once

#include "autograd/linalg/stacks.hpp"

namespace autograd::linalg {

/// U, s and V below each other, for a of shape (..., m, n): U has m rows, s one, V n, all of them
/// k = min(m, n) columns. Errors name `op`.
V svd_of(const char* op, const V& a);
/// The singular values alone.
V values_of(const char* op, const V& a);

}  // namespace autograd::linalg
