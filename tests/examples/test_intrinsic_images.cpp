/// Intrinsic images: the pictures, the network, the loss and the training.

#include <autograd/autograd.hpp>
#include <cmath>
#include <set>

#include "examples/intrinsic_images/training.hpp"
#include "examples/support/random.hpp"
#include "tests/examples/programs.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace examples;
namespace ag = autograd;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using expect::difference;

namespace {

const TrainingOptions three_epochs{.epochs = 3, .batch = 4};

Samples some_samples(std::size_t count, std::uint64_t seed) {
  return samples_of(draw_intrinsic_images(count, 16, seed));
}

/// The composed loss, pixel by pixel as equations (4) and (6) stand there; `y` is the residual.
double by_hand(const xt::xarray<double>& y, double lambda) {
  const std::size_t batch = y.shape(0), channels = y.shape(1), h = y.shape(2), w = y.shape(3);
  double scale_invariant = 0, gradient = 0;
  for (std::size_t b = 0; b < batch; ++b) {
    double sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t i = 0; i < h; ++i) {
        for (std::size_t j = 0; j < w; ++j) {
          sum += y(b, c, i, j), squares += y(b, c, i, j) * y(b, c, i, j);
          if (i + 2 >= h || j + 2 >= w) continue;
          double down = 0, across = 0;
          for (std::size_t k = 0; k < 3; ++k) {
            down += (y(b, c, i + 2, j + k) - y(b, c, i, j + k)) / 6;
            across += (y(b, c, i + k, j + 2) - y(b, c, i + k, j)) / 6;
          }
          gradient += down * down + across * across;
        }
      }
    }
    const double n = static_cast<double>(channels * h * w);
    scale_invariant += squares / n - lambda * sum * sum / (n * n);
  }
  const double slopes = static_cast<double>(batch * channels * (h - 2) * (w - 2));
  return scale_invariant / static_cast<double>(batch) + gradient / slopes;
}

}  // namespace

TEST_CASE("the input is albedo times shading, within the ranges promised",
          "[examples][intrinsic_images]") {
  const IntrinsicImages images = draw_intrinsic_images(5, 16, 3);
  CHECK(images.count() == 5);
  CHECK(images.albedo.shape() == xt::dynamic_shape<std::size_t>{5, 3, 16, 16});
  CHECK(images.shading.shape() == xt::dynamic_shape<std::size_t>{5, 1, 16, 16});
  CHECK(difference(images.input, images.albedo * images.shading, 1e-6) == "");
  CHECK(xt::amin(images.shading)() >= 0.3F);
  CHECK(xt::amax(images.shading)() <= 1.0F);
  CHECK(xt::amin(images.albedo)() > 0);
  CHECK(xt::amax(images.input)() < 1);
}

TEST_CASE("albedos have few colours, shadings no edges", "[examples][intrinsic_images]") {
  const IntrinsicImages images = draw_intrinsic_images(1, 32, 7);
  const float* red = images.albedo.data();
  const std::size_t colours = std::set<float>(red, red + 32 * 32).size();
  CHECK(colours >= 2);
  CHECK(colours <= 9);
  const xt::xarray<float> steps = xt::diff(images.shading, 1, 3);
  CHECK(xt::amax(xt::abs(steps))() < 0.1F);
  CHECK(xt::amax(images.shading)() - xt::amin(images.shading)() > 0.3F);
}

TEST_CASE("the same seed draws the same pictures, another one others",
          "[examples][intrinsic_images]") {
  const auto first = draw_intrinsic_images(2, 8, 1).input;
  CHECK((first == draw_intrinsic_images(2, 8, 1).input));
  CHECK((first != draw_intrinsic_images(2, 8, 2).input));
  CHECK((images_between(first, 1, 2) == xt::view(first, xt::range(1, 2))));
}

TEST_CASE("kernels begin with the variance of He et al., biases with zero",
          "[examples][intrinsic_images]") {
  const auto w = initial_weights<double>(5);
  CHECK(w[0].shape() == xt::dynamic_shape<std::size_t>{16, 3, 3, 3});
  CHECK(w[8].shape() == xt::dynamic_shape<std::size_t>{1, 32, 5, 5});
  CHECK_THAT(xt::variance(w[4])(), WithinRel(2.0 / (16 * 5 * 5), 0.1));
  CHECK((w[5] == xt::zeros<double>({16, 1, 1})));
}

