#pragma once

#include <cstdint>
#include <span>

#include "examples/support/raster.hpp"

namespace examples {

/// The orientation that EXIF data (a TIFF header and what follows) states: 1 to 8, and 1, upright,
/// when it states none or is damaged.
int exif_orientation(std::span<const std::uint8_t> exif);

/// The picture as it is to be seen. 2, 3, 4: mirrored from left to right, turned by 180 degrees,
/// mirrored from top to bottom. 6, 8: turned by 90 degrees clockwise, counter-clockwise. 5, 7:
/// mirrored at the diagonal from the top left, from the top right.
Raster upright(Raster raster, int orientation);

}  // namespace examples
