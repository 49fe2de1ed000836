#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "optim/base/momentum.hpp"
#include "optim/base/solver_checks.hpp"
#include "optim/base/vectors.hpp"
#include "optim/solvers.hpp"

namespace optim {
namespace {

using autograd::fail;

/// x += share * (to - x).
template <class T>
void approach(T* x, const T* to, T share, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) x[i] += share * (to[i] - x[i]);
}

/// out = x + momentum * (x - former).
template <class T>
void extrapolate(T* out, const T* x, const T* former, T momentum, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) out[i] = x[i] + momentum * (x[i] - former[i]);
}

/// <u - x, x - former> > 0: the momentum points uphill.
template <class T>
bool uphill(const T* u, const T* x, const T* former, std::size_t n) {
  double product = 0;
#pragma omp simd reduction(+ : product)
  for (std::size_t i = 0; i < n; ++i) product += (u[i] - x[i]) * (x[i] - former[i]);
  return product > 0;
}

/// <g, x - u> + ||x - u||^2 / (2 step): how much f may grow from u to x, g being its gradient at u.
template <class T>
double quadratic_growth(const T* x, const T* u, const T* g, double step, std::size_t n) {
  double slope = 0, squares = 0;
#pragma omp simd reduction(+ : slope, squares)
  for (std::size_t i = 0; i < n; ++i) {
    const T d = x[i] - u[i];
    slope += g[i] * d;
    squares += d * d;
  }
  return slope + squares / (2 * step);
}

void check_eta(const char* op, double eta) {
  if (!(eta > 0 && eta < 1)) fail(op, "eta must be in (0, 1), got {}", eta);
}

/// Steps x -> prox_{step g}(x - step * gradient of f at x), with backtracking if wanted.
template <Scalar T>
class ProximalGradient {
 public:
  using Array = xt::xarray<T>;

  /// Without g the steps are plain gradient steps.
  ProximalGradient(const Term<T>* g, double step, bool backtracking, double eta)
      : g_(g), step_(step), backtracking_(backtracking), eta_(eta) {}

  /// From u, where f has this value and gradient, to x. value_at(x) gives f there and is called
  /// once for each trial; so it was called at the x that comes out last.
  template <class F>
  T operator()(Array& x, const Array& u, T value, const Array& gradient, const F& value_at) {
    for (;; step_ *= eta_) {
      detail::descend(x, u, step_, gradient);
      if (g_) g_->prox(x, static_cast<T>(step_));
      const T reached = value_at(x);
      if (!backtracking_ || holds(x, u, value, gradient, reached)) return reached;
      const bool finite = std::isfinite(value) && std::isfinite(detail::norm(gradient));
      if (!finite) return reached;  // no step would hold
    }
  }

  /// ||u - x|| / step for the last step from u to x: the norm of the gradient mapping.
  double mapping_norm(const Array& u, const Array& x) const {
    return detail::distance(u, x) / step_;
  }

 private:
  /// Rounding must not shrink the step when nothing is left to gain: values may err by a few units
  /// in the last place. A step that has become 0 cannot help either.
  bool holds(const Array& x, const Array& u, T value, const Array& gradient, T reached) const {
    const double growth = quadratic_growth(x.data(), u.data(), gradient.data(), step_, u.size());
    const double slack = 8 * std::numeric_limits<T>::epsilon() * std::abs(double(value));
    return reached <= value + growth + slack || step_ < std::numeric_limits<T>::min();
  }

  const Term<T>* g_;
  double step_;
  bool backtracking_;
  double eta_;
};

constexpr const char* name = "forward_backward";

using Terms = std::array<double, 2>;

template <Scalar T>
Result<T> ista(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
               const ForwardBackward& options, const Stopping& stopping,
               const Callback<T>& callback) {
  const bool whole = options.lambda == 1;
  xt::xarray<T> x = x0, to, gradient, next_gradient;
  const auto evaluate = [&](xt::xarray<T>& gradient, const xt::xarray<T>& x) {
    return detail::value_and_gradient(name, f, gradient, x);
  };
  const auto value_at = [&](const xt::xarray<T>& to) {
    if (whole) return evaluate(next_gradient, to);
    return options.backtracking ? f.eval(to) : T(0);
  };
  T value = evaluate(gradient, x);
  ProximalGradient<T> step(&g, options.step, options.backtracking, options.eta);
  std::optional<double> mapping;
  Monitor<T> monitor(name, stopping, callback, x, Terms{value, g.eval(x)});
  do {
    const T reached = step(to, x, value, gradient, value_at);
    if (stopping.gtol) mapping = step.mapping_norm(x, to);
    if (whole) {
      std::swap(x, to);
      std::swap(gradient, next_gradient);
      value = reached;
    } else {
      approach(x.data(), to.data(), static_cast<T>(options.lambda), x.size());
      value = evaluate(gradient, x);
    }
  } while (!monitor.done(x, Terms{value, g.eval(x)}, mapping));
  return monitor.result(x);
}

