/// Draws textiles.png, the picture that energy_autoencoder learns from when the user gives none:
/// four cloths, striped, checked, woven and plain, with folds.
///
/// Lengths are pixels of the finished picture.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"

namespace {

constexpr int side = 240;
constexpr int samples = 4;  // per pixel and direction
constexpr double pi = std::numbers::pi;

struct Point {
  double x, y;
};

double wave(double x, double period) { return 0.5 + 0.5 * std::cos(2 * pi * x / period); }

double smooth(double x) {
  const double t = std::clamp(x, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// Along a direction given in degrees.
double along(Point p, double degrees) {
  return p.x * std::cos(degrees * pi / 180) + p.y * std::sin(degrees * pi / 180);
}

/// How much the cloth is pushed aside by its folds, and how its surface is lit.
double fold(Point p, double degrees, double period) {
  const double t = along(p, degrees);
  return std::sin(2 * pi * t / period + 0.9 * std::sin(along(p, degrees + 90) / 37));
}

double striped(Point p) {
  const double shift = 5 * fold(p, 20, 90);
  const double stripe = smooth(6 * (wave(along(p, 62) + shift, 7) - 0.45));
  return (0.25 + 0.55 * stripe) * (0.85 + 0.15 * fold(p, 20, 90));
}

double checked(Point p) {
  const double shift = 3 * fold(p, 100, 120);
  const double a = smooth(8 * (wave(p.x + shift, 16) - 0.45));
  const double b = smooth(8 * (wave(p.y - shift, 16) - 0.45));
  return (0.2 + 0.3 * a + 0.3 * b) * (0.9 + 0.1 * fold(p, 100, 120));
}

/// Threads that pass over and under each other.
double woven(Point p) {
  const double u = along(p, 12) / 6, v = along(p, 102) / 6;
  const bool over = (static_cast<int>(std::floor(u)) + static_cast<int>(std::floor(v))) % 2 == 0;
  const double across = over ? u - std::floor(u) : v - std::floor(v);
  const double lengthwise = over ? v - std::floor(v) : u - std::floor(u);
  const double round = std::sin(pi * across) * (0.7 + 0.3 * std::sin(pi * lengthwise));
  return (over ? 0.75 : 0.55) * (0.35 + 0.65 * round);
}

double plain(Point p) { return 0.62 + 0.25 * fold(p, 35, 70) + 0.05 * fold(p, 80, 23); }

/// The cloths lie over each other with wavy hems.
double cloth(Point p) {
  const double hem = 8 * std::sin(p.y / 27) + 0.35 * (p.y - side / 2.0);
  const double other_hem = 7 * std::sin(p.x / 31) - 0.2 * (p.x - side / 2.0);
  const bool left = p.x < side / 2.0 + hem, top = p.y < side / 2.0 + other_hem;
  const double shade = 0.7 + 0.3 * smooth(std::abs(p.x - side / 2.0 - hem) / 9);
  const double gray = left ? (top ? striped(p) : plain(p)) : (top ? checked(p) : woven(p));
  return shade * gray;
}

float pixel(int row, int column) {
  double total = 0;
  for (int i = 0; i < samples * samples; ++i) {
    total += cloth({column + (i % samples + 0.5) / samples, row + (i / samples + 0.5) / samples});
  }
  return static_cast<float>(total / (samples * samples));
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run_main("draw_textiles", [&] {
    examples::Image image{xt::xarray<float>::from_shape({side, side})};
    float* out = image.pixels.data();
    for (int i = 0; i < side * side; ++i) *out++ = pixel(i / side, i % side);
    examples::write_png(argc > 1 ? argv[1] : "textiles.png", image);
    return 0;
  });
}
