// error: the function does not take these arguments
// cases: 10
#include <autograd/autograd.hpp>
#include <optim/terms.hpp>

namespace ag = autograd;

using V = ag::Var<double>;
using A = xt::xarray<double>;

void differentiate(const A& a) {
  const auto product = [](const V& x, const V& y) { return ag::sum(x * y); };
  static_cast<void>(ag::grad(product)(a, a));
#if MUST_NOT_COMPILE == 1
  static_cast<void>(ag::grad([](const ag::Var<float>& x) { return x; })(a));
#elif MUST_NOT_COMPILE == 2
  static_cast<void>(ag::grad<0>([](const V& x, const A& data) { return ag::sum(x * data); })(a, a));
#elif MUST_NOT_COMPILE == 3
  static_cast<void>(ag::grad(product)(a));
#elif MUST_NOT_COMPILE == 4
  static_cast<void>(ag::grad(product)(a, a, a));
#elif MUST_NOT_COMPILE == 5
  static_cast<void>(ag::grad([](double x) { return x * x; })(2.0));
#elif MUST_NOT_COMPILE == 6
  static_cast<void>(ag::hvp(product)(a, a));
#elif MUST_NOT_COMPILE == 7
  static_cast<void>(ag::jacobian(product)(a));
#elif MUST_NOT_COMPILE == 8
  static_cast<void>(ag::vjp(product)(a, a));
#elif MUST_NOT_COMPILE == 9
  static_cast<void>(ag::evaluate(product)(a));
#elif MUST_NOT_COMPILE == 10
  optim::smooth<double>(product);
#endif
}
