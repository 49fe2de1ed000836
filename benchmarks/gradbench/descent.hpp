/// Gradient descent as the suite prescribes it, for numbers and for Vars: where it is
/// differentiated itself, its steps are recorded.
#pragma once

#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace gradbench {

template <class T>
using Point = std::vector<T>;

template <class T>
double length(const Point<T>& x) {
  double total = 0;
  for (const T& each : x) total += double(each) * double(each);
  return std::sqrt(total);
}

/// Where f is least, from `start` on. The rate is doubled after ten successful steps and halved
/// after one that does not lead down.
template <class T, class F, class Gradient>
Point<T> argmin(const F& f, const Gradient& gradient, Point<T> x) {
  T value = f(x);
  Point<T> slope = gradient(x);
  double rate = 1e-5;
  for (int steps = 0; length(slope) > 1e-5;) {
    if (steps == 10) {
      rate *= 2;
      steps = 0;
      continue;
    }
    Point<T> next = x, step = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      next[i] = x[i] - rate * slope[i];
      step[i] = next[i] - x[i];
    }
    if (length(step) <= 1e-5) break;
    const T there = f(next);
    if (there < value) {
      x = next;
      value = there;
      slope = gradient(x);
      ++steps;
    } else {
      rate /= 2;
      steps = 0;
    }
  }
  return x;
}

template <class T, class F, class Gradient>
Point<T> argmax(const F& f, const Gradient& gradient, const Point<T>& start) {
  const auto downwards = [&](const Point<T>& x) {
    Point<T> slope = gradient(x);
    for (T& each : slope) each = -each;
    return slope;
  };
  return argmin([&](const Point<T>& x) -> T { return -f(x); }, downwards, start);
}

/// The gradient of a function of two numbers, by one reverse sweep, or by two derivatives in the
/// directions of the axes.
template <class T, class F>
Point<T> gradient_of_two(bool forward, const F& f, const Point<T>& x) {
  if (forward) {
    const auto jvp = ag::jvp(f);
    return {jvp(x[0], x[1], T(1), T(0)), jvp(x[0], x[1], T(0), T(1))};
  }
  const auto [a, b] = ag::grad(f)(x[0], x[1]);
  return {a, b};
}

/// The functions of a problem whose outer and inner derivatives are taken forward or in reverse; of
/// the suite, "r" is reverse and "f" forward, the outer one first.
template <template <bool outer_forward, bool inner_forward> class Problem>
int run_descents(int argc, char** argv) {
  return run(argc, argv,
             {{"rr", reader(&Problem<false, false>::solve)},
              {"rf", reader(&Problem<false, true>::solve)},
              {"fr", reader(&Problem<true, false>::solve)},
              {"ff", reader(&Problem<true, true>::solve)},
              {"check", reader(&Problem<false, false>::check)}});
}

}  // namespace gradbench
