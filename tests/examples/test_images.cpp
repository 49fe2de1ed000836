/// Reading and writing of PNG and JPEG.

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "examples/data/files.hpp"
#include "examples/support/animation.hpp"
#include "examples/support/error.hpp"
#include "examples/support/image.hpp"
#include "examples/support/orientation.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"

using namespace examples;
using namespace image_files;
using Catch::Matchers::ContainsSubstring;

namespace {

Image decode(const image_files::Bytes& file) { return decode_image(file, "test"); }

/// The pixels times `white`, rounded: easy to compare with what was written.
std::vector<int> levels(const Image& image, float white = 255) {
  std::vector<int> out;
  for (const float pixel : image.pixels.storage()) {
    out.push_back(static_cast<int>(std::lround(pixel * white)));
  }
  return out;
}

std::string message_for(const image_files::Bytes& file) {
  try {
    decode(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

image_files::Bytes cut(image_files::Bytes file, std::size_t size) {
  file.resize(size);
  return file;
}

image_files::Bytes joined(image_files::Bytes file, const image_files::Bytes& more) {
  file.insert(file.end(), more.begin(), more.end());
  return file;
}

/// 24 x 16: blocks of 8 x 8 pixels with the levels 10, 20, 30 above 40, 50, 60.
JpegPicture blocks() {
  JpegPicture picture{24, 16, {}};
  for (int i = 0; i < 24 * 16; ++i) {
    const int column = i % 24 / 8, row = i / (24 * 8);
    picture.samples.push_back(static_cast<std::uint8_t>(10 + 10 * column + 30 * row));
  }
  return picture;
}

/// 40 x 24 in colour, with something in every block.
JpegPicture stripes(bool progressive) {
  JpegPicture picture{40, 24, {}, progressive};
  for (int i = 0; i < 40 * 24 * 3; ++i) {
    picture.samples.push_back(static_cast<std::uint8_t>(i * 7 + i / 120 * 11));
  }
  return picture;
}

constexpr std::size_t end_marker = 2, end_chunk = 12;  // bytes

const char* const no_end_marker = "the end marker of the JPEG is missing; all pixels are there";
const char* const no_end_chunk = "the end marker of the PNG is missing; all pixels are there";

const image_files::Bytes small_png = png({3, 2}, {{10, 20, 30}, {40, 50, 60}});

}  // namespace

TEST_CASE("PNG: gray, gray with alpha, RGB, RGBA", "[examples][images]") {
  CHECK(levels(decode(small_png)) == std::vector{10, 20, 30, 40, 50, 60});
  CHECK(decode(small_png).channels() == 1);
  const Image color = decode(png({2, 1, 8, rgb}, {{1, 2, 3, 4, 5, 6}}));
  CHECK(levels(color) == std::vector{1, 2, 3, 4, 5, 6});
  CHECK((color.channels() == 3 && color.height() == 1 && color.width() == 2));
  // Transparent is white, half transparent is half way to white.
  CHECK(levels(decode(png({3, 1, 8, gray_alpha}, {{100, 255, 100, 0, 0, 51}}))) ==
        std::vector{100, 255, 204});
  CHECK(levels(decode(png({1, 1, 8, rgba}, {{0, 255, 100, 51}}))) == std::vector{204, 255, 224});
}

TEST_CASE("PNG: fewer bits than eight are spread over black to white", "[examples][images]") {
  CHECK(levels(decode(png({8, 1, 1}, {{0b10100011}}))) ==
        std::vector{255, 0, 255, 0, 0, 0, 255, 255});
  CHECK(levels(decode(png({4, 1, 2}, {{0b00011011}}))) == std::vector{0, 85, 170, 255});
  CHECK(levels(decode(png({2, 1, 4}, {{0x3F}}))) == std::vector{51, 255});
}

TEST_CASE("PNG: 16 bits keep their precision and are not taken for linear light",
          "[examples][images]") {
  const Image fine = decode(png({3, 1, 16}, {{0x9D, 0x9D, 0x00, 0x01, 0xFF, 0xFF}}));
  CHECK(levels(fine, 65535) == std::vector{0x9D9D, 1, 0xFFFF});
  CHECK(levels(fine) == std::vector{157, 0, 255});
  const Image color = decode(png({1, 1, 16, rgba}, {{0x12, 0x34, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}}));
  CHECK(levels(color, 65535) == std::vector{0x1234, 0, 0xFFFF});
}

TEST_CASE("PNG: palettes and transparent colours", "[examples][images]") {
  const Chunk colors{"PLTE", {10, 20, 30, 40, 50, 60}};
  CHECK(levels(decode(png({2, 1, 8, palette}, {{1, 0}}, {colors}))) ==
        std::vector{40, 50, 60, 10, 20, 30});
  const Chunk transparency{"tRNS", {255, 0}};  // entry 1 is transparent
  CHECK(levels(decode(png({2, 1, 8, palette}, {{1, 0}}, {colors, transparency}))) ==
        std::vector{255, 255, 255, 10, 20, 30});
  const Chunk gray_twenty{"tRNS", {0, 20}};
  CHECK(levels(decode(png({2, 1}, {{20, 30}}, {gray_twenty}))) == std::vector{255, 30});
}

TEST_CASE("PNG: interlaced", "[examples][images]") {
  std::vector<image_files::Bytes> rows(9, image_files::Bytes(11));
  std::vector<int> expected;
  for (int i = 0; i < 99; ++i) {
    rows[i / 11][i % 11] = static_cast<std::uint8_t>(2 * i);
    expected.push_back(2 * i);
  }
  CHECK(levels(decode(png({11, 9, 8, gray, 1}, adam7(rows)))) == expected);
}

TEST_CASE("PNG: what is written is read again", "[examples][images]") {
  const TemporaryFolder folder;
  for (const std::size_t channels : {std::size_t{1}, std::size_t{3}}) {
    std::vector<xt::xarray<float>> planes;
    for (std::size_t c = 0; c < channels; ++c) {
      planes.push_back((xt::arange<float>(0, 35).reshape({5, 7}) + 50 * c) / 255);
    }
    const Image image = from_channels(planes);
    write_png(folder / "image.png", image);
    const Image again = read_image(folder / "image.png");
    CHECK(again.pixels.shape() == image.pixels.shape());
    CHECK(levels(again) == levels(image));
  }
}

TEST_CASE("PNG: values that no pixel can have are written as black or white",
          "[examples][images]") {
  const TemporaryFolder folder;
  const float inf = std::numeric_limits<float>::infinity();
  write_png(folder / "odd.png", {xt::xarray<float>{{-1, 2, NAN, inf, -inf, 0.5F}}});
  CHECK(levels(read_image(folder / "odd.png")) == std::vector{0, 255, 0, 255, 0, 128});
}

TEST_CASE("JPEG: gray and colour", "[examples][images]") {
  const Image dark = decode(jpeg({100}));
  CHECK((dark.channels() == 1 && dark.height() == 16 && dark.width() == 16));
  CHECK(std::abs(levels(dark)[0] - 100) <= 1);
  const Image orange = decode(jpeg({250, 150, 20}));
  CHECK(orange.channels() == 3);
  CHECK(std::abs(levels(orange)[0] - 250) <= 2);
  CHECK(std::abs(levels(orange)[2] - 20) <= 2);
}

TEST_CASE("the type of an image is that of the content, not of the name", "[examples][images]") {
  const TemporaryFolder folder;
  write(folder / "picture.jpg", small_png);
  CHECK(levels(read_image(folder / "picture.jpg"))[5] == 60);
}

TEST_CASE("bad images are one-line errors", "[examples][images]") {
  CHECK(message_for({}) == "test: the file is empty");
  CHECK(message_for({'h', 'e', 'l', 'l', 'o'}) == "test: is neither a PNG nor a JPEG");
  CHECK_THAT(message_for(jpeg({0xFF})), ContainsSubstring("no error"));
  CHECK_THAT(message_for({0xFF, 0xD8, 0xFF, 0xE0}), ContainsSubstring("test: damaged JPEG: "));
}

TEST_CASE("files truncated anywhere among what makes up the pixels", "[examples][images]") {
  for (std::size_t size = 8; size + end_chunk < small_png.size(); ++size) {
    CHECK_THAT(message_for(cut(small_png, size)), ContainsSubstring("test: damaged PNG: "));
  }
  for (const bool progressive : {false, true}) {
    const image_files::Bytes photo = jpeg_of(stripes(progressive));
    for (std::size_t size = 3; size + end_marker < photo.size(); ++size) {
      CAPTURE(progressive, size, photo.size());
      CHECK_THAT(message_for(cut(photo, size)), ContainsSubstring("test: damaged JPEG: "));
    }
  }
}

TEST_CASE("what is truncated among what marks the end is told, and read", "[examples][images]") {
  for (std::size_t missing = 1; missing <= end_chunk; ++missing) {
    const image_files::Bytes file = cut(small_png, small_png.size() - missing);
    const Raster raster = decode_png(file, "test");
    CHECK(raster.warning == no_end_chunk);
    CHECK((raster.samples == image_files::Bytes{10, 20, 30, 40, 50, 60}));
  }
  for (const bool progressive : {false, true}) {
    const image_files::Bytes photo = jpeg_of(stripes(progressive));
    const Raster whole = decode_jpeg(photo, "test");
    CHECK(whole.warning.empty());
    for (std::size_t missing = 1; missing <= end_marker; ++missing) {
      const Raster raster = decode_jpeg(cut(photo, photo.size() - missing), "test");
      CHECK(raster.warning == no_end_marker);
      CHECK((raster.samples == whole.samples));
    }
  }
}

namespace {

/// What stands behind pictures in files: a filling, a text, numbers, another picture.
std::vector<image_files::Bytes> trailers() {
  image_files::Bytes text, numbers, segments{0xFF, 0xE9, 0, 4, 1, 2, 0xFF, 0xDA, 0xFF, 0x02, 7, 7};
  for (int i = 0; i < 3000; ++i) {
    text.push_back(static_cast<std::uint8_t>("Made by a camera. "[i % 18]));
    numbers.push_back(static_cast<std::uint8_t>((i * i * 31 + i * 7) >> 3));
  }
  return {image_files::Bytes(3000, 0), text, numbers, segments, jpeg_of(stripes(false))};
}

}  // namespace

TEST_CASE("JPEG: other bytes where the end marker should be are told, and the pixels read",
          "[examples][images]") {
  for (const bool progressive : {false, true}) {
    const image_files::Bytes photo = jpeg_of(stripes(progressive));
    const Raster whole = decode_jpeg(photo, "test");
    for (const image_files::Bytes& trailer : trailers()) {
      CAPTURE(progressive, trailer.size(), trailer[0]);
      const image_files::Bytes file = joined(cut(photo, photo.size() - end_marker), trailer);
      const Raster raster = decode_jpeg(file, "test");
      CHECK((raster.samples == whole.samples));
      // The last trailer has an end marker of its own.
      if (!raster.warning.empty()) {
        CHECK(raster.warning ==
              "the end marker of the JPEG is missing; other bytes follow the pixels: look whether "
              "the picture is whole");
      }
    }
  }
}

TEST_CASE("JPEG: other bytes do not stand in for pixels", "[examples][images]") {
  const image_files::Bytes photo = jpeg_of(stripes(false));
  const image_files::Bytes text = trailers()[1];
  for (std::size_t size = 700; size + 100 < photo.size(); size += 20) {
    CAPTURE(size);
    CHECK_THAT(message_for(joined(cut(photo, size), text)), ContainsSubstring("damaged JPEG: "));
  }
}

TEST_CASE("PNG: other bytes where the end chunk should be are told, and the pixels read",
          "[examples][images]") {
  for (const image_files::Bytes& trailer : trailers()) {
    CAPTURE(trailer.size(), trailer[0]);
    const image_files::Bytes file = joined(cut(small_png, small_png.size() - end_chunk), trailer);
    CHECK(decode_png(file, "test").warning == no_end_chunk);
    CHECK_THAT(message_for(joined(cut(small_png, small_png.size() - end_chunk - 1), trailer)),
               ContainsSubstring("damaged PNG: "));
  }
}

TEST_CASE("what follows the end marker does not matter", "[examples][images]") {
  const image_files::Bytes more{'m', 'o', 'r', 'e', 0, 0xFF, 0xD8, 0xFF};
  CHECK(decode_png(joined(small_png, more), "test").warning.empty());
  CHECK(decode_jpeg(joined(jpeg_of(blocks()), more), "test").warning.empty());
}

TEST_CASE("PNG: chunks of pixels that are missing as a whole", "[examples][images]") {
  const auto length = static_cast<std::size_t>(small_png[33 + 3]);  // of the chunk at byte 33
  const image_files::Bytes head = cut(small_png, 33);
  const auto begin = small_png.begin() + 33 + 8;
  const image_files::Bytes first = encoded({"IDAT", {begin, begin + 7}});
  const image_files::Bytes second =
      encoded({"IDAT", {begin + 7, begin + static_cast<long>(length)}});
  const image_files::Bytes whole = joined(joined(head, first), second);
  CHECK(decode_png(whole, "test").warning == no_end_chunk);
  CHECK_THAT(message_for(joined(head, first)), ContainsSubstring("test: damaged PNG: "));
  CHECK_THAT(message_for(joined(joined(head, first), encoded({"IEND", {}}))),
             ContainsSubstring("test: damaged PNG: "));
}

TEST_CASE("JPEG: scans that are missing as a whole", "[examples][images]") {
  const image_files::Bytes photo = jpeg_of(stripes(true));
  for (std::size_t i = 2; i + 1 < photo.size(); ++i) {
    if (photo[i] != 0xFF || photo[i + 1] != 0xDA) continue;  // a scan begins
    CHECK_THAT(message_for(cut(photo, i)), ContainsSubstring("test: damaged JPEG: "));
  }
}

TEST_CASE("every orientation of images", "[examples][images]") {
  const std::vector<std::vector<int>> seen{{10, 20, 30, 40, 50, 60}, {30, 20, 10, 60, 50, 40},
                                           {60, 50, 40, 30, 20, 10}, {40, 50, 60, 10, 20, 30},
                                           {10, 40, 20, 50, 30, 60}, {40, 10, 50, 20, 60, 30},
                                           {60, 30, 50, 20, 40, 10}, {30, 60, 20, 50, 10, 40}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const char order : {'I', 'M'}) {
      CAPTURE(orientation, order);
      const auto& expected = seen[static_cast<std::size_t>(orientation - 1)];
      const std::size_t width = orientation < 5 ? 3 : 2;
      const image_files::Bytes data = exif(orientation, order);
      const Image picture = decode(png({3, 2}, {{10, 20, 30}, {40, 50, 60}}, {{"eXIf", data}}));
      CHECK(picture.width() == width);
      CHECK(levels(picture) == expected);
      for (const bool progressive : {false, true}) {
        JpegPicture gray = blocks();
        gray.progressive = progressive;
        const Image photo = downsample(decode(with_exif(jpeg_of(gray), data)), 8);
        CHECK(photo.width() == width);
        CHECK(levels(photo) == expected);
      }
    }
  }
}

TEST_CASE("the orientation of colour, of 16 bits, of alpha, and behind the pixels",
          "[examples][images]") {
  const Chunk turned{"eXIf", exif(6, 'M')};
  CHECK(levels(decode(png({2, 1, 8, rgb}, {{1, 2, 3, 4, 5, 6}}, {turned}))) ==
        std::vector{1, 2, 3, 4, 5, 6});
  CHECK(levels(decode(png({1, 2, 16}, {{0x12, 0x34}, {0x56, 0x78}}, {turned})), 65535) ==
        std::vector{0x5678, 0x1234});
  CHECK(levels(decode(png({1, 2, 8, gray_alpha}, {{100, 255}, {100, 0}}, {turned}))) ==
        std::vector{255, 100});
  image_files::Bytes behind = png({1, 2}, {{10}, {20}});
  const image_files::Bytes chunk = encoded(turned);
  behind.insert(behind.end() - static_cast<long>(end_chunk), chunk.begin(), chunk.end());
  CHECK(levels(decode(behind)) == std::vector{20, 10});
  CHECK(levels(decode(cut(behind, behind.size() - end_chunk))) == std::vector{20, 10});
}

TEST_CASE("EXIF data that is damaged says nothing", "[examples][images]") {
  const auto orientation = [](image_files::Bytes data, std::size_t at = 0, int value = -1) {
    if (value >= 0) data[at] = static_cast<std::uint8_t>(value);
    return exif_orientation(image_files::Bytes(data));
  };
  for (const char order : {'I', 'M'}) {
    const image_files::Bytes good = exif(6, order);
    const bool big = order == 'M';
    CHECK(orientation(good) == 6);
    for (std::size_t size = 0; size < 20; ++size) CHECK(orientation(cut(good, size)) == 1);
    CHECK(orientation(cut(good, 20)) == 6);
    CHECK(orientation(good, 0, 'X') == 1);
    CHECK(orientation(good, 2, 43) == 1);
    for (std::size_t at = 4; at < 8; ++at) CHECK(orientation(good, at, 0xFF) == 1);
    CHECK(orientation(good, big ? 9 : 8, 0) == 1);       // no entries
    CHECK(orientation(good, big ? 8 : 9, 0xFF) == 6);    // more than there are
    CHECK(orientation(good, big ? 11 : 10, 0x13) == 1);  // another tag
    CHECK(orientation(good, big ? 13 : 12, 4) == 1);     // not a short integer
    CHECK(orientation(good, big ? 17 : 14, 2) == 1);     // not one value
    CHECK(orientation(good, big ? 18 : 19, 1) == 1);     // 262
    CHECK(orientation(exif(0, order)) == 1);
    CHECK(orientation(exif(9, order)) == 1);
  }
  CHECK(levels(decode(with_exif(jpeg({100}), {'M', 'M'}))).size() == 256);
}

TEST_CASE("JPEG: CMYK, inverted as Adobe's programs write it", "[examples][images]") {
  for (const bool ycck : {false, true}) {
    JpegPicture picture{8, 8, {}, false, ycck};
    for (int i = 0; i < 64; ++i) {
      for (const std::uint8_t ink : {250, 150, 20, 128}) picture.samples.push_back(ink);
    }
    const Image image = decode(jpeg_of(picture));
    CHECK(image.channels() == 3);
    CHECK(std::abs(levels(image)[0] - 250 * 128 / 255) <= 2);
    CHECK(std::abs(levels(image)[1] - 150 * 128 / 255) <= 2);
    CHECK(std::abs(levels(image)[2] - 20 * 128 / 255) <= 2);
  }
  CHECK(levels(decode(jpeg({255, 255, 255, 255})))[0] == 255);  // no ink
  CHECK(levels(decode(jpeg({255, 255, 255, 0})))[0] == 0);      // nothing but black
}

TEST_CASE("flipped bits give an error or a picture, never a crash", "[examples][images]") {
  for (const image_files::Bytes& file : {small_png, jpeg({250, 150, 20})}) {
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      image_files::Bytes damaged = file;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      CHECK_THAT(message_for(damaged), !ContainsSubstring("\n"));
    }
  }
}

TEST_CASE("the dimensions of images are checked before memory is taken", "[examples][images]") {
  CHECK(message_for(png({0x7FFFFFFF, 0x7FFFFFFF}, {})) ==
        "test: 2147483647 x 2147483647 pixels are more than this program takes (67 million)");
  CHECK(message_for(png({8000, 8000, 16, rgba}, {{1}})) ==
        "test: the file is too short for the dimensions that it states");
  image_files::Bytes photo = jpeg({100});
  for (std::size_t i = 0; i + 9 < photo.size(); ++i) {
    if (photo[i] != 0xFF || photo[i + 1] != 0xC0) continue;  // the frame header
    for (std::size_t k = 5; k < 9; ++k) photo[i + k] = 0xF0;
    break;
  }
  CHECK(message_for(photo) ==
        "test: 61680 x 61680 pixels are more than this program takes (67 million)");
}

TEST_CASE("images that cannot be opened", "[examples][images]") {
  const TemporaryFolder folder;
  const std::string missing = (folder / "missing.png").string();
  CHECK_THROWS_WITH(read_image(missing), missing + ": No such file or directory");
  CHECK_THROWS_WITH(read_image(folder / ""),
                    (folder / "").string() + ": is a directory, not a file");
  CHECK_THROWS_AS(write_png(folder / "none/x.png", decode(small_png)), InputError);
}

TEST_CASE("gray is luma, as in PIL", "[examples][images]") {
  const Image color{xt::xarray<float>{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}}};
  CHECK(levels(to_gray(color), 1000) == std::vector{299, 587, 114, 1000});
  CHECK(levels(to_rgb(to_gray(color)), 1000)[2] == 299);
  CHECK((to_gray(decode(small_png)).pixels == decode(small_png).pixels));
}

