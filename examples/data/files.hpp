#pragma once

#include <cstdint>
#include <span>

namespace examples {

/// The files of this folder, embedded into the programs: pictures for `decode_image`, text for
/// `decode_csv`.

/// A ginkgo leaf, 256 x 192, gray; drawn by draw_ginkgo.cpp.
std::span<const std::uint8_t> ginkgo_png();

/// Folded cloths, 240 x 240, gray; drawn by draw_textiles.cpp.
std::span<const std::uint8_t> textiles_png();

/// Minutes of reading a day and words read in a minute: 80 invented points.
std::span<const std::uint8_t> reading_csv();

}  // namespace examples
