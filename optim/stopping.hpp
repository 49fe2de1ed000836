/// When an iteration ends, and what it has to show then.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/var.hpp"

namespace optim {

using autograd::Scalar;

/// Rules that end an iteration; the first that holds, in this order, is reported. Each is tested
/// after every iteration, `f` being the objective. Names, meanings and defaults are pyunlocbox's;
/// nothing is tested by a rule that is empty.
///
/// An objective that stays the same ends nothing by dtol or rtol while it has always been 0 (that
/// of indicators alone), while another variable of the solver moves, or where the gradient is known
/// and not small (see Result): x may stand still for many iterations and go on later. The same
/// holds for xtol and an x that stays the same; it is a limit for the other variables, too.
struct Stopping {
  std::optional<double> atol = {};    ///< f < atol
  std::optional<double> dtol = {};    ///< |f - previous f| < dtol
  std::optional<double> rtol = 1e-3;  ///< |f - previous f| < rtol * |f|
  std::optional<double> xtol = {};    ///< ||x - previous x|| / sqrt(number of elements) < xtol
  std::optional<double> gtol = {};    ///< norm of the gradient, or what stands for it, < gtol
  std::uint64_t maxit = 200;          ///< iterations at most; positive
  /// Reported as divergence: f (or the gradient) is not finite, or
  /// f > explosion * max(1, |f at the start|); at the end also f < -explosion * max(1, ...) with a
  /// gradient no smaller than at the start, as of a function without lower bound.
  double explosion = 1e10;
};

/// Why an iteration ended.
enum class Criterion {
  atol,
  dtol,
  rtol,
  xtol,
  gtol,
  maxit,
  callback,
  stalled,  ///< L-BFGS: no step lowers f any more. Where the gradient is small the precision is
            ///< exhausted; else there is a kink, or the gradient is wrong
  diverged
};

/// "ATOL", ..., "DIVERGED".
std::string to_string(Criterion criterion);

template <Scalar T>
struct Result {
  xt::xarray<T> x;           ///< the solution; after divergence, the iterate of lowest objective
  double objective = 0;      ///< at x
  Criterion criterion = {};  ///< what ended the iteration
  std::uint64_t iterations = 0;
  double seconds = 0;
  std::optional<double> gradient_norm = {};  ///< what gtol tests, at x, where the solver knows it
  /// Whether it is small: at most min(16 sqrt(epsilon max(1, |f|)), 0.01) max(1, norm at the
  /// start).
  bool small_gradient = false;
  /// objectives[term][k]: the terms of the objective after k iterations (0: at the start).
  std::vector<std::vector<double>> objectives;

  bool diverged() const { return criterion == Criterion::diverged; }
  /// A rule held, or the precision was exhausted: L-BFGS has stalled where the gradient is small.
  bool converged() const {
    return criterion < Criterion::maxit || (criterion == Criterion::stalled && small_gradient);
  }
  /// One line for people: criterion, iterations, objective; of a stall also the gradient.
  std::string message() const;
};

/// What a callback sees after each iteration.
template <Scalar T>
struct Iteration {
  std::uint64_t number;  ///< 1 after the first
  const xt::xarray<T>& x;
  double objective;
};

/// Watches an iteration; true ends it. Any function of this form converts.
template <Scalar T>
using Callback = std::function<bool(const Iteration<std::type_identity_t<T>>&)>;

/// How far the variables of a solver other than x are from their own fixed point, and their size;
/// both as root mean squares of the elements.
struct Residual {
  double distance, size;
};

/// Keeps the books of an iteration: history, rules, time, the best iterate. For writers of solvers.
template <Scalar T>
class Monitor {
 public:
  /// `terms`: values of the terms at x0. `op` names the solver in messages. Throws
  /// std::invalid_argument for rules that make no sense, and for an objective that is not finite at
  /// the start.
  Monitor(const char* op, const Stopping& stopping, Callback<T> callback, const xt::xarray<T>& x0,
          std::span<const double> terms);

  /// For solvers with other variables than x, which may move while x does not. The residual is that
  /// after the iteration, and asked for where it matters.
  void watch(std::function<Residual()> residual) { residual_ = std::move(residual); }

  /// After each iteration: true when it was the last. `gradient_norm`: at x, where it is known.
  bool done(const xt::xarray<T>& x, std::span<const double> terms,
            std::optional<double> gradient_norm = {});

  /// Before the first iteration: true when the start is already stationary, or its gradient not
  /// finite.
  bool done_at_start(double gradient_norm);

  /// Ends it for a reason of the solver's own.
  void stop(Criterion criterion) { result_.criterion = criterion; }

  /// x: the last iterate.
  Result<T> result(const xt::xarray<T>& x);

 private:
  std::optional<Criterion> rule_that_holds(const xt::xarray<T>& x, double f,
                                           std::optional<double> gradient_norm) const;
  bool at_rest() const;
  bool unbounded() const;
  bool small_gradient() const;
  void keep(const xt::xarray<T>& x, std::span<const double> terms);

  Stopping stopping_;
  Callback<T> callback_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  xt::xarray<T> previous_, best_;  // previous_: only for xtol
  double objective_, start_objective_, best_objective_, limit_;
  std::optional<double> gradient_norm_, start_gradient_norm_;
  std::function<Residual()> residual_;
  bool only_zeros_;  // f so far
  Result<T> result_;
};

}  // namespace optim
