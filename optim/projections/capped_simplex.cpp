#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "optim/base/arrays.hpp"
#include "optim/projections.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::Strided;

/// The threshold theta for which the elements v - theta, cut off below 0 and above the cap, have a
/// given sum. Theta falls from the largest v to the next place where an element rises from 0 or
/// reaches the cap, until the sum is reached. It is kept as an element and what to subtract from
/// it, so that only differences of elements enter: v of any size lose no digits.
class CappedThreshold {
 public:
  /// `v` descends and has elements.
  CappedThreshold(const std::vector<double>& v, double sum, double cap) : v_(v), cap_(cap) {
    while (next()) {
      const double fall = (pivot_ - next_pivot_) + (next_drop_ - drop_);
      const double gain = slope() == 0 ? 0 : slope() * fall;
      if (sum_ + gain >= sum) break;
      sum_ += gain;
      pivot_ = next_pivot_;
      drop_ = next_drop_;
      ++(next_caps_ ? capped_ : positive_);
    }
    if (slope() > 0) drop_ += (sum - sum_) / slope();
  }

  /// v - theta, cut off.
  double operator()(double v) const { return std::clamp((v - pivot_) + drop_, 0.0, cap_); }

 private:
  double slope() const { return static_cast<double>(positive_ - capped_); }

  /// Finds the next place; false if all elements have reached the cap.
  bool next() {
    const bool more = positive_ < v_.size();
    if (!more && capped_ == v_.size()) return false;
    next_caps_ = capped_ < positive_ && (!more || v_[capped_] - v_[positive_] >= cap_);
    next_pivot_ = v_[next_caps_ ? capped_ : positive_];
    next_drop_ = next_caps_ ? cap_ : 0;
    return true;
  }

  const std::vector<double>& v_;
  double cap_;
  std::size_t positive_ = 0, capped_ = 0;  // how many elements are above 0, at the cap
  double sum_ = 0;
  double pivot_ = v_[0], drop_ = 0;  // theta = pivot - drop
  double next_pivot_ = 0, next_drop_ = 0;
  bool next_caps_ = false;
};

template <class T>
struct CappedSimplex {
  T total, low, high;
  std::vector<double> sorted = {};  // scratch

  void operator()(Strided<T> x) {
    check_not_empty(x.size);
    const double n = static_cast<double>(x.size), cap = static_cast<double>(high) - low;
    sorted.clear();
    for (std::size_t i = 0; i < x.size; ++i) sorted.push_back(x[i]);
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const CappedThreshold above_low(sorted, total - n * low, cap);
    for (std::size_t i = 0; i < x.size; ++i) {
      const double rest = above_low(x[i]);
      x[i] = rest >= cap ? high : std::min(static_cast<T>(low + rest), high);
    }
  }

 private:
  /// A total that is out of reach by rounding only is taken as what can be reached.
  void check_not_empty(std::size_t size) const {
    const double n = static_cast<double>(size), least = n * low, most = size == 0 ? 0 : n * high;
    const double rounding = std::numeric_limits<T>::epsilon() * std::abs(double(total));
    if (total >= least - rounding && total <= most + rounding) return;
    fail("capped_simplex", "{} elements between {} and {} cannot have the sum {}", size, low, high,
         total);
  }
};

}  // namespace

template <Scalar T>
Projection<T> capped_simplex(T total, T low, T high, std::optional<int> axis) {
  if (!std::isfinite(total)) fail("capped_simplex", "the total must be finite, got {}", total);
  if (!(low <= high && std::isfinite(low))) {
    fail("capped_simplex", "low must be finite and at most high, got low = {} and high = {}", low,
         high);
  }
  return [axis, project = CappedSimplex<T>{total, low, high}](xt::xarray<T>& x) mutable {
    detail::check_finite("capped_simplex", "x", x);
    project.sorted.reserve(x.size());
    detail::for_each_vector("capped_simplex", x, axis, std::ref(project));
  };
}

template Projection<float> capped_simplex(float, float, float, std::optional<int>);
template Projection<double> capped_simplex(double, double, double, std::optional<int>);

}  // namespace optim
