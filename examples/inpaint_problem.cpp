#include "examples/inpaint_problem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "examples/data/files.hpp"
#include "examples/support/error.hpp"
#include "examples/support/random.hpp"

namespace examples {
namespace {

Image prepared(const Image& image, const InpaintOptions& options) {
  return downsample(options.color ? to_rgb(image) : to_gray(image), options.downsample);
}

/// Reads a picture that belongs to `image`, pixel by pixel.
Image read_companion(const std::filesystem::path& path, const Image& image,
                     const InpaintOptions& options) {
  const Image companion = read_image(path);
  if (companion.height() == image.height() && companion.width() == image.width()) return companion;
  throw InputError(fmt::format("{}: {} x {} pixels, but {} has {} x {}", path.string(),
                               companion.width(), companion.height(), options.image.string(),
                               image.width(), image.height()));
}

/// White means that the pixel is right.
xt::xarray<bool> mask(const Image& image) {
  const Image gray = to_gray(image);
  xt::xarray<bool> known = xt::xarray<bool>::from_shape({gray.height(), gray.width()});
  std::transform(gray.pixels.data(), gray.pixels.data() + gray.pixels.size(), known.data(),
                 [](float pixel) { return pixel > 0.5F; });
  return known;
}

/// The picture came corrupted.
InpaintProblem given_problem(const InpaintOptions& options) {
  const Image image = read_image(options.image);
  const Image known = read_companion(options.known, image, options);
  InpaintProblem problem{
      options.image.string(), prepared(image, options), mask(prepared(known, options)), {}};
  if (!options.original.empty()) {
    problem.truth = prepared(read_companion(options.original, image, options), options);
  }
  return problem;
}

}  // namespace

InpaintOptions inpaint_options(int argc, const char* const* argv) {
  InpaintOptions options;
  CommandLine line("inpaint",
                   "Restores a photograph of which most pixels were replaced by black or white, by "
                   "gradient descent\non its roughness.");
  line.file("IMAGE", options.image, "PNG or JPEG to corrupt and restore; none: a ginkgo leaf");
  line.number("--corrupt", options.corrupt, {0, 1}, "part of the pixels that is replaced");
  line.file("--known", options.known, "IMAGE is corrupted; white in this picture: pixel is right");
  line.file("--original", options.original, "the truth, to compare with");
  line.count("--downsample", options.downsample, {1, 65536}, "take every K-th pixel and row");
  line.count("--iterations", options.iterations, {0, 10'000'000}, "steps of gradient descent");
  line.choice("--form", options.form, {"rows", "whole"}, "how the objective is written");
  line.choice("--dtype", options.dtype, {"float", "double"}, "numbers to compute with");
  line.flag("--color", options.color, "restore red, green and blue instead of gray");
  line.exclude("--known", "--corrupt");
  line.require("--known", "IMAGE");
  line.require("--original", "--known");
  line.parse(argc, argv);
  options.common = line.common();
  if (options.common.quick) options.iterations = std::min<std::uint64_t>(options.iterations, 60);
  return options;
}

InpaintProblem corrupt(std::string name, Image truth, double part, std::uint64_t seed) {
  Random random(seed);
  InpaintProblem problem{std::move(name), truth, {}, {}};
  problem.known = xt::xarray<bool>::from_shape({truth.height(), truth.width()});
  for (bool& known : problem.known.storage()) known = random.uniform() < 1 - part;
  float* pixel = problem.corrupted.pixels.data();
  for (const bool known : problem.known.storage()) {
    const float noise = random.uniform() < 0.5 ? 0.0F : 1.0F;
    if (!known) std::fill_n(pixel, truth.channels(), noise);
    pixel += truth.channels();
  }
  problem.truth = std::move(truth);
  return problem;
}

InpaintProblem inpaint_problem(const InpaintOptions& options) {
  if (!options.known.empty()) return given_problem(options);
  const bool embedded = options.image.empty();
  const Image image = embedded ? decode_image(ginkgo_png(), "ginkgo") : read_image(options.image);
  return corrupt(embedded ? "ginkgo leaf" : options.image.string(), prepared(image, options),
                 options.corrupt, options.common.seed);
}

}  // namespace examples
