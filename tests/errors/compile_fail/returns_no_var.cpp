// error: the function must return a Var
// cases: 17
#include <autograd/autograd.hpp>
#include <optim/solvers.hpp>

namespace ag = autograd;

using V = ag::Var<double>;
using A = xt::xarray<double>;

void differentiate(const A& a, A& g) {
  const auto number = [](const V& x) { return ag::sum(x).item(); };
  const auto constant = [](const V&) { return V(0); };
  ag::value_and_grad(constant).into(g, a);
  optim::smooth<double>(constant);
#if MUST_NOT_COMPILE == 1
  static_cast<void>(ag::grad(number)(a));
#elif MUST_NOT_COMPILE == 2
  static_cast<void>(ag::value_and_grad(number)(a));
#elif MUST_NOT_COMPILE == 3
  ag::value_and_grad(number).into(g, a);
#elif MUST_NOT_COMPILE == 4
  static_cast<void>(ag::elementwise_grad(number)(a));
#elif MUST_NOT_COMPILE == 5
  static_cast<void>(ag::vjp(number)(a, a));
#elif MUST_NOT_COMPILE == 6
  static_cast<void>(ag::jvp(number)(a, a));
#elif MUST_NOT_COMPILE == 7
  static_cast<void>(ag::jacobian(number)(a));
#elif MUST_NOT_COMPILE == 8
  static_cast<void>(ag::hessian(number)(a));
#elif MUST_NOT_COMPILE == 9
  static_cast<void>(ag::hvp(number)(a, a));
#elif MUST_NOT_COMPILE == 10
  static_cast<void>(ag::evaluate(number)(a));
#elif MUST_NOT_COMPILE == 11
  ag::check_gradients(number, {a});
#elif MUST_NOT_COMPILE == 12
  static_cast<void>(ag::grad(number)(V(a)));
#elif MUST_NOT_COMPILE == 13
  static_cast<void>(ag::grad([](const V& x) { return A(x.value()); })(a));
#elif MUST_NOT_COMPILE == 14
  static_cast<void>(ag::grad([](const V&) { return 0; })(a));
#elif MUST_NOT_COMPILE == 15
  static_cast<void>(ag::grad([](const V&) {})(a));
#elif MUST_NOT_COMPILE == 16
  optim::smooth<double>(number);
#elif MUST_NOT_COMPILE == 17
  optim::linear_operator<double>(number, {2});
#endif
  static_cast<void>(number);
}
