/// "Implementing a custom objective function in Keras": the loss of "Direct Intrinsics", by which a
/// network learns to take the shading off pictures. The loss is two calls; its gradient comes from
/// autograd. A second network learns by plain L2 from the same start and the same batches.

#include <fmt/format.h>

#include <algorithm>
#include <optim/optim.hpp>
#include <string>

#include "examples/intrinsic_images/report.hpp"
#include "examples/support/command_line.hpp"
#include "examples/support/error.hpp"
#include "examples/support/report.hpp"
#include "examples/support/timer.hpp"

namespace {

using namespace examples;

struct Options {
  TrainingOptions training;
  std::uint64_t images = 512;
  std::uint64_t held_out = 64;
  std::uint64_t size = 32;
  double lambda = 0.5;
  CommonOptions common;
};

Options options(int argc, const char* const* argv) {
  Options options;
  TrainingOptions& training = options.training;
  CommandLine line("intrinsic_images", "Learns to separate the albedo of pictures from shading.");
  line.count("--epochs", training.epochs, {1, 100'000}, "how often all images are seen");
  line.count("--images", options.images, {1, 100'000}, "pictures to learn from");
  line.count("--size", options.size, {8, 512}, "sides of the pictures, a multiple of 4");
  line.count("--batch", training.batch, {1, 1024}, "pictures of one step");
  line.number("--learning-rate", training.learning_rate, {1e-9, 10}, "at the start; falls to 0");
  line.number("--momentum", training.momentum, {0, 0.999}, "of SGD");
  line.number("--lambda", options.lambda, {0, 1}, "of the scale-invariant loss");
  line.parse(argc, argv);
  options.common = line.common();
  training.seed = options.common.seed;
  if (options.size % coarseness != 0) {
    throw InputError(fmt::format("--size: {} is not a multiple of {}", options.size, coarseness));
  }
  if (options.common.quick) {
    training.epochs = std::min<std::uint64_t>(training.epochs, 4);
    options.images = std::min<std::uint64_t>(options.images, 96);
    options.held_out = 16;
  }
  return options;
}

struct Outcome {
  std::string wrong_gradients;  ///< empty: the check passed
  Samples held_out;
  Training composed, l2;
  double error_of_input = 0;
  double seconds = 0;
};

Outcome learn(const Options& options) {
  const std::uint64_t seed = 2 * options.common.seed;
  const Samples samples = samples_of(draw_intrinsic_images(options.images, options.size, seed));
  const Samples held_out =
      samples_of(draw_intrinsic_images(options.held_out, options.size, seed + 1));
  Outcome outcome{check_gradients_of(composed_loss<double>(options.lambda)),
                  held_out,
                  {},
                  {},
                  scale_free_error(held_out.y, held_out.x)};
  outcome.seconds = seconds_of([&] {
    outcome.composed = train("scale-invariant + gradient", composed_loss<float>(options.lambda),
                             samples, held_out, options.training);
    outcome.l2 =
        train("plain L2", optim::mean_squared_error<float>, samples, held_out, options.training);
  });
  return outcome;
}

void print(const Outcome& outcome, const Table& epochs) {
  const bool passed = outcome.wrong_gradients.empty();
  fmt::print("gradient check: {}\n", passed ? "passed" : outcome.wrong_gradients);
  epochs.print();
  fmt::print("held-out error: {:.4f} before, {:.4f} after ({:.4f} with plain L2); input: {:.4f}\n",
             outcome.composed.held_out.front(), outcome.composed.held_out.back(),
             outcome.l2.held_out.back(), outcome.error_of_input);
}

void add_figures(Report& report, const Outcome& outcome) {
  const Training &run = outcome.composed, &l2 = outcome.l2;
  const bool passed = outcome.wrong_gradients.empty();
  report.figure("held_out_start", run.held_out.front(), "held-out error before training");
  report.figure("held_out_final", run.held_out.back(), "after training with (4) + (6)");
  report.figure("held_out_final_l2", l2.held_out.back(), "after training with plain L2");
  report.figure("held_out_input", outcome.error_of_input, "if the input is taken for the albedo");
  report.figures("train_losses", run.losses, "(4) + (6), of each epoch");
  report.figures("train_losses_l2", l2.losses, "plain L2, of each epoch");
  report.figure("gradient_check", passed, "of (4) + (6), by prediction and weights, to order 2");
  report.figure("seconds", outcome.seconds, "for both trainings");
  report.expect(passed, "the gradients of the loss agree with differences");
  report.expect(run.held_out.back() < 0.5 * run.held_out.front(), "the held-out error halves");
  report.expect(run.held_out.back() < outcome.error_of_input, "predictions are better than inputs");
}

int show(const Options& options) {
  const Outcome outcome = learn(options);
  const Table epochs = epochs_table(outcome.composed, outcome.l2);
  print(outcome, epochs);
  Report report(options.common, "Intrinsic images",
                "A picture is albedo times shading. A small convolutional network learns to find "
                "the albedo, by the scale-invariant and gradient losses of \"Direct Intrinsics\".");
  explain(report);
  judge(report, outcome.composed, outcome.l2, outcome.error_of_input);
  report.picture("albedo.png", albedo_picture(outcome.held_out, outcome.composed, outcome.l2, 6),
                 "Held-out pictures: input, prediction (scale-invariant + gradient), prediction "
                 "(plain L2), true albedo. Predictions are shown at their best brightness.");
  report.plot("held_out", error_plot(outcome.composed, outcome.l2, outcome.error_of_input),
              "The error of held-out pictures, measured alike for both losses.");
  report.table(epochs, "The losses are what each training minimised; only the errors compare.");
  add_figures(report, outcome);
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("intrinsic_images", [&] { return show(options(argc, argv)); });
}
