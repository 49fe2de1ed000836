/// RMSprop.
#pragma once

#include "optim/optimizer.hpp"

namespace optim {

struct RMSpropOptions {
  LearningRate learning_rate = 1e-3;  ///< positive; a number or a function of the step
  double decay = 0;                   ///< learning_rate / (1 + decay * iterations)
  double rho = 0.9;                   ///< of the mean of squared gradients, in [0, 1)
  double momentum = 0;                ///< in [0, 1)
  double epsilon = 1e-7;              ///< positive
  bool centered = false;              ///< divide by the deviation instead of the root mean square
  double weight_decay = 0;            ///< w -= rate * weight_decay * w, before the rest
  Clip clip = {};
};

/// Keras' form of Hinton's method:
///   variance = rho * variance + (1 - rho) * gradient^2
///   mean = rho * mean + (1 - rho) * gradient (0 unless centered)
///   velocity = momentum * velocity + rate * gradient / sqrt(variance - mean^2 + epsilon)
///   w -= velocity
template <Scalar T>
class RMSprop : public Optimizer<T> {
 public:
  /// Throws std::invalid_argument for options out of range.
  explicit RMSprop(RMSpropOptions options = {});

  RMSpropOptions options;

 private:
  typename Optimizer<T>::Common common() const override;
  void check() const override;
  void update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) override;
};

}  // namespace optim
