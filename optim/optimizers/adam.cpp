#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "optim/optimizers.hpp"

namespace optim::detail {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The numbers of one step: rest_1 is 1 - beta_1, `step` and `root` hold the corrections of the
/// bias.
template <Scalar T>
struct StepCoefficients {
  T beta_1, beta_2, rest_1, rest_2, step, root, epsilon, keep, decay;
};

template <Scalar T>
void adam_step(T* w, T* mean, T* variance, std::size_t n, const Clipped<T>& g,
               const StepCoefficients<T>& by) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const T gradient = g[i] + by.decay * w[i];
    mean[i] = by.beta_1 * mean[i] + by.rest_1 * gradient;
    variance[i] = by.beta_2 * variance[i] + by.rest_2 * gradient * gradient;
    w[i] = by.keep * w[i] - by.step * mean[i] / (std::sqrt(variance[i]) * by.root + by.epsilon);
  }
}

}  // namespace

template <Scalar T, class Options>
AdamFamily<T, Options>::AdamFamily(Options options)
    : Optimizer<T>(std::is_same_v<Options, AdamOptions> ? "Adam" : "AdamW", {"mean", "variance"}),
      options(std::move(options)) {
  this->validate();
}

template <Scalar T, class Options>
typename Optimizer<T>::Common AdamFamily<T, Options>::common() const {
  return {options.learning_rate, options.decay, options.clip};
}

template <Scalar T, class Options>
void AdamFamily<T, Options>::check() const {
  this->check_range("beta_1", static_cast<T>(options.beta_1), 0, 1);
  this->check_range("beta_2", static_cast<T>(options.beta_2), 0, 1);
  this->check_range("epsilon", options.epsilon, std::numeric_limits<T>::min(), infinity);
  this->check_range("weight_decay", options.weight_decay, 0, infinity);
}

template <Scalar T, class Options>
void AdamFamily<T, Options>::update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g,
                                    T rate) {
  constexpr bool decoupled = std::is_same_v<Options, AdamWOptions>;
  const auto t = static_cast<double>(this->iterations() + 1);
  const double step = static_cast<double>(rate) / (1 - std::pow(options.beta_1, t));
  const double root = 1 / std::sqrt(1 - std::pow(options.beta_2, t));
  const T decay = static_cast<T>(options.weight_decay);
  adam_step<T>(
      w.data(), this->slot(0, parameter), this->slot(1, parameter), w.size(), g,
      {T(options.beta_1), T(options.beta_2), T(1 - options.beta_1), T(1 - options.beta_2), T(step),
       T(root), T(options.epsilon), decoupled ? 1 - rate * decay : T(1), decoupled ? T(0) : decay});
}

template class AdamFamily<float, AdamOptions>;
template class AdamFamily<double, AdamOptions>;
template class AdamFamily<float, AdamWOptions>;
template class AdamFamily<double, AdamWOptions>;

}  // namespace optim::detail
