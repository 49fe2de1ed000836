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

constexpr std::array colors{"#1f6f8b", "#d1495b", "#e0a030", "#5b8c5a",
                            "#7a5195", "#8c6d4f", "#555555", "#63b7c9"};

std::string style(const Plot& plot) {
  std::string out =
      "set terminal pngcairo noenhanced size 900,560 font 'sans,12' background '#ffffff'\n"
      "set border 3 linecolor rgb '#555555'\n"
      "set tics nomirror textcolor rgb '#333333'\n"
      "set grid xtics ytics mxtics mytics linetype 1 linewidth 1 linecolor rgb '#d0d0d0', "
      "linetype 1 linewidth 0.5 linecolor rgb '#ececec'\n"
      "set key";
  out += plot.series.size() > 3 ? " outside\n" : " top right\n";
  for (std::size_t i = 0; i < colors.size(); ++i) {
    out += fmt::format("set linetype {} linecolor rgb '{}' linewidth 2.5 pointtype 7\n", i + 1,
                       colors[i]);
  }
  if (plot.log_x) out += "set logscale x\n";
  if (plot.log_y) out += "set logscale y\n";
  return out;
}

/// A logarithmic axis without a positive number shows nothing: it becomes linear.
Plot with_drawable_axes(Plot plot) {
  const auto any_positive = [](const Series& series, const std::vector<double> Series::*axis) {
    return std::any_of((series.*axis).begin(), (series.*axis).end(),
                       [](double v) { return v > 0; });
  };
  bool x = false, y = false;
  for (const Series& series : plot.series) {
    x = x || any_positive(series, &Series::x);
    y = y || any_positive(series, &Series::y);
  }
  plot.log_x = plot.log_x && x;
  plot.log_y = plot.log_y && y;
  return plot;
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

std::string script(const Plot& plot) {
  std::string out = style(plot);
  out += fmt::format("set title {}\nset xlabel {}\nset ylabel {}\n", quoted(plot.title),
                     quoted(plot.x_label), quoted(plot.y_label));
  for (std::size_t i = 0; i < plot.series.size(); ++i) out += data_block(plot, i);
  out += "plot ";
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    out += fmt::format("{}$data{} using 1:2 with {} linetype {} title {}", i == 0 ? "" : ", ", i,
                       gnuplot_style(plot.series[i]), i + 1, quoted(plot.series[i].name));
  }
  return out + "\n";
}

std::filesystem::path with_ending(std::filesystem::path stem, const char* ending) {
  return stem += ending;
}

}  // namespace

bool write_plot(const std::filesystem::path& stem, const Plot& plot) {
  write_file(with_ending(stem, ".csv"), csv(plot));
  return run_gnuplot(script(with_drawable_axes(plot)), with_ending(stem, ".png"));
}

std::vector<double> counting(std::size_t count, double first) {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + static_cast<double>(i);
  return numbers;
}

}  // namespace examples
