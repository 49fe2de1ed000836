// error: an operator mixes float and double; convert the array with xt::cast
#include <autograd/autograd.hpp>

namespace ag = autograd;

void multiply(const xt::xarray<double>& a, const xt::xarray<float>& b, ag::Var<double> x) {
  ag::sum(a * x);
  ag::sum(xt::cast<double>(b) * x);
#ifdef MUST_NOT_COMPILE
  ag::sum(b * x);
#endif
}
