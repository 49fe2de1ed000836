/// Arrays in the NPY format of NumPy, one after the other in a stream; not for users' code.
#pragma once

#include <iosfwd>

#include "autograd/var.hpp"

namespace optim::detail {

/// Writes it in row order, as version 1.0. T: float, double, std::uint64_t.
template <class T>
void write_npy(std::ostream& out, const xt::xarray<T>& array);

/// Reads the next array. Throws std::runtime_error for anything that is not a whole array of T in
/// row order; what it allocates is bounded by the bytes that are there, whatever the header says.
template <class T>
xt::xarray<T> read_npy(std::istream& in);

}  // namespace optim::detail
