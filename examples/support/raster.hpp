#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "examples/support/image.hpp"

namespace examples {

/// Samples as a decoder delivers them: interleaved, row by row, without padding.
/// 1 channel is gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; 16-bit samples are big-endian.
struct Raster {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 0;
  std::size_t bytes_per_sample = 1;
  std::vector<std::uint8_t> samples;
  std::string warning;  // what the user should know about the file; empty: nothing

  std::size_t row_bytes() const { return width * channels * bytes_per_sample; }
  std::uint8_t* row(std::size_t y) { return samples.data() + y * row_bytes(); }
};

/// The decoders. A file whose end marker is missing though no pixel is, as some cameras and broken
/// transfers leave them, is read with a warning. The orientation that EXIF data states is applied.
/// They throw InputError("<name>: <reason>").
Raster decode_png(std::span<const std::uint8_t> file, const std::string& name);
Raster decode_jpeg(std::span<const std::uint8_t> file, const std::string& name);

/// Throws InputError when a picture of this size is empty or has more than `max_pixels` pixels.
/// The decoders call it before they take memory.
void check_dimensions(std::size_t height, std::size_t width, const std::string& name);

/// Pixels in [0, 1]; alpha is composited over white.
Image to_image(const Raster& raster);

}  // namespace examples
