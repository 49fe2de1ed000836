#include "examples/support/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "examples/support/csv.hpp"
#include "examples/support/file.hpp"
#include "examples/support/gnuplot.hpp"

namespace examples {
namespace {

/// In single quotes gnuplot interprets nothing but the quote itself, which is doubled.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "''" : std::string(1, c == '\n' ? ' ' : c);
  }
  return out + "'";
}

/// A number that has no sign when it is none.
double unsigned_nan(double value) { return std::isnan(value) ? std::abs(value) : value; }

std::string csv(const Plot& plot) {
  std::string out = "series,x,y\n";
  for (const Series& series : plot.series) {
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      out += fmt::format("{},{},{}\n", csv_field(series.name), unsigned_nan(series.x[i]),
                         unsigned_nan(series.y[i]));
    }
  }
  return out;
}

bool drawable(double value, bool logarithmic) {
  return std::isfinite(value) && (!logarithmic || value > 0);
}

std::string data_block(const Plot& plot, std::size_t index) {
  const Series& series = plot.series[index];
  std::string out = fmt::format("$data{} << END\n", index);
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (drawable(series.x[i], plot.log_x) && drawable(series.y[i], plot.log_y)) {
      out += fmt::format("{} {}\n", series.x[i], series.y[i]);
    }
  }
  return out + "END\n";
}

constexpr std::array colors{"#1f6f8b", "#d1495b", "#e0a030", "#5b8c5a", "#7a5195",
                            "#8c6d4f", "#333333", "#63c5da", "#e88fb4", "#a8b820"};

/// Ten colours, each of which comes again dashed, dotted, ...
std::string line_types(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += fmt::format("set linetype {} linecolor rgb '{}' linewidth 2.5 dashtype {} pointtype 7\n",
                       i + 1, colors[i % colors.size()], 1 + i / colors.size() % 5);
  }
  return out;
}

struct Range {
  double low = INFINITY, high = -INFINITY;
};

/// What a logarithmic axis has to show.
Range positive_range(const Plot& plot, const std::vector<double> Series::*axis) {
  Range range;
  for (const Series& series : plot.series) {
    for (const double value : series.*axis) {
      if (!drawable(value, true)) continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  return range;
}

/// gnuplot labels powers of ten only: too few where an axis spans less than two of them.
std::string logarithmic(const char* axis, const Range& range) {
  std::string out = fmt::format("set logscale {}\n", axis);
  if (range.high > 100 * range.low) return out;
  const int first = static_cast<int>(std::floor(std::log10(range.low)));
  out += fmt::format("set {}tics (", axis);
  for (int i = 0; i < 9; ++i) {
    out += fmt::format("{}{}e{}", i == 0 ? "" : ", ", std::array{1, 2, 5}[i % 3], first + i / 3);
  }
  return out + ")\n";
}

/// A logarithmic axis is of use where numbers differ by a factor of 3: else it becomes linear.
Plot with_useful_axes(Plot plot) {
  const auto useful = [](const Range& range) { return range.high >= 3 * range.low; };
  plot.log_x = plot.log_x && useful(positive_range(plot, &Series::x));
  plot.log_y = plot.log_y && useful(positive_range(plot, &Series::y));
  return plot;
}

std::string style(const Plot& plot) {
  std::string out =
      "set terminal pngcairo noenhanced size 800,500 font 'sans,12' background '#ffffff'\n"
      "set border 3 linecolor rgb '#555555'\n"
      "set tics nomirror textcolor rgb '#333333'\n"
      "set grid xtics ytics mxtics mytics linetype 1 linewidth 1 linecolor rgb '#d0d0d0', "
      "linetype 1 linewidth 0.5 linecolor rgb '#ececec'\n"
      "set key outside top center horizontal Left reverse\n"
      "set rmargin 5\n"
      "set autoscale noextend\n"
      "set offsets graph 0.01, graph 0.01, graph 0.05, graph 0.05\n";
  out += line_types(plot.series.size());
  if (plot.log_x) out += logarithmic("x", positive_range(plot, &Series::x));
  if (plot.log_y) out += logarithmic("y", positive_range(plot, &Series::y));
  return out;
}

const char* gnuplot_style(const Series& series) {
  if (series.y.size() == 1) return "points";
  switch (series.draw) {
    case Draw::points:
      return "points";
    case Draw::lines_and_points:
      return "linespoints";
    case Draw::steps:
      return "steps";
    default:
      return "lines";
  }
}

/// How gnuplot draws a series, which is the `number`-th of those in colour, counted from 1.
std::string appearance(const Series& series, std::size_t number) {
  if (series.draw == Draw::background)
    return "with lines linecolor rgb '#a0a0a0' linewidth 1 notitle";
  return fmt::format("with {} linetype {} title {}", gnuplot_style(series), number,
                     quoted(series.name));
}

std::string script(const Plot& plot) {
  std::string out = style(plot);
  out += fmt::format("set title {}\nset xlabel {}\nset ylabel {}\n", quoted(plot.title),
                     quoted(plot.x_label), quoted(plot.y_label));
  for (std::size_t i = 0; i < plot.series.size(); ++i) out += data_block(plot, i);
  std::size_t colored = 0;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    if (plot.series[i].draw != Draw::background) ++colored;
    out += fmt::format("{}$data{} using 1:2 {}", i == 0 ? "plot " : ", ", i,
                       appearance(plot.series[i], colored));
  }
  return out + "\n";
}

std::filesystem::path with_ending(std::filesystem::path stem, const char* ending) {
  return stem += ending;
}

}  // namespace

bool write_plot(const std::filesystem::path& stem, const Plot& plot) {
  write_file(with_ending(stem, ".csv"), csv(plot));
  return run_gnuplot(script(with_useful_axes(plot)), with_ending(stem, ".png"));
}

std::vector<double> counting(std::size_t count, double first) {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + static_cast<double>(i);
  return numbers;
}

}  // namespace examples
