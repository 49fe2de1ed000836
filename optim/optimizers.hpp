/// Optimizers that take a gradient: SGD, Adam, AdamW and RMSprop, and what they share.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/containers.hpp"
#include "autograd/var.hpp"

namespace optim {

/// The rate of each step. A number is the same rate for all; a function is called once in each
/// step, with the number of steps done so far (0 at first). Rates must be finite and not negative:
/// otherwise std::invalid_argument, for a number from the constructor, else from the step.
class LearningRate {
 public:
  LearningRate(double rate) : rate_(rate) {}
  template <std::invocable<std::uint64_t> F>
  LearningRate(F schedule) : schedule_(std::move(schedule)) {}

  double operator()(std::uint64_t iterations) const {
    return schedule_ ? schedule_(iterations) : rate_;
  }
  bool constant() const { return !schedule_; }

 private:
  double rate_ = 0;
  std::function<double(std::uint64_t)> schedule_;
};

using autograd::Scalar;

/// Limits of the gradient, applied before anything else; at most one may be set (as in Keras).
/// 0: no limit.
struct Clip {
  double value = 0;        ///< each element into [-value, value]
  double norm = 0;         ///< each array scaled down to this Euclidean norm
  double global_norm = 0;  ///< all arrays scaled down by one factor to this norm together
};

/// What an optimizer remembers: for each name (such as "velocity") one array per parameter.
template <Scalar T>
struct OptimizerState {
  struct Slot {
    std::string name;
    std::vector<xt::xarray<T>> arrays;
  };

  std::uint64_t iterations = 0;  ///< steps done
  std::vector<Slot> slots;

  /// Throws std::out_of_range for a name or a parameter that is not there.
  const xt::xarray<T>& at(const std::string& name, std::size_t parameter = 0) const;

  /// Writes a sequence of NPY arrays (numpy.load reads them one after the other), and reads them
  /// back into a state of the same slots. std::runtime_error when the stream fails or holds
  /// something else, damaged arrays for one; the state is unchanged then. Further NPY arrays may
  /// follow in the stream, nothing else.
  void save(std::ostream& out) const;
  void load(std::istream& in);
};

/// One array and the gradient of the loss by it.
template <Scalar T>
struct Parameter {
  xt::xarray<T>* value;
  const xt::xarray<T>* gradient;
};

/// The gradient of one array after clipping.
template <Scalar T>
struct Clipped {
  const T* gradient;
  T limit, scale;

  T operator[](std::size_t i) const {
    const T g = gradient[i];
    return scale * (g < -limit ? -limit : g > limit ? limit : g);
  }
};

/// The base of the optimizers. One optimizer serves the same arrays in every step: their number and
/// shapes are those of the first one. After the first step no heap memory is taken.
///
/// Steps throw std::invalid_argument when shapes differ and when an option is out of range; nothing
/// has changed then, nor where the first step runs out of memory. They do not look for NaN:
/// `minimize` does.
template <Scalar T>
class Optimizer {
 public:
  using Element = T;

  virtual ~Optimizer() = default;

  /// One array, and its gradient of the same shape.
  void step(xt::xarray<T>& w, const xt::xarray<T>& gradient);

  /// Several arrays, such as `step(std::tie(W, b), autograd::grad(loss)(W, b))`.
  template <class... W, class... G>
  void step(const std::tuple<W&...>& w, const std::tuple<G...>& gradients) {
    static_assert(sizeof...(W) == sizeof...(G), "optim: one gradient for each array");
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      const std::array parameters{Parameter<T>{&std::get<i>(w), &std::get<i>(gradients)}...};
      step(std::span(parameters));
    }
    (std::index_sequence_for<W...>{});
  }

  /// A container of arrays (autograd/containers.hpp), such as the parameters of a network, and its
  /// gradient: a container of the same form. Its arrays are the parameters, in order.
  template <autograd::Container W, class G>
  void step(W& w, const G& gradient) {
    parameters_.clear();
    const auto add = [&]<class A, class B>(A& value, const B& slope) {
      constexpr bool arrays = std::is_same_v<A, xt::xarray<T>> && std::is_same_v<B, xt::xarray<T>>;
      static_assert(arrays, "optim: the leaves of the container must be xt::xarray<T>");
      if constexpr (arrays) parameters_.push_back({&value, &slope});
    };
    autograd::detail::for_each_pair_of_leaves(name_, "the gradient", add, w, gradient);
    step(std::span<const Parameter<T>>(parameters_));
  }

  /// As many arrays as there are.
  void step(std::span<const Parameter<T>> parameters);

  /// Moves an array into its set, where there is one: Projected.
  virtual void project(xt::xarray<T>&, std::size_t = 0) {}

  /// The Euclidean norm of x - P(x - gradient), P: the projection; so of the gradient, where there
  /// is none. 0 just where x is stationary.
  virtual double gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient);

  /// Everything that is remembered. It may be copied, saved, and given back to `restore`; that of
  /// another kind of optimizer throws std::invalid_argument.
  const OptimizerState<T>& state() const { return state_; }
  void restore(OptimizerState<T> state);

  std::uint64_t iterations() const { return state_.iterations; }

 protected:
  Optimizer(const char* name, std::vector<std::string> slots);

  /// What all options have in common, and the check of the rest.
  struct Common {
    const LearningRate& learning_rate;
    double decay;
    const Clip& clip;
  };
  virtual Common common() const = 0;
  virtual void check() const = 0;
  /// Moves one array by a step of this rate.
  virtual void update(std::size_t parameter, xt::xarray<T>& w, const Clipped<T>& g, T rate) = 0;

  /// What Projected adds: a set for each array.
  virtual void check_count(std::size_t) const {}

  /// Checks all options: for constructors.
  void validate() const;
  /// Throws std::invalid_argument unless from <= value < to.
  void check_range(const char* option, double value, double from, double to) const;

  T* slot(std::size_t index, std::size_t parameter) {
    return state_.slots[index].arrays[parameter].data();
  }

 private:
  void check_gradients(std::span<const Parameter<T>> parameters) const;
  void check_same(std::span<const Parameter<T>> parameters) const;
  void first_step(std::span<const Parameter<T>> parameters, T rate);
  void move(std::span<const Parameter<T>> parameters, T rate);
  void check_options() const;
  double rate() const;
  void check_rate(double rate) const;

  const char* name_;
  OptimizerState<T> state_;
  std::vector<Parameter<T>> parameters_;  // of the container that a step moves
};

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
