#pragma once

#include <cstdint>
#include <span>

namespace examples {

/// The files of this folder, embedded into the programs. `decode_image` reads them.

/// A ginkgo leaf, 256 x 192, gray; drawn by draw_ginkgo.cpp.
std::span<const std::uint8_t> ginkgo_png();

}  // namespace examples
