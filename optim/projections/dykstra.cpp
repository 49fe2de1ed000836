#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "optim/base/arrays.hpp"
#include "optim/base/vectors.hpp"
#include "optim/projections.hpp"

namespace optim {
namespace {

using autograd::fail;

template <Scalar T>
class Dykstra {
 public:
  Dykstra(std::vector<Projection<T>> projections, const DykstraOptions& options)
      : projections_(std::move(projections)),
        corrections_(projections_.size()),
        tolerance_(std::max<double>(options.tolerance, rounding)),
        maxit_(options.maxit) {}

  void operator()(xt::xarray<T>& x) {
    detail::check_finite("intersection", "x", x);
    // Far from the sets the rounding of large numbers is more than the tolerance allows. From
    // where that ends, the way is short and the numbers are those of the result.
    if (run(x) > tolerance_ * detail::norm(x)) run(x);
  }

 private:
  static constexpr double rounding = 4 * std::numeric_limits<T>::epsilon();

  /// Rounds until x stands still. Returns what counted as that.
  double run(xt::xarray<T>& x) {
    for (xt::xarray<double>& correction : corrections_) {
      detail::set_shape(correction, x.shape());
      correction.fill(0);
    }
    double moved = 0;
    std::uint64_t rounds = 0;
    for (; rounds < maxit_ && !std::isnan(moved); ++rounds) {
      largest_ = 0;
      moved = round(x);
      const double enough = std::max(tolerance_ * detail::norm(x), rounding * largest_);
      if (moved <= enough) return enough;
    }
    fail<std::runtime_error>("intersection",
                             "no convergence after {} rounds: the last one moved x by {}; the sets "
                             "have no point in common, or maxit is too small",
                             rounds, moved);
  }

  /// All sets once. Returns the root of the sum of squares of the moves.
  double round(xt::xarray<T>& x) {
    double moved = 0;
    for (std::size_t i = 0; i < projections_.size(); ++i) {
      moved = std::hypot(moved, project(x, projections_[i], corrections_[i]));
    }
    return moved;
  }

  /// Takes back what this set did to x in the round before, then projects. The corrections are kept
  /// in double: in many rounds their rounding would add up.
  double project(xt::xarray<T>& x, const Projection<T>& projection,
                 xt::xarray<double>& correction) {
    detail::copy(before_, x);
    double* c = correction.data();
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(x.data()[i] + c[i]);
    largest_ = std::max(largest_, detail::norm(x));
    projection(x);
    const T *from = before_.data(), *to = x.data();
    for (std::size_t i = 0; i < x.size(); ++i) c[i] += static_cast<double>(from[i]) - to[i];
    return detail::distance(x, before_);
  }

  std::vector<Projection<T>> projections_;
  std::vector<xt::xarray<double>> corrections_;
  xt::xarray<T> before_;
  double largest_ = 0;  // of the norms of what was projected in this round
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
