#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "examples/support/error.hpp"
#include "examples/support/file.hpp"
#include "examples/support/orientation.hpp"
#include "examples/support/raster.hpp"

// libpng reports an error by a long jump. `guarded` is the only place where such a jump lands. It
// skips no destructor, because the work that it guards owns nothing: every C++ object stands in a
// frame outside of it.

namespace examples {
namespace {

/// What libpng's callbacks share: the message of the last error and the bytes read or written.
struct PngState {
  std::array<char, 160> message{};
  std::span<const std::uint8_t> unread;
  std::span<const std::uint8_t> unread_end;  // follows `unread`
  Bytes written;
};

constexpr std::array<std::uint8_t, 12> end_chunk{0,   0,   0,    0,    'I',  'E',
                                                 'N', 'D', 0xAE, 0x42, 0x60, 0x82};

void on_error(png_structp png, png_const_charp message) {
  auto& text = static_cast<PngState*>(png_get_error_ptr(png))->message;
  std::strncpy(text.data(), message, text.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto& state = *static_cast<PngState*>(png_get_io_ptr(png));
  if (state.unread.empty()) std::swap(state.unread, state.unread_end);
  auto& unread = state.unread;
  if (count > unread.size()) png_error(png, "the file ends too early");
  std::copy_n(unread.begin(), count, out);
  unread = unread.subspan(count);
}

bool append(Bytes& bytes, png_bytep data, std::size_t count) noexcept {
  try {
    bytes.insert(bytes.end(), data, data + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void write_bytes(png_structp png, png_bytep data, std::size_t count) {
  auto& written = static_cast<PngState*>(png_get_io_ptr(png))->written;
  if (!append(written, data, count)) png_error(png, "out of memory");
}

void flush_nothing(png_structp) {}

/// Does `work()`, which may call libpng but may own nothing; false when libpng reported an error.
template <class Work>
bool guarded(png_structp png, const Work& work) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  work();
  return true;
}

struct PngReader {
  PngState state;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);

  PngReader() {
    if (info == nullptr) throw std::bad_alloc();
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct PngWriter {
  PngState state;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);

  PngWriter() {
    if (info == nullptr) throw std::bad_alloc();
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

void read_header(PngReader& reader) {
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours come next
  png_set_read_fn(reader.png, &reader.state, read_bytes);
  png_read_info(reader.png, reader.info);
}

/// A file of n bytes unpacks to at most 1032 n (the limit of its compression), so that a short file
/// that claims to be large is refused before memory is taken for it.
void check_plausible(const PngReader& reader, std::size_t file_size, const std::string& name) {
  const std::size_t height = png_get_image_height(reader.png, reader.info);
  if (height * png_get_rowbytes(reader.png, reader.info) / 1032 > file_size) {
    throw InputError(name + ": the file is too short for the dimensions that it states");
  }
}

/// Gray, gray + alpha, RGB or RGBA with 8 or 16 bits, whatever the file has.
void ask_for_plain_samples(PngReader& reader) {
  png_set_expand(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
}

void read_rows(PngReader& reader, Raster& raster) {
  const int passes = png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_NONE ? 1 : 7;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t y = 0; y < raster.height; ++y)
      png_read_row(reader.png, raster.row(y), nullptr);
  }
  png_read_end(reader.png, reader.info);
}

/// EXIF data may stand before the pixels or behind them.
int orientation(PngReader& reader) {
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &exif) == 0) return 1;
  return exif_orientation({exif, size});
}

std::size_t big_endian(std::span<const std::uint8_t> four) {
  return std::size_t{four[0]} << 24 | four[1] << 16 | four[2] << 8 | four[3];
}

bool is_chunk_type(std::span<const std::uint8_t> four) {
  return std::all_of(four.begin(), four.end(), [](std::uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

/// Where the whole chunks of the file end, if chunks with pixels are among them but the end chunk
/// is not: what follows is a cut chunk, or none at all. Otherwise nothing.
std::optional<std::size_t> end_without_end_chunk(std::span<const std::uint8_t> file) {
  constexpr std::size_t signature = 8, around = 12;  // length, type, checksum
  std::size_t at = signature;
  bool pixels = false;
  while (file.size() - at >= around) {
    const std::size_t size = big_endian(file.subspan(at, 4));
    const auto type = file.subspan(at + 4, 4);
    if (std::equal(type.begin(), type.end(), "IEND")) return std::nullopt;
    if (!is_chunk_type(type) || size > file.size() - at - around) break;
    pixels = pixels || std::equal(type.begin(), type.end(), "IDAT");
    at += size + around;
  }
  return pixels ? std::optional(at) : std::nullopt;
}

struct Rows {
  const Bytes& samples;
  std::size_t height;
  std::size_t row_bytes;
};

void write_all(PngWriter& writer, const Image& image, const Rows& rows) {
  const int color = image.channels() == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
  png_set_write_fn(writer.png, &writer.state, write_bytes, flush_nothing);
  png_set_user_limits(writer.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width()),
               static_cast<png_uint_32>(image.height()), 8, color, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (std::size_t y = 0; y < rows.height; ++y) {
    png_write_row(writer.png, rows.samples.data() + y * rows.row_bytes);
  }
  png_write_end(writer.png, nullptr);
}

}  // namespace

Raster decode_png(std::span<const std::uint8_t> file, const std::string& name) {
  PngReader reader;
  const auto end = end_without_end_chunk(file);
  reader.state.unread = file.first(end.value_or(file.size()));
  if (end) reader.state.unread_end = end_chunk;
  const auto attempt = [&](const auto& work) {
    if (guarded(reader.png, work)) return;
    throw InputError(fmt::format("{}: damaged PNG: {}", name, reader.state.message.data()));
  };
  Raster raster;
  attempt([&] { read_header(reader); });
  raster.height = png_get_image_height(reader.png, reader.info);
  raster.width = png_get_image_width(reader.png, reader.info);
  check_dimensions(raster.height, raster.width, name);
  check_plausible(reader, file.size(), name);
  attempt([&] { ask_for_plain_samples(reader); });
  raster.channels = png_get_channels(reader.png, reader.info);
  raster.bytes_per_sample = png_get_bit_depth(reader.png, reader.info) / 8;
  raster.samples.resize(raster.height * raster.row_bytes());
  attempt([&] { read_rows(reader, raster); });
  if (end) raster.warning = "the end marker of the PNG is missing; all pixels are there";
  return upright(std::move(raster), orientation(reader));
}

void write_png(const std::filesystem::path& path, const Image& image) {
  Bytes samples(image.pixels.size());
  std::transform(image.pixels.data(), image.pixels.data() + samples.size(), samples.begin(),
                 to_byte);
  const Rows rows{samples, image.height(), image.width() * image.channels()};
  PngWriter writer;
  if (!guarded(writer.png, [&] { write_all(writer, image, rows); })) {
    throw InputError(fmt::format("{}: {}", path.string(), writer.state.message.data()));
  }
  write_file(path, writer.state.written.data(), writer.state.written.size());
}

}  // namespace examples
