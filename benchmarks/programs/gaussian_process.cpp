/// The negative log marginal likelihood of a Gaussian process: the logarithm of a determinant, and
/// a linear system with the same matrix.
#include <algorithm>
#include <autograd/linalg.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

extern "C" {
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
void dpotrs_(const char* uplo, const int* n, const int* nrhs, const double* a, const int* lda,
             double* b, const int* ldb, int* info);
void dpotri_(const char* uplo, const int* n, double* a, const int* lda, int* info);
}

namespace benchmarks {
namespace {

using V = ag::Var<double>;

constexpr int points = 500;
constexpr std::size_t elements = std::size_t{points} * points;

/// Squared distances of random points in the plane, and what was measured there.
struct Data {
  xt::xarray<double> distances = xt::xarray<double>::from_shape({points, points});
  xt::xarray<double> identity = xt::eye<double>(points);
  xt::xarray<double> y = numbers<double>({points}, -1, 1, 3);

  Data() {
    const xt::xarray<double> x = numbers<double>({points, 2}, 0, 5, 2);
    for (std::size_t i = 0; i < points; ++i) {
      for (std::size_t j = 0; j < points; ++j) {
        const double across = x(i, 0) - x(j, 0), down = x(i, 1) - x(j, 1);
        distances(i, j) = across * across + down * down;
      }
    }
  }
};

constexpr double log_two_pi = 1.8378770664093453;

/// For the logarithms of the signal's variance, of the length scale and of the noise's variance.
struct Likelihood {
  V operator()(const V& p) const {
    const V distances = ag::borrow(data->distances), identity = ag::borrow(data->identity);
    const V y = ag::borrow(data->y);
    const V K = ag::exp(p[0] - 0.5 * distances / ag::exp(2 * p[1])) + ag::exp(p[2]) * identity;
    const V alpha = ag::linalg::solve(K, y);
    return 0.5 * (ag::dot(y, alpha) + ag::linalg::slogdet(K).logabsdet + points * log_two_pi);
  }
  std::shared_ptr<const Data> data;
};

/// The same with Cholesky's factor. By K the derivative is (K^-1 - alpha alpha^T) / 2, which is
/// symmetric: sums go over its lower triangle, where LAPACK (which sees the upper one) puts K^-1.
class LikelihoodByHand {
 public:
  explicit LikelihoodByHand(std::shared_ptr<const Data> data) : p(std::move(data)) {}

  double operator()(const double* x, double* gradient) {
    const double signal = x[0], per_distance = -0.5 * std::exp(-2 * x[1]), noise = std::exp(x[2]);
    map(
        elements, S.data(), [=](auto d) { return exp(signal + per_distance * d); },
        p->distances.data());
    std::copy(S.begin(), S.end(), K.begin());
    for (std::size_t i = 0; i < points; ++i) K[i * (points + 1)] += noise;
    const double logarithm = factor();
    double squares = 0;
    for (std::size_t i = 0; i < points; ++i) squares += p->y(i) * alpha[i];
    sum(per_distance, noise, gradient);
    return 0.5 * (squares + logarithm + points * log_two_pi);
  }

 private:
  /// Replaces K by its inverse, y by the solution, and returns log det K.
  double factor() {
    const int n = points, one = 1;
    int info = 0;
    dpotrf_("U", &n, K.data(), &n, &info);
    double logarithm = 0;
    for (std::size_t i = 0; i < points; ++i) logarithm += 2 * std::log(K[i * (points + 1)]);
    std::copy(p->y.begin(), p->y.end(), alpha.begin());
    dpotrs_("U", &n, &one, K.data(), &n, alpha.data(), &n, &info);
    dpotri_("U", &n, K.data(), &n, &info);
    return logarithm;
  }

  void sum(double per_distance, double noise, double* gradient) const {
    double by_signal = 0, by_length = 0, by_noise = 0;
    for (std::size_t i = 0; i < points; ++i) {
      const double *inverse = &K[i * points], *s = &S[i * points];
      const double* d = p->distances.data() + i * points;
      double signal = 0, length = 0;
#pragma omp simd reduction(+ : signal, length)
      for (std::size_t j = 0; j < i; ++j) {
        const double each = (inverse[j] - alpha[i] * alpha[j]) * s[j];
        signal += each;
        length += each * d[j];
      }
      const double own = inverse[i] - alpha[i] * alpha[i];
      by_signal += signal + 0.5 * own * s[i];
      by_length += length;
      by_noise += 0.5 * own;
    }
    gradient[0] = by_signal;
    gradient[1] = -2 * per_distance * by_length;
    gradient[2] = by_noise * noise;
  }

  std::shared_ptr<const Data> p;
  std::vector<double> S = std::vector<double>(elements), K = S;
  std::vector<double> alpha = std::vector<double>(points);
};

}  // namespace

Workloads gaussian_processes() {
  const auto data = std::make_shared<const Data>();
  const xt::xarray<double> parameters = {0.1, -0.2, -1.0};
  return {workload<double>("Gaussian process, 500 points", parameters, Likelihood{data},
                           LikelihoodByHand(data))};
}

}  // namespace benchmarks
