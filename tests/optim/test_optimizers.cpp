// Trajectories of the optimizers, as numbers. They were computed with a few lines of Python from
// the formulas of Keras, of PyTorch and of the papers, from w = 1 with the gradients 1, -2, 3, 0.5.
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <string>

#include "tests/support/expect.hpp"

using expect::difference;

namespace {

using A = xt::xarray<double>;

constexpr double gradients[] = {1, -2, 3, 0.5};

template <class O>
A trajectory(O optimizer) {
  A visited = xt::zeros<double>({4});
  xt::xarray<typename O::Element> w = {1};
  for (std::size_t i = 0; i < 4; ++i) {
    optimizer.step(w, {static_cast<typename O::Element>(gradients[i])});
    visited(i) = w(0);
  }
  return visited;
}

/// In both types, float to its precision.
template <template <class> class O, class Options>
std::string trajectory_difference(const Options& options, const A& expected) {
  return difference(trajectory(O<double>(options)), expected, 1e-14) +
         difference(trajectory(O<float>(options)), expected, 2e-6);
}

double changing(std::uint64_t step) {
  constexpr double rates[] = {0.1, 0.05, 0.2, 0.1};
  return rates[step];
}

using optim::Convention;

}  // namespace

TEST_CASE("SGD: Keras and PyTorch agree while the rate is constant", "[optim][optimizers]") {
  for (const bool nesterov : {false, true}) {
    const A keras = trajectory(
        optim::SGD<double>({.learning_rate = 0.1, .momentum = 0.9, .nesterov = nesterov}));
    const A pytorch = trajectory(optim::SGD<double>({.learning_rate = 0.1,
                                                     .momentum = 0.9,
                                                     .nesterov = nesterov,
                                                     .convention = Convention::pytorch}));
    CHECK(difference(keras, pytorch, 1e-14) == "");
  }
}

TEST_CASE("SGD: they differ when the rate changes", "[optim][optimizers]") {
  const auto check = [](bool nesterov, Convention convention, const A& expected) {
    const optim::SGDOptions options{
        .learning_rate = changing, .momentum = 0.9, .nesterov = nesterov, .convention = convention};
    CHECK(trajectory_difference<optim::SGD>(options, expected) == "");
  };
  check(false, Convention::keras, {0.9, 0.91, 0.319, -0.2629});
  check(false, Convention::pytorch, {0.9, 0.955, 0.553, 0.3221});
  check(true, Convention::keras, {0.81, 0.919, -0.2129, -0.78661});
  check(true, Convention::pytorch, {0.81, 0.9595, -0.0023, -0.26011});
}

TEST_CASE("SGD: weight decay and dampening", "[optim][optimizers]") {
  optim::SGDOptions options{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.5};
  CHECK(trajectory_difference<optim::SGD>(options, A{0.85, 0.9175, 0.670625, 0.40619375}) == "");
  options.convention = Convention::pytorch;
  CHECK(trajectory_difference<optim::SGD>(options, A{0.85, 0.8725, 0.549125, 0.18063125}) == "");
  options.weight_decay = 0;
  options.dampening = 0.5;  // not in the first step
  CHECK(trajectory_difference<optim::SGD>(options, A{0.9, 0.91, 0.769, 0.6171}) == "");
}

TEST_CASE("SGD: without momentum there is nothing to dampen", "[optim][optimizers]") {
  const optim::SGDOptions options{
      .learning_rate = 1, .convention = Convention::pytorch, .dampening = 0.5};
  CHECK(trajectory_difference<optim::SGD>(options, A{0, 2, -1, -1.5}) == "");
}

TEST_CASE("SGD: decay divides the rate by 1 + decay * iterations", "[optim][optimizers]") {
  // 1 - 0.1 * 1 + 0.05 * 2 - 0.1 / 3 * 3 - 0.025 * 0.5
  const optim::SGDOptions options{.learning_rate = 0.1, .decay = 1};
  CHECK(trajectory_difference<optim::SGD>(options, A{0.9, 1, 0.9, 0.8875}) == "");
}

