/// Which w leads a particle, pushed by two charges whose place depends on w, through the origin.
/// The force is the gradient of a potential, and the path is differentiated by w.
#include <algorithm>
#include <vector>

#include "benchmarks/gradbench/descent.hpp"

namespace {

using namespace gradbench;

/// Written as by letters: the derivative by w, then that by the place. f is forward, r reverse.
template <bool outer_forward, bool inner_forward>
struct Problem {
  double start;

  explicit Problem(const json& input) : start(input["w"]) {}

  static V distance(const V& dx, const V& dy) { return ag::sqrt(dx * dx + dy * dy); }

  /// The square of where the particle crosses the axis.
  template <class T>
  static T miss(const T& w) {
    const auto potential = [&](const V& x, const V& y) {
      return 1 / distance(10 - x, 0 - y) + 1 / distance(10 - x, 10 - w - y);
    };
    constexpr double dt = 0.1;
    T x = 0, y = 8, vx = 0.75, vy = 0;
    while (true) {
      const auto slope = gradient_of_two<T>(inner_forward, potential, {x, y});
      if (y + dt * vy < 0) break;
      x += dt * vx;
      y += dt * vy;
      vx -= dt * slope[0];
      vy -= dt * slope[1];
    }
    const T crossing = x - y / vy * vx;
    return crossing * crossing;
  }

  static double slope(double w) {
    if constexpr (outer_forward) {
      return ag::jvp(miss<V>)(w, 1.0);
    } else {
      return ag::grad(miss<V>)(w);
    }
  }

  double solve() const {
    const auto f = [](const Point<double>& w) { return miss<double>(w[0]); };
    const auto gradient = [](const Point<double>& w) { return Point<double>{slope(w[0])}; };
    return argmin<double>(f, gradient, {start})[0];
  }

  /// The answer of the suite for w = 0, whose digits end where the descent does; and the derivative
  /// of the path against differences.
  double check() const {
    const auto f = [](const std::vector<Array>& w) { return miss<double>(w[0]()); };
    const double error =
        start == 0 ? std::max(relative_error(solve(), 0.2071918746486116) - 1e-5, 0.0) : 0;
    return std::max(error, gradient_error(f, {Array(start + 0.1)}, {Array(slope(start + 0.1))}));
  }
};

}  // namespace

int main(int argc, char** argv) { return run_descents<Problem>(argc, argv); }
