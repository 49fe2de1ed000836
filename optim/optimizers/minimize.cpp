#include "optim/minimize.hpp"

#include "optim/base/solver_checks.hpp"

namespace optim {

template <Scalar T>
Result<T> detail::minimize_by(const Method<T>& method, const Term<T>& f, xt::xarray<T> x,
                              const MinimizeOptions& options, const Callback<T>& callback) {
  check_gradient("minimize", f);
  xt::xarray<T> gradient;
  method.project(x);
  double value = value_and_gradient("minimize", f, gradient, x);
  Monitor<T> monitor("minimize", options, callback, x, {&value, 1});
  bool done = monitor.done_at_start(method.gradient_norm(x, gradient));
  while (!done) {
    method.step(x, gradient);
    value = value_and_gradient("minimize", f, gradient, x);
    done = monitor.done(x, {&value, 1}, method.gradient_norm(x, gradient));
  }
  return monitor.result(x);
}

template Result<float> detail::minimize_by(const Method<float>&, const Term<float>&,
                                           xt::xarray<float>, const MinimizeOptions&,
                                           const Callback<float>&);
template Result<double> detail::minimize_by(const Method<double>&, const Term<double>&,
                                            xt::xarray<double>, const MinimizeOptions&,
                                            const Callback<double>&);

}  // namespace optim
