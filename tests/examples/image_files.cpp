#include "tests/examples/image_files.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
// jpeglib.h needs cstdio.
#include <jpeglib.h>

namespace image_files {
namespace {

void append(Bytes& to, const Bytes& from) { to.insert(to.end(), from.begin(), from.end()); }

Bytes big_endian(std::uint32_t n) {
  return {std::uint8_t(n >> 24), std::uint8_t(n >> 16), std::uint8_t(n >> 8), std::uint8_t(n)};
}

std::uint32_t crc32(const Bytes& bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(const Bytes& bytes) {
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/// A zlib stream with one stored (not compressed) block.
Bytes zlib_stored(const Bytes& bytes) {
  const auto size = static_cast<std::uint16_t>(bytes.size());
  const auto inverse = static_cast<std::uint16_t>(~size);
  Bytes out{0x78,
            0x01,
            1,
            std::uint8_t(size),
            std::uint8_t(size >> 8),
            std::uint8_t(inverse),
            std::uint8_t(inverse >> 8)};
  append(out, bytes);
  append(out, big_endian(adler32(bytes)));
  return out;
}

Bytes header_bytes(const PngHeader& header) {
  Bytes out = big_endian(header.width);
  append(out, big_endian(header.height));
  append(out, {header.depth, header.color, 0, 0, header.interlace});
  return out;
}

}  // namespace

Bytes encoded(const Chunk& chunk) {
  Bytes body(chunk.type.begin(), chunk.type.end());
  append(body, chunk.data);
  Bytes out = big_endian(static_cast<std::uint32_t>(chunk.data.size()));
  append(out, body);
  append(out, big_endian(crc32(body)));
  return out;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "examples_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
}

Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Bytes png(const PngHeader& header, const std::vector<Bytes>& rows,
          const std::vector<Chunk>& extra) {
  Bytes raw;
  for (const Bytes& row : rows) {
    raw.push_back(0);  // no filter
    append(raw, row);
  }
  Bytes out{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
  append(out, encoded({"IHDR", header_bytes(header)}));
  for (const Chunk& chunk : extra) append(out, encoded(chunk));
  append(out, encoded({"IDAT", zlib_stored(raw)}));
  append(out, encoded({"IEND", {}}));
  return out;
}

std::vector<Bytes> adam7(const std::vector<Bytes>& rows) {
  struct Pass {
    std::size_t y, x, dy, dx;
  };
  constexpr std::array<Pass, 7> passes{{{0, 0, 8, 8},
                                        {0, 4, 8, 8},
                                        {4, 0, 8, 4},
                                        {0, 2, 4, 4},
                                        {2, 0, 4, 2},
                                        {0, 1, 2, 2},
                                        {1, 0, 2, 1}}};
  std::vector<Bytes> out;
  for (const Pass& pass : passes) {
    for (std::size_t y = pass.y; y < rows.size(); y += pass.dy) {
      Bytes row;
      for (std::size_t x = pass.x; x < rows[y].size(); x += pass.dx) row.push_back(rows[y][x]);
      if (!row.empty()) out.push_back(row);
    }
  }
  return out;
}

Bytes jpeg_of(const JpegPicture& picture) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* file = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &file, &size);
  encoder.image_width = picture.width;
  encoder.image_height = picture.height;
  const std::size_t row = picture.samples.size() / picture.height, channels = row / picture.width;
  encoder.input_components = static_cast<int>(channels);
  encoder.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&encoder);
  if (picture.ycck) jpeg_set_colorspace(&encoder, JCS_YCCK);
  jpeg_set_quality(&encoder, 100, TRUE);
  if (picture.progressive) jpeg_simple_progression(&encoder);
  jpeg_start_compress(&encoder, TRUE);
  Bytes samples = picture.samples;
  while (encoder.next_scanline < picture.height) {
    JSAMPROW pointer = samples.data() + encoder.next_scanline * row;
    jpeg_write_scanlines(&encoder, &pointer, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  Bytes out(file, file + size);
  std::free(file);
  return out;
}

Bytes jpeg(const std::vector<std::uint8_t>& color) {
  JpegPicture picture{16, 16, {}};
  for (int pixel = 0; pixel < 16 * 16; ++pixel) append(picture.samples, color);
  return jpeg_of(picture);
}

Bytes exif(int orientation, char order) {
  const auto code = static_cast<std::uint8_t>(orientation);
  const auto mark = static_cast<std::uint8_t>(order);
  // The mark, 42, where the directory begins, how many entries; then tag, type, count and value of
  // the only entry; no further directory.
  if (order == 'M') {
    return {mark, mark, 0, 42, 0, 0, 0,    8, 0, 1, 1, 0x12, 0,
            3,    0,    0, 0,  1, 0, code, 0, 0, 0, 0, 0,    0};
  }
  return {mark, mark, 42, 0, 8, 0,    0, 0, 1, 0, 0x12, 1, 3,
          0,    1,    0,  0, 0, code, 0, 0, 0, 0, 0,    0, 0};
}

Bytes with_exif(const Bytes& jpeg, const Bytes& exif) {
  Bytes segment{'E', 'x', 'i', 'f', 0, 0};
  append(segment, exif);
  const std::size_t length = segment.size() + 2;
  Bytes out{0xFF, 0xD8, 0xFF, 0xE1, std::uint8_t(length >> 8), std::uint8_t(length)};
  append(out, segment);
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

}  // namespace image_files
