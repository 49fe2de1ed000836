// error: into mixes float and double; convert with xt::cast
#include <autograd/autograd.hpp>

namespace ag = autograd;

void gradient(const xt::xarray<float>& a, const xt::xarray<double>& b, xt::xarray<float>& g) {
  auto f = ag::value_and_grad([](ag::Var<float> x) { return ag::sum(x * x); });
  f.into(g, a);
  f.into(g, xt::cast<float>(b));
#ifdef MUST_NOT_COMPILE
  f.into(g, b);
#endif
}
