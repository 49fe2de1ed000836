// error: an operator mixes float and double; convert the array with xt::cast
#include <autograd/autograd.hpp>

namespace ag = autograd;

void multiply(ag::Var<float> x, const xt::xarray<float>& a, const xt::xarray<double>& b) {
  ag::sum(x * a);
  ag::sum(x * xt::cast<float>(b));
#ifdef MUST_NOT_COMPILE
  ag::sum(x * b);
#endif
}
