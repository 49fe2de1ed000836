// error: containers of different types meet
// cases: 3
#include <array>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <vector>

namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

void products(const std::vector<Array>& x, std::vector<Array>& same, std::array<Array, 2>& other) {
  auto f = [](const std::vector<Var>& at) { return ag::sum(at[0] * at[1]); };
  optim::SGD<double> sgd;
  static_cast<void>(ag::hvp(f)(x, same));
  static_cast<void>(ag::jvp(f)(x, same));
  sgd.step(same, x);
#if MUST_NOT_COMPILE == 1
  static_cast<void>(ag::hvp(f)(x, other));
#elif MUST_NOT_COMPILE == 2
  static_cast<void>(ag::jvp(f)(x, other));
#elif MUST_NOT_COMPILE == 3
  sgd.step(same, other);
#endif
  static_cast<void>(other);
}
