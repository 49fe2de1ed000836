// error: an operator mixes float and double
#include <autograd/autograd.hpp>

namespace ag = autograd;

void add(ag::Var<float> x, ag::Var<double> y) {
  x + x;
  y + y;
#ifdef MUST_NOT_COMPILE
  x + y;
#endif
}
