#include "examples/intrinsic_images/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <stdexcept>
#include <tuple>

#include "examples/support/progress.hpp"

namespace examples {
namespace {

namespace ag = autograd;
using Array = xt::xarray<float>;

template <class T>
Weights<ag::Var<T>> constants(const Weights<xt::xarray<T>>& w) {
  return std::apply([](const auto&... each) { return Weights<ag::Var<T>>{each...}; }, w);
}

/// One step on one batch; returns the loss before it.
double step(Weights<Array>& weights, optim::SGD<float>& sgd, const Loss<float>& loss,
            const Array& x, const Array& y) {
  const auto loss_of = [&](const auto&... w) { return loss(y, predict<float>(x, {w...})); };
  const auto [value, gradients] = std::apply(ag::value_and_grad(loss_of), weights);
  std::apply([&, &g = gradients](auto&... w) { sgd.step(std::tie(w...), g); }, weights);
  return value;
}

double error(const Weights<Array>& weights, const Samples& samples) {
  return scale_free_error(samples.y, prediction(samples.x, weights));
}

optim::SGD<float> optimizer(const TrainingOptions& options, std::size_t steps) {
  const auto rate = [options, steps](std::uint64_t k) {
    return options.learning_rate * (1 - static_cast<double>(k) / static_cast<double>(steps));
  };
  return optim::SGD<float>(
      {.learning_rate = rate, .momentum = options.momentum, .clip = {.global_norm = 1}});
}

}  // namespace

template <class T>
Loss<T> composed_loss(double lambda) {
  return [lambda](const ag::Var<T>& y_true, const ag::Var<T>& y_pred) {
    return optim::scale_invariant_l2(y_true, y_pred, {.lambda = lambda}) +
           optim::gradient_l2(y_true, y_pred, {.scale = 1.0 / 6});
  };
}
template Loss<float> composed_loss(double);
template Loss<double> composed_loss(double);

Samples samples_of(const IntrinsicImages& images) {
  return {xt::log(images.input), xt::log(images.albedo)};
}

bool Training::diverged() const {
  return std::any_of(held_out.begin(), held_out.end(),
                     [&](double error) { return !(error <= 10 * held_out.front()); });
}

Training train(const std::string& name, const Loss<float>& loss, const Samples& samples,
               const Samples& held_out, const TrainingOptions& options) {
  const std::size_t count = samples.x.shape(0), batches = (count - 1) / options.batch + 1;
  const std::size_t steps = options.epochs * batches;
  Training run{initial_weights<float>(options.seed), {}, {}};
  optim::SGD<float> sgd = optimizer(options, steps);
  Progress progress(name, steps);
  run.held_out.push_back(error(run.weights, held_out));
  while (run.losses.size() < options.epochs) {
    double sum = 0;
    for (std::size_t begin = 0; begin < count; begin += options.batch) {
      const std::size_t end = std::min(count, begin + options.batch);
      sum += step(run.weights, sgd, loss, images_between(samples.x, begin, end),
                  images_between(samples.y, begin, end));
      progress.update(sgd.iterations(), fmt::format("held-out error {:.4f}", run.held_out.back()));
    }
    run.losses.push_back(sum / static_cast<double>(batches));
    run.held_out.push_back(error(run.weights, held_out));
  }
  return run;
}

double scale_free_error(const Array& y_true, const Array& y_pred) {
  return ag::evaluate([&](const ag::Var<float>& y) {
    return optim::scale_invariant_l2(y_true, y, {.lambda = 1});
  })(y_pred)();
}

std::string check_gradients_of(const Loss<double>& loss) {
  using V = ag::Var<double>;
  const IntrinsicImages images = draw_intrinsic_images(2, 2 * coarseness, 1);
  const xt::xarray<double> x = xt::log(images.input), y = xt::log(images.albedo);
  const auto w = initial_weights<double>(1, 4);
  try {
    ag::check_gradients([&](const V& y_pred) { return loss(y, y_pred); }, {x});
    for (std::size_t k : {0, 4, 6}) {  // four weights at a time; so small a step meets no kinks
      const auto loss_of = [&](const V& a, const V& b, const V& c, const V& d) {
        auto vars = constants(w);
        vars[k] = a, vars[k + 1] = b, vars[k + 2] = c, vars[k + 3] = d;
        return loss(y, predict(V(x), vars));
      };
      ag::check_gradients(loss_of, {w[k], w[k + 1], w[k + 2], w[k + 3]}, {.step = 1e-6});
    }
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace examples
