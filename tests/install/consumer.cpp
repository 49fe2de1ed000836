// The gradient of a sum of squares, in a project of its own, and a minimum found by its library.
#include <autograd/autograd.hpp>
#include <cmath>
#include <iostream>
#include <optim/optim.hpp>

namespace ag = autograd;

ag::Var<double> sum_of_squares(const ag::Var<double>& x) { return ag::sum(x * x); }

double place_of_minimum();  // plugin.cpp

int main() {
  xt::xarray<double> x = {{1, 2, 3}, {4, 5, 6}};
  xt::xarray<double> gradient = ag::grad(sum_of_squares)(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (gradient.flat(i) != 2 * x.flat(i)) {
      std::cerr << "wrong gradient at element " << i << '\n';
      return 1;
    }
  }
  if (const double place = place_of_minimum(); std::abs(place - 3) > 1e-12) {
    std::cerr << "wrong minimum at " << place << '\n';
    return 1;
  }
  std::cout << "the gradient is right\n";
}
