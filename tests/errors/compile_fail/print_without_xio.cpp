// error: deleted (function .*printing_needs_xtensor_xio_hpp|operator '<<')
// cases: 3
#include <autograd/autograd.hpp>
#include <iostream>

namespace ag = autograd;

template <class T>
concept Printable = requires(std::ostream& out, const T& x) {
  out << x;
};

// Test frameworks ask before they print.
static_assert(Printable<ag::Var<double>> && !Printable<xt::xarray<double>>);

void print(const xt::xarray<double>& x) {
  const auto f = [](const ag::Var<double>& a) { return ag::sum(a * a); };
  std::cout << ag::grad(f)(x)(0) << '\n';
#if MUST_NOT_COMPILE == 1
  std::cout << ag::grad(f)(x) << '\n';
#elif MUST_NOT_COMPILE == 2
  std::cout << "twice x: " << 2 * x << '\n';
#elif MUST_NOT_COMPILE == 3
  std::cout << xt::view(x, 0) << '\n';
#endif
}
