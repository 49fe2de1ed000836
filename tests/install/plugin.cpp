// A shared library with autograd and optim inside, and a macro whose name the headers use, too.
#define V(x) ((x)*2)
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>

namespace ag = autograd;

static_assert(V(1) == 2);

/// The place of the minimum of (x - 3)^2.
double place_of_minimum() {
  xt::xarray<double> x = 0.0;
  const auto loss = [](const ag::Var<double>& y) { return ag::square(y - 3); };
  optim::SGD<double> sgd({.learning_rate = 0.25});
  for (int i = 0; i < 100; ++i) sgd.step(x, ag::grad(loss)(x));
  return x();
}
