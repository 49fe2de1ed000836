/// Any optimizer on a feasible set.
#pragma once

#include <utility>
#include <vector>

#include "optim/lbfgs.hpp"
#include "optim/optimizers.hpp"
#include "optim/projections.hpp"

namespace optim {

namespace detail {

/// ||x - P(x - t gradient)|| / t, with room for the point; of a gradient that is not finite its
/// norm. t is 1 unless the gradient is so small that x hides it.
template <Scalar T>
double projected_gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient,
                               xt::xarray<T>& point, const Projection<T>& project);

/// Throws std::invalid_argument unless there is a projection for each of the arrays.
void check_projection_count(std::size_t projections, std::size_t arrays);

}  // namespace detail

/// An optimizer after each of whose steps the arrays return to their sets: projected gradient
/// descent, when the optimizer is SGD without momentum.
///
/// Adam, AdamW and RMSprop scale each element on its own. That goes with sets that limit each
/// element on its own (box, non_negative, fixed, zero_diagonal); on sets that couple elements, such
/// as the simplex, they may come to rest at a point that is not the minimum: use SGD there.
///
/// Where a projection throws (`intersection` does if it has not converged), so does the step; the
/// array stays where the optimizer and the projection have left it.
///
/// A Projected of a Projected projects onto one set after the other; that ends in both only if the
/// second keeps to the first. For the nearest point of both use `intersection`.
///
///     optim::Projected sgd(optim::SGD<float>({.learning_rate = 0.1}), optim::simplex<float>());
///     sgd.step(w, gradient);
template <class O>
class Projected : public O {
 public:
  using T = typename O::Element;

  /// For one array.
  Projected(O optimizer, Projection<T> projection)
      : O(std::move(optimizer)), projections_{std::move(projection)} {}
  /// One projection for each array, in order; an empty one leaves its array free.
  Projected(O optimizer, std::vector<Projection<T>> projections)
      : O(std::move(optimizer)), projections_(std::move(projections)) {}

  void project(xt::xarray<T>& x, std::size_t parameter = 0) override {
    O::project(x, parameter);
    if (projections_[parameter]) projections_[parameter](x);
  }
  double gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient) override {
    return detail::projected_gradient_norm<T>(x, gradient, point_,
                                              [this](xt::xarray<T>& at) { project(at); });
  }

 protected:
  void check_count(std::size_t count) const override {
    O::check_count(count);
    detail::check_projection_count(projections_.size(), count);
  }

 private:
  std::vector<Projection<T>> projections_;
  xt::xarray<T> point_;
};

template <class O>
Projected(O, Projection<typename O::Element>) -> Projected<O>;

/// L-BFGS on a set. Each step is one of L-BFGS, projected, if that lowers f; else one of projected
/// gradient descent with a rate that is halved until it does. f falls in every step; like Adam it
/// may stop short of the minimum on sets that couple elements. For a box use the bounds of
/// LBFGSOptions, which know no such limit.
template <Scalar T>
class Projected<LBFGS<T>> : public LBFGS<T> {
 public:
  Projected(LBFGS<T> optimizer, Projection<T> projection)
      : LBFGS<T>(std::move(optimizer)), projection_(std::move(projection)) {}

  bool step(const Term<T>& f, xt::xarray<T>& x, T& value, xt::xarray<T>& gradient) override;
  void project(xt::xarray<T>& x) override {
    LBFGS<T>::project(x);
    if (projection_) projection_(x);
  }
  double gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient) override {
    return detail::projected_gradient_norm<T>(x, gradient, point_,
                                              [this](xt::xarray<T>& at) { project(at); });
  }

 private:
  bool accept_if_lower(const Term<T>& f, xt::xarray<T>& x, T& value, xt::xarray<T>& gradient);

  Projection<T> projection_;
  xt::xarray<T> point_, point_gradient_;  // where the step leads
};

}  // namespace optim
