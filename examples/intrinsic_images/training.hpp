#pragma once

#include <functional>
#include <string>
#include <vector>

#include "examples/intrinsic_images/data.hpp"
#include "examples/intrinsic_images/network.hpp"

namespace examples {

/// (y_true, y_pred) -> a number; logarithms of albedos.
template <class T>
using Loss =
    std::function<autograd::Var<T>(const autograd::Var<T>& y_true, const autograd::Var<T>& y_pred)>;

/// The sum of equations (4) and (6) of Narihira, Maire and Yu, "Direct Intrinsics" (ICCV 2015):
/// scale-invariant L2, and the L2 loss of the slope per pixel by Prewitt's filters.
template <class T>
Loss<T> composed_loss(double lambda);

/// What a network learns and is tested with: logarithms of inputs x and albedos y.
struct Samples {
  xt::xarray<float> x, y;
};
Samples samples_of(const IntrinsicImages& images);

struct TrainingOptions {
  std::uint64_t epochs = 12;
  std::uint64_t batch = 8;
  double learning_rate = 0.1;  ///< at the start; it falls linearly, to 0 after the last step
  double momentum = 0.9;
  std::uint64_t seed = 0;  ///< of the first weights
};

/// How a training went.
struct Training {
  Weights<xt::xarray<float>> weights;
  std::vector<double> losses;    ///< of each epoch, averaged over its steps
  std::vector<double> held_out;  ///< the error before the first epoch and after each one

  /// The error became infinite or much larger than it was at the start.
  bool diverged() const;
};

/// Minimises the loss by SGD with momentum and gradients of a global norm of at most 1, batch by
/// batch in the order of the samples. `name` stands at the progress bar.
Training train(const std::string& name, const Loss<float>& loss, const Samples& samples,
               const Samples& held_out, const TrainingOptions& options);

/// The error of held-out samples: scale-invariant L2 with lambda = 1. It is the mean squared error
/// of the logarithms after the best scale of each picture, whatever loss was trained.
double scale_free_error(const xt::xarray<float>& y_true, const xt::xarray<float>& y_pred);

/// Compares the gradients of the loss, by the prediction and through a small network by all of its
/// weights, with differences. Returns what is wrong: nothing.
std::string check_gradients_of(const Loss<double>& loss);

}  // namespace examples