TEST_CASE("downsampled, magnified, channels, images side by side", "[examples][images]") {
  const Image image = decode(small_png);
  CHECK(levels(downsample(image, 2)) == std::vector{10, 30});
  CHECK(levels(downsample(image, 100)) == std::vector{10});
  CHECK(levels(magnify(downsample(image, 2), 2)) == std::vector{10, 10, 30, 30, 10, 10, 30, 30});
  const Image color{xt::xarray<float>{{{0.1F, 0.2F, 0.3F}}}};
  CHECK(channel(color, 1)(0, 0) == 0.2F);
  CHECK((from_channels({channel(color, 0), channel(color, 1), channel(color, 2)}).pixels ==
         color.pixels));
  CHECK(levels(side_by_side({image, downsample(image, 2)}, 1)) ==
        std::vector{10, 20, 30, 255, 10, 30, 40, 50, 60, 255, 255, 255});
  CHECK(side_by_side({image, color}, 1).channels() == 3);
}

TEST_CASE("the PSNR of images", "[examples][images]") {
  const Image black{xt::zeros<float>({2, 2})}, dim{xt::full_like(black.pixels, 0.1F)};
  CHECK(psnr(black, black) == std::numeric_limits<double>::infinity());
  CHECK_THAT(psnr(black, dim), Catch::Matchers::WithinAbs(20, 1e-5));
}

TEST_CASE("the embedded leaf", "[examples][images]") {
  const Image leaf = decode_image(ginkgo_png(), "ginkgo");
  CHECK((leaf.height() == 192 && leaf.width() == 256 && leaf.channels() == 1));
}

TEST_CASE("animation: frames go to an animated WebP", "[examples][images]") {
  const TemporaryFolder folder;
  Animation animation(2, 3);
  animation.add(decode(small_png), 50);
  animation.add({xt::ones<float>({2, 3, 3})}, 50);
  animation.save(folder / "a.webp");
  const image_files::Bytes file = read(folder / "a.webp");
  const std::string text(file.begin(), file.end());
  CHECK(text.substr(0, 4) == "RIFF");
  CHECK_THAT(text, ContainsSubstring("ANIM") && ContainsSubstring("ANMF"));
}

TEST_CASE("animation: wrong sizes", "[examples][images]") {
  CHECK_THROWS_WITH(Animation(1, 20000), "animation: 20000 x 1 pixels: sides go from 1 to 16383");
  Animation animation(2, 2);
  CHECK_THROWS_AS(animation.add(decode(small_png), 50), std::invalid_argument);
}
