#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace examples {

/// How a series is drawn. `background`: thin gray lines without an entry in the legend; such series
/// come first, so that the others lie on them.
enum class Draw { lines, points, lines_and_points, steps, background };

/// Points (x[i], y[i]) under one name. A single point is drawn as such in any case.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  Draw draw = Draw::lines;
};

/// Series over common axes.
struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  bool log_y = false;
  std::vector<Series> series;
};

/// Writes `<stem>.csv` (one line per point: series, x, y) and, where gnuplot is installed,
/// `<stem>.png`. Returns whether the picture was drawn; without gnuplot the figures are still
/// there.
bool write_plot(const std::filesystem::path& stem, const Plot& plot);

/// `1 2 3 4 ...` for series whose y stand for successive iterations, beginning at `first`.
std::vector<double> counting(std::size_t count, double first = 1);

}  // namespace examples
