/// What tests of proximal operators and solvers share.
#pragma once

#include <algorithm>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <random>
#include <vector>

#include "tests/support/expect.hpp"

namespace proximal {

using Array = xt::xarray<double>;

/// Normally distributed.
inline Array random_array(const std::vector<std::size_t>& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Array x = xt::zeros<double>(shape);
  for (double& element : x) element = normal(random);
  return x;
}

inline double dot(const Array& a, const Array& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a.flat(i) * b.flat(i);
  return total;
}

inline Array prox(const optim::Term<double>& f, Array x, double step) {
  f.prox(x, step);
  return x;
}

/// How far the proximal operator is from its definition: z = prox(x) minimises the objective
/// 1/2 ||z - x||^2 + step f(z), which is strongly convex, so it is at least 1/2 ||d||^2 larger at
/// z + d. The largest shortfall over random d of several sizes, and over d = x - z; 0 is perfect.
inline double shortfall(const optim::Term<double>& f, const Array& x, double step,
                        unsigned seed = 7) {
  const Array z = prox(f, x, step);
  const auto objective = [&](const Array& at) {
    const Array d = at - x;
    return 0.5 * dot(d, d) + step * f.eval(at);
  };
  const double least = objective(z);
  double worst = 0;
  const auto probe = [&](const Array& d) {
    const Array at = z + d;
    worst = std::max(worst, least + 0.5 * dot(d, d) - objective(at));
  };
  probe(x - z);
  std::vector<std::size_t> shape(x.shape().begin(), x.shape().end());
  for (unsigned i = 0; i < 60; ++i) {
    const Array direction = random_array(shape, seed + i);
    for (double size : {1.0, 0.1, 1e-2, 1e-3}) probe(size * direction);
  }
  return worst;
}

}  // namespace proximal
