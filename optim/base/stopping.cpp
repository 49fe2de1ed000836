#include "optim/stopping.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "autograd/base/error.hpp"
#include "optim/base/vectors.hpp"

namespace optim {
namespace {

double sum(std::span<const double> terms) {
  return std::accumulate(terms.begin(), terms.end(), 0.0);
}

void check(const char* op, const Stopping& stopping) {
  const std::pair<const char*, const std::optional<double>*> rules[] = {{"dtol", &stopping.dtol},
                                                                        {"rtol", &stopping.rtol},
                                                                        {"xtol", &stopping.xtol},
                                                                        {"gtol", &stopping.gtol}};
  for (const auto& [name, rule] : rules) {
    if (*rule && !(**rule >= 0))
      autograd::fail(op, "{} must not be negative, got {}", name, **rule);
  }
  if (stopping.atol && std::isnan(*stopping.atol)) autograd::fail(op, "atol must be a number");
  if (stopping.maxit == 0) autograd::fail(op, "maxit must be positive, got 0");
  if (!(stopping.explosion > 1)) {
    autograd::fail(op, "explosion must be greater than 1, got {}", stopping.explosion);
  }
}

/// |change| < rtol |f|; a change from or to 0 is judged by the other value.
bool small_change(double f, double previous, double rtol) {
  const double scale = f != 0 ? f : previous != 0 ? previous : 1;
  return std::abs((f - previous) / scale) < rtol;
}

}  // namespace

std::string to_string(Criterion criterion) {
  static constexpr const char* names[] = {"ATOL",  "DTOL",     "RTOL",    "XTOL",    "GTOL",
                                          "MAXIT", "CALLBACK", "STALLED", "DIVERGED"};
  return names[static_cast<std::size_t>(criterion)];
}

template <Scalar T>
std::string Result<T>::message() const {
  std::string text = autograd::format("{} after {} iterations, objective {}", to_string(criterion),
                                      iterations, objective);
  if (criterion == Criterion::stalled && gradient_norm) {
    text += autograd::format(", the gradient is {}: its norm is {}",
                             small_gradient ? "small" : "not small", *gradient_norm);
  }
  return text;
}

template <Scalar T>
Monitor<T>::Monitor(const char* op, const Stopping& stopping, Callback<T> callback,
                    const xt::xarray<T>& x0, std::span<const double> terms)
    : stopping_(stopping),
      callback_(std::move(callback)),
      best_(x0),
      objective_(sum(terms)),
      only_zeros_(objective_ == 0) {
  check(op, stopping);
  if (!std::isfinite(objective_)) {
    autograd::fail(op, "the objective at the start is {}; it must be finite", objective_);
  }
  if (stopping.xtol) previous_ = x0;
  // x0 may lie outside of the sets of further terms; then it is no iterate to return.
  const bool counts_start = terms.size() == 1;
  start_objective_ = objective_;
  best_objective_ = counts_start ? objective_ : std::numeric_limits<double>::infinity();
  limit_ = stopping.explosion * std::max(1.0, std::abs(objective_));
  result_.objectives.resize(terms.size());
  for (auto& history : result_.objectives) {
    history.reserve(std::min<std::uint64_t>(stopping.maxit + 1, 1 << 16));
  }
  keep(x0, terms);
}

template <Scalar T>
void Monitor<T>::keep(const xt::xarray<T>& x, std::span<const double> terms) {
  for (std::size_t i = 0; i < terms.size(); ++i) result_.objectives[i].push_back(terms[i]);
  if (!(objective_ < best_objective_ && std::isfinite(objective_))) return;
  best_objective_ = objective_;
  std::copy_n(x.data(), x.size(), best_.data());
}

template <Scalar T>
std::optional<Criterion> Monitor<T>::rule_that_holds(const xt::xarray<T>& x, double f,
                                                     std::optional<double> gradient_norm) const {
  const Stopping& rules = stopping_;
  const bool finite = std::isfinite(f) && std::isfinite(gradient_norm.value_or(0));
  if (!finite || f > limit_) return Criterion::diverged;
  if (rules.atol && f < *rules.atol) return Criterion::atol;
  if (f != objective_ || (!only_zeros_ && at_rest())) {
    if (rules.dtol && std::abs(f - objective_) < *rules.dtol) return Criterion::dtol;
    if (rules.rtol && small_change(f, objective_, *rules.rtol)) return Criterion::rtol;
  }
  if (rules.xtol) {
    const double root = std::sqrt(static_cast<double>(std::max<std::size_t>(1, x.size())));
    const double moved = detail::distance(x, previous_) / root;
    const bool still = moved < *rules.xtol && (!residual_ || residual_().distance < *rules.xtol);
    if (still && (moved > 0 || at_rest())) return Criterion::xtol;
  }
  if (rules.gtol && gradient_norm && *gradient_norm < *rules.gtol) return Criterion::gtol;
  if (result_.iterations >= rules.maxit) return Criterion::maxit;
  return {};
}

/// The gradient is small, and half of the digits of the variables other than x stand: as far as
/// these are known.
template <Scalar T>
bool Monitor<T>::at_rest() const {
  if (gradient_norm_ && !small_gradient()) return false;
  if (!residual_) return true;
  const auto [distance, size] = residual_();
  return distance <= std::sqrt(std::numeric_limits<T>::epsilon()) * size;
}

/// f has fallen far, and the gradient is as large as ever.
template <Scalar T>
bool Monitor<T>::unbounded() const {
  return objective_ < -limit_ && gradient_norm_ && start_gradient_norm_ &&
         *gradient_norm_ >= *start_gradient_norm_;
}

/// Rounding of f hides gradients whose squares are like it, times a curvature.
template <Scalar T>
bool Monitor<T>::small_gradient() const {
  if (!gradient_norm_) return false;
  const double rounding = std::numeric_limits<T>::epsilon() * std::max(1.0, std::abs(objective_));
  return *gradient_norm_ <=
         std::min(16 * std::sqrt(rounding), 0.01) * std::max(1.0, start_gradient_norm_.value_or(1));
}

template <Scalar T>
bool Monitor<T>::done(const xt::xarray<T>& x, std::span<const double> terms,
                      std::optional<double> gradient_norm) {
  ++result_.iterations;
  const double f = sum(terms);
  gradient_norm_ = gradient_norm;
  std::optional<Criterion> criterion = rule_that_holds(x, f, gradient_norm);
  objective_ = f;
  only_zeros_ = only_zeros_ && f == 0;
  keep(x, terms);
  if (stopping_.xtol) std::copy_n(x.data(), x.size(), previous_.data());
  const bool stopped = callback_ && callback_({result_.iterations, x, f});
  if (stopped && !criterion) criterion = Criterion::callback;
  if (criterion) result_.criterion = *criterion;
  return criterion.has_value();
}

template <Scalar T>
bool Monitor<T>::done_at_start(double gradient_norm) {
  gradient_norm_ = start_gradient_norm_ = gradient_norm;
  const bool diverged = !std::isfinite(gradient_norm);
  if (!diverged && !(stopping_.gtol && gradient_norm < *stopping_.gtol)) return false;
  result_.criterion = diverged ? Criterion::diverged : Criterion::gtol;
  return true;
}

template <Scalar T>
Result<T> Monitor<T>::result(const xt::xarray<T>& x) {
  const Criterion asked[] = {Criterion::atol, Criterion::gtol, Criterion::callback};
  const bool by_itself =
      std::find(std::begin(asked), std::end(asked), result_.criterion) == std::end(asked);
  if (by_itself && unbounded()) result_.criterion = Criterion::diverged;
  const bool diverged = result_.diverged();
  if (!diverged) result_.gradient_norm = gradient_norm_;
  result_.small_gradient = !diverged && small_gradient();
  result_.x = diverged ? std::move(best_) : x;
  result_.objective = !diverged                        ? objective_
                      : std::isfinite(best_objective_) ? best_objective_
                                                       : start_objective_;
  const auto time = std::chrono::steady_clock::now() - start_;
  result_.seconds = std::chrono::duration<double>(time).count();
  return std::move(result_);
}

template struct Result<float>;
template struct Result<double>;
template class Monitor<float>;
template class Monitor<double>;

}  // namespace optim
