/// The same page with xtensor alone: its gradient is written by hand.
#include <autograd/xtensor.hpp>  // the headers of xtensor, and nothing of the library
#include <cstdio>

using Array = xt::xarray<double>;

struct Points {
  Array x, y;
};

Points points() {
  const Array x = xt::linspace<double>(-2, 2, 41);
  return {x, 0.8 * xt::tanh(1.5 * x - 0.5)};
}

/// Of mean((a tanh(b x + c) - y)^2) + (a^2 + b^2 + c^2) / 1000.
Array gradient(const Array& w, const Points& p) {
  const Array t = xt::tanh(w(1) * p.x + w(2));
  const Array error = 2 * (w(0) * t - p.y);
  const Array slope = error * w(0) * (1 - xt::square(t));
  const Array fit = {xt::mean(error * t)(), xt::mean(slope * p.x)(), xt::mean(slope)()};
  return fit + 2e-3 * w;
}

Array fitted(const Points& p) {
  Array w = {1.0, 1.0, 0.0};
  for (int step = 0; step < 2000; ++step) w -= 0.5 * gradient(w, p);
  return w;
}

int main() {
  const Array w = fitted(points());
  std::printf("%.4f %.4f %.4f\n", w(0), w(1), w(2));
}
