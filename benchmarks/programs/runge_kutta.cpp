/// An ordinary differential equation in steps of Runge and Kutta: nothing but numbers.
#include <array>
#include <vector>

#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;

constexpr int steps = 1000;
constexpr double h = 0.01;

/// Prey x and predators y after Lotka and Volterra: x' = x (a - b y), y' = y (c x - d).
template <class S>
struct State {
  S x, y;
};

template <class S>
struct LotkaVolterra {
  S a, b, c, d;
  State<S> operator()(const State<S>& s) const {
    return {s.x * (a - b * s.y), s.y * (c * s.x - d)};
  }
};

template <class S>
inline State<S> moved(const State<S>& s, double by, const State<S>& slope) {
  return {s.x + by * slope.x, s.y + by * slope.y};
}

/// The squared length of the state after 1000 steps, a function of four parameters and the start.
V final_state(const V& a, const V& b, const V& c, const V& d, const V& x, const V& y) {
  const LotkaVolterra<V> slope{a, b, c, d};
  State<V> s{x, y};
  for (int i = 0; i < steps; ++i) {
    const State<V> k1 = slope(s), k2 = slope(moved(s, h / 2, k1)), k3 = slope(moved(s, h / 2, k2)),
                   k4 = slope(moved(s, h, k3));
    s.x += h / 6 * (k1.x + 2 * k2.x + 2 * k3.x + k4.x);
    s.y += h / 6 * (k1.y + 2 * k2.y + 2 * k3.y + k4.y);
  }
  return s.x * s.x + s.y * s.y;
}

/// The same with one node for each number of the state and step.
template <class S>
std::array<S, 2> step_of(const S& x, const S& y, const S& a, const S& b, const S& c, const S& d) {
  const LotkaVolterra<S> slope{a, b, c, d};
  const State<S> s{x, y};
  const State<S> k1 = slope(s), k2 = slope(moved(s, h / 2, k1)), k3 = slope(moved(s, h / 2, k2)),
                 k4 = slope(moved(s, h, k3));
  return {s.x + h / 6 * (k1.x + 2 * k2.x + 2 * k3.x + k4.x),
          s.y + h / 6 * (k1.y + 2 * k2.y + 2 * k3.y + k4.y)};
}

V final_state_of_steps(const V& a, const V& b, const V& c, const V& d, V x, V y) {
  const auto step = [](const auto&... state) { return step_of(state...); };
  for (int i = 0; i < steps; ++i) {
    const auto next = ag::preaccumulate<2>(step, x, y, a, b, c, d);
    x = next[0];
    y = next[1];
  }
  return x * x + y * y;
}

/// Keeps the four states of each step at which slopes are taken, and goes back through them.
class FinalStateByHand {
 public:
  double operator()(Pointers<const double, 6> x, Pointers<double, 6> gradients) {
    const LotkaVolterra<double> slope{*x[0], *x[1], *x[2], *x[3]};
    State<double> s{*x[4], *x[5]};
    for (Stages& stages : kept) s = step(slope, s, stages);
    State<double> g{2 * s.x, 2 * s.y};
    to = {};
    for (int i = steps; i-- > 0;) g = step_back(slope, kept[i], g);
    const double results[] = {to.a, to.b, to.c, to.d, g.x, g.y};
    for (int i = 0; i < 6; ++i) *gradients[i] = results[i];
    return s.x * s.x + s.y * s.y;
  }

 private:
  using Stages = std::array<State<double>, 4>;

  static State<double> step(const LotkaVolterra<double>& slope, const State<double>& s,
                            Stages& at) {
    at[0] = s;
    const State<double> k1 = slope(s);
    at[1] = moved(s, h / 2, k1);
    const State<double> k2 = slope(at[1]);
    at[2] = moved(s, h / 2, k2);
    const State<double> k3 = slope(at[2]);
    at[3] = moved(s, h, k3);
    const State<double> k4 = slope(at[3]);
    return {s.x + h / 6 * (k1.x + 2 * k2.x + 2 * k3.x + k4.x),
            s.y + h / 6 * (k1.y + 2 * k2.y + 2 * k3.y + k4.y)};
  }

  State<double> step_back(const LotkaVolterra<double>& slope, const Stages& at,
                          const State<double>& g) {
    const State<double> zero{0, 0};
    const State<double> g4 = slope_back(slope, at[3], moved(zero, h / 6, g));
    const State<double> g3 = slope_back(slope, at[2], moved(moved(zero, h / 3, g), h, g4));
    const State<double> g2 = slope_back(slope, at[1], moved(moved(zero, h / 3, g), h / 2, g3));
    const State<double> g1 = slope_back(slope, at[0], moved(moved(zero, h / 6, g), h / 2, g2));
    return {g.x + g1.x + g2.x + g3.x + g4.x, g.y + g1.y + g2.y + g3.y + g4.y};
  }

  /// Adds to the gradient by the parameters; returns that by the state.
  State<double> slope_back(const LotkaVolterra<double>& p, const State<double>& s,
                           const State<double>& g) {
    const double gx = g.x * s.x, gy = g.y * s.y;
    to.a += gx;
    to.b -= gx * s.y;
    to.c += gy * s.x;
    to.d -= gy;
    return {g.x * (p.a - p.b * s.y) + gy * p.c, g.y * (p.c * s.x - p.d) - gx * p.b};
  }

  std::vector<Stages> kept = std::vector<Stages>(steps);
  LotkaVolterra<double> to{};
};

}  // namespace

Workloads runge_kutta() {
  const Arrays<double, 6> start{1.1, 0.4, 0.1, 0.4, 10.0, 5.0};
  Workloads result{workload<double, 6>("Runge-Kutta, Lotka-Volterra, 1000 steps", start,
                                       final_state, FinalStateByHand()),
                   workload<double, 6>("Runge-Kutta, 1000 steps, preaccumulated", start,
                                       final_state_of_steps, FinalStateByHand())};
  for (Workload& each : result) each.units = steps;
  return result;
}

}  // namespace benchmarks
