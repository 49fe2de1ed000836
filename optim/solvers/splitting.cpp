#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <type_traits>
#include <vector>

#include "optim/base/solver_checks.hpp"
#include "optim/base/vectors.hpp"
#include "optim/solvers.hpp"

namespace optim {
namespace {

using autograd::fail;

double root_of(std::size_t size) {
  return std::sqrt(static_cast<double>(std::max<std::size_t>(1, size)));
}

// ---- generalized forward-backward

/// out = 2 x - z - step * g.
template <class T>
void reflect_and_descend(T* out, const T* x, const T* z, const T* g, T step, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) out[i] = 2 * x[i] - z[i] - step * g[i];
}

/// z += lambda * (p - x); mean += share * z. Returns the sum of squares of p - x.
template <class T>
double move_copy(T* z, T* mean, const T* p, const T* x, T lambda, T share, std::size_t n) {
  double moved = 0;
#pragma omp simd reduction(+ : moved)
  for (std::size_t i = 0; i < n; ++i) {
    const T d = p[i] - x[i];
    moved += d * d;
    z[i] += lambda * d;
    mean[i] += share * z[i];
  }
  return moved;
}

template <Scalar T>
class GeneralizedIteration {
 public:
  using Array = xt::xarray<T>;

  GeneralizedIteration(const Term<T>& f, std::span<const Term<T>> g, const Array& x0,
                       const GeneralizedForwardBackward& options)
      : f_(f), g_(g), options_(options), x_(x0), mean_(x0), p_(x0), z_(g.size(), x0) {
    terms_.resize(g.size() + 1);
    evaluate();
  }

  const Array& x() const { return x_; }
  std::span<const double> terms() const { return terms_; }

  /// Where the copies of x differ from it.
  Residual residual() const {
    double size = 0;
    for (const Array& z : z_) size = std::hypot(size, detail::norm(z));
    const double root = root_of(z_.size() * x_.size());
    return {std::sqrt(moved_) / root, size / root};
  }

  void step() {
    mean_.fill(0);
    moved_ = 0;
    const auto n = static_cast<double>(g_.size());
    for (std::size_t i = 0; i < g_.size(); ++i) {
      reflect_and_descend(p_.data(), x_.data(), z_[i].data(), gradient_.data(),
                          static_cast<T>(options_.step), x_.size());
      g_[i].prox(p_, static_cast<T>(n * options_.step));
      moved_ += move_copy(z_[i].data(), mean_.data(), p_.data(), x_.data(),
                          static_cast<T>(options_.lambda), static_cast<T>(1 / n), x_.size());
    }
    std::swap(x_, mean_);
    evaluate();
  }

 private:
  void evaluate() {
    terms_[0] = detail::value_and_gradient("generalized_forward_backward", f_, gradient_, x_);
    for (std::size_t i = 0; i < g_.size(); ++i) terms_[i + 1] = g_[i].eval(x_);
  }

  const Term<T>& f_;
  std::span<const Term<T>> g_;
  GeneralizedForwardBackward options_;
  Array x_, mean_, p_, gradient_;
  std::vector<Array> z_;
  double moved_ = 0;  // the sum of squares of all p - x
  std::vector<double> terms_;
};

// ---- Douglas-Rachford

/// out = 2 x - y.
template <class T>
void reflect(T* out, const T* x, const T* y, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) out[i] = 2 * x[i] - y[i];
}

/// y += lambda * (p - x); x = y.
template <class T>
void move_both(T* y, T* x, const T* p, T lambda, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) x[i] = y[i] += lambda * (p[i] - x[i]);
}

// ---- Chambolle-Pock

/// dual = y / sigma + (1 + theta) * now - theta * former; p is its copy.
template <class T>
void ascend(T* dual, T* p, const T* now, const T* former, T sigma, T theta, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    dual[i] = dual[i] / sigma + now[i] + theta * (now[i] - former[i]);
    p[i] = dual[i];
  }
}

