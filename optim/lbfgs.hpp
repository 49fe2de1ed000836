/// L-BFGS, with optional box bounds.
#pragma once

#include <vector>

#include "optim/detail/bounds.hpp"
#include "optim/minimize.hpp"
#include "optim/terms.hpp"

namespace optim {

template <Scalar T>
struct LBFGSOptions {
  std::size_t memory = 10;   ///< pairs kept; positive
  double c1 = 1e-4;          ///< sufficient decrease, in (0, 0.5)
  double c2 = 0.9;           ///< curvature, in (c1, 1)
  int max_line_search = 25;  ///< evaluations in one line search at most; positive
  /// Bounds of the shape of x, or one number for all of its elements; infinite ones are allowed.
  /// Arrays without elements, such as these, set no bounds.
  xt::xarray<T> low = xt::xarray<T>::from_shape({0});
  xt::xarray<T> high = xt::xarray<T>::from_shape({0});
};

/// Limited-memory BFGS: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5,
/// with a line search for the strong Wolfe conditions (algorithms 3.5 and 3.6). The first step has
/// length 1 at first trial; later ones begin with 1 times the direction, scaled by s.y / y.y. Pairs
/// with s.y <= epsilon ||s|| ||y|| are not kept.
///
/// Under bounds, variables that sit on a bound and are pushed against it stay there. The others
/// move along the two-loop direction of their own parts of the pairs, cut off at the bounds. Where
/// that does not lower f, the pairs are forgotten for a step along the projected steepest descent.
/// No point at which f is evaluated lies outside of the bounds, not even by rounding.
///
/// One optimizer serves one array. Once the memory is full no heap memory is taken, except for a
/// fresh start of the memory.
template <Scalar T>
class LBFGS {
 public:
  using Element = T;

  /// Throws std::invalid_argument for options out of range or low > high.
  explicit LBFGS(LBFGSOptions<T> options = {});
  virtual ~LBFGS() = default;
  LBFGS(const LBFGS&) = default;
  LBFGS(LBFGS&&) = default;
  LBFGS& operator=(const LBFGS&) = default;
  LBFGS& operator=(LBFGS&&) = default;

  /// One iteration from x, which it moves: a direction and a line search. Needs the value and the
  /// gradient of f at x, and leaves those at the new x. False, with everything unchanged, when no
  /// step along the direction or along the (projected) steepest descent lowers f.
  /// Throws std::invalid_argument for options as above, shapes that differ, x outside of the
  /// bounds, and f without a gradient.
  virtual bool step(const Term<T>& f, xt::xarray<T>& x, T& value, xt::xarray<T>& gradient);

  /// Curvature pairs: s = change of x, y = change of the gradient, oldest first. May be saved, and
  /// set to restore.
  struct Pair {
    xt::xarray<T> s, y;
  };
  const std::vector<Pair>& pairs() const { return pairs_; }

  /// Throws std::invalid_argument for more pairs than the memory holds, shapes that differ, and
  /// pairs that would not have been kept. `restore({})` forgets them: before another f.
  void restore(std::vector<Pair> pairs);

  /// The pairs as a state that can be saved to a stream (slots "s" and "y"), and back.
  OptimizerState<T> state() const;
  void restore(const OptimizerState<T>& state);

  /// Moves x to the nearest point within the bounds.
  virtual void project(xt::xarray<T>& x);

  /// The Euclidean norm of the projected gradient x - P(x - gradient), P: projection into the
  /// bounds; of the gradient, where there are none. 0 just at stationary points.
  virtual double gradient_norm(const xt::xarray<T>& x, const xt::xarray<T>& gradient);

  LBFGSOptions<T> options;

 private:
  /// What the two-loop recursion needs of a pair: 1 / s.y and s.y / y.y, or zeros to leave it out.
  struct Curvature {
    double rho = 0, gamma = 0;
  };

  void prepare(const xt::xarray<T>& x);
  void check_step(const Term<T>& f, const xt::xarray<T>& x, const xt::xarray<T>& gradient);
  bool descend(const Term<T>& f, const xt::xarray<T>& x, T value, const xt::xarray<T>& gradient,
               bool use_pairs);
  void move(const xt::xarray<T>& x, double alpha);
  void set_direction(const xt::xarray<T>& x, const xt::xarray<T>& gradient, bool use_pairs);
  static Curvature useful(double s_norm, double y_norm, double sy);
  static Curvature curvature(const Pair& pair);
  Curvature free_curvature(const Pair& pair) const;
  void two_loop(std::size_t count, bool any_held);
  void remember(const xt::xarray<T>& x, const xt::xarray<T>& gradient);
  void forget_oldest(std::size_t count);

  std::vector<Pair> pairs_;
  std::vector<Curvature> curvatures_, used_;  // of the pairs; used_: for this direction
  std::vector<double> coefficients_;          // of the two-loop recursion
  detail::Bounds<T> bounds_;
  xt::xarray<T> direction_, point_, point_gradient_;
  T point_value_ = 0;
  Pair next_;
};

/// Minimises f from x0 (projected into the bounds first). The norm that `gtol` tests is that of the
/// projected gradient under bounds. When no step lowers f any more, the criterion is `stalled`.
/// Throws as LBFGS::step and Monitor do.
template <Scalar T>
Result<T> minimize(const Term<T>& f, const xt::xarray<T>& x0, LBFGS<T>& optimizer,
                   const MinimizeOptions& options = {}, const Callback<T>& callback = {});

}  // namespace optim
