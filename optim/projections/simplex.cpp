// The simplex and the ball of the l1 norm: both subtract a threshold from what is large.
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "optim/base/arrays.hpp"
#include "optim/projections.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::Strided;

/// The one theta for which the sum of max(v - theta, 0) is `total`. Only differences from the
/// largest v enter, which are exact where they matter: v of any size lose no digits.
class Threshold {
 public:
  /// For v(0), ..., v(size - 1). `gaps` is scratch.
  template <class V>
  Threshold(V v, std::size_t size, double total, std::vector<double>& gaps) {
    largest_ = v(0);
    for (std::size_t i = 1; i < size; ++i) largest_ = std::max(largest_, v(i));
    gaps.clear();
    for (std::size_t i = 0; i < size; ++i) {
      const double gap = largest_ - v(i);
      if (gap < total) gaps.push_back(gap);  // the others are below theta
    }
    std::sort(gaps.begin(), gaps.end());
    double sum = total, count = 0;
    for (const double gap : gaps) {
      if (gap * count >= sum) break;
      sum += gap;
      gap_ = sum / ++count;
    }
  }

  /// max(v - theta, 0).
  double operator()(double v) const { return std::max(0.0, gap_ - (largest_ - v)); }

 private:
  double largest_;
  double gap_ = 0;  ///< largest - theta
};

template <class T>
void project_onto_simplex(Strided<T> x, double total, std::vector<double>& scratch) {
  scratch.reserve(x.size);
  const auto v = [x](std::size_t i) { return double(x[i]); };
  const Threshold threshold(v, x.size, total, scratch);
  for (std::size_t i = 0; i < x.size; ++i) x[i] = static_cast<T>(threshold(v(i)));
}

template <class T>
double l1_norm(const xt::xarray<T>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::abs(double(x.data()[i]));
  return sum;
}

}  // namespace

template <Scalar T>
Projection<T> simplex(T total, std::optional<int> axis) {
  if (!(total >= 0 && std::isfinite(total))) {
    fail("simplex", "the total must be at least 0 and finite, got {}", total);
  }
  return [axis, total, scratch = std::vector<double>()](xt::xarray<T>& x) mutable {
    detail::check_finite("simplex", "x", x);
    detail::for_each_vector("simplex", x, axis, [&](Strided<T> vector) {
      if (vector.size == 0) {
        fail("simplex", "vectors must have elements: x has shape {}", detail::shape_text(x));
      }
      project_onto_simplex(vector, total, scratch);
    });
  };
}

template <Scalar T>
Projection<T> l1_ball(T radius) {
  if (!(radius >= 0)) fail("l1_ball", "the radius must be at least 0, got {}", radius);
  return [radius, scratch = std::vector<double>()](xt::xarray<T>& x) mutable {
    detail::check_finite("l1_ball", "x", x);
    scratch.reserve(x.size());
    if (l1_norm(x) <= radius) return;
    const auto v = [&x](std::size_t i) { return std::abs(double(x.data()[i])); };
    const Threshold threshold(v, x.size(), radius, scratch);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x.data()[i] = static_cast<T>(std::copysign(threshold(v(i)), x.data()[i]));
    }
  };
}

template Projection<float> simplex(float, std::optional<int>);
template Projection<double> simplex(double, std::optional<int>);
template Projection<float> l1_ball(float);
template Projection<double> l1_ball(double);

}  // namespace optim
