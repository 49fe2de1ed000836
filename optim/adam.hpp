/// Adam and AdamW.
#pragma once

#include "optim/optimizer.hpp"

namespace optim {

struct AdamOptions {
  LearningRate learning_rate = 1e-3;  ///< positive; a number or a function of the step
  double decay = 0;                   ///< learning_rate / (1 + decay * iterations)
  double beta_1 = 0.9;                ///< of the mean of gradients, in [0, 1)
  double beta_2 = 0.999;              ///< of the mean of squared gradients, in [0, 1)
  double epsilon = 1e-8;              ///< positive
  double weight_decay = 0;            ///< weight_decay * w is added to the gradient
  Clip clip = {};
};

struct AdamWOptions {
  LearningRate learning_rate = 1e-3;
  double decay = 0;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  ///< w -= rate * weight_decay * w, before the rest
  Clip clip = {};
};

namespace detail {

/// Both differ only in what weight decay does.
template <Scalar T, class Options>
class AdamFamily : public Optimizer<T> {
 public:
  /// Throws std::invalid_argument for options out of range.
  explicit AdamFamily(Options options = {});

  Options options;

 private:
  typename Optimizer<T>::Common common() const override;
  void check() const override;
  void update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) override;
};

}  // namespace detail

/// Kingma and Ba (2015), algorithm 1, with t the number of the step:
///   mean = beta_1 * mean + (1 - beta_1) * gradient
///   variance = beta_2 * variance + (1 - beta_2) * gradient^2
///   w -= rate * mean / (1 - beta_1^t) / (sqrt(variance / (1 - beta_2^t)) + epsilon)
/// (PyTorch's form; Keras adds its epsilon before the correction of the bias.)
template <Scalar T>
using Adam = detail::AdamFamily<T, AdamOptions>;

/// Adam with decoupled weight decay: Loshchilov and Hutter (2019).
template <Scalar T>
using AdamW = detail::AdamFamily<T, AdamWOptions>;

}  // namespace optim
