#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "optim/optimizers.hpp"

namespace optim {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The numbers of one step, and its arrays.
template <Scalar T>
struct StepCoefficients {
  T rate, rho, rest, rho_of_mean, rest_of_mean, momentum, epsilon, keep;
  T *variance, *mean, *velocity;
};

template <Scalar T>
void rmsprop_step(T* w, std::size_t n, const Clipped<T>& g, const StepCoefficients<T>& by) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const T gradient = g[i];
    by.variance[i] = by.rho * by.variance[i] + by.rest * gradient * gradient;
    by.mean[i] = by.rho_of_mean * by.mean[i] + by.rest_of_mean * gradient;
    const T square = std::max(T(0), by.variance[i] - by.mean[i] * by.mean[i]) + by.epsilon;
    by.velocity[i] = by.momentum * by.velocity[i] + by.rate * gradient / std::sqrt(square);
    w[i] = by.keep * w[i] - by.velocity[i];
  }
}

}  // namespace

template <Scalar T>
RMSprop<T>::RMSprop(RMSpropOptions options)
    : Optimizer<T>("RMSprop", {"variance", "mean", "velocity"}), options(std::move(options)) {
  this->validate();
}

template <Scalar T>
typename Optimizer<T>::Common RMSprop<T>::common() const {
  return {options.learning_rate, options.decay, options.clip};
}

template <Scalar T>
void RMSprop<T>::check() const {
  this->check_range("rho", static_cast<T>(options.rho), 0, 1);
  this->check_range("momentum", options.momentum, 0, 1);
  this->check_range("epsilon", options.epsilon, std::numeric_limits<T>::min(), infinity);
  this->check_range("weight_decay", options.weight_decay, 0, infinity);
}

template <Scalar T>
void RMSprop<T>::update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) {
  const T rho = static_cast<T>(options.rho), rest = static_cast<T>(1 - options.rho);
  rmsprop_step<T>(w.data(), w.size(), g,
                  {rate, rho, rest, options.centered ? rho : T(1), options.centered ? rest : T(0),
                   T(options.momentum), T(options.epsilon), 1 - rate * T(options.weight_decay),
                   this->slot(0, parameter), this->slot(1, parameter), this->slot(2, parameter)});
}

template class RMSprop<float>;
template class RMSprop<double>;

}  // namespace optim
