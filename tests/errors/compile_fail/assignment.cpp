// error: only a variable can be assigned to.*write x = ag::set
// cases: 12
#include <algorithm>
#include <autograd/autograd.hpp>
#include <utility>

namespace ag = autograd;

void assign(ag::Var<double> x, const xt::xarray<double>& a) {
  x = ag::set(x, 0, 7.0);
  x += x[0] * a;
#if MUST_NOT_COMPILE == 1
  x[0] = 7.0;
#elif MUST_NOT_COMPILE == 2
  x[0] += 1;
#elif MUST_NOT_COMPILE == 3
  x[0] -= x;
#elif MUST_NOT_COMPILE == 4
  x[0] *= 2;
#elif MUST_NOT_COMPILE == 5
  x[0] /= a;
#elif MUST_NOT_COMPILE == 6
  ag::view(x, xt::range(0, 1)) = 7;
#elif MUST_NOT_COMPILE == 7
  (x * 2) = x;
#elif MUST_NOT_COMPILE == 8
  x[0] = x[1];
#elif MUST_NOT_COMPILE == 9
  x[0] = a;
#elif MUST_NOT_COMPILE == 10
  *x.begin() = 0;
#elif MUST_NOT_COMPILE == 11
  std::move(x) = a;
#elif MUST_NOT_COMPILE == 12
  std::fill(x.begin(), x.end(), 0.0);
#endif
}