/// y = sigma * (y - p).
template <class T>
void scaled_rest(T* y, const T* p, T sigma, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) y[i] = sigma * (y[i] - p[i]);
}

void check(const ChambollePock& options) {
  const char* op = "chambolle_pock";
  if (options.tau != 0 || options.sigma != 0) {
    detail::check_positive(op, "tau", options.tau);
    detail::check_positive(op, "sigma", options.sigma);
  }
  if (!(options.theta >= 0 && options.theta <= 1)) {
    fail(op, "theta must be in [0, 1], got {}", options.theta);
  }
}

/// Fills in the steps that were not given.
template <Scalar T>
ChambollePock with_steps(ChambollePock options, const LinearOperator<T>& K,
                         const xt::xarray<T>& x0) {
  if (options.tau != 0) return options;
  const double K_norm = operator_norm(K, x0);
  options.tau = options.sigma = K_norm > 0 ? 0.99 / K_norm : 1;
  return options;
}

template <Scalar T>
class PrimalDualIteration {
 public:
  using Array = xt::xarray<T>;

  PrimalDualIteration(const Term<T>& f, const Term<T>& g, const LinearOperator<T>& K,
                      const Array& x0, const ChambollePock& options)
      : f_(f), g_(g), K_(K), options_(with_steps(options, K, x0)), x_(x0) {
    K.apply(image_, x_);
    former_ = image_;
    p_ = image_;
    y_ = xt::zeros<T>(image_.shape());
  }

  const Array& x() const { return x_; }
  std::array<double, 2> terms() const { return {f_.eval(x_), g_.eval(image_)}; }

  /// The dual variable moves as long as what g wants K x to be is not K x.
  Residual residual() const {
    const double root = root_of(image_.size());
    return {detail::distance(p_, image_) / root,
            (detail::norm(image_) + detail::norm(y_) / options_.sigma) / root};
  }

  /// The dual step by Moreau: prox of sigma g* at v is v - sigma * (prox of g / sigma at v /
  /// sigma).
  void step() {
    const auto tau = static_cast<T>(options_.tau), sigma = static_cast<T>(options_.sigma);
    ascend(y_.data(), p_.data(), image_.data(), former_.data(), sigma,
           static_cast<T>(options_.theta), y_.size());
    g_.prox(p_, 1 / sigma);
    scaled_rest(y_.data(), p_.data(), sigma, y_.size());
    K_.adjoint(pulled_, y_);
    check_adjoint();
    detail::descend(x_, x_, tau, pulled_);
    f_.prox(x_, tau);
    std::swap(image_, former_);
    K_.apply(image_, x_);
  }

 private:
  void check_adjoint() const {
    if (pulled_.shape() == x_.shape()) return;
    fail("chambolle_pock", "the adjoint gives shape {}, x has shape {}",
         detail::shape_text(pulled_), detail::shape_text(x_));
  }

  const Term<T>&f_, &g_;
  const LinearOperator<T>& K_;
  ChambollePock options_;
  Array x_, y_, p_, pulled_;
  Array image_, former_;  // K x, now and before
};

}  // namespace

template <Scalar T>
Result<T> generalized_forward_backward(const Term<T>& f,
                                       std::type_identity_t<std::span<const Term<T>>> g,
                                       const xt::xarray<T>& x0,
                                       const GeneralizedForwardBackward& options,
                                       const Stopping& stopping, const Callback<T>& callback) {
  const char* op = "generalized_forward_backward";
  detail::check_positive(op, "step", options.step);
  detail::check_relaxation(op, options.lambda);
  detail::check_no_gtol(op, stopping);
  detail::check_gradient(op, f);
  if (g.empty()) fail(op, "there is no term with a proximal operator; use gradient_descent");
  for (const Term<T>& term : g) detail::check_prox(op, term);
  GeneralizedIteration<T> iteration(f, g, x0, options);
  Monitor<T> monitor(op, stopping, callback, x0, iteration.terms());
  monitor.watch([&] { return iteration.residual(); });
  do iteration.step();
  while (!monitor.done(iteration.x(), iteration.terms()));
  return monitor.result(iteration.x());
}

