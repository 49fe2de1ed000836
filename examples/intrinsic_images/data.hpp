#pragma once

#include <autograd/xtensor.hpp>
#include <cstddef>
#include <cstdint>

namespace examples {

/// Pictures with what they are made of: input = albedo * shading, pixel by pixel.
struct IntrinsicImages {
  xt::xarray<float> input;    ///< (images, 3, size, size), in (0, 1)
  xt::xarray<float> albedo;   ///< the same shape: a few ellipses and rectangles, each of one colour
  xt::xarray<float> shading;  ///< (images, 1, size, size), smooth, in [0.3, 1]

  std::size_t count() const { return input.shape(0); }
};

/// Draws pictures of `size` x `size` pixels at random; the same for the same seed.
IntrinsicImages draw_intrinsic_images(std::size_t count, std::size_t size, std::uint64_t seed);

/// The pictures from `begin` to `end`, without the latter.
xt::xarray<float> images_between(const xt::xarray<float>& images, std::size_t begin,
                                 std::size_t end);

}  // namespace examples
