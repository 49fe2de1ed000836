// error: arguments mix float and double; give all numbers one type
#include <autograd/autograd.hpp>

namespace ag = autograd;

void gradient() {
  auto f = [](ag::Var<float> x, ag::Var<float> y) { return x * y; };
  static_cast<void>(ag::grad(f)(1.0f, 0.1f));
  static_cast<void>(ag::grad(f)(xt::xarray<float>{1, 2}, 0.1));
#ifdef MUST_NOT_COMPILE
  static_cast<void>(ag::grad(f)(1.0f, 0.1));
#endif
}
