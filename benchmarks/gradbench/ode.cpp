/// The last element of y(2), where y0' = x0, yi' = xi y(i-1) and y(0) = 0, by s steps of the method
/// of Runge and Kutta.
#include <algorithm>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

struct Problem {
  int steps;
  Array x;

  explicit Problem(const json& input) : steps(input["s"]), x(array(input["x"])) {}

  /// All elements are one array. The equation is linear, so the slope k of a stage is that of the
  /// first one and x times the step of the stage before, moved by one place.
  V operator()(const V& x) const {
    const ag::Index n = x.size();
    const double h = 2.0 / steps;
    const V factors = ag::view(x, xt::range(1, n));
    const auto moved = [&](const V& k1, const V& k, double step) {
      return ag::add_at(k1, xt::range(1, n), step * factors * ag::view(k, xt::range(0, n - 1)));
    };
    V y = xt::zeros<double>({n});
    const V start = ag::concatenate({ag::view(x, xt::range(0, 1)), V(xt::zeros<double>({n - 1}))});
    for (int step = 0; step < steps; ++step) {
      const V k1 = step == 0 ? start : moved(start, y, 1);
      const V k2 = moved(k1, k1, h / 2), k3 = moved(k1, k2, h / 2), k4 = moved(k1, k3, h);
      y += h / 6 * (k1 + 2 * (k2 + k3) + k4);
    }
    return y[-1];
  }

  Array by_hand(const Array& x) const {
    const std::size_t n = x.size();
    const double h = 2.0 / steps;
    std::vector<double> y(n), k1(n), k2(n), k3(n), k4(n), moved(n);
    const auto slope = [&](const std::vector<double>& at, std::vector<double>& k) {
      k[0] = x(0);
      for (std::size_t i = 1; i < n; ++i) k[i] = x(i) * at[i - 1];
    };
    const auto stage = [&](double step, const std::vector<double>& k, std::vector<double>& next) {
      for (std::size_t i = 0; i < n; ++i) moved[i] = y[i] + step * k[i];
      slope(moved, next);
    };
    for (int step = 0; step < steps; ++step) {
      slope(y, k1);
      stage(h / 2, k1, k2);
      stage(h / 2, k2, k3);
      stage(h, k3, k4);
      for (std::size_t i = 0; i < n; ++i) y[i] += h * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) / 6;
    }
    return xt::adapt(y, std::vector<std::size_t>{n});
  }

  Array primal() const { return by_hand(x); }
  Array gradient() const { return ag::grad(*this)(x); }
  double check() const {
    const auto f = [this](const std::vector<Array>& at) { return by_hand(at[0]).back(); };
    const auto [value, gradient] = ag::value_and_grad(*this)(x);
    return std::max(relative_error(value, f({x})), gradient_error(f, {x}, {gradient}));
  }
};

}  // namespace

int main(int argc, char** argv) { return run_gradient<Problem>(argc, argv); }
