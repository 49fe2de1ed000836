// error: arguments must be arrays or numbers of type float or double
#include <autograd/autograd.hpp>

namespace ag = autograd;

void gradient(const xt::xarray<int>& x) {
  auto f = [](ag::Var<double> y) { return ag::sum(y); };
  ag::grad(f)(xt::xarray<double>(xt::cast<double>(x)));
#ifdef MUST_NOT_COMPILE
  ag::grad(f)(x);
#endif
}
