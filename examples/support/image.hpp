#pragma once

#include <autograd/xtensor.hpp>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "examples/support/file.hpp"

namespace examples {

/// A gray picture of shape (height, width) or a colour picture of shape (height, width, 3).
/// 0 is black, 1 is white; values in between are those stored in the file (gamma-encoded, as
/// NumPy sees them through PIL), not linear light.
struct Image {
  xt::xarray<float> pixels;

  std::size_t height() const { return pixels.shape(0); }
  std::size_t width() const { return pixels.shape(1); }
  std::size_t channels() const { return pixels.dimension() == 3 ? pixels.shape(2) : 1; }
};

/// Pictures with more pixels are refused, before any memory is taken for them.
inline constexpr std::size_t max_pixels = std::size_t{1} << 26;

/// Reads a PNG or JPEG, recognised by its first bytes, not by its name.
/// - PNG: every colour type and depth, interlaced or not. Transparent pixels are seen over white
///   paper, as a browser shows them. 16-bit samples keep their precision (value / 65535).
/// - JPEG: gray, colour, and CMYK as Adobe's programs write it (inverted), converted without colour
///   profiles, as in PIL.
/// - The orientation of EXIF data is applied, as browsers and PIL's `exif_transpose` do.
/// A file whose end marker is missing though no pixel is, is read with a warning on the standard
/// error stream. Throws InputError, naming the file and the reason in one line, for everything
/// else.
Image read_image(const std::filesystem::path& path);

/// The same for a file in memory; `name` stands for it in messages.
Image decode_image(std::span<const std::uint8_t> file, const std::string& name);

/// Writes 8-bit gray or RGB. Values outside [0, 1] are clipped, NaN is black.
void write_png(const std::filesystem::path& path, const Image& image);

/// ITU-R 601 luma, 0.299 R + 0.587 G + 0.114 B: PIL's convert('L'), without its rounding.
Image to_gray(const Image& image);

/// The same picture in three equal channels (colour pictures are returned as they are).
Image to_rgb(const Image& image);

/// Every `step`-th pixel of every `step`-th row: `image[::step, ::step]`.
Image downsample(const Image& image, std::size_t step);

/// Every pixel as a square of `times` x `times` pixels.
Image magnify(const Image& image, std::size_t times);

/// One channel as a (height, width) array, and the way back (1 or 3 channels).
xt::xarray<float> channel(const Image& image, std::size_t index);
Image from_channels(const std::vector<xt::xarray<float>>& channels);

/// The pictures from left to right, aligned at the top, with white gaps of `gap` pixels.
Image side_by_side(const std::vector<Image>& images, std::size_t gap);

/// 0 .. 255 for a pixel of [0, 1], rounded to nearest; NaN is 0.
std::uint8_t to_byte(float pixel);

/// Peak signal-to-noise ratio in dB for pixels in [0, 1]; infinite for equal pictures.
double psnr(const Image& image, const Image& truth);

}  // namespace examples
