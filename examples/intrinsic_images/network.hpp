#pragma once

#include <array>
#include <autograd/autograd.hpp>
#include <cstddef>
#include <cstdint>

namespace examples {

/// Of each layer the kernel, of shape (filters, channels, rows, columns), and the bias, of shape
/// (filters, 1, 1). Two layers see the whole picture, two a smaller one, and the last sees what
/// came out of both. `A` is an array or a Var.
template <class A>
using Weights = std::array<A, 10>;

/// How much smaller the smaller picture is. Sides of pictures are multiples of it.
inline constexpr std::size_t coarseness = 4;

/// Kernels as in He et al., "Delving Deep into Rectifiers" (ICCV 2015): normal, with variance 2 / n
/// where n elements make one result. Biases are 0. `filters` is their number in each layer but the
/// last.
template <class T>
Weights<xt::xarray<T>> initial_weights(std::uint64_t seed, std::size_t filters = 16);

/// The logarithm of the albedo, for logarithms of pictures of shape (batch, 3, height, width). The
/// network finds the logarithm of the shading, which is the same for all channels, and subtracts
/// it. Instantiated for float and double.
template <class T>
autograd::Var<T> predict(const autograd::Var<T>& log_input, const Weights<autograd::Var<T>>& w);

/// The same for arrays.
template <class T>
xt::xarray<T> prediction(const xt::xarray<T>& log_input, const Weights<xt::xarray<T>>& w);

}  // namespace examples
