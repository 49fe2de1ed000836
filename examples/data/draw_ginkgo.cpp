/// Draws ginkgo.png, the picture that the examples use when the user gives none: a ginkgo leaf on
/// dark paper, lit from the upper left. Usage: draw_ginkgo FILE.png
///
/// Lengths are pixels of the finished picture. The blade is described in polar coordinates around
/// the point where the stem meets it: `r` grows towards the margin, `angle` is zero along the
/// cleft and grows to the right.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>

#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"

namespace {

constexpr int height = 192;
constexpr int width = 256;
constexpr int samples = 5;  // per pixel and direction

struct Point {
  double x, y;
};

struct Polar {
  double r, angle;
};

// ---- small tools

double smoothstep(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

double mix(double a, double b, double t) { return a + (b - a) * t; }

double bell(double x, double breadth) { return std::exp(-(x * x) / (breadth * breadth)); }

/// The smaller of two lengths, with the corner between them rounded.
double rounded_min(double a, double b, double radius) {
  const double t = std::clamp(0.5 + 0.5 * (b - a) / radius, 0.0, 1.0);
  return mix(b, a, t) - radius * t * (1 - t);
}

/// A reproducible random number in [0, 1) for every lattice point.
double lattice(int x, int y) {
  auto h = static_cast<std::uint32_t>(x) * 374761393U + static_cast<std::uint32_t>(y) * 668265263U;
  h = (h ^ (h >> 13)) * 1274126177U;
  return ((h ^ (h >> 16)) & 0xFFFFFF) / double{0x1000000};
}

/// Smooth random hills of size one, between -1 and 1.
double noise(double x, double y) {
  const int i = static_cast<int>(std::floor(x)), j = static_cast<int>(std::floor(y));
  const double s = smoothstep(0, 1, x - i), t = smoothstep(0, 1, y - j);
  const double top = mix(lattice(i, j), lattice(i + 1, j), s);
  const double bottom = mix(lattice(i, j + 1), lattice(i + 1, j + 1), s);
  return 2 * mix(top, bottom, t) - 1;
}

double layered_noise(double x, double y) {
  return 0.5 * noise(x, y) + 0.3 * noise(2.1 * x + 7, 2.1 * y) + 0.2 * noise(4.3 * x, 4.3 * y + 3);
}

// ---- the blade

constexpr Point base{116, 137};
constexpr double tilt = 0.13;

Polar polar(Point p) {
  const double right = p.x - base.x, up = base.y - p.y;
  double angle = std::atan2(right, up) - tilt;
  if (angle < -std::numbers::pi) angle += 2 * std::numbers::pi;
  return {std::hypot(right, up), angle};
}

/// How far the margin is from the base: two lobes with a wavy rim.
double margin_radius(double angle) {
  const double waves = 1.5 * std::sin(9 * angle + 0.6) + 1.1 * std::sin(17 * angle + 2) +
                       0.8 * std::sin(31 * angle) + 0.6 * std::sin(47 * angle + 1);
  const double lobes = 119 - 11 * angle * angle - 7 * bell(angle, 0.22);
  return lobes + waves + 2 * angle;
}

/// How far the blade opens to each side: narrow at the stem, like a hand fan further out.
double half_opening(double r) { return 0.62 + 0.68 * smoothstep(-20, 92, r); }

/// Distance from the central cleft, negative within it.
double outside_cleft(Polar p) {
  const double bottom = 53, meander = 0.012 * std::sin(p.r / 9);
  if (p.r < bottom) return std::hypot(p.r - bottom, p.r * p.angle);
  const double half_width = 0.085 * std::pow((p.r - bottom) / 60, 0.85);
  return (std::abs(p.angle - meander) - half_width) * p.r;
}

/// Distance from the outline, positive within the blade (nearly a true distance).
double inside_blade(Polar p) {
  const double rim = margin_radius(p.angle) - p.r;
  const double sides = (half_opening(p.r) - std::abs(p.angle)) * std::max(p.r, 1.0);
  return rounded_min(rounded_min(rim, sides, 22), outside_cleft(p), 5);
}

/// Distance to the nearest vein. Sixteen veins leave the stem; each forks in two twice on its way,
/// sooner or later, so that they stay about equally dense. They follow the opening of the fan:
/// `across` runs from -1 at the left side to 1 at the right side.
double vein_distance(Polar p) {
  constexpr int stems = 16;
  const double across = p.angle / half_opening(p.r);
  int branch = std::clamp(static_cast<int>(std::floor((across + 1) / 2 * stems)), 0, stems - 1);
  double center = (branch + 0.5) / stems * 2 - 1, spacing = 2.0 / stems;
  for (int level = 1; level <= 2; ++level) {
    const double fork = 38 * level - 16 + 26 * lattice(level, branch);
    const double side = across < center ? -1 : 1;
    branch = 2 * branch + (side < 0 ? 0 : 1);
    center += side * spacing / 4 * smoothstep(fork, fork + 38, p.r);
    spacing /= 2;
  }
  return std::abs(across - center) * half_opening(p.r) * p.r;
}

/// 1 on a vein, 0 between veins.
double vein(Polar p) { return bell(vein_distance(p), 0.7) * smoothstep(8, 40, p.r); }

/// Height of the blade above the paper: pleats along the veins, lobes that bend, a curled rim.
double relief(Point at) {
  const Polar p = polar(at);
  const double outwards = p.r / 100;
  const double pleats =
      1.5 * std::sin(15 * p.angle + 0.7) + 0.8 * std::sin(29 * p.angle + 2.0 * outwards);
  const double bend = 10 * std::cos(2.6 * std::abs(p.angle) - 1.7) * outwards;
  const double rim = inside_blade(p);
  return outwards * pleats + bend + 2.6 * (1 - std::exp(-std::max(rim, 0.0) / 5)) - 0.22 * vein(p);
}

/// Brightness of a surface with this relief under a light from the upper left, about 1 when flat.
double lighting(Point p) {
  const double h = 0.35;
  const double dx = (relief({p.x + h, p.y}) - relief({p.x - h, p.y})) / (2 * h);
  const double dy = (relief({p.x, p.y + h}) - relief({p.x, p.y - h})) / (2 * h);
  const double toward_light = (0.55 * dx + 0.62 * dy + 1) / std::sqrt(1 + dx * dx + dy * dy);
  return std::max(0.0, toward_light);
}

double blade_shade(Point at) {
  const Polar p = polar(at);
  const double rim = inside_blade(p);
  double tone = 0.70 + 0.10 * smoothstep(10, 110, p.r) - 0.16 * bell(p.r, 26);
  tone += 0.045 * layered_noise(at.x / 9, at.y / 9) + 0.02 * noise(p.angle * 90, p.r / 14);
  tone -= 0.08 * vein(p);
  tone *= mix(0.45, 1.0, std::min(lighting(at), 1.45));
  tone += 0.20 * std::pow(std::clamp(lighting(at) - 0.62, 0.0, 1.0), 2);
  return tone - 0.10 * bell(rim, 1.6);
}

// ---- the stem

struct Nearest {
  double distance, along, side;  // along: 0 at the blade, 1 at the foot
};

Point stem_point(double t) {
  const Point a{base.x - 1.5, base.y - 7}, b{base.x - 3, base.y + 26}, c{base.x + 30, base.y + 46};
  const double s = 1 - t;
  return {s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y};
}

Nearest nearest_on_stem(Point p) {
  Nearest best{1e9, 0, 0};
  for (int i = 0; i <= 48; ++i) {
    const Point q = stem_point(i / 48.0);
    const double distance = std::hypot(p.x - q.x, p.y - q.y);
    if (distance < best.distance) best = {distance, i / 48.0, p.x - q.x + q.y - p.y};
  }
  return best;
}

double stem_radius(double along) {
  return 1.9 - 0.5 * along + 1.6 * bell(1 - along, 0.07) + bell(along, 0.12);
}

double inside_stem(Point p) {
  const Nearest near = nearest_on_stem(p);
  return stem_radius(near.along) - near.distance;
}

double stem_shade(Point p) {
  const Nearest near = nearest_on_stem(p);
  return 0.60 - 0.13 * near.side / stem_radius(near.along) / 1.4;
}

// ---- paper and shadow

double paper(Point p) {
  const double towards_light = 1 - std::hypot(p.x - 40, p.y - 20) / 300;
  const double fibres = layered_noise(p.x / 30, p.y / 5) + layered_noise(p.x / 6 + 50, p.y / 26);
  const double vignette = std::hypot((p.x - 128) / 128, (p.y - 96) / 96);
  return 0.10 + 0.42 * towards_light + 0.022 * fibres - 0.05 * vignette * vignette;
}

/// What the leaf leaves of the light on the paper.
double shadow(Point p) {
  const Point caster{p.x - 8, p.y - 9};
  const double blade = smoothstep(-9, 7, inside_blade(polar(caster)));
  const double stem = smoothstep(-5, 3, inside_stem({p.x - 4, p.y - 5}));
  return 1 - 0.72 * std::max(blade, 0.8 * stem);
}

double shade(Point p) {
  if (inside_blade(polar(p)) > 0) return blade_shade(p);
  if (inside_stem(p) > 0) return stem_shade(p);
  return paper(p) * shadow(p);
}

double pixel(int row, int column) {
  double sum = 0;
  for (int i = 0; i < samples * samples; ++i) {
    const double dx = (i % samples + 0.5) / samples, dy = (i / samples + 0.5) / samples;
    sum += std::clamp(shade({column + dx, row + dy}), 0.0, 1.0);
  }
  return sum / (samples * samples);
}

examples::Image draw() {
  examples::Image image{xt::xarray<float>::from_shape({height, width})};
  float* out = image.pixels.data();
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) *out++ = static_cast<float>(pixel(row, column));
  }
  return image;
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run_main("draw_ginkgo", [&] {
    examples::write_png(argc > 1 ? argv[1] : "ginkgo.png", draw());
    return 0;
  });
}
