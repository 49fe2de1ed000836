#include "examples/support/orientation.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace examples {
namespace {

/// The numbers in a TIFF file, which states its byte order. Nothing outside of its bytes is read.
class Tiff {
 public:
  explicit Tiff(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    const bool big = bytes_[0] == 'M';
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | bytes_[at + (big ? i : size - 1 - i)];
    return value;
  }

  bool is_valid() const {
    const auto order = number(0, 2);
    return (order == 0x4949U || order == 0x4D4DU) && number(2, 2) == 42U;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

constexpr std::uint32_t orientation_tag = 0x0112;
constexpr std::uint32_t short_integer = 3;

/// What an entry of the directory says: its tag, type, count and value follow each other.
std::optional<std::uint32_t> orientation_in(const Tiff& tiff, std::size_t entry) {
  const bool ours = tiff.number(entry, 2) == orientation_tag &&
                    tiff.number(entry + 2, 2) == short_integer && tiff.number(entry + 4, 4) == 1U;
  return ours ? tiff.number(entry + 8, 2) : std::nullopt;
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
  const Tiff tiff(exif);
  if (!tiff.is_valid()) return 1;
  const std::size_t directory = tiff.number(4, 4).value_or(0);
  const std::size_t entries = tiff.number(directory, 2).value_or(0);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto orientation = orientation_in(tiff, directory + 2 + 12 * i);
    if (orientation)
      return *orientation >= 1 && *orientation <= 8 ? static_cast<int>(*orientation) : 1;
  }
  return 1;
}

Raster upright(Raster raster, int orientation) {
  if (orientation == 1) return raster;
  const bool swapped = orientation >= 5;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Raster out = raster;
  if (swapped) std::swap(out.height, out.width);
  const std::size_t pixel = raster.channels * raster.bytes_per_sample;
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      const std::size_t row = swapped ? x : y, column = swapped ? y : x;
      const std::size_t from_y = from_below ? raster.height - 1 - row : row;
      const std::size_t from_x = from_right ? raster.width - 1 - column : column;
      std::copy_n(raster.row(from_y) + from_x * pixel, pixel, out.row(y) + x * pixel);
    }
  }
  return out;
}

}  // namespace examples
