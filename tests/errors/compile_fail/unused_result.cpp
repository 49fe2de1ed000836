// error: ignoring (return|returned) value
// cases: 8
#include <autograd/autograd.hpp>

namespace ag = autograd;

#pragma GCC diagnostic error "-Wunused-result"

void forget(ag::Var<double> x, const xt::xarray<double>& a, xt::xarray<double>& g) {
  const auto f = [](const ag::Var<double>& y) { return ag::sum(y); };
  x = ag::set(x, 0, 7.0);
  x += 1;
  ag::value_and_grad(f).into(g, a);  // the gradient is there
#if MUST_NOT_COMPILE == 1
  ag::set(x, 0, 7.0);
#elif MUST_NOT_COMPILE == 2
  x + 1;
#elif MUST_NOT_COMPILE == 3
  ag::take(x, x > 0);
#elif MUST_NOT_COMPILE == 4
  ag::grad(f)(a);
#elif MUST_NOT_COMPILE == 5
  ag::value_and_grad(f)(a);
#elif MUST_NOT_COMPILE == 6
  ag::hessian(f)(a);
#elif MUST_NOT_COMPILE == 7
  ag::evaluate(f)(a);
#elif MUST_NOT_COMPILE == 8
  ag::grad(f);
#endif
}
