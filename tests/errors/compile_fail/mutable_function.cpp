// error: the function changes itself when it is called
#include <autograd/autograd.hpp>

namespace ag = autograd;

void differentiate(const xt::xarray<double>& a) {
  int calls = 0;
  static_cast<void>(ag::grad([&](const ag::Var<double>& x) { return ++calls, ag::sum(x); })(a));
#ifdef MUST_NOT_COMPILE
  static_cast<void>(
      ag::grad([calls](const ag::Var<double>& x) mutable { return ++calls, ag::sum(x); })(a));
#endif
}
