/// logsumexp of a million numbers, and the log likelihood of a mixture of Gaussians.
#include <algorithm>
#include <autograd/base/simd.hpp>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;
using Batch = xsimd::batch<double>;

constexpr double two_pi = 6.283185307179586;

double largest_of(const double* x, std::size_t n) {
  double largest = x[0];
#pragma omp simd reduction(max : largest)
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, x[i]);
  return largest;
}

/// y = exp(x - shift), and its sum; n is a multiple of the batch.
double exponentials(const double* x, double shift, std::size_t n, double* y) {
  Batch total(0.0);
  for (std::size_t i = 0; i < n; i += Batch::size) {
    const Batch e = xsimd::exp(Batch::load_unaligned(x + i) - shift);
    e.store_unaligned(y + i);
    total += e;
  }
  return ag::sum_lanes(total);
}

/// Block by block, each with a maximum of its own, so that memory is passed over twice.
struct LogSumExpByHand {
  static constexpr std::size_t block = 2000, blocks = 500;

  double operator()(const double* x, double* gradient) {
    double total = 0;
    for (std::size_t b = 0; b < blocks; ++b) {
      shifts[b] = largest_of(x + b * block, block);
      sums[b] = exponentials(x + b * block, shifts[b], block, gradient + b * block);
    }
    const double shift = largest_of(shifts.data(), blocks);
    for (std::size_t b = 0; b < blocks; ++b) total += sums[b] * std::exp(shifts[b] - shift);
    for (std::size_t b = 0; b < blocks; ++b) {
      const double factor = std::exp(shifts[b] - shift) / total;
      for (std::size_t i = b * block; i < (b + 1) * block; ++i) gradient[i] *= factor;
    }
    return shift + std::log(total);
  }

  std::vector<double> shifts = std::vector<double>(blocks), sums = shifts;
};

/// The GMM objective of ADBench without its Wishart prior: the log likelihood of n points in d
/// dimensions under k Gaussians. alphas (k) are the logarithms of the weights before normalisation,
/// means have shape (k, d). A row of icf holds the lower triangular factor L of the precision
/// L^T L: the logarithms of its diagonal, then what stands below it, column by column.
constexpr int d = 64, k = 100, n = 1000, icf_size = d * (d + 1) / 2;

/// For each element of L its place in a row of icf; icf_size above the diagonal.
xt::xarray<ag::Index> places_in_icf() {
  xt::xarray<ag::Index> places = xt::xarray<ag::Index>::from_shape({d, d});
  ag::Index next = d;
  for (int column = 0; column < d; ++column) {
    for (int row = 0; row < column; ++row) places(row, column) = icf_size;
    places(column, column) = column;
    for (int row = column + 1; row < d; ++row) places(row, column) = next++;
  }
  return places;
}

struct GaussianMixture {
  V operator()(const V& alphas, const V& means, const V& icf) const {
    const V x = ag::borrow(*points);
    const V logs = ag::view(icf, xt::all(), xt::range(0, d));
    const V below = ag::view(icf, xt::all(), xt::range(d, icf_size));
    const V zeros = xt::zeros<double>({k, 1});
    const V factors = ag::take(ag::concatenate({ag::exp(logs), below, zeros}, 1), places, 1);
    const V weights = alphas + ag::sum(logs, {.axis = 1});
    std::vector<V> terms;
    terms.reserve(k);
    for (int i = 0; i < k; ++i) {
      const V y = ag::matmul(x - means[i], ag::transpose(factors[i]));
      terms.push_back(weights[i] - 0.5 * ag::sum(ag::square(y), {.axis = 1}));
    }
    return ag::sum(ag::logsumexp(ag::stack(terms), {.axis = 0})) - n * ag::logsumexp(alphas) -
           n * d * 0.5 * std::log(two_pi);
  }

  std::shared_ptr<const xt::xarray<double>> points;
  xt::xarray<ag::Index> places = places_in_icf();
};

/// Three products with matrices for each Gaussian. The gradient by a factor is L times the scatter
/// matrix of the points about the mean, weighted by what they belong to it.
struct GaussianMixtureByHand {
  explicit GaussianMixtureByHand(std::shared_ptr<const xt::xarray<double>> data)
      : points(std::move(data)) {}

  double operator()(Pointers<const double, 3> x, Pointers<double, 3> gradients) {
    const auto [alphas, means, icf] = x;
    for (int c = 0; c < k; ++c) {
      log_densities(alphas[c], means + c * d, icf + c * icf_size, &shares[c * n]);
    }
    const double likelihood = normalise();
    double weights[k], largest = *std::max_element(alphas, alphas + k), total = 0;
    for (int c = 0; c < k; ++c) total += weights[c] = std::exp(alphas[c] - largest);
    for (int c = 0; c < k; ++c) {
      const double share = pull(means + c * d, icf + c * icf_size, &shares[c * n],
                                gradients[1] + c * d, gradients[2] + c * icf_size);
      gradients[0][c] = share - n * weights[c] / total;
    }
    return likelihood - n * (largest + std::log(total)) - n * d * 0.5 * std::log(two_pi);
  }

