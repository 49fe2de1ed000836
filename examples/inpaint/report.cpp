#include "examples/inpaint/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "examples/support/report.hpp"

namespace examples {
namespace {

/// A picture of a few pixels is magnified, so that there is something to see.
Image not_tiny(const Image& image) {
  const std::size_t side = std::max(image.height(), image.width());
  return side < 64 ? magnify(image, 128 / side) : image;
}

/// An animation frame: not tiny, and no longer than 640 pixels.
Image as_frame(const Image& image) {
  const std::size_t side = std::max(image.height(), image.width());
  return side > 640 ? downsample(image, (side + 639) / 640) : not_tiny(image);
}

Animation animation_of(const Image& image) {
  const Image frame = as_frame(image);
  return Animation(frame.height(), frame.width());
}

/// Most of the change happens early: every step is shown at first, ever fewer later.
std::size_t frame_after(std::size_t w) { return std::max(w + 1, w * 23 / 20); }

constexpr int frame_milliseconds = 90;
constexpr int first_frame_milliseconds = 900;
constexpr int last_frame_milliseconds = 2500;

std::string decibels(double psnr) {
  if (std::isnan(psnr)) return "unknown";
  return std::isinf(psnr) ? "inf" : fmt::format("{:.2f} dB", psnr);
}

void add_figures(Report& report, const InpaintFigures& figures) {
  report.figure("height", figures.height, "Rows of pixels.");
  report.figure("width", figures.width, "Columns of pixels.");
  report.figure("iterations", figures.iterations, "Steps of gradient descent.");
  report.figure("objective_initial", figures.objective_initial, "Roughness before the first step.");
  report.figure("objective_final", figures.objective_final, "Roughness after the last step.");
  report.figure(
      "psnr_corrupted", figures.psnr_corrupted,
      "Peak signal-to-noise ratio in dB of the damaged picture, where the truth is known.");
  report.figure("psnr_restored", figures.psnr_restored, "The same of the restored picture.");
  report.figure("seconds", figures.seconds, "Time in gradients and steps.");
  report.figure("seconds_per_gradient", figures.seconds_per_gradient, "Time of one gradient.");
}

void print(const InpaintFigures& figures, const InpaintProblem& problem) {
  const auto& known = problem.known.storage();
  const auto count = static_cast<double>(std::count(known.begin(), known.end(), true));
  fmt::print("{}: {} x {}, {:.1f} % of the pixels known\n", problem.name, figures.width,
             figures.height, 100 * count / static_cast<double>(known.size()));
  fmt::print("objective  {:.2f} -> {:.2f}  ({} steps, {:.2f} s, {:.3f} ms per gradient)\n",
             figures.objective_initial, figures.objective_final, figures.iterations,
             figures.seconds, 1000 * figures.seconds_per_gradient);
  fmt::print("PSNR       {} -> {}\n", decibels(figures.psnr_corrupted),
             decibels(figures.psnr_restored));
}

}  // namespace

InpaintReport::InpaintReport(const InpaintOptions& options, const InpaintProblem& problem)
    : options_(options),
      problem_(problem),
      progress_("restoring", options.iterations),
      animation_(animation_of(problem.corrupted)) {}

void InpaintReport::step(std::size_t w, double objective, const std::function<Image()>& picture) {
  objective_.push_back(objective);
  if (progress_.due()) progress_.update(w, fmt::format("objective {:.1f}", objective));
  const bool last = w == options_.iterations;
  if (w != next_frame_ && !last) return;
  next_frame_ = frame_after(w);
  restored_ = picture();
  animation_.add(as_frame(restored_), last     ? last_frame_milliseconds
                                      : w == 0 ? first_frame_milliseconds
                                               : frame_milliseconds);
}

InpaintFigures InpaintReport::figures(double seconds_in_gradients, double seconds_in_steps) const {
  InpaintFigures figures;
  figures.height = restored_.height();
  figures.width = restored_.width();
  figures.iterations = options_.iterations;
  figures.objective_initial = objective_.front();
  figures.objective_final = objective_.back();
  if (problem_.truth) {
    figures.psnr_corrupted = psnr(problem_.corrupted, *problem_.truth);
    figures.psnr_restored = psnr(restored_, *problem_.truth);
  }
  figures.seconds = seconds_in_gradients + seconds_in_steps;
  const std::size_t gradients = objective_.size() * restored_.channels();
  figures.seconds_per_gradient = seconds_in_gradients / static_cast<double>(gradients);
  return figures;
}

void InpaintReport::add_pictures(Report& report) {
  std::vector<Image> pictures;
  if (problem_.truth) pictures.push_back(not_tiny(*problem_.truth));
  pictures.push_back(not_tiny(problem_.corrupted));
  pictures.push_back(not_tiny(restored_));
  report.picture("before_after.png", side_by_side(pictures, 8),
                 problem_.truth ? "The truth, what was left of it, and what came back."
                                : "What was left of the picture, and what came back.");
  report.picture("restored.png", restored_, "The restored picture alone.");
  animation_.save(options_.common.out / "restoration.webp");
  report.picture("restoration.webp", "The restoration, step by step.");
}

void InpaintReport::add_plot(Report& report) const {
  Plot plot{"Restoration by gradient descent", "gradients taken", "roughness", true, true, {}};
  plot.series.push_back({"objective", counting(objective_.size()), objective_});
  report.plot("objective", plot, "The roughness falls; most of it in the first steps.");
}

/// On the embedded picture everything is known beforehand to get better; a user's picture may be at
/// its best already.
bool InpaintReport::plausible(const InpaintFigures& figures) const {
  if (!std::isfinite(figures.objective_initial) || !std::isfinite(figures.objective_final)) {
    return false;
  }
  const bool ours = options_.image.empty() && options_.corrupt >= 0.5 && options_.iterations >= 20;
  return !ours || (figures.objective_final < 0.8 * figures.objective_initial &&
                   figures.psnr_restored > figures.psnr_corrupted + 3);
}

int InpaintReport::finish(double seconds_in_gradients, double seconds_in_steps) {
  const InpaintFigures figures = this->figures(seconds_in_gradients, seconds_in_steps);
  Report report(options_.common, "Photo restoration",
                "Most pixels of a photograph were replaced by black or white. Gradient descent on "
                "the roughness of its rows and columns brings it back.");
  add_pictures(report);
  add_plot(report);
  add_figures(report, figures);
  print(figures, problem_);
  report.finish();
  if (!options_.common.quick || plausible(figures)) return 0;
  std::fputs("inpaint: the restoration failed: its figures are not plausible\n", stderr);
  return 1;
}

}  // namespace examples
