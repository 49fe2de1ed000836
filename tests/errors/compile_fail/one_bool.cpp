// error: one bool stands where a mask or a number is expected.*write xt::equal
// cases: 10
#include <autograd/autograd.hpp>

namespace ag = autograd;

void choose(const ag::Var<double>& x, const xt::xarray<double>& a, const xt::xarray<double>& b) {
  ag::Var<double> y = ag::where(xt::equal(a, b), x, 0) + ag::where(x > 0, x, 0);
  y = ag::take(x, xt::not_equal(a, b)) + ag::take(x, a < b) + ag::Var<double>(a == b);
#if MUST_NOT_COMPILE == 1
  y = ag::where(a == b, x, 0);
#elif MUST_NOT_COMPILE == 2
  y = ag::where(a != b, a, b);
#elif MUST_NOT_COMPILE == 3
  y = ag::take(x, a == b);
#elif MUST_NOT_COMPILE == 4
  y = x * (a == b);
#elif MUST_NOT_COMPILE == 5
  y = ag::set(x, 0, a == b);
#elif MUST_NOT_COMPILE == 6
  y = a == b;
#elif MUST_NOT_COMPILE == 7
  y = x[a == b];
#elif MUST_NOT_COMPILE == 8
  y = ag::view(x, a == b);
#elif MUST_NOT_COMPILE == 9
  y = ag::set(x, a == b, 7.0);
#elif MUST_NOT_COMPILE == 10
  y = ag::add_at(x, a == b, 7.0);
#endif
}