TEST_CASE("the network subtracts one shading from all channels", "[examples][intrinsic_images]") {
  const Samples samples = some_samples(2, 1);
  const auto y = prediction(samples.x, initial_weights<float>(1, 4));
  CHECK(y.shape() == samples.x.shape());
  const xt::xarray<float> shading = samples.x - y;
  const auto of_channel = [&](int c) {
    return xt::xarray<float>(xt::view(shading, xt::all(), c, xt::all(), xt::all()));
  };
  CHECK(difference(of_channel(1), of_channel(0), 1e-5) == "");
  CHECK(difference(of_channel(2), of_channel(0), 1e-5) == "");
}

TEST_CASE("a brighter picture has a brighter albedo, and the same shading",
          "[examples][intrinsic_images]") {
  const Samples samples = some_samples(1, 2);
  const auto w = initial_weights<float>(1, 4);
  const xt::xarray<float> brighter = samples.x + 0.5F;
  const xt::xarray<float> expected = prediction(samples.x, w) + 0.5F;
  CHECK(difference(prediction(brighter, w), expected, 1e-5) == "");
}

TEST_CASE("the composed loss is the sum of equations (4) and (6)", "[examples][intrinsic_images]") {
  Random random(4);
  const auto y_true = random.normal<double>({2, 3, 5, 6}),
             y_pred = random.normal<double>({2, 3, 5, 6});
  const double lambda = GENERATE(0.0, 0.5, 1.0);
  const auto loss = composed_loss<double>(lambda);
  const auto value =
      ag::evaluate([&](const ag::Var<double>& y) { return loss(y_true, y); })(y_pred);
  CHECK_THAT(value(), WithinRel(by_hand(y_true - y_pred, lambda), 1e-12));
}

TEST_CASE("the gradients of the composed loss are right, wrong ones are told",
          "[examples][intrinsic_images]") {
  CHECK(check_gradients_of(composed_loss<double>(0.5)) == "");
  const Loss<double> wrong = [](const ag::Var<double>& y_true, const ag::Var<double>& y_pred) {
    return ag::mean(ag::square(y_true - y_pred) + ag::stop_gradient(y_pred));
  };
  CHECK_THAT(check_gradients_of(wrong), ContainsSubstring("check_gradients: order 1"));
}

TEST_CASE("the error of held-out samples ignores the scale of albedos",
          "[examples][intrinsic_images]") {
  const xt::xarray<float> y = {{{{0.1F, 0.2F}, {0.3F, 0.6F}}}};
  CHECK_THAT(scale_free_error(y, y + 2), WithinAbs(0.0, 1e-6));
  CHECK_THAT(scale_free_error(y, y * 0), WithinRel(0.035, 1e-5));  // the variance of y
}

TEST_CASE("training lowers the loss and the held-out error, and can be repeated",
          "[examples][intrinsic_images]") {
  const Samples samples = some_samples(22, 1), held_out = some_samples(6, 2);
  const Training run = train("test", composed_loss<float>(0.5), samples, held_out, three_epochs);
  CHECK(run.losses.size() == 3);
  CHECK(run.held_out.size() == 4);
  CHECK(run.losses.back() < run.losses.front());
  CHECK(run.held_out.back() < run.held_out.front());
  CHECK(run.held_out.back() == scale_free_error(held_out.y, prediction(held_out.x, run.weights)));
  const Training again = train("test", composed_loss<float>(0.5), samples, held_out, three_epochs);
  CHECK(again.losses == run.losses);
}

TEST_CASE("pictures that do not shrink by the coarseness are refused",
          "[examples][intrinsic_images]") {
  const programs::TemporaryFolder folder;
  const auto outcome = programs::run("intrinsic_images", folder, "--size 30");
  CHECK(outcome.code == 2);
  CHECK(outcome.errors == "intrinsic_images: --size: 30 is not a multiple of 4\n");
}
