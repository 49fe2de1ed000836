#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdio>
// jpeglib.h needs cstdio, jerror.h needs jpeglib.h.
#include <jpeglib.h>
// The order matters.
#include <jerror.h>

#include "examples/support/error.hpp"
#include "examples/support/raster.hpp"

// libjpeg reports an error through a callback that must not return: it jumps back to `guarded`.
// The jump skips no destructor, because the work that is guarded owns nothing: every C++ object
// stands in a frame outside of it.

namespace examples {
namespace {

/// libjpeg's error manager with a place to jump to. `base` comes first: libjpeg hands out a
/// pointer to it, from which the whole is found.
struct JpegErrors {
  jpeg_error_mgr base{};
  std::jmp_buf landing{};
  std::array<char, JMSG_LENGTH_MAX> message{};
};

JpegErrors& errors_of(j_common_ptr jpeg) { return *reinterpret_cast<JpegErrors*>(jpeg->err); }

[[noreturn]] void on_error(j_common_ptr jpeg) {
  JpegErrors& errors = errors_of(jpeg);
  errors.base.format_message(jpeg, errors.message.data());
  std::longjmp(errors.landing, 1);
}

/// Warnings after which libjpeg would go on with invented pixels. The others (stray bytes between
/// segments, an unusual version number) do no harm and are common.
bool is_damage(int code) {
  return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_MUST_RESYNC;
}

void on_message(j_common_ptr jpeg, int level) {
  if (level < 0 && is_damage(jpeg->err->msg_code)) on_error(jpeg);
}

struct JpegReader {
  JpegErrors errors;
  jpeg_decompress_struct jpeg{};

  JpegReader() {
    jpeg.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    errors.base.emit_message = on_message;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
};

/// Does `work()`, which may call libjpeg but may own nothing; false when libjpeg reported an error.
template <class Work>
bool guarded(JpegReader& reader, const Work& work) {
  if (setjmp(reader.errors.landing) != 0) return false;
  work();
  return true;
}

void read_header(JpegReader& reader, std::span<const std::uint8_t> file) {
  jpeg_create_decompress(&reader.jpeg);
  jpeg_mem_src(&reader.jpeg, file.data(), file.size());
  jpeg_read_header(&reader.jpeg, TRUE);
}

bool is_cmyk(const jpeg_decompress_struct& jpeg) {
  return jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
}

void start(JpegReader& reader) {
  const bool gray = reader.jpeg.jpeg_color_space == JCS_GRAYSCALE;
  reader.jpeg.out_color_space = gray ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&reader.jpeg);
}

void read_rows(JpegReader& reader, Raster& raster) {
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = raster.row(reader.jpeg.output_scanline);
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&reader.jpeg);
}

}  // namespace

Raster decode_jpeg(std::span<const std::uint8_t> file, const std::string& name) {
  JpegReader reader;
  const auto attempt = [&](const auto& work) {
    if (guarded(reader, work)) return;
    throw InputError(fmt::format("{}: damaged JPEG: {}", name, reader.errors.message.data()));
  };
  Raster raster;
  attempt([&] { read_header(reader, file); });
  if (is_cmyk(reader.jpeg)) throw InputError(name + ": CMYK JPEG; only gray and RGB are supported");
  raster.height = reader.jpeg.image_height;
  raster.width = reader.jpeg.image_width;
  check_dimensions(raster.height, raster.width, name);
  attempt([&] { start(reader); });
  raster.channels = static_cast<std::size_t>(reader.jpeg.output_components);
  raster.samples.resize(raster.height * raster.row_bytes());
  attempt([&] { read_rows(reader, raster); });
  return raster;
}

}  // namespace examples
