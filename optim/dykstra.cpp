#include <algorithm>
#include <limits>

#include "optim/arrays.hpp"
#include "optim/projections.hpp"

namespace optim {
namespace {

using autograd::fail;

template <class T>
double squared_norm(const xt::xarray<T>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += double(x.data()[i]) * x.data()[i];
  return sum;
}

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
    const double start = std::max(1.0, squared_norm(x));
    for (std::uint64_t i = 0; i < maxit_; ++i) {
      const double moved = round(x);
      const bool goes_on = moved > tolerance_ * tolerance_ * std::max(start, squared_norm(x));
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
    T* c = correction.data();
    for (std::size_t i = 0; i < x.size(); ++i) c[i] = x.data()[i] += c[i];
    projection(x);
    double moved = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double move = double(x.data()[i]) - before_.data()[i];
      moved += move * move;
      c[i] -= x.data()[i];
    }
    return moved;
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
