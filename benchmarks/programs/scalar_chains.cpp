/// Chains of small operations: what one of them costs.
#include <algorithm>
#include <autograd/base/simd.hpp>
#include <cmath>
#include <numeric>
#include <xsimd/xsimd.hpp>

#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;

constexpr int sines = 50, halvings = 1000;

V sine_chain(V x) {
  for (int i = 0; i < sines; ++i) x = ag::sin(x);
  return x;
}

/// 50 sines, forward; their cosines, backward.
double sine_chain_by_hand(const double* x, double* gradient) {
  double values[sines + 1] = {*x};
  for (int i = 0; i < sines; ++i) values[i + 1] = std::sin(values[i]);
  double slope = 1;
  for (int i = sines; i-- > 0;) slope *= std::cos(values[i]);
  *gradient = slope;
  return values[sines];
}

V halving_chain(V x) {
  for (int i = 0; i < halvings; ++i) x = (x + x) / 2.0;
  return x;
}

/// Kept from being a constant by memory that the compiler must not look through.
double halving_chain_by_hand(const double* x, double* gradient) {
  volatile double value = *x, slope = 1;
  for (int i = 0; i < halvings; ++i) value = (value + value) / 2;
  for (int i = 0; i < halvings; ++i) {
    const double half = slope / 2;
    slope = half + half;
  }
  *gradient = slope;
  return value;
}

V sine_chain_of_vector(const V& x) { return ag::sum(sine_chain(x)); }

/// Sine and cosine come from one evaluation, so that no sine needs to be kept.
struct SineChainOfVector {
  using Batch = xsimd::batch<double>;
  static constexpr int n = 64;

  double operator()(const double* x, double* gradient) {
    std::copy_n(x, n, values);
    std::fill_n(gradient, n, 1.0);
    for (int i = 0; i < sines; ++i) step(gradient);
    return std::accumulate(values, values + n, 0.0);
  }

  void step(double* gradient) {
    for (std::size_t j = 0; j < n; j += Batch::size) {
      const auto [sine, cosine] = xsimd::sincos(Batch::load_unaligned(values + j));
      sine.store_unaligned(values + j);
      (Batch::load_unaligned(gradient + j) * cosine).store_unaligned(gradient + j);
    }
  }

  double values[n];
};

Workload with_units(Workload workload, std::size_t units) {
  workload.units = units;
  return workload;
}

}  // namespace

Workloads scalar_chains() {
  const xt::xarray<double> start = 0.5;
  return {with_units(workload<double>("50 sines", start, sine_chain, sine_chain_by_hand), sines),
          with_units(workload<double>("1000 times (x + x) / 2", start, halving_chain,
                                      halving_chain_by_hand),
                     2 * halvings),
          with_units(workload<double>("50 sines of a 64-vector", numbers<double>({64}, 0.1, 1),
                                      sine_chain_of_vector, SineChainOfVector()),
                     sines)};
}

}  // namespace benchmarks
