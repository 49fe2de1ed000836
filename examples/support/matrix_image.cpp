#include "examples/support/matrix_image.hpp"

#include <algorithm>

namespace examples {
namespace {

Image white(std::size_t height, std::size_t width) {
  return {xt::xarray<float>(xt::xarray<float>::shape_type{height, width}, 1.0F)};
}

/// `value` on the scale from low (0) to high (1).
float level(double value, double low, double high) {
  return low == high ? 0.5F : static_cast<float>((value - low) / (high - low));
}

xt::xarray<float> normalised(const xt::xarray<float>& patch) {
  const auto [low, high] = std::minmax_element(patch.storage().begin(), patch.storage().end());
  xt::xarray<float> result = patch;
  for (float& pixel : result.storage()) pixel = level(pixel, *low, *high);
  return result;
}

/// Copies `patch` into `image` with its corner at (top, left).
void paste(const xt::xarray<float>& patch, Image& image, std::size_t top, std::size_t left) {
  const std::size_t width = patch.shape(1);
  for (std::size_t y = 0; y < patch.shape(0); ++y) {
    std::copy_n(patch.data() + y * width, width,
                image.pixels.data() + (top + y) * image.width() + left);
  }
}

/// How many neighbours share a pixel.
std::size_t block(std::size_t side, std::size_t max_side) { return (side - 1) / max_side + 1; }

}  // namespace

Image visible(const Image& image) {
  const std::size_t side = std::max(image.height(), image.width());
  return magnify(image, (side + 511) / side);  // rounded up
}

Image heat_map(const xt::xarray<double>& matrix, double low, double high) {
  Image image = white(matrix.shape(0), matrix.shape(1));
  std::transform(matrix.storage().begin(), matrix.storage().end(), image.pixels.data(),
                 [=](double value) { return std::clamp(level(value, low, high), 0.0F, 1.0F); });
  return visible(image);
}

Image spy(const xt::xarray<double>& matrix, std::size_t max_side) {
  const std::size_t height = matrix.shape(0), width = matrix.shape(1);
  const std::size_t rows = block(height, max_side), columns = block(width, max_side);
  Image image = white((height - 1) / rows + 1, (width - 1) / columns + 1);
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      if (matrix.data()[i * width + j] != 0) image.pixels(i / rows, j / columns) = 0;
    }
  }
  return visible(image);
}

Image tiles(const std::vector<xt::xarray<float>>& patches, std::size_t columns, std::size_t gap,
            bool normalise) {
  const std::size_t height = patches[0].shape(0) + gap, width = patches[0].shape(1) + gap;
  const std::size_t rows = (patches.size() + columns - 1) / columns;
  Image image = white(rows * height - gap, columns * width - gap);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    paste(normalise ? normalised(patches[i]) : patches[i], image, i / columns * height,
          i % columns * width);
  }
  return visible(image);
}

}  // namespace examples