 private:
  void unpack(const double* icf) {
    const ag::Index* place = places.data();
    for (int i = 0; i < d * d; ++i) factor[i] = place[i] < icf_size ? icf[place[i]] : 0;
    for (int i = 0; i < d; ++i) factor[i * (d + 1)] = std::exp(icf[i]);
  }

  void centre(const double* mean) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < d; ++j) centred[i * d + j] = points->data()[i * d + j] - mean[j];
    }
  }

  void log_densities(double alpha, const double* mean, const double* icf, double* to) {
    unpack(icf);
    centre(mean);
    gemm(n, d, d, 1.0, {centred.data(), d}, {factor.data(), d, true}, 0.0, other.data());
    const double constant = std::accumulate(icf, icf + d, alpha);
    for (int i = 0; i < n; ++i) {
      double squares = 0;
#pragma omp simd reduction(+ : squares)
      for (int j = 0; j < d; ++j) squares += other[i * d + j] * other[i * d + j];
      to[i] = constant - 0.5 * squares;
    }
  }

  /// Replaces log densities by shares, which add up to 1 for each point.
  double normalise() {
    double total = 0;
    for (std::size_t i = 0; i < n; i += Batch::size) {
      Batch largest = Batch::load_unaligned(&shares[i]), sum(0.0);
      for (int c = 1; c < k; ++c) {
        largest = xsimd::max(largest, Batch::load_unaligned(&shares[c * n + i]));
      }
      for (int c = 0; c < k; ++c) {
        const Batch e = xsimd::exp(Batch::load_unaligned(&shares[c * n + i]) - largest);
        e.store_unaligned(&shares[c * n + i]);
        sum += e;
      }
      for (int c = 0; c < k; ++c) {
        (Batch::load_unaligned(&shares[c * n + i]) / sum).store_unaligned(&shares[c * n + i]);
      }
      total += ag::sum_lanes(largest + xsimd::log(sum));
    }
    return total;
  }

  /// Writes the gradients by mean and factor; returns the sum of the shares.
  double pull(const double* mean, const double* icf, const double* share, double* to_mean,
              double* to_icf) {
    double total = 0, weighted[d] = {};
    unpack(icf);
    centre(mean);
    for (int i = 0; i < n; ++i) {
      total += share[i];
      for (int j = 0; j < d; ++j) {
        weighted[j] += other[i * d + j] = share[i] * centred[i * d + j];
      }
    }
    gemm(d, d, n, 1.0, {other.data(), d, true}, {centred.data(), d}, 0.0, scatter.data());
    gemm(d, d, d, -1.0, {factor.data(), d}, {scatter.data(), d}, 0.0, to_factor.data());
    const ag::Index* place = places.data();
    for (int i = 0; i < d * d; ++i) {
      if (place[i] < icf_size) to_icf[place[i]] = to_factor[i];
    }
    for (int i = 0; i < d; ++i) to_icf[i] = to_icf[i] * factor[i * (d + 1)] + total;
    pull_mean(weighted, to_mean);
    return total;
  }

  /// L^T L times the weighted sum of the centred points.
  void pull_mean(const double* weighted, double* to_mean) const {
    std::fill_n(to_mean, d, 0.0);
    for (int i = 0; i < d; ++i) {
      const double y = std::inner_product(weighted, weighted + i + 1, &factor[i * d], 0.0);
      for (int j = 0; j <= i; ++j) to_mean[j] += factor[i * d + j] * y;
    }
  }

  std::shared_ptr<const xt::xarray<double>> points;
  xt::xarray<ag::Index> places = places_in_icf();
  std::vector<double> centred = std::vector<double>(n * d), other = centred;
  std::vector<double> factor = std::vector<double>(d * d), scatter = factor, to_factor = factor;
  std::vector<double> shares = std::vector<double>(k * n);
};

}  // namespace

Workloads gaussian_mixtures() {
  const auto points = std::make_shared<const xt::xarray<double>>(numbers<double>({n, d}));
  return {
      workload<double>(
          "logsumexp of a million", numbers<double>({1'000'000}, -10, 10),
          [](const V& x) { return ag::logsumexp(x); }, LogSumExpByHand()),
      workload<double, 3>("Gaussian mixture, d = 64, k = 100, n = 1000",
                          Arrays<double, 3>{numbers<double>({k}), numbers<double>({k, d}, -1, 1, 2),
                                            numbers<double>({k, icf_size}, -0.1, 0.1, 3)},
                          GaussianMixture{points}, GaussianMixtureByHand(points))};
}

}  // namespace benchmarks
