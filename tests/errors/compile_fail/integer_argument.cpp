// error: only arrays and numbers of type float or double can be differentiated
#include <autograd/autograd.hpp>

namespace ag = autograd;

void gradient(const xt::xarray<double>& x, const xt::xarray<int>& places) {
  auto f = [](ag::Var<double> y, const xt::xarray<int>& at) { return ag::sum(ag::take(y, at)); };
  ag::grad<0>(f)(x, places);
#ifdef MUST_NOT_COMPILE
  ag::grad(f)(x, places);
#endif
}
