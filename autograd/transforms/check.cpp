#include "autograd/check.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/base/error.hpp"
#include "autograd/transforms.hpp"

namespace autograd::detail {
template <class T>
xt::xarray<T> random_like(const xt::xarray<T>& x, std::uint64_t& state) {
  xt::xarray<T> result = xt::zeros_like(x);
  for (T& element : result) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    element = static_cast<T>(static_cast<double>(state >> 11) / 4503599627370496.0 - 1.0);
  }
  return result;
}

namespace {

template <class T>
using Arrays = std::vector<xt::xarray<T>>;

template <class T>
std::vector<Var<T>> arguments_at(const Arrays<T>& x) {
  std::vector<Var<T>> result;
  for (const auto& each : x) result.push_back(argument(Var<T>(each)));
  return result;
}

template <class T>
double value_at(const ManyToOne<T>& f, const Arrays<T>& x) {
  const Scope<T> scope;
  return f(arguments_at(x)).item();
}

/// The gradients of f at x by the raw sweep, or by the recorded one.
template <class T>
Arrays<T> gradients_at(const ManyToOne<T>& f, const Arrays<T>& x, bool record) {
  const Scope<T> scope;
  const std::vector<Var<T>> arguments = arguments_at(x);
  const TracedCall<T> of{"check_gradients", f(arguments), arguments};
  Arrays<T> result = x;
  if (record) {
    std::vector<Var<T>> recorded(x.size());
    recorded_gradients<T>(of, recorded);
    for (std::size_t i = 0; i < x.size(); ++i) read(recorded[i], result[i].data());
  } else {
    std::vector<T*> out;
    for (auto& each : result) out.push_back(each.data());
    raw_gradients<T>(of, out);
  }
  return result;
}

template <class T>
Arrays<T> moved(const Arrays<T>& x, const Arrays<T>& direction, double step) {
  Arrays<T> result = x;
  for (std::size_t i = 0; i < x.size(); ++i) result[i] += direction[i] * static_cast<T>(step);
  return result;
}

/// The derivative of f along a direction by central differences, with an error of fourth order in
/// h.
template <class T>
double difference(const ManyToOne<T>& f, const Arrays<T>& x, const Arrays<T>& direction, double h) {
  const auto at = [&](double step) { return value_at(f, moved(x, direction, step * h)); };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
}

template <class T>
double dot(const Arrays<T>& a, const Arrays<T>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a[i].size(); ++k) {
      total += double(a[i].data()[k]) * double(b[i].data()[k]);
    }
  }
  return total;
}

bool close(double a, double b, double tolerance, double scale) {
  return std::abs(a - b) <= tolerance * std::max({std::abs(a), std::abs(b), scale});
}

template <class T>
void compare_sweeps(const Arrays<T>& raw, const Arrays<T>& recorded, int order, double tolerance) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    double scale = 1;
    for (T g : raw[i]) scale = std::max(scale, std::abs(double(g)));
    for (std::size_t k = 0; k < raw[i].size(); ++k) {
      const double a = raw[i].data()[k], b = recorded[i].data()[k];
      if (close(a, b, tolerance, scale)) continue;
      fail<std::runtime_error>("check_gradients",
                               "order {}, argument {}: element {} is {} by the raw sweep, {} by "
                               "the recorded one",
                               order, i, k, a, b);
    }
  }
}

