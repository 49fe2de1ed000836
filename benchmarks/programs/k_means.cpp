/// The cost of k-means: gradient and Hessian diagonal by the centres.
#include <algorithm>
#include <autograd/base/simd.hpp>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;
using Batch = xsimd::batch<double>;

/// Points, centres, dimensions.
constexpr int n = 10'000, k = 100, d = 16;

struct Data {
  xt::xarray<double> points = numbers<double>({n, d}), centres = numbers<double>({k, d}, -1, 1, 2);
  double squares = 0;  ///< of all points
  Data() {
    for (double x : points) squares += x * x;
  }
};

/// The sum of squared distances to the nearest centre, |p|^2 - 2 p c + |c|^2 with the first part
/// taken out of the minimum.
struct Cost {
  V operator()(const V& centres) const {
    const V products = ag::matmul(ag::borrow(data->points), ag::transpose(-2.0 * centres));
    const V distances = products + ag::sum(ag::square(centres), {.axis = 1});
    return ag::sum(ag::min(distances, {.axis = 1})) + data->squares;
  }
  std::shared_ptr<const Data> data;
};

/// Finds the centre of each point, block by block. The gradient is 2 (count * centre - sum of the
/// points there), the Hessian is diagonal with 2 count. Centres are padded to whole batches by
/// ones at an infinite distance.
class CostByHand {
 public:
  explicit CostByHand(std::shared_ptr<const Data> data) : data(std::move(data)) {}

  double gradient(const double* at, double* to) {
    std::copy_n(at, k * d, centres.begin());
    std::fill(counts.begin(), counts.end(), 0.0);
    std::fill_n(to, k * d, 0.0);
    for (int c = 0; c < k; ++c) {
      norms[c] = 0;
      for (int j = 0; j < d; ++j) norms[c] += at[c * d + j] * at[c * d + j];
    }
    double cost = data->squares;
    for (int i = 0; i < n; i += block) cost += assign(data->points.data() + i * d, to);
    for (int c = 0; c < k; ++c) {
      for (int j = 0; j < d; ++j) to[c * d + j] += 2 * counts[c] * at[c * d + j];
    }
    return cost;
  }

  void hessian_diagonal(double* to) const {
    for (int c = 0; c < k; ++c) std::fill_n(to + c * d, d, 2 * counts[c]);
  }

 private:
  static constexpr int block = 100;
  static constexpr int lanes = Batch::size, padded = (k + lanes - 1) / lanes * lanes;

  double assign(const double* points, double* to) {
    gemm(block, padded, d, -2.0, {points, d}, {centres.data(), d, true}, 0.0, products.data());
    double cost = 0;
    for (int i = 0; i < block; ++i) {
      const auto [distance, c] = nearest(&products[i * padded]);
      cost += distance;
      counts[c] += 1;
      for (int j = 0; j < d; ++j) to[c * d + j] -= 2 * points[i * d + j];
    }
    return cost;
  }

  std::pair<double, int> nearest(const double* row) const {
    Batch least(infinity), at(0.0);
    for (int c = 0; c < padded; c += lanes) {
      const Batch distance = Batch::load_unaligned(row + c) + Batch::load_unaligned(&norms[c]);
      at = xsimd::select(distance < least, Batch(c), at);
      least = xsimd::min(least, distance);
    }
    double distances[lanes], places[lanes];
    least.store_unaligned(distances);
    at.store_unaligned(places);
    const auto lane = std::min_element(distances, distances + lanes) - distances;
    return {distances[lane], static_cast<int>(places[lane]) + static_cast<int>(lane)};
  }

  static constexpr double infinity = std::numeric_limits<double>::infinity();
  std::shared_ptr<const Data> data;
  std::vector<double> centres = std::vector<double>(padded * d);
  std::vector<double> norms = std::vector<double>(padded, infinity), counts = norms;
  std::vector<double> products = std::vector<double>(block * padded);
};

/// The Hessian is diagonal: its product with ones is its diagonal.
Workload with_hessian_diagonal(const std::shared_ptr<const Data>& data) {
  const Cost cost{data};
  const xt::xarray<double> ones = xt::ones<double>({k, d});
  return comparison<double>(
      "k-means, gradient and Hessian diagonal", 3,
      [=] {
        const ag::Scope<double> scope;
        cost(data->centres).item();
      },
      [=](Results<double>& results) {
        results[0]() = ag::value_and_grad(cost).into(results[1], data->centres);
        results[2] = ag::hvp(cost)(data->centres, ones);
      },
      [=, hand = CostByHand(data)](Results<double>& results) mutable {
        for (int i : {1, 2}) results[i].resize({k, d});
        results[0]() = hand.gradient(data->centres.data(), results[1].data());
        hand.hessian_diagonal(results[2].data());
      });
}

}  // namespace

Workloads k_means() {
  const auto data = std::make_shared<const Data>();
  const auto by_hand = [hand = CostByHand(data)](const double* x, double* gradient) mutable {
    return hand.gradient(x, gradient);
  };
  return {workload<double>("k-means, gradient", data->centres, Cost{data}, by_hand),
          with_hessian_diagonal(data)};
}

}  // namespace benchmarks
