#include "examples/inpaint/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

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
  Image companion = read_image(path);
  if (companion.height() == image.height() && companion.width() == image.width()) return companion;
  throw InputError(fmt::format("{}: {} x {} pixels, but {} has {} x {}", path.string(),
                               companion.width(), companion.height(), options.image.string(),
                               image.width(), image.height()));
}

/// White means that the pixel is right. Where nothing is brighter than 1 of 255, 1 is white: many
/// programs write masks as arrays of 0 and 1. A picture of many shades is no mask.
xt::xarray<bool> mask(const Image& image, const std::string& name) {
  const Image gray = to_gray(image);
  const auto& pixels = gray.pixels.storage();
  const float brightest = *std::max_element(pixels.begin(), pixels.end());
  const float white = brightest < 1.5F / 255 ? brightest : 1.0F;
  if (brightest <= white / 2) {
    throw InputError(
        fmt::format("{}: no pixel is white, the brightest is {} of 255: nothing is known "
                    "to restore the picture from",
                    name, to_byte(brightest)));
  }
  const auto shade = [=](float pixel) { return pixel > 0.1F * white && pixel < 0.9F * white; };
  const auto shades = std::count_if(pixels.begin(), pixels.end(), shade);
  if (2 * static_cast<std::size_t>(shades) > pixels.size()) {
    throw InputError(
        fmt::format("{}: most pixels are neither black nor white: is it a mask?", name));
  }
  xt::xarray<bool> known = xt::xarray<bool>::from_shape({gray.height(), gray.width()});
  std::transform(pixels.begin(), pixels.end(), known.data(),
                 [=](float pixel) { return pixel > white / 2; });
  return known;
}

/// What the pixels look like that the mask calls known, or the others.
struct Look {
  double wrong = 0;      // part of the pixels that differ from the truth
  double roughness = 0;  // mean difference of neighbours in a row, both of this kind
  std::size_t shades = 0;
};

Look look_of(const InpaintProblem& problem, bool kind) {
  const xt::xarray<float> gray = to_gray(problem.corrupted).pixels;
  const auto truth = problem.truth ? to_gray(*problem.truth).pixels : gray;
  Look look;
  double pixels = 0, neighbours = 0;
  std::set<std::uint8_t> shades;
  for (std::size_t i = 0; i < gray.size(); ++i) {
    const auto is_of_kind = [&](std::size_t k) { return problem.known.data()[k] == kind; };
    if (!is_of_kind(i)) continue;
    ++pixels;
    shades.insert(to_byte(gray.data()[i]));
    if (std::abs(gray.data()[i] - truth.data()[i]) > 0.1F) ++look.wrong;
    if (i % gray.shape(1) == 0 || !is_of_kind(i - 1)) continue;
    ++neighbours;
    look.roughness += std::abs(gray.data()[i] - gray.data()[i - 1]);
  }
  look.wrong /= std::max(pixels, 1.0);
  look.roughness /= std::max(neighbours, 1.0);
  look.shades = shades.size();
  return look;
}

/// Throws or warns where the mask can hardly be that of the picture.
void check_mask(const InpaintProblem& problem, const InpaintOptions& options) {
  const std::string mask = options.known.string();
  const Look known = look_of(problem, true), others = look_of(problem, false);
  const std::string wrong = fmt::format(
      "{}: {:.3g} % of the pixels where it is white differ from {}, {:.3g} % of the others", mask,
      100 * known.wrong, options.original.string(), 100 * others.wrong);
  constexpr double too_many = 0.05;  // less may come from lossy compression
  if (known.wrong > std::max(others.wrong, too_many)) {
    throw InputError(wrong + ": the mask contradicts the picture");
  }
  if (known.wrong > 0) return warn(wrong);
  if (xt::all(problem.known))
    return warn(mask + ": all pixels are white: nothing is to be restored");
  constexpr std::size_t few = 2, many = 16;
  if (others.shades > many && (known.shades <= few || known.roughness > 2 * others.roughness)) {
    warn(mask + ": the picture looks damaged where it is white: is the mask inverted?");
  }
}

/// The picture came corrupted.
InpaintProblem given_problem(const InpaintOptions& options) {
  const Image image = read_image(options.image);
  const Image known = prepared(read_companion(options.known, image, options), options);
  InpaintProblem problem{
      options.image.string(), prepared(image, options), mask(known, options.known.string()), {}};
  if (!options.original.empty()) {
    problem.truth = prepared(read_companion(options.original, image, options), options);
  }
  check_mask(problem, options);
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
  line.file("--known", options.known,
            "IMAGE is corrupted; white (or 1) in this picture: pixel is right");
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
