/// Stochastic gradient descent as Keras has it.
#pragma once

#include "autograd/var.hpp"

namespace optim {

struct SGDOptions {
  double learning_rate = 0.01;  ///< positive
  double momentum = 0;          ///< in [0, 1)
  bool nesterov = false;        ///< step with the velocity that comes next
};

/// velocity = momentum * velocity - learning_rate * gradient; w += velocity; with Nesterov
/// w += momentum * velocity - learning_rate * gradient. One optimizer serves one array.
template <autograd::Scalar T>
class SGD {
 public:
  /// Throws std::invalid_argument for a rate that is not positive or a momentum outside [0, 1).
  explicit SGD(SGDOptions options = {});

  /// One step. Throws std::invalid_argument unless the gradient has the shape of w, the same in
  /// every step.
  void step(xt::xarray<T>& w, const xt::xarray<T>& gradient);

  SGDOptions options;

  /// The velocity after the last step; empty before the first.
  const xt::xarray<T>& velocity() const { return velocity_; }

 private:
  xt::xarray<T> velocity_ = xt::xarray<T>::from_shape({0});
};

}  // namespace optim
