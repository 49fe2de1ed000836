// error: there is no argument N to differentiate by
// cases: 4
#include <autograd/autograd.hpp>

namespace ag = autograd;

void differentiate(const xt::xarray<double>& a, xt::xarray<double>& g) {
  const auto f = [](const ag::Var<double>& x) { return ag::sum(x); };
  ag::value_and_grad<0>(f).into(g, a);
#if MUST_NOT_COMPILE == 1
  static_cast<void>(ag::grad<1>(f)(a));
#elif MUST_NOT_COMPILE == 2
  ag::value_and_grad<2>(f).into(g, a);
#elif MUST_NOT_COMPILE == 3
  static_cast<void>(ag::jacobian<1>(f)(a));
#elif MUST_NOT_COMPILE == 4
  static_cast<void>(ag::hessian<1>(f)(a));
#endif
}
