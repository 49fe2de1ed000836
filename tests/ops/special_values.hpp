/// Numbers that are unlike others, for tests of the elementwise functions (elementwise.hpp).
#pragma once

#include <vector>

namespace special_values {

/// Zeros, infinities, NaN, subnormal numbers, the ends of the ranges of functions, all with both
/// signs.
template <class T>
const std::vector<T>& numbers();

}  // namespace special_values
