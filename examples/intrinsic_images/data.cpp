#include "examples/intrinsic_images/data.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "examples/support/random.hpp"

namespace examples {
namespace {

/// A pixel seen from the middle of the picture; the edges are at -0.5 and 0.5.
struct Place {
  double x, y;
};

/// A rectangle, or the ellipse in it.
struct Shape {
  Place middle, radius;
  bool round;
  std::array<float, 3> colour;

  bool covers(Place at) const {
    const double x = std::abs(at.x - middle.x) / radius.x, y = std::abs(at.y - middle.y) / radius.y;
    return round ? x * x + y * y < 1 : std::max(x, y) < 1;
  }
};

/// One colour behind everything.
constexpr double everywhere = 10;

struct Wave {
  double across, down, phase;  ///< cycles per picture, radians

  double at(Place place) const {
    return std::cos(2 * std::numbers::pi * (across * place.x + down * place.y) + phase);
  }
};

float colour(Random& random) { return static_cast<float>(random.uniform(0.1, 0.95)); }

Shape random_shape(Random& random, double least, double largest) {
  return {{random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)},
          {random.uniform(least, largest), random.uniform(least, largest)},
          random.uniform() < 0.5,
          {colour(random), colour(random), colour(random)}};
}

template <class F>
void for_each_pixel(std::size_t size, const F& f) {
  const auto n = static_cast<double>(size);
  for (std::size_t i = 0; i < size * size; ++i) {
    f(i, Place{(static_cast<double>(i % size) + 0.5) / n - 0.5,
               (static_cast<double>(i / size) + 0.5) / n - 0.5});
  }
}

/// Shapes on top of each other, the first one everywhere.
void draw_albedo(float* albedo, std::size_t size, Random& random) {
  std::vector<Shape> shapes = {random_shape(random, everywhere, everywhere + 1)};
  const std::size_t count = 4 + random.below(5);
  while (shapes.size() <= count) shapes.push_back(random_shape(random, 0.08, 0.35));
  for_each_pixel(size, [&](std::size_t i, Place at) {
    const auto top = std::find_if(shapes.rbegin(), shapes.rend(),
                                  [at](const Shape& shape) { return shape.covers(at); });
    for (std::size_t c = 0; c < 3; ++c) albedo[c * size * size + i] = top->colour[c];
  });
}

/// Three slow waves, brought to a range within [0.3, 1].
void draw_shading(float* shading, std::size_t size, Random& random) {
  std::array<Wave, 3> waves;
  for (Wave& wave : waves) {
    wave = {random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8),
            random.uniform(0, 2 * std::numbers::pi)};
  }
  for_each_pixel(size, [&](std::size_t i, Place at) {
    double sum = 0;
    for (const Wave& wave : waves) sum += wave.at(at);
    shading[i] = static_cast<float>(sum);
  });
  const std::span<float> pixels(shading, size * size);
  const auto [least, largest] = std::ranges::minmax(pixels);
  const double low = random.uniform(0.3, 0.45), high = random.uniform(0.8, 1);
  for (float& pixel : pixels) {
    pixel = static_cast<float>(low + (high - low) * (pixel - least) / (largest - least));
  }
}

}  // namespace

IntrinsicImages draw_intrinsic_images(std::size_t count, std::size_t size, std::uint64_t seed) {
  Random random(seed);
  const auto array = [&](std::size_t channels) {
    return xt::xarray<float>::from_shape({count, channels, size, size});
  };
  IntrinsicImages images{array(3), array(3), array(1)};
  const std::size_t pixels = size * size;
  for (std::size_t i = 0; i < count; ++i) {
    draw_albedo(images.albedo.data() + 3 * i * pixels, size, random);
    draw_shading(images.shading.data() + i * pixels, size, random);
  }
  images.input = images.albedo * images.shading;
  return images;
}

xt::xarray<float> images_between(const xt::xarray<float>& images, std::size_t begin,
                                 std::size_t end) {
  return xt::view(images, xt::range(begin, end));
}

}  // namespace examples
