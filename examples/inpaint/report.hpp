#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "examples/inpaint/problem.hpp"
#include "examples/support/animation.hpp"
#include "examples/support/progress.hpp"

namespace examples {

/// What the program reports in the end. NaN stands for what is not known (a PSNR without a truth).
struct InpaintFigures {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t iterations = 0;
  double objective_initial = 0;
  double objective_final = 0;
  double psnr_corrupted = std::numeric_limits<double>::quiet_NaN();
  double psnr_restored = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0;
  double seconds_per_gradient = 0;
};

class Report;

/// Accompanies a restoration: a progress bar, the objective, and pictures along the way.
class InpaintReport {
 public:
  InpaintReport(const InpaintOptions& options, const InpaintProblem& problem);

  /// Called with the objective before step `w`, and once more after the last step; `picture` is
  /// asked for its state when a frame of the animation is due.
  void step(std::size_t w, double objective, const std::function<Image()>& picture);

  /// Writes and prints everything; returns the exit code of the program, which is 1 when a quick
  /// run finds that its figures cannot be right.
  int finish(double seconds_in_gradients, double seconds_in_steps);

 private:
  InpaintFigures figures(double seconds_in_gradients, double seconds_in_steps) const;
  void add_pictures(Report& report);
  void add_plot(Report& report) const;
  bool plausible(const InpaintFigures& figures) const;

  const InpaintOptions& options_;
  const InpaintProblem& problem_;
  Image restored_;
  std::vector<double> objective_;
  Progress progress_;
  Animation animation_;
  std::size_t next_frame_ = 0;
};

}  // namespace examples