/// Checks the derivatives of f from `order` on. The next order is that of the inner product of the
/// gradient with random weights, which is a scalar function again.
template <class T>
void check_scalar_function(const ManyToOne<T>& f, const Arrays<T>& x, int order,
                           const CheckOptions& options, std::uint64_t& state) {
  Arrays<T> direction;
  for (const auto& each : x) direction.push_back(random_like(each, state));
  const Arrays<T> raw = gradients_at(f, x, false);
  compare_sweeps(raw, gradients_at(f, x, true), order, std::is_same_v<T, float> ? 1e-4 : 1e-10);
  const double by_vjp = dot(raw, direction);
  const double by_differences = difference(f, x, direction, options.step);
  if (!close(by_vjp, by_differences, options.tolerance, 1)) {
    fail<std::runtime_error>("check_gradients",
                             "order {}: the derivative along a random direction is {:.9g} by "
                             "differentiation, {:.9g} by differences",
                             order, by_vjp, by_differences);
  }
  if (order == options.order) return;
  Arrays<T> weights;
  for (const auto& each : x) weights.push_back(random_like(each, state));
  const ManyToOne<T> slope = [&](std::span<const Var<T>> at) {
    std::vector<Var<T>> gradients(at.size());
    std::vector<Var<T>> inner;
    for (const Var<T>& each : at) inner.push_back(argument(each));
    recorded_gradients<T>({"check_gradients", f(inner), inner}, gradients);
    Var<T> total = 0;
    for (std::size_t i = 0; i < at.size(); ++i) total += sum(gradients[i] * Var<T>(weights[i]));
    return total;
  };
  check_scalar_function(slope, x, order + 1, options, state);
}

/// Compares u^T (J v), from the derivative in the direction v (jvp), with (J^T u)^T v.
template <class T>
void check_forward(const ManyToOne<T>& f, const Arrays<T>& x, const xt::xarray<T>& u,
                   std::uint64_t& state) {
  Arrays<T> direction;
  for (const auto& each : x) direction.push_back(random_like(each, state));
  const ManyToOne<T> weighted = [&](std::span<const Var<T>> at) { return sum(f(at) * Var<T>(u)); };
  const double reverse = dot(gradients_at(weighted, x, false), direction);
  const Scope<T> scope;
  const std::vector<Var<T>> arguments = arguments_at(x);
  const TracedCall<T> of{"check_gradients", f(arguments), arguments};
  const std::vector<Var<T>> directions(direction.begin(), direction.end());
  const double forward = sum(forward_derivative<T>(of, directions, false) * Var<T>(u)).item();
  const double scale = std::sqrt(dot<T>({u}, {u}) * dot(direction, direction));
  if (close(forward, reverse, std::is_same_v<T, float> ? 1e-3 : 1e-9, scale)) return;
  fail<std::runtime_error>("check_gradients",
                           "the derivative along a random direction is {:.9g} forward (jvp), "
                           "{:.9g} in reverse",
                           forward, reverse);
}

}  // namespace

template <class T>
void check_gradients(const ManyToOne<T>& f, std::vector<xt::xarray<T>> at, CheckOptions options) {
  constexpr bool is_float = std::is_same_v<T, float>;
  if (options.order < 1) {
    fail("check_gradients", "order must be at least 1, got {}", options.order);
  }
  if (options.step == 0) options.step = is_float ? 3e-2 : 1e-3;
  if (options.tolerance == 0) options.tolerance = is_float ? 2e-2 : 1e-6;
  std::uint64_t state = options.seed * 2 + 1;
  xt::xarray<T> y;
  {
    const Scope<T> scope;
    const Var<T> result = f(arguments_at(at));
    y = result.value();
  }
  // The cotangent is one more argument: so the second order checks the map (x, g) -> vjp.
  at.push_back(random_like(y, state));
  const ManyToOne<T> weighted = [&](std::span<const Var<T>> x) {
    return sum(f(x.first(x.size() - 1)) * x.back());
  };
  check_scalar_function(weighted, at, 1, options, state);
  check_forward(f, Arrays<T>(at.begin(), at.end() - 1), at.back(), state);
}

template xt::xarray<float> random_like<float>(const xt::xarray<float>&, std::uint64_t&);
template xt::xarray<double> random_like<double>(const xt::xarray<double>&, std::uint64_t&);
template void check_gradients<float>(const ManyToOne<float>&, std::vector<xt::xarray<float>>,
                                     CheckOptions);
template void check_gradients<double>(const ManyToOne<double>&, std::vector<xt::xarray<double>>,
                                      CheckOptions);

}  // namespace autograd::detail
