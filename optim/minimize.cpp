#include "optim/minimize.hpp"

#include "autograd/error.hpp"
#include "optim/vectors.hpp"

namespace optim {
template <Scalar T>
Result<T> minimize_by(const Function<T>& f, const xt::xarray<T>& x0, const Step<T>& step,
                      const MinimizeOptions& options, const Callback<T>& callback) {
  if (!f.value_and_grad) autograd::fail("minimize", "the function {} has no gradient", f.name);
  xt::xarray<T> x = x0, gradient;
  double value = f.value_and_grad(gradient, x);
  Monitor<T> monitor("minimize", options, callback, x, {&value, 1});
  bool done = monitor.done_at_start(detail::norm(gradient));
  while (!done) {
    step(x, gradient);
    value = f.value_and_grad(gradient, x);
    done = monitor.done(x, {&value, 1}, detail::norm(gradient));
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
