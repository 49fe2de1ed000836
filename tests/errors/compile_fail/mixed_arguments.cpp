// error: arguments mix float and double; convert with xt::cast
#include <autograd/autograd.hpp>

namespace ag = autograd;

void gradient(const xt::xarray<float>& a, const xt::xarray<double>& b) {
  auto f = [](ag::Var<float> x, ag::Var<float> y) { return ag::sum(x * y); };
  ag::grad(f)(a, xt::xarray<float>(xt::cast<float>(b)));
#ifdef MUST_NOT_COMPILE
  ag::grad(f)(a, b);
#endif
}