TEST_CASE("Adam: the formula of the paper", "[optim][optimizers]") {
  CHECK(trajectory_difference<optim::Adam>(
            optim::AdamOptions{.learning_rate = 0.1},
            A{0.900000001, 0.9366103534720749, 0.9022862456017299, 0.8667154609260014}) == "");
  CHECK(trajectory_difference<optim::Adam>(
            optim::AdamOptions{.learning_rate = 0.1, .beta_1 = 0.5, .beta_2 = 0.75, .epsilon = 0.1},
            A{0.9090909090909091, 0.9663152228503956, 0.9134216672758402, 0.8696667408266283}) ==
        "");
}

TEST_CASE("Adam adds weight decay to the gradient, AdamW to the weight", "[optim][optimizers]") {
  CHECK(trajectory_difference<optim::Adam>(
            optim::AdamOptions{.learning_rate = 0.1, .weight_decay = 0.5},
            A{0.9000000006666666, 0.9069015188655994, 0.8555334162100382, 0.801589569490444}) ==
        "");
  CHECK(trajectory_difference<optim::AdamW>(
            optim::AdamWOptions{.learning_rate = 0.1, .weight_decay = 0.5},
            A{0.850000001, 0.8441103534220749, 0.7675807278806261, 0.6936309068108664}) == "");
}

TEST_CASE("RMSprop: the formula of Keras", "[optim][optimizers]") {
  optim::RMSpropOptions options{.learning_rate = 0.1};
  CHECK(trajectory_difference<optim::RMSprop>(options, A{0.6837723920969265, 0.9694866486566978,
                                                         0.7104227782406314, 0.6653740786219546}) ==
        "");
  options.momentum = 0.5;
  CHECK(trajectory_difference<optim::RMSprop>(options, A{0.6837723920969265, 0.811372844705161,
                                                         0.616109200593212, 0.47342867891856066}) ==
        "");
  options.momentum = 0;
  options.centered = true;
  CHECK(trajectory_difference<optim::RMSprop>(options, A{0.6666668518516974, 0.955975512651452,
                                                         0.6929187142343753, 0.6468623664256332}) ==
        "");
  options.momentum = options.weight_decay = 0.5;
  CHECK(trajectory_difference<optim::RMSprop>(
            options, A{0.6166668518516973, 0.7084755959847158, 0.47131606113120494,
                       0.30082603273876507}) == "");
}

TEST_CASE("Adam: betas close to 1 keep their digits in float", "[optim][optimizers]") {
  for (const double beta : {0.999999, 0.9999999}) {
    xt::xarray<float> w = {1};
    optim::Adam<float>({.learning_rate = 1, .beta_1 = beta, .beta_2 = beta}).step(w, {1});
    CHECK(difference(w, A{0}, 1e-4) == "");  // the first step is the rate
  }
}

TEST_CASE("RMSprop: centered, with a gradient that does not change", "[optim][optimizers]") {
  optim::RMSprop<float> rmsprop({.learning_rate = 1e-3, .rho = 0.5, .centered = true});
  xt::xarray<float> w = xt::zeros<float>({1000});
  const xt::xarray<float> g = xt::linspace<float>(0.001F, 30.0F, 1000);
  for (int i = 0; i < 60; ++i) rmsprop.step(w, g);  // the variance rounds to below 0
  CHECK(xt::all(xt::isfinite(w)));
}

TEST_CASE("the defaults are those of the documentation", "[optim][optimizers]") {
  CHECK(optim::SGDOptions().learning_rate(0) == 0.01);
  CHECK(optim::AdamOptions().learning_rate(7) == 1e-3);
  CHECK(optim::AdamOptions().epsilon == 1e-8);
  CHECK(optim::AdamWOptions().weight_decay == 0.01);
  CHECK(optim::RMSpropOptions().rho == 0.9);
  CHECK(optim::RMSpropOptions().epsilon == 1e-7);
}
