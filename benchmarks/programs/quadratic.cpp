/// The quadratic fit, sample by sample: expressions of three numbers.
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;

struct Sample {
  double x, y;
};

V cost(const V& a2, const V& a1, const V& a0, Sample s) {
  return 0.5 * ag::square(s.y - (a2 * (s.x * s.x) + a1 * s.x + a0));
}

V cost_of_vector(const V& a, Sample s) {
  return cost(ag::view(a, 0), ag::view(a, 1), ag::view(a, 2), s);
}

/// As a product with the powers of x.
V cost_as_product(const V& a, Sample s) {
  const xt::xtensor_fixed<double, xt::xshape<3>> powers = {s.x * s.x, s.x, 1};
  return 0.5 * ag::square(s.y - ag::dot(powers, a));
}

/// The cost of a; g: the derivatives by a2, a1 and a0.
double cost_by_hand(const double* a, Sample s, double* g) {
  const double error = a[0] * s.x * s.x + a[1] * s.x + a[2] - s.y;
  g[0] = error * s.x * s.x;
  g[1] = error * s.x;
  g[2] = error;
  return 0.5 * error * error;
}

}  // namespace

Workloads quadratic_fits() {
  const Sample s = {2, 1};
  const xt::xarray<double> start = {1, 0.5, 0.25};
  const auto by_hand = [s](const double* a, double* g) { return cost_by_hand(a, s, g); };
  const auto of_numbers = [s](const V& a2, const V& a1, const V& a0) {
    return cost(a2, a1, a0, s);
  };
  const auto of_vector = [s](const V& a) { return cost_of_vector(a, s); };
  const auto as_product = [s](const V& a) { return cost_as_product(a, s); };
  const auto numbers_by_hand = [s](const auto& at, const auto& gradients) {
    const double a[3] = {*at[0], *at[1], *at[2]};
    double g[3];
    const double value = cost_by_hand(a, s, g);
    for (int i = 0; i < 3; ++i) *gradients[i] = g[i];
    return value;
  };
  return {
      workload<double>("quadratic fit, sample, three numbers",
                       Arrays<double, 3>{start(0), start(1), start(2)}, of_numbers,
                       numbers_by_hand),
      workload<double>("quadratic fit, sample, elements of a vector", start, of_vector, by_hand),
      workload<double>("quadratic fit, sample, product of vectors", start, as_product, by_hand)};
}

}  // namespace benchmarks