/// FISTA. `value` and `gradient` are those of f at the extrapolated point, which value_at(x) and
/// then follow(u, momentum) bring up to date.
template <Scalar T, class V, class F>
Result<T> accelerated(const Term<T>& g, const xt::xarray<T>& x0, const ForwardBackward& options,
                      const Stopping& stopping, const Callback<T>& callback, const T& value,
                      const xt::xarray<T>& gradient, const V& value_at, const F& follow) {
  xt::xarray<T> x = x0, u = x0, former;
  ProximalGradient<T> step(&g, options.step, options.backtracking, options.eta);
  detail::Momentum momentum;
  momentum.next();  // of the first iteration, which has no former x
  std::optional<double> mapping;
  Monitor<T> monitor(name, stopping, callback, x, Terms{value, g.eval(x)});
  monitor.watch([&]() -> Residual {  // u may press x against the border of a set
    const double root = std::sqrt(static_cast<double>(x.size()));
    return {detail::distance(u, x) / root, detail::norm(x) / root};
  });
  for (;;) {
    std::swap(x, former);
    const T reached = step(x, u, value, gradient, value_at);
    if (stopping.gtol) mapping = step.mapping_norm(u, x);
    if (monitor.done(x, Terms{reached, g.eval(x)}, mapping)) return monitor.result(x);
    if (options.restart && uphill(u.data(), x.data(), former.data(), x.size())) momentum.restart();
    const T by = static_cast<T>(momentum.next());
    extrapolate(u.data(), x.data(), former.data(), by, x.size());
    follow(u, by);
  }
}

template <Scalar T>
Result<T> fista(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                const ForwardBackward& options, const Stopping& stopping,
                const Callback<T>& callback) {
  xt::xarray<T> gradient;
  T value = detail::value_and_gradient(name, f, gradient, x0);
  const auto follow = [&](const xt::xarray<T>& u, T) {
    value = detail::value_and_gradient(name, f, gradient, u);
  };
  return accelerated(g, x0, options, stopping, callback, value, gradient, f.eval, follow);
}

/// For a quadratic f, whose gradient is affine: f is evaluated at x only.
template <Scalar T>
Result<T> quadratic_fista(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                          const ForwardBackward& options, const Stopping& stopping,
                          const Callback<T>& callback) {
  xt::xarray<T> at_x, former;
  const T value = detail::value_and_gradient(name, f, at_x, x0);
  xt::xarray<T> gradient = at_x;
  const auto value_at = [&](const xt::xarray<T>& x) {
    std::swap(at_x, former);
    return detail::value_and_gradient(name, f, at_x, x);
  };
  const auto follow = [&](const xt::xarray<T>& u, T by) {
    extrapolate(gradient.data(), at_x.data(), former.data(), by, u.size());
  };
  return accelerated(g, x0, options, stopping, callback, value, gradient, value_at, follow);
}

}  // namespace

template <Scalar T>
Result<T> gradient_descent(const Term<T>& f, const xt::xarray<T>& x0,
                           const GradientDescent& options, const Stopping& stopping,
                           const Callback<T>& callback) {
  const char* op = "gradient_descent";
  detail::check_positive(op, "step", options.step);
  check_eta(op, options.eta);
  detail::check_gradient(op, f);
  xt::xarray<T> x = x0, next, gradient, next_gradient;
  const auto value_at = [&](const xt::xarray<T>& x) {
    return detail::value_and_gradient(op, f, next_gradient, x);
  };
  T value = detail::value_and_gradient(op, f, gradient, x);
  double objective = value;
  ProximalGradient<T> step(nullptr, options.step, options.backtracking, options.eta);
  Monitor<T> monitor(op, stopping, callback, x, {&objective, 1});
  bool done = monitor.done_at_start(detail::norm(gradient));
  while (!done) {
    objective = value = step(next, x, value, gradient, value_at);
    std::swap(x, next);
    std::swap(gradient, next_gradient);
    done = monitor.done(x, {&objective, 1}, detail::norm(gradient));
  }
  return monitor.result(x);
}

template <Scalar T>
Result<T> forward_backward(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                           const ForwardBackward& options, const Stopping& stopping,
                           const Callback<T>& callback) {
  detail::check_positive(name, "step", options.step);
  detail::check_relaxation(name, options.lambda);
  check_eta(name, options.eta);
  detail::check_value(name, f);
  detail::check_gradient(name, f);
  detail::check_prox(name, g);
  if (options.quadratic && (options.method == Method::ista || options.backtracking)) {
    fail(name, "quadratic is for FISTA without backtracking");
  }
  if (options.method == Method::ista) return ista(f, g, x0, options, stopping, callback);
  if (options.lambda != 1) {
    fail(name, "lambda is for ISTA; FISTA needs 1, got {}", options.lambda);
  }
  return (options.quadratic ? quadratic_fista<T> : fista<T>)(f, g, x0, options, stopping, callback);
}

#define OPTIM_FORWARD_BACKWARD(T)                                                           \
  template Result<T> gradient_descent(const Term<T>&, const xt::xarray<T>&,                 \
                                      const GradientDescent&, const Stopping&,              \
                                      const Callback<T>&);                                  \
  template Result<T> forward_backward(const Term<T>&, const Term<T>&, const xt::xarray<T>&, \
                                      const ForwardBackward&, const Stopping&,              \
                                      const Callback<T>&);
OPTIM_FORWARD_BACKWARD(float)
OPTIM_FORWARD_BACKWARD(double)
#undef OPTIM_FORWARD_BACKWARD

}  // namespace optim
