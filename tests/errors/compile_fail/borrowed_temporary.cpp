// error: deleted function .*borrow
#include <autograd/autograd.hpp>

namespace ag = autograd;

void show(const xt::xarray<float>& a, xt::xtensor<double, 2>& b) {
  ag::sum(ag::borrow(a));
  ag::sum(ag::borrow(b));
#ifdef MUST_NOT_COMPILE
  ag::sum(ag::borrow(xt::xarray<float>(a + a)));
#endif
}
