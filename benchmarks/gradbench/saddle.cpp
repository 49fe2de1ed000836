/// The least x of the greatest y of x1^2 + x2^2 - y1^2 - y2^2, by one descent inside another.
#include <algorithm>

#include "benchmarks/gradbench/descent.hpp"

namespace {

using namespace gradbench;

template <class T>
T height(const Point<T>& x, const Point<T>& y) {
  return x[0] * x[0] + x[1] * x[1] - (y[0] * y[0] + y[1] * y[1]);
}

/// Named by letters: the derivative by x, then that by y. f is forward, r reverse.
template <bool outer_forward, bool inner_forward>
struct Problem {
  Point<double> start;

  explicit Problem(const json& input) : start(input["start"].get<Point<double>>()) {}

  template <class T>
  Point<T> greatest(const Point<T>& x) const {
    const auto f = [&](const Point<T>& y) { return height(x, y); };
    const auto gradient = [&](const Point<T>& y) {
      const auto of_y = [&](const V& a, const V& b) { return height<V>({x[0], x[1]}, {a, b}); };
      return gradient_of_two<T>(inner_forward, of_y, y);
    };
    return argmax<T>(f, gradient, Point<T>(start.begin(), start.end()));
  }

  Array solve() const {
    const auto ridge = [this]<class T>(const Point<T>& x) { return height(x, greatest(x)); };
    const auto gradient = [&](const Point<double>& x) {
      const auto of_x = [&](const V& a, const V& b) { return ridge(Point<V>{a, b}); };
      return gradient_of_two<double>(outer_forward, of_x, x);
    };
    const Point<double> x = argmin<double>(ridge, gradient, start), y = greatest(x);
    return {x[0], x[1], y[0], y[1]};
  }

  /// The saddle is at the origin; descents end where they find slopes or steps below 1e-5.
  double check() const { return std::max(0.0, xt::amax(xt::abs(solve()))() - 2e-5); }
};

}  // namespace

int main(int argc, char** argv) { return run_descents<Problem>(argc, argv); }
