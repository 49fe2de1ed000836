#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "examples/support/image.hpp"

namespace examples {

/// An animated WebP, which every browser shows; it repeats for ever.
///
///     Animation animation(image.height(), image.width());
///     animation.add(image, 100);
///     animation.save("restoration.webp");
///
/// Frames are encoded as they are added, so that memory does not grow with their number.
class Animation {
 public:
  /// Throws InputError when a side is longer than `max_side`, the limit of the format.
  Animation(std::size_t height, std::size_t width);
  ~Animation();
  Animation(Animation&&) noexcept;
  Animation& operator=(Animation&&) noexcept;

  /// Appends a frame of the size given above, gray or RGB, shown for `milliseconds`.
  void add(const Image& frame, int milliseconds);

  /// Writes the file; nothing can be added afterwards.
  void save(const std::filesystem::path& path);

  static constexpr std::size_t max_side = 16383;

 private:
  struct Encoder;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace examples
