// error: at most 16 fields|must be xt::xarray|into takes|a std::pair|a field of|must be arrays
// cases: 6
#include <autograd/autograd.hpp>
#include <map>
#include <optim/optim.hpp>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

template <class A>
struct Few {
  A a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p;
};
template <class A>
struct Maybe {
  A a;
  std::optional<A> b;
};
template <class A>
struct Many {
  A a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};

void gradients(const Few<Array>& few, const Many<Array>& many, std::vector<Array>& x,
               std::vector<xt::xtensor<double, 1>>& y, double number) {
  auto first = [](const auto& at) { return at.a * at.a; };
  auto of_vector = [](const std::vector<Var>& at) { return ag::sum(at[0]); };
  optim::SGD<double> sgd;
  static_cast<void>(ag::grad(first)(few));
  sgd.step(x, ag::grad(of_vector)(x));
  ag::value_and_grad(of_vector).into(x, x);
  static_cast<void>(ag::grad_and_aux([](const Var& at) { return std::pair(at, 1); })(number));
#if MUST_NOT_COMPILE == 1
  static_cast<void>(ag::grad(first)(many));
#elif MUST_NOT_COMPILE == 2
  sgd.step(y, ag::grad(of_vector)(y));
#elif MUST_NOT_COMPILE == 3
  ag::value_and_grad([](const Var& at) { return ag::sum(at); }).into(std::tie(number), x[0]);
#elif MUST_NOT_COMPILE == 4
  static_cast<void>(ag::grad_and_aux([](const Var& at) { return at; })(number));
#elif MUST_NOT_COMPILE == 5
  static_cast<void>(ag::grad(first)(Maybe<Array>{x[0], x[1]}));
#elif MUST_NOT_COMPILE == 6
  static_cast<void>(ag::grad([](const auto&) { return Var(1); })(std::multimap<int, Array>()));
#endif
  static_cast<void>(many);
  static_cast<void>(y);
}
