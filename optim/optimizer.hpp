/// What SGD, Adam, AdamW and RMSprop share: steps, schedules, clipping, state.
#pragma once

#include <array>
#include <iosfwd>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "autograd/var.hpp"
#include "optim/learning_rate.hpp"

namespace optim {

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
};

}  // namespace optim
