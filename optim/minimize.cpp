#include "optim/minimize.hpp"

#include <cmath>

#include "autograd/error.hpp"

namespace optim {
namespace {

double norm(const auto& g) {
  double total = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    total += static_cast<double>(g.data()[i]) * static_cast<double>(g.data()[i]);
  }
  return std::sqrt(total);
}

}  // namespace

template <Scalar T>
Result<T> minimize_by(const Function<T>& f, const xt::xarray<T>& x0, const Step<T>& step,
                      const MinimizeOptions& options, const Callback<T>& callback) {
  if (!f.value_and_grad) autograd::fail("minimize", "the function {} has no gradient", f.name);
  xt::xarray<T> x = x0, gradient;
  double value = f.value_and_grad(gradient, x);
  Monitor<T> monitor("minimize", options, callback, x, {&value, 1});
  bool done = monitor.done_at_start(norm(gradient));
  while (!done) {
    step(x, gradient);
    value = f.value_and_grad(gradient, x);
    done = monitor.done(x, {&value, 1}, norm(gradient));
  }
  return monitor.result(x);
}

template Result<float> minimize_by(const Function<float>&, const xt::xarray<float>&,
                                   const Step<float>&, const MinimizeOptions&,
                                   const Callback<float>&);
template Result<double> minimize_by(const Function<double>&, const xt::xarray<double>&,
                                    const Step<double>&, const MinimizeOptions&,
                                    const Callback<double>&);

}  // namespace optim
