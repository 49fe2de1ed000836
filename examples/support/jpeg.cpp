#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>
// jpeglib.h needs cstdio, jerror.h needs jpeglib.h.
#include <jpeglib.h>
// The order matters.
#include <jerror.h>

#include "examples/support/error.hpp"
#include "examples/support/orientation.hpp"
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
  bool in_pixels = false;    // the header has been read
  bool end_missing = false;  // the file ended before its end marker
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
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC;
}

/// Where a file ends among its pixels libjpeg goes on as if the end marker stood there: when pixels
/// are missing, JWRN_HIT_MARKER follows, or `has_all_pixels` tells.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  JpegErrors& errors = errors_of(jpeg);
  const bool at_end = errors.base.msg_code == JWRN_JPEG_EOF;
  errors.end_missing = errors.end_missing || at_end;
  if (is_damage(errors.base.msg_code) || (at_end && !errors.in_pixels)) on_error(jpeg);
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

constexpr int exif_marker = JPEG_APP0 + 1;

void read_header(JpegReader& reader, std::span<const std::uint8_t> file) {
  jpeg_create_decompress(&reader.jpeg);
  jpeg_save_markers(&reader.jpeg, exif_marker, 0xFFFF);
  jpeg_mem_src(&reader.jpeg, file.data(), file.size());
  jpeg_read_header(&reader.jpeg, TRUE);
  reader.errors.in_pixels = true;
}

/// CMYK, also as YCCK, comes out as CMYK.
void start(JpegReader& reader) {
  switch (reader.jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
      reader.jpeg.out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      reader.jpeg.out_color_space = JCS_CMYK;
      break;
    default:
      reader.jpeg.out_color_space = JCS_RGB;
  }
  jpeg_start_decompress(&reader.jpeg);
}

void read_rows(JpegReader& reader, Raster& raster) {
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = raster.row(reader.jpeg.output_scanline);
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
}

void finish(JpegReader& reader) { jpeg_finish_decompress(&reader.jpeg); }

/// Whether a file without its end marker has nonetheless all scans that make up the picture: each
/// component has been seen, and each coefficient of a progressive one with its last bit. What
/// arithmetic coding leaves out at the end cannot be told from what is missing.
bool has_all_pixels(const jpeg_decompress_struct& jpeg) {
  if (jpeg.arith_code != 0) return false;
  const auto components = static_cast<std::size_t>(jpeg.num_components);
  for (std::size_t c = 0; c < components; ++c) {
    if (jpeg.comp_info[c].quant_table == nullptr) return false;
    if (jpeg.progressive_mode == 0) continue;
    const auto& bits = jpeg.coef_bits[c];
    if (std::any_of(bits, bits + DCTSIZE2, [](int bit) { return bit != 0; })) return false;
  }
  return true;
}

/// The inks that CMYK files state are inverted (255: none), as Adobe's programs write them.
Raster rgb_from_inverted_cmyk(const Raster& inks) {
  Raster rgb = inks;
  rgb.channels = 3;
  rgb.samples.resize(rgb.height * rgb.row_bytes());
  const std::uint8_t* in = inks.samples.data();
  for (std::size_t i = 0; i < rgb.samples.size(); i += 3, in += 4) {
    const auto over_black = [&](int ink) {
      return static_cast<std::uint8_t>((ink * in[3] * 2 + 255) / 510);
    };
    std::transform(in, in + 3, rgb.samples.data() + i, over_black);
  }
  return rgb;
}

int orientation(const jpeg_decompress_struct& jpeg) {
  constexpr std::array<std::uint8_t, 6> mark{'E', 'x', 'i', 'f', 0, 0};
  for (const auto* marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::span data(marker->data, marker->data_length);
    if (data.size() >= mark.size() && std::equal(mark.begin(), mark.end(), data.begin())) {
      return exif_orientation(data.subspan(mark.size()));
    }
  }
  return 1;
}

Raster decode(std::span<const std::uint8_t> file, const std::string& name) {
  JpegReader reader;
  const auto attempt = [&](const auto& work) {
    if (guarded(reader, work)) return;
    throw InputError(fmt::format("{}: damaged JPEG: {}", name, reader.errors.message.data()));
  };
  Raster raster;
  attempt([&] { read_header(reader, file); });
  raster.height = reader.jpeg.image_height;
  raster.width = reader.jpeg.image_width;
  check_dimensions(raster.height, raster.width, name);
  attempt([&] { start(reader); });
  raster.channels = static_cast<std::size_t>(reader.jpeg.output_components);
  raster.samples.resize(raster.height * raster.row_bytes());
  attempt([&] { read_rows(reader, raster); });
  const bool complete = has_all_pixels(reader.jpeg);
  const int orientation = examples::orientation(reader.jpeg);
  attempt([&] { finish(reader); });
  if (reader.errors.end_missing) {
    if (!complete) throw InputError(name + ": damaged JPEG: the file ends too early");
    raster.warning = "the end marker is missing";  // `check_end` says more
  }
  if (raster.channels == 4) raster = rgb_from_inverted_cmyk(raster);
  return upright(std::move(raster), orientation);
}

