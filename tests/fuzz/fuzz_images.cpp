// Whatever the file, `decode_image` gives a picture of pixels in [0, 1] or says in one line why
// not.
#include <string>
#include <vector>

#include "examples/support/error.hpp"
#include "examples/support/image.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using fuzz::Bytes;

std::size_t big_endian(const std::uint8_t* at) {
  return std::size_t{at[0]} << 24 | std::size_t{at[1]} << 16 | std::size_t{at[2]} << 8 | at[3];
}

std::uint32_t crc32(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// Right check sums for the chunks of a PNG, which a change at random would not have.
Bytes with_check_sums(Bytes file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::size_t length = big_endian(&file[at]);
    if (length > file.size() - at - 12) break;
    const std::uint32_t crc = crc32(&file[at + 4], length + 4);
    for (std::size_t i = 0; i < 4; ++i) {
      file[at + 8 + length + i] = std::uint8_t(crc >> (24 - 8 * i));
    }
    at += length + 12;
  }
  return file;
}

void check_picture(const examples::Image& image) {
  const auto& shape = image.pixels.shape();
  fuzz::check(shape.size() == 2 || (shape.size() == 3 && shape[2] == 3), "a picture of that shape");
  fuzz::check(image.pixels.size() > 0, "a picture without pixels");
  for (const float pixel : image.pixels) {
    fuzz::check(pixel >= 0 && pixel <= 1, "a pixel of " + std::to_string(pixel));
  }
}

void decode(const Bytes& file) {
  try {
    check_picture(examples::decode_image(file, "a file"));
  } catch (const examples::InputError& error) {
    const std::string message = error.what();
    fuzz::check(message.starts_with("a file: ") && message.find('\n') == std::string::npos,
                "the message is: " + message);
  }
}

}  // namespace

std::vector<Bytes> fuzz::seeds() {
  using namespace image_files;
  const std::vector<Bytes> gray_rows = {{0, 10, 200}, {1, 30, 90}, {2, 255, 0}};
  return {png({2, 3, 8, gray}, gray_rows),
          png({2, 3, 8, gray, 1}, adam7({{10, 200}, {30, 90}, {255, 0}})),
          png({2, 1, 1, palette}, {{0, 0x40}}, {{"PLTE", {1, 2, 3, 4, 5, 6}}, {"tRNS", {0, 128}}}),
          png({1, 1, 16, rgba}, {{0, 1, 2, 3, 4, 5, 6, 7, 8}}),
          png({1, 2, 8, rgb}, {{0, 1, 2, 3}, {4, 200, 201, 202}}, {{"tRNS", {0, 1, 0, 2, 0, 3}}}),
          png({1, 2, 8, gray_alpha}, {{0, 100, 50}, {0, 200, 255}}),
          jpeg({100}),
          jpeg({10, 100, 200}),
          jpeg({0, 50, 100, 150})};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file(data, data + size);
  decode(file);
  if (const Bytes mended = with_check_sums(file); mended != file) decode(mended);
  return 0;
}
