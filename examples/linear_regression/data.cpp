#include "examples/linear_regression/data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "examples/data/files.hpp"
#include "examples/support/csv.hpp"
#include "examples/support/error.hpp"

namespace examples {
namespace {

using Array = xt::xarray<double>;

constexpr double scaled_rate = 0.1;  // the largest stable one is 1

Array read(const LineOptions& options) {
  if (!options.data.empty()) return read_csv(options.data);
  const auto csv = reading_csv();
  return decode_csv({reinterpret_cast<const char*>(csv.data()), csv.size()}, "reading.csv");
}

void check(const Array& points, const LineOptions& options) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(fmt::format("{}: {}", options.data.string(), why));
  };
  if (points.shape(1) != 2 || points.shape(0) < 2) {
    refuse(fmt::format("{} x {} numbers; needed are two columns x, y and two rows", points.shape(0),
                       points.shape(1)));
  }
  const double largest_x = xt::amax(xt::abs(xt::view(points, xt::all(), 0)))();
  const double largest = xt::amax(xt::abs(points))();
  if (largest > 1e100) {
    refuse(fmt::format("numbers up to {:.3g} are too large to be squared", largest));
  }
  const Array x = xt::view(points, xt::all(), 0);
  if (xt::amin(x)() == xt::amax(x)()) {
    refuse(fmt::format("all x are {:.6g}: a line through such points has no slope", x(0)));
  }
  if (largest_x < 1e-100) {
    refuse(fmt::format("x up to {:.3g} is too small to be squared", largest_x));
  }
}

/// Subtracts the mean, and divides by the standard deviation unless that is 0.
void standardise(Array& values, double& shift, double& unit) {
  shift = xt::mean(values)();
  values -= shift;
  const double deviation = std::sqrt(xt::mean(xt::square(values))());
  if (deviation > 0) unit = deviation;
  values /= unit;
}

}  // namespace

LineOptions line_options(int argc, const char* const* argv) {
  LineOptions options;
  CommandLine line("linear_regression", "Fits a line to points by gradient descent.");
  line.file("CSV", options.data, "two columns x, y; none: reading minutes and speed, invented");
  line.number("--learning-rate", options.learning_rate, {1e-30, 10},
              fmt::format("of gradient descent; {} for scaled points", scaled_rate));
  line.flag("--scale", options.scale,
            "shift and stretch x and y to mean 0 and deviation 1; done anyway with a CSV and no "
            "--learning-rate");
  line.number("--tolerance", options.tolerance, {0, 1}, "of the gradient norm, for the check");
  line.count("--iterations", options.iterations, {10, 100'000'000}, "when there is no check");
  line.parse(argc, argv);
  options.common = line.common();
  const bool rate_given = line.given("--learning-rate");
  options.scale = options.scale || (!options.data.empty() && !rate_given);
  if (options.scale && !rate_given) options.learning_rate = scaled_rate;
  return options;
}

Line LinePoints::line(const xt::xarray<double>& scaled) const {
  const double m = scaled(1) * y_unit / x_unit;
  return {y_shift + y_unit * scaled(0) - m * x_shift, m};
}

LinePoints line_points(const LineOptions& options) {
  const Array table = read(options);
  check(table, options);
  LinePoints points{xt::view(table, xt::all(), 0), xt::view(table, xt::all(), 1)};
  if (options.scale) {
    standardise(points.x, points.x_shift, points.x_unit);
    standardise(points.y, points.y_shift, points.y_unit);
  }
  return points;
}

}  // namespace examples
