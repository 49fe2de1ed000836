#include "examples/support/raster.hpp"

#include <fmt/format.h>

#include "examples/support/error.hpp"

namespace examples {
namespace {

/// Sample number `index` as a number from 0 to 1.
float sample(const Raster& raster, std::size_t index) {
  const std::uint8_t* bytes = raster.samples.data() + index * raster.bytes_per_sample;
  if (raster.bytes_per_sample == 1) return static_cast<float>(bytes[0]) / 255.0F;
  return static_cast<float>(bytes[0] * 256 + bytes[1]) / 65535.0F;
}

xt::xarray<float> empty_pixels(std::size_t height, std::size_t width, std::size_t channels) {
  if (channels == 1) return xt::xarray<float>::from_shape({height, width});
  return xt::xarray<float>::from_shape({height, width, channels});
}

}  // namespace

void check_dimensions(std::size_t height, std::size_t width, const std::string& name) {
  if (height == 0 || width == 0) throw InputError(name + ": the picture is empty");
  if (height <= max_pixels / width) return;
  throw InputError(fmt::format("{}: {} x {} pixels are more than this program takes ({} million)",
                               name, width, height, max_pixels / 1'000'000));
}

Image to_image(const Raster& raster) {
  const bool has_alpha = raster.channels % 2 == 0;
  const std::size_t colors = raster.channels - (has_alpha ? 1 : 0);
  Image image{empty_pixels(raster.height, raster.width, colors)};
  float* out = image.pixels.data();
  for (std::size_t pixel = 0; pixel < raster.height * raster.width; ++pixel) {
    const std::size_t first = pixel * raster.channels;
    const float alpha = has_alpha ? sample(raster, first + colors) : 1.0F;
    for (std::size_t c = 0; c < colors; ++c) {
      *out++ = alpha * sample(raster, first + c) + (1.0F - alpha);
    }
  }
  return image;
}

}  // namespace examples