template <Scalar T>
Result<T> douglas_rachford(const Term<T>& f, const Term<T>& g, const xt::xarray<T>& x0,
                           const DouglasRachford& options, const Stopping& stopping,
                           const Callback<T>& callback) {
  const char* op = "douglas_rachford";
  detail::check_positive(op, "step", options.step);
  detail::check_relaxation(op, options.lambda);
  detail::check_no_gtol(op, stopping);
  detail::check_prox(op, f);
  detail::check_prox(op, g);
  const T step = static_cast<T>(options.step);
  xt::xarray<T> x = x0, y = x0, p = x0;
  const auto terms = [&] { return std::array<double, 2>{f.eval(x), g.eval(x)}; };
  Monitor<T> monitor(op, stopping, callback, x, terms());
  monitor.watch([&]() -> Residual {  // y moves as long as f and g want different points
    return {detail::distance(p, x) / root_of(x.size()), detail::norm(y) / root_of(x.size())};
  });
  do {
    reflect(p.data(), x.data(), y.data(), x.size());
    f.prox(p, step);
    move_both(y.data(), x.data(), p.data(), static_cast<T>(options.lambda), x.size());
    g.prox(x, step);
  } while (!monitor.done(x, terms()));
  return monitor.result(x);
}

template <Scalar T>
double operator_norm(const LinearOperator<T>& K, const xt::xarray<T>& x0, int iterations) {
  if (iterations < 1) fail("operator_norm", "iterations must be positive, got {}", iterations);
  xt::xarray<T> x = x0, image;
  std::mt19937 random(1);
  std::normal_distribution<T> normal;
  for (T& element : x) element = normal(random);
  double square = 0;  // of the largest singular value
  for (int i = 0; i < iterations; ++i) {
    const double length = detail::norm(x);
    if (length == 0) return 0;
    for (T& element : x) element /= static_cast<T>(length);
    K.apply(image, x);
    K.adjoint(x, image);
    square = detail::norm(x);
  }
  return std::sqrt(square);
}

template <Scalar T>
Result<T> chambolle_pock(const Term<T>& f, const Term<T>& g, const LinearOperator<T>& K,
                         const xt::xarray<T>& x0, const ChambollePock& options,
                         const Stopping& stopping, const Callback<T>& callback) {
  const char* op = "chambolle_pock";
  check(options);
  detail::check_no_gtol(op, stopping);
  detail::check_prox(op, f);
  detail::check_prox(op, g);
  PrimalDualIteration<T> iteration(f, g, K, x0, options);
  Monitor<T> monitor(op, stopping, callback, x0, iteration.terms());
  monitor.watch([&] { return iteration.residual(); });
  do iteration.step();
  while (!monitor.done(iteration.x(), iteration.terms()));
  return monitor.result(iteration.x());
}

#define OPTIM_SPLITTING(T)                                                                       \
  template Result<T> generalized_forward_backward(                                               \
      const Term<T>&, std::span<const Term<T>>, const xt::xarray<T>&,                            \
      const GeneralizedForwardBackward&, const Stopping&, const Callback<T>&);                   \
  template Result<T> douglas_rachford(const Term<T>&, const Term<T>&, const xt::xarray<T>&,      \
                                      const DouglasRachford&, const Stopping&,                   \
                                      const Callback<T>&);                                       \
  template double operator_norm(const LinearOperator<T>&, const xt::xarray<T>&, int);            \
  template Result<T> chambolle_pock(const Term<T>&, const Term<T>&, const LinearOperator<T>&,    \
                                    const xt::xarray<T>&, const ChambollePock&, const Stopping&, \
                                    const Callback<T>&);
OPTIM_SPLITTING(float)
OPTIM_SPLITTING(double)
#undef OPTIM_SPLITTING

}  // namespace optim
