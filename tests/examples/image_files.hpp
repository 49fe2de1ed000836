/// Image files for the tests, made byte by byte: what is read is compared with what was meant, not
/// with what a library wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace image_files {

using Bytes = std::vector<std::uint8_t>;

/// A folder that exists as long as this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void write(const std::filesystem::path& path, const Bytes& bytes);
Bytes read(const std::filesystem::path& path);

struct Chunk {
  std::string type;
  Bytes data;
};

/// A chunk of a PNG as it stands in the file, with its length and checksum.
Bytes encoded(const Chunk& chunk);

/// The header of a PNG; the names of the colour types follow.
struct PngHeader {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  std::uint8_t depth = 8;
  std::uint8_t color = 0;
  std::uint8_t interlace = 0;
};
inline constexpr std::uint8_t gray = 0, rgb = 2, palette = 3, gray_alpha = 4, rgba = 6;

/// A PNG with these packed rows; `extra` stands before the pixels (PLTE, tRNS).
Bytes png(const PngHeader& header, const std::vector<Bytes>& rows,
          const std::vector<Chunk>& extra = {});

/// The rows of an 8-bit gray picture in the order of Adam7, for `png` with interlace = 1.
std::vector<Bytes> adam7(const std::vector<Bytes>& rows);

/// A picture for `jpeg_of`: 1 channel is gray, 3 are RGB, 4 CMYK.
struct JpegPicture {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  Bytes samples;
  bool progressive = false;
  bool ycck = false;  // CMYK is stored as YCCK
};
Bytes jpeg_of(const JpegPicture& picture);

/// A JPEG in one colour, 16 x 16.
Bytes jpeg(const std::vector<std::uint8_t>& color);

/// EXIF data that states an orientation, in either byte order ('I' or 'M').
Bytes exif(int orientation, char order);

/// The JPEG with EXIF data in it.
Bytes with_exif(const Bytes& jpeg, const Bytes& exif);

}  // namespace image_files
