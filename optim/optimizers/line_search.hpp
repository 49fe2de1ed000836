/// A line search for the strong Wolfe conditions. For writers of optimizers.
#pragma once

#include <functional>
#include <limits>

namespace optim::detail {

/// A function of the step at one place.
struct Sample {
  double value, slope;
};

/// What is searched along: phi(alpha) = f(x + alpha * direction), and its derivative.
using Phi = std::function<Sample(double alpha)>;

struct LineSearch {
  double c1 = 1e-4;                                          ///< sufficient decrease, in (0, 1)
  double c2 = 0.9;                                           ///< curvature, in (c1, 1)
  int max_evaluations = 25;                                  ///< of phi; positive
  double longest = std::numeric_limits<double>::infinity();  ///< no step is longer; positive
  double resolution = 0;  ///< changes of phi by less are its rounding
};

struct LineSearchResult {
  double alpha = 0;  ///< 0 if no step was found that lowers phi
  double last = 0;   ///< the step at which phi was evaluated last
};

/// Looks for a step with
///     phi(alpha) <= phi(0) + c1 alpha phi'(0)   and   |phi'(alpha)| <= c2 |phi'(0)|
/// by bracketing and zooming with cubic interpolation: Nocedal and Wright, Numerical Optimization
/// (2006), algorithms 3.5 and 3.6. The first step is 1, or the longest if that is shorter. Steps at
/// which phi or its slope is not finite are too long; where phi is the same by rounding, its slope
/// decides. When the evaluations end, the longest step still leads downhill, or nothing but
/// rounding is left to gain, the result is the lowest step with the first condition. It is 0 when
/// phi is below phi(0) at none. `start`: phi at 0, with a negative slope.
LineSearchResult line_search(const Phi& phi, const Sample& start, const LineSearch& options = {});

}  // namespace optim::detail
