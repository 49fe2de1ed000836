#include "optim/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "optim/base/solver_checks.hpp"
#include "optim/base/vectors.hpp"
#include "optim/optimizers/line_search.hpp"

namespace optim {
namespace {

using autograd::fail;
using namespace detail;

constexpr const char* op = "LBFGS";

template <class T>
void check(const LBFGSOptions<T>& options) {
  const auto& [memory, c1, c2, max_line_search, low, high] = options;
  if (memory == 0) fail(op, "memory must be positive, got 0");
  if (!(c1 > 0 && c1 < 0.5)) fail(op, "c1 must be in (0, 0.5), got {}", c1);
  if (!(c2 > c1 && c2 < 1)) fail(op, "c2 must be in ({}, 1), got {}", c1, c2);
  if (max_line_search <= 0) fail(op, "max_line_search must be positive, got {}", max_line_search);
  Bounds<T>::check(low, high);
}

}  // namespace

template <Scalar T>
LBFGS<T>::LBFGS(LBFGSOptions<T> options) : options(std::move(options)) {
  check(this->options);
}

template <Scalar T>
void LBFGS<T>::prepare(const xt::xarray<T>& x) {
  check(options);
  bounds_.set(options.low, options.high, x);
}

template <Scalar T>
void LBFGS<T>::check_step(const Term<T>& f, const xt::xarray<T>& x, const xt::xarray<T>& gradient) {
  check_gradient(op, f);
  if (x.shape() != gradient.shape()) {
    fail(op, "shapes differ: x has shape {}, the gradient has shape {}", shape_text(x),
         shape_text(gradient));
  }
  if (!pairs_.empty() && pairs_[0].s.shape() != x.shape()) {
    fail(op, "one optimizer serves one array: x has shape {}, before it had shape {}",
         shape_text(x), shape_text(pairs_[0].s));
  }
  if (bounds_.any()) bounds_.check_inside(x);
}

template <Scalar T>
bool LBFGS<T>::step(const Term<T>& f, xt::xarray<T>& x, T& value, xt::xarray<T>& gradient) {
  prepare(x);
  check_step(f, x, gradient);
  const bool by_pairs = !pairs_.empty() && descend(f, x, value, gradient, true);
  if (!by_pairs) {
    if (!descend(f, x, value, gradient, false)) return false;
    forget_oldest(pairs_.size());
  }
  remember(x, gradient);  // may run out of memory; nothing else has changed yet
  copy(x, point_);
  copy(gradient, point_gradient_);
  value = point_value_;
  return true;
}

/// Leaves a lower point, with its value and gradient, in point_ and its companions.
template <Scalar T>
bool LBFGS<T>::descend(const Term<T>& f, const xt::xarray<T>& x, T value,
                       const xt::xarray<T>& gradient, bool use_pairs) {
  set_direction(x, gradient, use_pairs);
  LineSearch search = {options.c1, options.c2, options.max_line_search};
  if (bounds_.any()) search.longest = bounds_.confine(direction_, x);
  const double slope = dot(gradient, direction_);
  if (!(slope < 0)) return false;

  search.resolution = std::numeric_limits<T>::epsilon() * std::abs(static_cast<double>(value));

  const auto phi = [&](double alpha) -> Sample {
    move(x, alpha);
    point_value_ = value_and_gradient(op, f, point_gradient_, point_);
    return {point_value_, dot(point_gradient_, direction_)};
  };
  const auto found = line_search(std::ref(phi), {value, slope}, search);
  if (found.alpha == 0) return false;
  if (found.last != found.alpha) phi(found.alpha);
  return true;
}

/// point_ = x + alpha * direction_
template <Scalar T>
void LBFGS<T>::move(const xt::xarray<T>& x, double alpha) {
  copy(point_, x);
  add(point_, alpha, direction_);
  if (bounds_.any()) bounds_.snap(point_, x, alpha, direction_);
}

template <Scalar T>
void LBFGS<T>::set_direction(const xt::xarray<T>& x, const xt::xarray<T>& gradient,
                             bool use_pairs) {
  copy(direction_, gradient);
  scale(direction_, -1);
  const bool any_held = bounds_.any() && bounds_.hold(x, gradient);
  if (any_held) bounds_.clear_held(direction_);
  two_loop(use_pairs ? pairs_.size() : 0, any_held);
}

/// Of the elements that are not held.
template <Scalar T>
typename LBFGS<T>::Curvature LBFGS<T>::free_curvature(const Pair& pair) const {
  const std::size_t n = pair.s.size();
  const auto free = [this](const xt::xarray<T>& a) {
    return [this, p = a.data()](std::size_t i) { return bounds_.held(i) ? 0.0 : double(p[i]); };
  };
  const auto s = free(pair.s), y = free(pair.y);
  double sy = 0;
  for (std::size_t i = 0; i < n; ++i) sy += s(i) * y(i);
  return useful(norm_of(n, s), norm_of(n, y), sy);
}

template <Scalar T>
typename LBFGS<T>::Curvature LBFGS<T>::curvature(const Pair& pair) {
  return useful(norm(pair.s), norm(pair.y), dot(pair.s, pair.y));
}

/// Of a pair with these norms and this product.
template <Scalar T>
typename LBFGS<T>::Curvature LBFGS<T>::useful(double s_norm, double y_norm, double sy) {
  const bool enough = sy / s_norm > std::numeric_limits<T>::epsilon() * y_norm;
  if (!enough || !std::isfinite(sy) || !std::isfinite(1 / sy)) return {};
  return {1 / sy, sy / y_norm / y_norm};
}

/// Multiplies direction_ by the inverse Hessian that the last `count` pairs describe.
template <Scalar T>
void LBFGS<T>::two_loop(std::size_t count, bool any_held) {
  coefficients_.resize(count);
  used_.resize(count);
  double gamma = 0;
  for (std::size_t k = count; k-- > 0;) {
    used_[k] = any_held ? free_curvature(pairs_[k]) : curvatures_[k];
    if (gamma == 0) gamma = used_[k].gamma;
    coefficients_[k] = used_[k].rho * dot(pairs_[k].s, direction_);
    add(direction_, -coefficients_[k], pairs_[k].y);
    if (any_held) bounds_.clear_held(direction_);
  }
  scale(direction_, gamma > 0 ? gamma : 1 / norm(direction_));
  for (std::size_t k = 0; k < count; ++k) {
    const double beta = used_[k].rho * dot(pairs_[k].y, direction_);
    add(direction_, coefficients_[k] - beta, pairs_[k].s);
    if (any_held) bounds_.clear_held(direction_);
  }
}

/// The step from x to point_, unless its curvature is useless.
template <Scalar T>
void LBFGS<T>::remember(const xt::xarray<T>& x, const xt::xarray<T>& gradient) {
  subtract(next_.s, point_, x);
  subtract(next_.y, point_gradient_, gradient);
  const Curvature next = curvature(next_);
  if (next.rho == 0) return;
  if (pairs_.size() > options.memory) forget_oldest(pairs_.size() - options.memory);
  if (pairs_.size() < options.memory) {
    curvatures_.reserve(pairs_.size() + 1);
    pairs_.push_back(next_);
    curvatures_.push_back(next);
    return;
  }
  std::rotate(pairs_.begin(), pairs_.begin() + 1, pairs_.end());
  std::rotate(curvatures_.begin(), curvatures_.begin() + 1, curvatures_.end());
  std::swap(pairs_.back(), next_);
  curvatures_.back() = next;
}

template <Scalar T>
void LBFGS<T>::forget_oldest(std::size_t count) {
  const auto n = static_cast<std::ptrdiff_t>(count);
  pairs_.erase(pairs_.begin(), pairs_.begin() + n);
  curvatures_.erase(curvatures_.begin(), curvatures_.begin() + n);
}

template <Scalar T>
void LBFGS<T>::restore(std::vector<Pair> pairs) {
  if (pairs.size() > options.memory) {
    fail(op, "{} pairs are more than the memory holds: {}", pairs.size(), options.memory);
  }
  std::vector<Curvature> curvatures;
  for (const Pair& pair : pairs) {
    if (pair.s.shape() != pairs[0].s.shape() || pair.y.shape() != pairs[0].s.shape()) {
      fail(op, "shapes of pairs differ: {}, {} and {}", shape_text(pairs[0].s), shape_text(pair.s),
           shape_text(pair.y));
    }
    curvatures.push_back(curvature(pair));
    if (curvatures.back().rho == 0) {
      fail(op, "pair {} has no positive curvature s.y", curvatures.size() - 1);
    }
  }
  pairs_ = std::move(pairs);
  curvatures_ = std::move(curvatures);
}

template <Scalar T>
OptimizerState<T> LBFGS<T>::state() const {
  OptimizerState<T> state{0, {{"s", {}}, {"y", {}}}};
  for (const auto& [s, y] : pairs_) {
    state.slots[0].arrays.push_back(s);
    state.slots[1].arrays.push_back(y);
  }
  return state;
}

template <Scalar T>
void LBFGS<T>::restore(const OptimizerState<T>& state) {
  const bool same = state.slots.size() == 2 && state.slots[0].name == "s" &&
                    state.slots[1].name == "y" &&
                    state.slots[0].arrays.size() == state.slots[1].arrays.size();
  if (!same) fail(op, "this is the state of another kind of optimizer");
  std::vector<Pair> pairs;
  for (std::size_t k = 0; k < state.slots[0].arrays.size(); ++k) {
    pairs.push_back({state.slots[0].arrays[k], state.slots[1].arrays[k]});
  }
  restore(std::move(pairs));
}

template <Scalar T>
void LBFGS<T>::project(xt::xarray<T>& x) {
  prepare(x);
  bounds_.project(x);
}

template <Scalar T>
double LBFGS<T>::gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient) {
  prepare(x);
  return bounds_.any() ? bounds_.gradient_norm(x, gradient) : norm(gradient);
}

template <Scalar T>
Result<T> minimize(const Term<T>& f, const xt::xarray<T>& x0, LBFGS<T>& optimizer,
                   const MinimizeOptions& options, const Callback<T>& callback) {
  check_gradient(op, f);
  xt::xarray<T> x = x0, gradient;
  optimizer.project(x);
  T value = value_and_gradient(op, f, gradient, x);
  double term = value;
  Monitor<T> monitor("minimize", options, callback, x, {&term, 1});
  bool done = monitor.done_at_start(optimizer.gradient_norm(x, gradient));
  while (!done && optimizer.step(f, x, value, gradient)) {
    term = value;
    done = monitor.done(x, {&term, 1}, optimizer.gradient_norm(x, gradient));
  }
  if (!done) monitor.stop(Criterion::stalled);
  return monitor.result(x);
}

template class LBFGS<float>;
template class LBFGS<double>;
template Result<float> minimize(const Term<float>&, const xt::xarray<float>&, LBFGS<float>&,
                                const MinimizeOptions&, const Callback<float>&);
template Result<double> minimize(const Term<double>&, const xt::xarray<double>&, LBFGS<double>&,
                                 const MinimizeOptions&, const Callback<double>&);

}  // namespace optim
