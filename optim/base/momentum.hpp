/// The momentum of fast gradient methods; not for users' code.
#pragma once

#include <cmath>
#include <utility>

namespace optim::detail {

/// Gives (t_k - 1) / t_{k+1} with t_1 = 1 and t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2, k = 1, 2, ...:
/// Nesterov's sequence as Beck and Teboulle (2009) have it. It begins with 0.
class Momentum {
 public:
  double next() {
    const double former = std::exchange(t_, (1 + std::sqrt(1 + 4 * t_ * t_)) / 2);
    return (former - 1) / t_;
  }
  void restart() { t_ = 1; }

 private:
  double t_ = 1;
};

}  // namespace optim::detail