/// Where the pixels from `at` on end: at the next marker that does not belong to them.
std::size_t end_of_scan(std::span<const std::uint8_t> file, std::size_t at) {
  const auto belongs = [](std::uint8_t code) {
    return code == 0 || (code >= 0xD0 && code <= 0xD7);
  };
  while (at + 1 < file.size() && (file[at] != 0xFF || belongs(file[at + 1]))) ++at;
  return at + 1 < file.size() ? at : file.size();
}

/// Where the last scan ends, if after it the segments do not go on to an end marker: bytes that
/// belong to something else. Otherwise nothing.
std::optional<std::size_t> end_without_end_marker(std::span<const std::uint8_t> file) {
  constexpr int end_of_image = 0xD9, first_segment = 0xC0, start_of_scan = 0xDA;
  std::optional<std::size_t> end;
  std::size_t at = 2;  // behind the marker of the start
  while (at + 4 <= file.size() && file[at] == 0xFF) {
    const int code = file[at + 1];
    if (code == end_of_image) return std::nullopt;
    if (code == 0xFF) {  // filling before a marker
      ++at;
      continue;
    }
    const bool has_length = code >= first_segment && (code < 0xD0 || code >= start_of_scan);
    if (!has_length) break;
    at += 2 + static_cast<std::size_t>(file[at + 2] << 8 | file[at + 3]);
    if (at > file.size()) break;
    if (code == start_of_scan) end = at = end_of_scan(file, at);
  }
  return end;
}

bool decodes(std::span<const std::uint8_t> file) {
  try {
    decode(file, "");
    return true;
  } catch (const InputError&) {
    return false;
  }
}

/// The size of the shortest beginning of the file that has all pixels, as the whole file has.
std::size_t end_of_pixels(std::span<const std::uint8_t> file) {
  std::size_t enough = file.size(), step = 1;
  for (; step < enough && decodes(file.first(enough - step)); step *= 2) enough -= step;
  std::size_t too_short = step < enough ? enough - step : 0;
  while (enough - too_short > 1) {
    const std::size_t middle = too_short + (enough - too_short) / 2;
    (decodes(file.first(middle)) ? enough : too_short) = middle;
  }
  return enough;
}

/// Encoders fill the last byte of the pixels with ones. A zero there that makes no difference is
/// none of theirs.
bool is_filled_with_ones(std::span<const std::uint8_t> pixels, const Raster& raster) {
  if (pixels.back() == 0 && pixels[pixels.size() - 2] == 0xFF) return true;  // 0xFF is written so
  std::vector<std::uint8_t> changed(pixels.begin(), pixels.end());
  changed.back() |= static_cast<std::uint8_t>(changed.back() + 1);  // sets the lowest zero
  if (changed.back() == 0xFF) changed.push_back(0);
  return !decodes(changed) || decode(changed, "").samples != raster.samples;
}

/// In a file that was cut, other bytes may pass for its last pixels. They betray themselves as a
/// text, or as a filling that goes on.
bool seems_foreign(std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> rest) {
  const auto printable = [](std::uint8_t c) { return c >= ' ' && c <= '~'; };
  const auto filling = [&](std::uint8_t c) { return c == pixels.back(); };
  const auto all = [](auto bytes, const auto& property) {
    return std::all_of(bytes.begin(), bytes.end(), property);
  };
  return all(pixels.last(16), printable) ||
         (all(pixels.last(4), filling) &&
          all(rest.first(std::min<std::size_t>(4, rest.size())), filling));
}

/// Decides about a file without its end marker of which the first `size` bytes were decoded.
void check_end(std::span<const std::uint8_t> file, std::size_t size, Raster& raster,
               const std::string& name) {
  const std::size_t end = end_of_pixels(file.first(size));
  const auto pixels = file.first(end), rest = file.subspan(end);
  raster.warning = "the end marker of the JPEG is missing; ";
  if (std::all_of(rest.begin(), rest.end(), [](std::uint8_t c) { return c == 0xFF; })) {
    raster.warning += "all pixels are there";
    return;
  }
  if (!is_filled_with_ones(pixels, raster) || seems_foreign(pixels, rest)) {
    throw InputError(name + ": damaged JPEG: pixels are missing, other bytes stand in their place");
  }
  raster.warning += "other bytes follow the pixels: look whether the picture is whole";
}

}  // namespace

Raster decode_jpeg(std::span<const std::uint8_t> file, const std::string& name) {
  Raster raster;
  std::size_t size = file.size();
  try {
    raster = decode(file, name);
  } catch (const InputError&) {
    size = end_without_end_marker(file).value_or(size);
    if (size == file.size()) throw;
    raster = decode(file.first(size), name);
  }
  if (!raster.warning.empty()) check_end(file, size, raster, name);
  return raster;
}

}  // namespace examples
