/// Fits the curve a tanh(b x + c) to points by gradient descent: a page that uses the library.
#include <autograd/autograd.hpp>
#include <cstdio>

namespace ag = autograd;

using Array = xt::xarray<double>;
using V = ag::Var<double>;

struct Points {
  Array x, y;
};

Points points() {
  const Array x = xt::linspace<double>(-2, 2, 41);
  return {x, 0.8 * xt::tanh(1.5 * x - 0.5)};
}

V curve(const V& w, const Array& x) { return w[0] * ag::tanh(w[1] * x + w[2]); }

V loss(const V& w, const Points& p) {
  return ag::mean(ag::square(curve(w, p.x) - p.y)) + 1e-3 * ag::sum(ag::square(w));
}

Array fitted(const Points& p) {
  const auto gradient = ag::grad([&p](const V& w) { return loss(w, p); });
  Array w = {1.0, 1.0, 0.0};
  for (int step = 0; step < 2000; ++step) w -= 0.5 * gradient(w);
  return w;
}

int main() {
  const Array w = fitted(points());
  std::printf("%.4f %.4f %.4f\n", w(0), w(1), w(2));
}
