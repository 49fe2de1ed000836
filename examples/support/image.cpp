#include "examples/support/image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "examples/support/error.hpp"
#include "examples/support/raster.hpp"

namespace examples {
namespace {

constexpr std::array<std::uint8_t, 8> png_signature{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr std::array<std::uint8_t, 3> jpeg_signature{0xFF, 0xD8, 0xFF};

template <std::size_t N>
bool starts_with(std::span<const std::uint8_t> file, const std::array<std::uint8_t, N>& signature) {
  return file.size() >= N && std::equal(signature.begin(), signature.end(), file.begin());
}

Raster decode(std::span<const std::uint8_t> file, const std::string& name) {
  if (starts_with(file, png_signature)) return decode_png(file, name);
  if (starts_with(file, jpeg_signature)) return decode_jpeg(file, name);
  throw InputError(name + (file.empty() ? ": the file is empty" : ": is neither a PNG nor a JPEG"));
}

Image blank(std::size_t height, std::size_t width, std::size_t channels, float value = 1.0F) {
  xt::xarray<float>::shape_type shape{height, width};
  if (channels > 1) shape.push_back(channels);
  return {xt::xarray<float>(shape, value)};
}

/// Copies `source` into `target` with its left edge at column `left`; equal channel counts.
void paste(const Image& source, Image& target, std::size_t left) {
  const std::size_t channels = source.channels();
  const std::size_t row = source.width() * channels;
  for (std::size_t y = 0; y < source.height(); ++y) {
    std::copy_n(source.pixels.data() + y * row, row,
                target.pixels.data() + (y * target.width() + left) * channels);
  }
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> file, const std::string& name) {
  const Raster raster = decode(file, name);
  if (!raster.warning.empty()) warn(name + ": " + raster.warning);
  return to_image(raster);
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string());
}

Image to_gray(const Image& image) {
  if (image.channels() == 1) return image;
  Image gray = blank(image.height(), image.width(), 1);
  const float* rgb = image.pixels.data();
  for (float& luma : gray.pixels.storage()) {
    luma = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
    rgb += 3;
  }
  return gray;
}

Image to_rgb(const Image& image) {
  if (image.channels() == 3) return image;
  return from_channels({image.pixels, image.pixels, image.pixels});
}

Image downsample(const Image& image, std::size_t step) {
  const std::size_t channels = image.channels();
  const auto shrunk = [step](std::size_t side) { return (side + step - 1) / step; };
  Image small = blank(shrunk(image.height()), shrunk(image.width()), channels);
  float* out = small.pixels.data();
  for (std::size_t y = 0; y < image.height(); y += step) {
    for (std::size_t x = 0; x < image.width(); x += step) {
      out = std::copy_n(image.pixels.data() + (y * image.width() + x) * channels, channels, out);
    }
  }
  return small;
}

Image magnify(const Image& image, std::size_t times) {
  const std::size_t channels = image.channels(), width = image.width() * times;
  Image large = blank(image.height() * times, width, channels);
  float* out = large.pixels.data();
  for (std::size_t y = 0; y < large.height(); ++y) {
    const float* row = image.pixels.data() + y / times * image.width() * channels;
    for (std::size_t x = 0; x < width; ++x) {
      out = std::copy_n(row + x / times * channels, channels, out);
    }
  }
  return large;
}

xt::xarray<float> channel(const Image& image, std::size_t index) {
  Image plane = blank(image.height(), image.width(), 1);
  const float* in = image.pixels.data() + index;
  for (float& pixel : plane.pixels.storage()) {
    pixel = *in;
    in += image.channels();
  }
  return plane.pixels;
}

Image from_channels(const std::vector<xt::xarray<float>>& channels) {
  if (channels.size() == 1) return {channels.front()};
  Image image = blank(channels[0].shape(0), channels[0].shape(1), channels.size());
  for (std::size_t c = 0; c < channels.size(); ++c) {
    float* out = image.pixels.data() + c;
    for (const float pixel : channels[c].storage()) {
      *out = pixel;
      out += channels.size();
    }
  }
  return image;
}

Image side_by_side(const std::vector<Image>& images, std::size_t gap) {
  std::size_t height = 0, width = 0, channels = 1;
  for (const Image& image : images) {
    height = std::max(height, image.height());
    width += image.width() + (&image == &images.front() ? 0 : gap);
    channels = std::max(channels, image.channels());
  }
  Image all = blank(height, width, channels);
  std::size_t left = 0;
  for (const Image& image : images) {
    paste(channels == 3 ? to_rgb(image) : image, all, left);
    left += image.width() + gap;
  }
  return all;
}

std::uint8_t to_byte(float pixel) {
  if (!(pixel > 0.0F)) return 0;
  return static_cast<std::uint8_t>(std::min(pixel, 1.0F) * 255.0F + 0.5F);
}

double psnr(const Image& image, const Image& truth) {
  double squares = 0;
  for (std::size_t i = 0; i < truth.pixels.size(); ++i) {
    const double error = double{image.pixels.data()[i]} - double{truth.pixels.data()[i]};
    squares += error * error;
  }
  if (squares == 0) return std::numeric_limits<double>::infinity();
  return -10 * std::log10(squares / static_cast<double>(truth.pixels.size()));
}

}  // namespace examples
