/// Box bounds of an array, as L-BFGS needs them. For writers of optimizers.
#pragma once

#include <vector>

#include "autograd/var.hpp"

namespace optim::detail {

using autograd::Scalar;

/// low <= x <= high, or nothing. Arrays below are of the shape of x and within the bounds where
/// they are places.
template <Scalar T>
class Bounds {
 public:
  /// Throws std::invalid_argument unless low <= high, and for NaN. An array without elements sets
  /// no bounds, an array of no dimension the same for all elements.
  static void check(const xt::xarray<T>& low, const xt::xarray<T>& high);

  /// Bounds for arrays like x. Throws as `check`, and when shapes differ.
  void set(const xt::xarray<T>& low, const xt::xarray<T>& high, const xt::xarray<T>& x);

  /// Whether there are bounds at all; if not, nothing below may be called but `project`.
  bool any() const { return any_; }

  /// Throws std::invalid_argument for x outside of the bounds.
  void check_inside(const xt::xarray<T>& x) const;

  /// Moves x to the nearest point within the bounds.
  void project(xt::xarray<T>& x) const;

  /// The Euclidean norm of x - P(x - gradient), P: projection.
  double gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient) const;

  /// Holds the elements that sit on a bound and are pushed against it by a step down the gradient.
  /// True if there are any.
  bool hold(const xt::xarray<T>& x, const xt::xarray<T>& gradient);
  bool held(std::size_t i) const { return held_[i]; }
  void clear_held(xt::xarray<T>& direction) const;

  /// Cuts the direction so that x + direction is within the bounds; returns by which factor it may
  /// be longer, at least 1.
  double confine(xt::xarray<T>& direction, const xt::xarray<T>& x) const;

  /// Corrects point = x + alpha * direction: what reaches a bound gets its very value.
  void snap(xt::xarray<T>& point, const xt::xarray<T>& x, double alpha,
            const xt::xarray<T>& direction) const;

 private:
  bool any_ = false;
  xt::xarray<T> low_, high_;
  std::vector<unsigned char> held_;
};

}  // namespace optim::detail
