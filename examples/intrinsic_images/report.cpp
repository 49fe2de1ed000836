#include "examples/intrinsic_images/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <autograd/autograd.hpp>
#include <string>
#include <vector>

#include "examples/support/matrix_image.hpp"

namespace examples {
namespace {

namespace ag = autograd;
using Array = xt::xarray<float>;

Array channel_of(const Array& images, std::size_t i, std::size_t c) {
  return xt::view(images, i, c, xt::all(), xt::all());
}

/// exp(y), with the mean of the logarithms of each picture as in `truth`.
Array at_brightness_of(const Array& truth, const Array& y) {
  const auto axes = ag::Reduce{.axis = {1, 2, 3}, .keepdims = true};
  return ag::evaluate(
      [&](const ag::Var<float>& each) { return ag::exp(each + ag::mean(truth - each, axes)); })(y);
}

}  // namespace

/// Why the results of the question's code were not good.
void explain(Report& report) {
  report.text(
      "Equation (4) has means. The question's code sums over everything and takes the mean of that "
      "one number, which gives sum(y^2) - 0.5 sum(y)^2. This has no minimum: a prediction that is "
      "off by the same at every pixel makes it as negative as you like.");
  report.text(
      "Equation (6) is about how pixels differ from their neighbours. K.gradients differentiates "
      "by variables: the derivative of sum(y[:, 1]) by y is ones and zeros, whatever y is, so that "
      "this term teaches nothing. What theano.function compiles takes arrays and cannot be part of "
      "a loss; here the filters act on variables.");
}

namespace {

void fail_if_diverged(Report& report, const char* name, const Training& run) {
  if (!run.diverged()) return;
  report.fail(fmt::format(
      "The training with {} has diverged: its held-out error rose from {:.3g} to {:.3g}. The "
      "learning rate is too large.",
      name, run.held_out.front(), *std::max_element(run.held_out.begin(), run.held_out.end())));
}

}  // namespace

void judge(Report& report, const Training& composed, const Training& l2, double error_of_input) {
  fail_if_diverged(report, "(4) + (6)", composed);
  fail_if_diverged(report, "plain L2", l2);
  if (composed.diverged() || composed.held_out.back() < error_of_input) return;
  const std::string text =
      "The network has not learned enough: to take the input for the albedo is no worse.";
  fmt::print("{}\n", text);
  report.text(text);
}

Image albedo_picture(const Samples& held_out, const Training& composed, const Training& l2,
                     std::size_t count) {
  const Array x = images_between(held_out.x, 0, count), y = images_between(held_out.y, 0, count);
  const Array columns[] = {xt::exp(x), at_brightness_of(y, prediction(x, composed.weights)),
                           at_brightness_of(y, prediction(x, l2.weights)), xt::exp(y)};
  std::vector<Array> channels;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<Array> patches;
    for (std::size_t i = 0; i < count; ++i) {
      for (const Array& images : columns) patches.push_back(channel_of(images, i, c));
    }
    channels.push_back(tiles(patches, std::size(columns), 2, false).pixels);
  }
  return from_channels(channels);
}

Plot error_plot(const Training& composed, const Training& l2, double error_of_input) {
  const std::size_t points = composed.held_out.size();
  const auto epochs = counting(points, 0);
  return {"Error of the albedo of held-out pictures",
          "epoch",
          "mean squared error of logarithms, best scale",
          false,
          true,
          {{"scale-invariant + gradient", epochs, composed.held_out},
           {"plain L2", epochs, l2.held_out},
           {"albedo = input", epochs, std::vector<double>(points, error_of_input)}}};
}

Table epochs_table(const Training& composed, const Training& l2) {
  Table table({"epoch", "loss", "held-out error", "plain L2 loss", "held-out error"}, 4);
  const std::size_t epochs = composed.losses.size(), every = (epochs + 9) / 10;
  for (std::size_t k = 1; k <= epochs; ++k) {
    if (k % every != 0 && k != 1 && k != epochs) continue;
    table.add({k, composed.losses[k - 1], composed.held_out[k], l2.losses[k - 1], l2.held_out[k]});
  }
  return table;
}

}  // namespace examples
