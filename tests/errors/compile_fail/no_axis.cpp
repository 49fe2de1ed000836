// error: no matching function
// cases: 3
#include <autograd/autograd.hpp>

namespace ag = autograd;

void reduce(ag::Var<double> x) {
  x = ag::sum(x, 1) + ag::sum(x, {0, 1}) + ag::norm(x, {.axis = {0, 1}});
#if MUST_NOT_COMPILE == 1
  x = ag::sum(x, true);
#elif MUST_NOT_COMPILE == 2
  x = ag::norm(x, {0, 1});
#elif MUST_NOT_COMPILE == 3
  x = ag::sum(x, 1.0);
#endif
}
