// error: discards qualifiers|no viable overloaded
// cases: 2
#include <autograd/autograd.hpp>

namespace ag = autograd;

void scale(ag::Var<double> x) {
  for (auto row : x) row *= 2;  // a name of its own
#if MUST_NOT_COMPILE == 1
  for (auto&& row : x) row *= 2;
#elif MUST_NOT_COMPILE == 2
  for (auto&& row : x) row = 2;
#endif
}
