#include "examples/support/animation.hpp"

#include <fmt/format.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <new>
#include <stdexcept>

#include "examples/support/error.hpp"
#include "examples/support/file.hpp"

namespace examples {
namespace {

/// Nearly indistinguishable from the frame, at a fraction of its lossless size.
constexpr float quality = 85;

/// 0 is fastest, 6 smallest.
constexpr int effort = 4;

[[noreturn]] void fail(const char* reason) {
  throw std::runtime_error(fmt::format("animation: {}", reason));
}

std::uint32_t argb(const std::uint8_t* rgb) {
  return 0xFF000000U | std::uint32_t{rgb[0]} << 16 | std::uint32_t{rgb[1]} << 8 | rgb[2];
}

/// A frame in the form that the encoder reads.
struct Picture {
  WebPPicture webp{};

  explicit Picture(const Image& frame) {
    if (WebPPictureInit(&webp) == 0) fail("libwebp has another version than its headers");
    webp.use_argb = 1;
    webp.height = static_cast<int>(frame.height());
    webp.width = static_cast<int>(frame.width());
    if (WebPPictureAlloc(&webp) == 0) throw std::bad_alloc();
    for (std::size_t y = 0; y < frame.height(); ++y) fill_row(frame, y);
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  ~Picture() { WebPPictureFree(&webp); }

 private:
  void fill_row(const Image& frame, std::size_t y) {
    const std::size_t channels = frame.channels();
    const float* in = frame.pixels.data() + y * frame.width() * channels;
    std::uint32_t* out = webp.argb + y * static_cast<std::size_t>(webp.argb_stride);
    for (std::size_t x = 0; x < frame.width(); ++x, in += channels) {
      const std::size_t second = channels == 3 ? 1 : 0, third = channels == 3 ? 2 : 0;
      const std::uint8_t rgb[] = {to_byte(in[0]), to_byte(in[second]), to_byte(in[third])};
      out[x] = argb(rgb);
    }
  }
};

WebPConfig configuration() {
  WebPConfig config{};
  if (WebPConfigPreset(&config, WEBP_PRESET_PHOTO, quality) == 0) fail("bad configuration");
  config.method = effort;
  return config;
}

}  // namespace

struct Animation::Encoder {
  std::size_t height;
  std::size_t width;
  int milliseconds = 0;
  WebPConfig config = configuration();
  WebPAnimEncoder* webp = nullptr;

  Encoder(std::size_t rows, std::size_t columns) : height(rows), width(columns) {
    WebPAnimEncoderOptions options{};
    if (WebPAnimEncoderOptionsInit(&options) == 0) fail("libwebpmux has another version");
    options.kmax = 1;  // every frame whole: patches of older frames would stay visible
    webp = WebPAnimEncoderNew(static_cast<int>(width), static_cast<int>(height), &options);
    if (webp == nullptr) throw std::bad_alloc();
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() { WebPAnimEncoderDelete(webp); }

  /// `picture` is null at the end; the time then is the end of the last frame.
  void add(WebPPicture* picture) const {
    if (WebPAnimEncoderAdd(webp, picture, milliseconds, &config) == 0) {
      fail(WebPAnimEncoderGetError(webp));
    }
  }
};

Animation::Animation(std::size_t height, std::size_t width) {
  if (height == 0 || width == 0 || height > max_side || width > max_side) {
    throw InputError(
        fmt::format("animation: {} x {} pixels: sides go from 1 to {}", width, height, max_side));
  }
  encoder_ = std::make_unique<Encoder>(height, width);
}

Animation::~Animation() = default;
Animation::Animation(Animation&&) noexcept = default;
Animation& Animation::operator=(Animation&&) noexcept = default;

void Animation::add(const Image& frame, int milliseconds) {
  if (frame.height() != encoder_->height || frame.width() != encoder_->width) {
    throw std::invalid_argument("animation: all frames must have the same size");
  }
  Picture picture(frame);
  encoder_->add(&picture.webp);
  encoder_->milliseconds += milliseconds;
}

void Animation::save(const std::filesystem::path& path) {
  encoder_->add(nullptr);
  WebPData data{};
  WebPDataInit(&data);
  const auto release = [](WebPData* file) { WebPDataClear(file); };
  const std::unique_ptr<WebPData, decltype(release)> owner(&data, release);
  if (WebPAnimEncoderAssemble(encoder_->webp, &data) == 0) {
    fail(WebPAnimEncoderGetError(encoder_->webp));
  }
  write_file(path, data.bytes, data.size);
}

}  // namespace examples
