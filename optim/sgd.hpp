/// Stochastic gradient descent with momentum.
#pragma once

#include "optim/optimizer.hpp"

namespace optim {

enum class Convention { keras, pytorch };

struct SGDOptions {
  LearningRate learning_rate = 0.01;  ///< positive; a number or a function of the step
  double decay = 0;                   ///< learning_rate / (1 + decay * iterations)
  double momentum = 0;                ///< in [0, 1)
  bool nesterov = false;              ///< step with the velocity that comes next
  double weight_decay = 0;            ///< see SGD
  Clip clip = {};
  Convention convention = Convention::keras;
  double dampening = 0;  ///< in [0, 1); PyTorch's convention only, not with nesterov
};

/// Keras:    w -= rate * weight_decay * w (before the rest)
///           velocity = momentum * velocity - rate * gradient
///           w += nesterov ? momentum * velocity - rate * gradient : velocity
/// PyTorch:  gradient += weight_decay * w
///           velocity = momentum * velocity + (1 - dampening) * gradient
///           (= gradient in the first step, and without momentum)
///           w -= rate * (nesterov ? gradient + momentum * velocity : velocity)
///
/// With a constant rate both give the same w. When the rate changes they differ: in Keras' form the
/// velocity holds steps, with the rates that they had; in PyTorch's it holds gradients.
template <Scalar T>
class SGD : public Optimizer<T> {
 public:
  /// Throws std::invalid_argument for options out of range.
  explicit SGD(SGDOptions options = {});

  SGDOptions options;

  /// The velocity of a parameter (in the state: "velocity", in PyTorch's convention
  /// "momentum_buffer"). Throws std::out_of_range before the first step.
  const xt::xarray<T>& velocity(std::size_t parameter = 0) const;

 private:
  typename Optimizer<T>::Common common() const override;
  void check() const override;
  void update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) override;
};

}  // namespace optim
