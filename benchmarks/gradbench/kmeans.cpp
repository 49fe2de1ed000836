/// A step of Newton's method for the cost of k-means, the sum over points of the squared distance
/// to the nearest centre: the gradient by the centres divided by the diagonal that is the Hessian.
#include <algorithm>
#include <limits>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

/// |p|^2 - 2 p c + |c|^2 for all centres and points, by one product of matrices. There is a row for
/// each centre, and as many points as are worth a row.
struct Cost {
  Array points, squares;  ///< (d, n) and their squared lengths

  V operator()(const V& centres) const {
    const V lengths = ag::sum(ag::square(centres), {.axis = 1, .keepdims = true});
    const V distances = ag::matmul(-2.0 * centres, ag::borrow(points)) + lengths;
    return ag::sum(ag::min(distances, {.axis = 0}) + ag::borrow(squares));
  }
};

struct Problem {
  Array points, centres;
  std::vector<Cost> blocks;

  /// The distances of a block of points fit into the cache. The cost is the sum of those of the
  /// blocks, and so are its derivatives.
  explicit Problem(const json& input)
      : points(array(input["points"])), centres(array(input["centroids"])) {
    const std::size_t n = points.shape(0),
                      rows = std::max<std::size_t>(1024, 65536 / centres.shape(0));
    for (std::size_t first = 0; first < n; first += rows) {
      const Array block = xt::view(points, xt::range(first, std::min(n, first + rows)));
      blocks.push_back({xt::transpose(block), xt::sum(block * block, 1)});
    }
  }

  /// One trace of the gradient serves for its value and for its product with ones, the diagonal.
  Array step() const {
    Array gradient = xt::zeros_like(centres), diagonal = gradient;
    const Array ones = xt::ones_like(centres);
    for (const Cost& cost : blocks) {
      const auto [slope, hessian] =
          ag::make_vjp([&](const V& c) { return ag::grad(cost)(c); })(centres);
      gradient += slope;
      diagonal += hessian(ones);
    }
    return gradient / diagonal;
  }

  template <class Visit>
  void for_each_nearest(const Visit& visit) const {
    const std::size_t n = points.shape(0), d = points.shape(1), k = centres.shape(0);
    for (std::size_t i = 0; i < n; ++i) {
      double least = std::numeric_limits<double>::infinity();
      std::size_t nearest = 0;
      for (std::size_t c = 0; c < k; ++c) {
        double distance = 0;
        for (std::size_t j = 0; j < d; ++j) {
          const double difference = points.data()[i * d + j] - centres.data()[c * d + j];
          distance += difference * difference;
        }
        if (distance < least) nearest = c;
        least = std::min(least, distance);
      }
      visit(i, nearest, least);
    }
  }

  double by_hand() const {
    double total = 0;
    for_each_nearest([&](std::size_t, std::size_t, double distance) { total += distance; });
    return total;
  }

  /// The step leads from the mean of the points of a centre to it.
  double check() const {
    Array sums = xt::zeros_like(centres), counts = sums;
    for_each_nearest([&](std::size_t i, std::size_t c, double) {
      xt::view(sums, c) += xt::view(points, i);
      xt::view(counts, c) += 1;
    });
    double value = 0;
    for (const Cost& cost : blocks) value += ag::evaluate(cost)(centres)();
    return std::max(relative_error(value, by_hand()),
                    relative_error(step(), Array(centres - sums / counts)));
  }
};

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {{"cost", reader(&Problem::by_hand)},
              {"dir", reader(&Problem::step)},
              {"check", reader(&Problem::check)}});
}
