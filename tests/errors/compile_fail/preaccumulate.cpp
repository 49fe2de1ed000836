// error: must not capture|must return a std::array of m|takes Vars and numbers
// cases: 4
#include <array>
#include <autograd/autograd.hpp>

namespace ag = autograd;

ag::Var<double> step(ag::Var<double> x) {
  const auto doubled = [](auto a) { return 2 * a; };
  x = ag::preaccumulate(doubled, x)[0];
#if MUST_NOT_COMPILE == 1
  const double h = 0.1;
  x = ag::preaccumulate([&](auto a) { return h * a; }, x)[0];
#elif MUST_NOT_COMPILE == 2
  x = ag::preaccumulate<2>(doubled, x)[0];
#elif MUST_NOT_COMPILE == 3
  x = ag::preaccumulate<2>([](auto a) { return std::array{a, a, a}; }, x)[0];
#elif MUST_NOT_COMPILE == 4
  x = ag::preaccumulate([](auto a, auto b) { return a * b(0); }, x, xt::xarray<double>{1, 2})[0];
#endif
  return x;
}
