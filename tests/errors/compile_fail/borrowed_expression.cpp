// error: no matching function for call to .*borrow
#include <autograd/autograd.hpp>

namespace ag = autograd;

void show(const xt::xarray<float>& a) {
  const auto expression = a + a;
  ag::sum(ag::Var<float>(expression));
#ifdef MUST_NOT_COMPILE
  ag::sum(ag::borrow(expression));  // has no memory that could be shown
#endif
}
