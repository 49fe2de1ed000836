#pragma once

#include <autograd/xtensor.hpp>
#include <filesystem>

#include "examples/support/command_line.hpp"

namespace examples {

/// What the command line of linear_regression says.
struct LineOptions {
  std::filesystem::path data;  // empty: the embedded reading minutes and speeds
  double learning_rate = 0.0001;
  double tolerance = 1e-6;
  std::uint64_t iterations = 1'000'000;
  bool scale = false;
  CommonOptions common;
};

/// Points of a user are scaled unless a rate is given: nobody knows one that suits them as they
/// are.
LineOptions line_options(int argc, const char* const* argv);

/// y = m x + b.
struct Line {
  double b, m;
};

/// Points (x, y), shifted and stretched: the descent sees x = (X - x_shift) / x_unit, y likewise.
struct LinePoints {
  xt::xarray<double> x, y;
  double x_shift = 0, x_unit = 1, y_shift = 0, y_unit = 1;

  /// The line, given as array (b, m), in units of the file.
  Line line(const xt::xarray<double>& scaled) const;
};

/// The points of the CSV file or, without one, the embedded ones; with --scale means are 0 and
/// standard deviations 1. Throws InputError when the file cannot be read, or has not two columns,
/// two points of different x, or numbers that can be squared.
LinePoints line_points(const LineOptions& options);

}  // namespace examples
