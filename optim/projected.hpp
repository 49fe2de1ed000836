/// Any optimizer on a feasible set.
#pragma once

#include <utility>
#include <vector>

#include "autograd/error.hpp"
#include "optim/optimizer.hpp"
#include "optim/projections.hpp"

namespace optim {

/// An optimizer after each of whose steps the arrays return to their sets: projected gradient
/// descent, when the optimizer is SGD without momentum.
///
/// Adam, AdamW and RMSprop scale each element on its own. That goes with sets that limit each
/// element on its own (box, non_negative, fixed, zero_diagonal); on sets that couple elements, such
/// as the simplex, they may come to rest at a point that is not the minimum: use SGD there.
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

 private:
  void after_step(std::span<const Parameter<T>> parameters) override {
    if (parameters.size() != projections_.size()) {
      autograd::fail("Projected", "{} arrays, but {} projections", parameters.size(),
                     projections_.size());
    }
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      if (projections_[p]) projections_[p](*parameters[p].value);
    }
  }

  std::vector<Projection<T>> projections_;
};

}  // namespace optim
