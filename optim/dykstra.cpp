#include <algorithm>
#include <limits>

#include "autograd/error.hpp"
#include "optim/projections.hpp"
#include "optim/vectors.hpp"

namespace optim {
namespace {

using autograd::fail;

template <Scalar T>
class Dykstra {
 public:
  Dykstra(std::vector<Projection<T>> projections, const DykstraOptions& options)
      : projections_(std::move(projections)),
        corrections_(projections_.size()),
        tolerance_(std::max<double>(options.tolerance, 4 * std::numeric_limits<T>::epsilon())),
        maxit_(options.maxit) {}

  void operator()(xt::xarray<T>& x) {
    for (xt::xarray<T>& correction : corrections_) {
      if (correction.shape() != x.shape()) correction.resize(x.shape());
      correction.fill(0);
    }
    const double start = std::max(1.0, detail::dot(x, x));
    for (std::uint64_t i = 0; i < maxit_; ++i) {
      const double moved = round(x);
      const bool goes_on = moved > tolerance_ * tolerance_ * std::max(start, detail::dot(x, x));
      if (!goes_on) return;  // at once if there is a NaN
    }
  }

 private:
  /// All sets once. Returns the sum of squares of the moves.
  double round(xt::xarray<T>& x) {
    double moved = 0;
    for (std::size_t i = 0; i < projections_.size(); ++i) {
      moved += project(x, projections_[i], corrections_[i]);
    }
    return moved;
  }

  /// Takes back what this set did to x in the round before, then projects.
  double project(xt::xarray<T>& x, const Projection<T>& projection, xt::xarray<T>& correction) {
    before_ = x;
    detail::add(x, 1, correction);
    correction = x;
    projection(x);
    detail::subtract(correction, correction, x);
    return std::pow(detail::distance(x, before_), 2);
  }

  std::vector<Projection<T>> projections_;
  std::vector<xt::xarray<T>> corrections_;
  xt::xarray<T> before_;
  double tolerance_;
  std::uint64_t maxit_;
};

}  // namespace

template <Scalar T>
Projection<T> intersection(std::vector<Projection<T>> projections, const DykstraOptions& options) {
  if (!(options.tolerance >= 0)) {
    fail("intersection", "the tolerance must be at least 0, got {}", options.tolerance);
  }
  if (options.maxit == 0) fail("intersection", "maxit must be at least 1");
  for (std::size_t i = 0; i < projections.size(); ++i) {
    if (!projections[i]) fail("intersection", "projection {} is empty", i);
  }
  return Dykstra<T>(std::move(projections), options);
}

template Projection<float> intersection(std::vector<Projection<float>>, const DykstraOptions&);
template Projection<double> intersection(std::vector<Projection<double>>, const DykstraOptions&);

}  // namespace optim
