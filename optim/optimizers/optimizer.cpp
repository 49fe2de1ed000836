#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "autograd/base/error.hpp"
#include "optim/base/arrays.hpp"
#include "optim/base/vectors.hpp"
#include "optim/optimizers.hpp"

namespace optim {
namespace {

double scale_to(double limit, double norm) { return norm > limit ? limit / norm : 1; }

void check(const char* name, const Clip& clip) {
  const double limits[] = {clip.value, clip.norm, clip.global_norm};
  for (const double limit : limits) {
    if (!(limit >= 0)) autograd::fail(name, "clip limits must not be negative, got {}", limit);
  }
  if (std::count_if(std::begin(limits), std::end(limits), [](double l) { return l > 0; }) > 1) {
    autograd::fail(name, "only one of clip.value, clip.norm and clip.global_norm may be set");
  }
}

/// One gradient within its limits.
template <Scalar T>
Clipped<T> clipped(const Clip& clip, const xt::xarray<T>& gradient, double global_scale) {
  constexpr T unlimited = std::numeric_limits<T>::infinity();
  const double scale = clip.norm > 0 ? scale_to(clip.norm, detail::norm(gradient)) : global_scale;
  return {gradient.data(), clip.value > 0 ? static_cast<T>(clip.value) : unlimited,
          static_cast<T>(scale)};
}

template <Scalar T>
double global_scale(const Clip& clip, std::span<const Parameter<T>> parameters) {
  if (clip.global_norm == 0) return 1;
  double norm = 0;
  for (const auto& parameter : parameters) {
    norm = std::hypot(norm, detail::norm(*parameter.gradient));
  }
  return scale_to(clip.global_norm, norm);
}

}  // namespace

template <Scalar T>
const xt::xarray<T>& OptimizerState<T>::at(const std::string& name, std::size_t parameter) const {
  for (const Slot& slot : slots) {
    if (slot.name == name && parameter < slot.arrays.size()) return slot.arrays[parameter];
  }
  autograd::fail<std::out_of_range>("optimizer state", "there is no {} of parameter {}", name,
                                    parameter);
}

template <Scalar T>
Optimizer<T>::Optimizer(const char* name, std::vector<std::string> slots) : name_(name) {
  for (auto& slot : slots) state_.slots.push_back({std::move(slot), {}});
}

template <Scalar T>
void Optimizer<T>::step(xt::xarray<T>& w, const xt::xarray<T>& gradient) {
  const Parameter<T> parameter{&w, &gradient};
  step({&parameter, 1});
}

template <Scalar T>
void Optimizer<T>::step(std::span<const Parameter<T>> parameters) {
  check_options();
  const T rate = static_cast<T>(this->rate());
  check_count(parameters.size());
  check_gradients(parameters);
  if (state_.slots.front().arrays.empty()) return first_step(parameters, rate);
  check_same(parameters);
  move(parameters, rate);
}

/// Makes the arrays of the state. Where memory runs out, also that of a projection, everything is
/// as it was before.
template <Scalar T>
void Optimizer<T>::first_step(std::span<const Parameter<T>> parameters, T rate) {
  OptimizerState<T> before = state_;
  std::vector<xt::xarray<T>> values;
  for (const auto& parameter : parameters) values.push_back(*parameter.value);
  try {
    for (auto& [name, arrays] : state_.slots) {
      for (const auto& value : values) arrays.push_back(xt::zeros_like(value));
    }
    move(parameters, rate);
  } catch (...) {
    std::swap(state_, before);
    for (std::size_t p = 0; p < values.size(); ++p) detail::copy(*parameters[p].value, values[p]);
    throw;
  }
}

template <Scalar T>
void Optimizer<T>::move(std::span<const Parameter<T>> parameters, T rate) {
  const Clip& clip = common().clip;
  const double scale = global_scale(clip, parameters);
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const auto& [w, gradient] = parameters[p];
    update(p, *w, clipped(clip, *gradient, scale), rate);
    project(*w, p);
  }
  ++state_.iterations;
}

template <Scalar T>
void Optimizer<T>::check_options() const {
  check();
  optim::check(name_, common().clip);
  check_range("decay", common().decay, 0, std::numeric_limits<double>::infinity());
}

template <Scalar T>
void Optimizer<T>::validate() const {
  check_options();
  const LearningRate& rate = common().learning_rate;
  if (rate.constant()) check_rate(rate(0));
}

template <Scalar T>
double Optimizer<T>::gradient_norm(const xt::xarray<T>&, const xt::xarray<T>& gradient) {
  return detail::norm(gradient);
}

template <Scalar T>
void Optimizer<T>::check_gradients(std::span<const Parameter<T>> parameters) const {
  for (const auto& [w, gradient] : parameters) {
    if (w->shape() == gradient->shape()) continue;
    autograd::fail(name_, "shapes differ: w has shape {}, the gradient has shape {}",
                   detail::shape_text(*w), detail::shape_text(*gradient));
  }
}

/// The state is that of these arrays.
template <Scalar T>
void Optimizer<T>::check_same(std::span<const Parameter<T>> parameters) const {
  for (const auto& [name, arrays] : state_.slots) {
    if (arrays.size() != parameters.size()) {
      autograd::fail(name_, "one optimizer serves the same arrays: got {}, before {}",
                     parameters.size(), arrays.size());
    }
    for (std::size_t p = 0; p < arrays.size(); ++p) {
      if (arrays[p].shape() == parameters[p].value->shape()) continue;
      autograd::fail(name_,
                     "one optimizer serves the same arrays: w has shape {}, before it had shape {}",
                     detail::shape_text(*parameters[p].value), detail::shape_text(arrays[p]));
    }
  }
}

template <Scalar T>
double Optimizer<T>::rate() const {
  const auto [learning_rate, decay, clip] = common();
  const double rate = learning_rate(state_.iterations);
  check_rate(rate);
  return rate / (1 + decay * static_cast<double>(state_.iterations));
}

template <Scalar T>
void Optimizer<T>::check_rate(double rate) const {
  check_range("learning_rate", rate, 0, std::numeric_limits<double>::infinity());
}

template <Scalar T>
void Optimizer<T>::check_range(const char* option, double value, double from, double to) const {
  if (value >= from && value < to) return;
  autograd::fail(name_, "{} must be in [{}, {}), got {}", option, from, to, value);
}

template <Scalar T>
void Optimizer<T>::restore(OptimizerState<T> state) {
  const bool same =
      std::equal(state.slots.begin(), state.slots.end(), state_.slots.begin(), state_.slots.end(),
                 [](const auto& a, const auto& b) { return a.name == b.name; });
  if (!same) autograd::fail(name_, "this is the state of another kind of optimizer");
  const auto& first = state.slots.front();
  for (const auto& slot : state.slots) {
    if (std::equal(first.arrays.begin(), first.arrays.end(), slot.arrays.begin(), slot.arrays.end(),
                   [](const auto& a, const auto& b) { return a.shape() == b.shape(); })) {
      continue;
    }
    autograd::fail(name_, "the state is damaged: shapes of {} differ from those of {}", slot.name,
                   first.name);
  }
  state_ = std::move(state);
}

template struct OptimizerState<float>;
template struct OptimizerState<double>;
template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace optim
