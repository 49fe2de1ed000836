#pragma once

#include <autograd/xtensor.hpp>
#include <vector>

#include "examples/support/image.hpp"

namespace examples {

/// What is to be seen of the matrices of the energy auto-encoder, and counted.

/// The norms of the columns.
template <class T>
std::vector<double> column_norms(const xt::xarray<T>& a);

/// Elements with an absolute value above `precision`.
template <class T>
std::size_t count_nonzero(const xt::xarray<T>& a, double precision = 0);

/// Rows of Z that are not all 0.
template <class T>
std::size_t atoms_used(const xt::xarray<T>& Z);

/// The cosine of the angle between two matrices of equal shape: 1 if they are alike, 0 if one is 0.
template <class T>
double similarity(const xt::xarray<T>& a, const xt::xarray<T>& b);

/// The pattern of the elements with an absolute value above `precision`, black on white.
template <class T>
Image spy_above(const xt::xarray<T>& a, double precision);

/// Every column of D as a square picture, on a grid.
template <class T>
Image atoms_picture(const xt::xarray<T>& D, std::size_t side);

/// a and b side by side, from black to white between the largest absolute value and its negative.
template <class T>
Image matrices(const xt::xarray<T>& a, const xt::xarray<T>& b);

/// Patches, which are columns, in their places; `across` in a row.
template <class T>
Image from_patches(const xt::xarray<T>& patches, std::size_t side, std::size_t across);

}  // namespace examples
