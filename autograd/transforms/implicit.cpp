#include "autograd/implicit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "autograd/base/error.hpp"
#include "autograd/custom.hpp"
#include "autograd/engine/dependents.hpp"
#include "autograd/linalg.hpp"
#include "autograd/transforms.hpp"
#include "autograd/transforms/traced_call.hpp"

namespace autograd::detail {
namespace {

/// The values of Vars, as arrays that show the memory of the tape.
template <class T>
auto values_of(const std::vector<Var<T>>& x) {
  std::vector<decltype(x[0].value())> values;
  for (const Var<T>& each : x) values.push_back(each.value());
  return values;
}

template <class T>
std::vector<Var<T>> as_vars(const std::vector<xt::xarray<T>>& x) {
  return {x.begin(), x.end()};
}

template <class T>
Contributions<T> optional(const std::vector<Var<T>>& all) {
  return {all.begin(), all.end()};
}

/// Whether y depends on a Var of an enclosing differentiation that is no argument.
template <class T>
bool uses_outer_variable(const TracedCall<T>& of) {
  Tape<T>& tape = Tape<T>::current();
  const NodeId first = tape.scope_start(), y = tape.id(of.transform, of.y);
  if (y < first) return tape[y].active;
  return Dependents<T>(tape, ids_of(of), first, y).on_earlier(y);
}

/// The value of f(a...) in a trace of its own. Throws std::logic_error if f depends on a Var that
/// is differentiated by and is no argument of it.
template <class T, class F, class... A>
xt::xarray<T> value_alone(const char* name, const F& f, const A&... a) {
  const Scope<T> scope;
  const CallByAll<T, false, A...> call(f, a...);
  if (uses_outer_variable(call.traced(name))) {
    fail<std::logic_error>(name,
                           "its function uses a Var that is differentiated by and is no argument "
                           "of it, so that its dependence would be lost; pass the Var as an "
                           "argument");
  }
  xt::xarray<T> value;
  read(call.y, output_buffer(value, call.y.shape(), name));
  return value;
}

/// The vjp of a checkpoint: that of f, run again. Where it is not differentiated itself, arrays go
/// through the raw sweep, which takes less memory.
template <class T>
std::vector<Var<T>> vjp_of_checkpoint(const OfLeaves<T>& f, const Var<T>& g,
                                      const std::vector<Var<T>>& leaves, bool records) {
  if (records) return vjp(f)(leaves, g);
  return as_vars<T>(vjp(f)(values_of(leaves), g.value()));
}

}  // namespace

template <class T>
Var<T> checkpoint(OfLeaves<T> f, const std::vector<Var<T>>& leaves) {
  const xt::xarray<T> value = value_alone<T>("checkpoint", f, values_of(leaves));
  auto rule = std::make_shared<CustomRule<T>>();
  rule->name = "checkpoint";
  rule->on_vars = true;
  rule->vjp = [f = std::move(f)](const Var<T>& g, const Var<T>&, std::span<const Var<T>> x,
                                 bool records) {
    return optional(vjp_of_checkpoint<T>(f, g, std::vector<Var<T>>(x.begin(), x.end()), records));
  };
  return record_custom<T>(std::move(rule), leaves, value);
}

namespace {

/// The largest absolute value; NaN if any element is.
template <class T>
double largest(const xt::xarray<T>& x) {
  double result = 0;
  for (const T element : x) {
    if (std::isnan(element)) return std::numeric_limits<double>::quiet_NaN();
    result = std::max<double>(result, std::abs(element));
  }
  return result;
}

/// Whether an iteration ends with a change of this size.
bool is_small(double change, double size, const FixedPointOptions& options) {
  return change <= options.tolerance * std::max(1.0, size);
}

/// Repeats x = step(x) until x rests.
template <class T, class F>
xt::xarray<T> iterate(const char* name, const F& step, xt::xarray<T> x,
                      const FixedPointOptions& options) {
  double change = 0;
  int steps = 0;
  while (steps < options.maxit && std::isfinite(change)) {
    xt::xarray<T> next = step(x);
    ++steps;
    change = largest<T>(next - x);
    x = std::move(next);
    if (is_small(change, largest(x), options)) return x;
  }
  fail<std::runtime_error>(name, "not converged after {} steps: the last one changed x by {:.3g}",
                           steps, change);
}

template <class T>
FixedPointOptions checked(const char* name, FixedPointOptions options) {
  if (options.maxit < 1) fail(name, "maxit must be positive, got {}", options.maxit);
  if (!(options.tolerance >= 0)) {
    fail(name, "the tolerance must not be negative, got {}", options.tolerance);
  }
  if (options.tolerance == 0) options.tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-10;
  return options;
}

/// f(a, x) for arrays, which must have the shape of x. The first call also checks that f depends on
/// nothing else.
template <class T>
class Values {
 public:
  Values(const char* name, const StepOfLeaves<T>& f, const std::vector<Var<T>>& parameters)
      : name_(name), f_(f), parameters_(values_of(parameters)) {}

  xt::xarray<T> operator()(const xt::xarray<T>& x) {
    xt::xarray<T> y = std::exchange(checked_, true) ? xt::xarray<T>(evaluate(f_)(parameters_, x))
                                                    : value_alone<T>(name_, f_, parameters_, x);
    if (y.shape() != x.shape()) {
      fail(name_, "the function returns shape {} for an x of shape {}", to_string(shape_of(y)),
           to_string(shape_of(x)));
    }
    return y;
  }
  const auto& parameters() const { return parameters_; }

 private:
  const char* name_;
  const StepOfLeaves<T>& f_;
  decltype(values_of(std::declval<const std::vector<Var<T>>&>())) parameters_;
  bool checked_ = false;
};

template <class T>
Var<T> record_fixed_point(const StepOfLeaves<T>& f, std::vector<Var<T>> parameters,
                          const xt::xarray<T>& x, FixedPointOptions options);

/// x = f(a, x) gives dx = df/da da + df/dx dx. So the cotangent of f's result is the solution of
/// u = g + (df/dx)^T u, a fixed point again, and the gradient by a is (df/da)^T u.
template <class T>
std::vector<Var<T>> vjp_of_fixed_point(const StepOfLeaves<T>& f, const Var<T>& g, const Var<T>& x,
                                       std::span<const Var<T>> a, FixedPointOptions options) {
  const std::vector<Var<T>> parameters(a.begin(), a.end());
  const StepOfLeaves<T> adjoint = [f](const std::vector<Var<T>>& p, const Var<T>& u) {
    const std::vector<Var<T>> inner(p.begin() + 2, p.end());
    return p[0] + vjp([&](const Var<T>& at) { return f(inner, at); })(p[1], u);
  };
  std::vector<Var<T>> all{g, x};
  all.insert(all.end(), a.begin(), a.end());
  xt::xarray<T> u;
  {
    const auto products = make_vjp<1>(f)(values_of(parameters), xt::xarray<T>(x.value()));
    const xt::xarray<T> start = g.value();
    const auto step = [&](const xt::xarray<T>& at) { return start + products.vjp(at); };
    u = iterate<T>("fixed_point", step, start, options);
  }
  const Var<T> solved = record_fixed_point<T>(adjoint, all, u, options);
  return vjp([&](const std::vector<Var<T>>& at) { return f(at, x); })(parameters, solved);
}

template <class T>
Var<T> record_fixed_point(const StepOfLeaves<T>& f, std::vector<Var<T>> parameters,
                          const xt::xarray<T>& x, FixedPointOptions options) {
  auto rule = std::make_shared<CustomRule<T>>();
  rule->name = "fixed_point";
  rule->on_vars = true;
  rule->vjp = [f, options](const Var<T>& g, const Var<T>& y, std::span<const Var<T>> a, bool) {
    return optional(vjp_of_fixed_point<T>(f, g, y, a, options));
  };
  return record_custom<T>(std::move(rule), parameters, x);
}

}  // namespace

template <class T>
Var<T> fixed_point(StepOfLeaves<T> f, const std::vector<Var<T>>& parameters, xt::xarray<T> x,
                   FixedPointOptions options) {
  options = checked<T>("fixed_point", options);
  Values<T> values("fixed_point", f, parameters);
  const auto step = [&](const xt::xarray<T>& at) { return values(at); };
  return record_fixed_point<T>(f, parameters,
                               iterate<T>("fixed_point", step, std::move(x), options), options);
}

namespace {

/// The Jacobian of n results by n arguments, whatever their shape, as a matrix.
template <class T>
Var<T> square(const Var<T>& jacobian, Index n) {
  return reshape(jacobian, {n, n});
}

/// The step of Newton's method from x, where f has the value y.
template <class T, class A>
xt::xarray<T> newton_step(const StepOfLeaves<T>& f, const A& parameters, const xt::xarray<T>& x,
                          const xt::xarray<T>& y) {
  const xt::xarray<T> J = jacobian<1>(f)(parameters, x);
  const auto n = static_cast<Index>(x.size());
  const Scope<T> scope;
  const Var<T> step = linalg::solve(square(Var<T>(J), n), ravel(Var<T>(y)));
  return xt::xarray<T>(reshape(step, Extents(shape_of(x))).value());
}

/// 0 = f(a, x) gives df/da da + df/dx dx = 0. With u = (df/dx)^-T g the gradient by a is
/// -(df/da)^T u.
template <class T>
std::vector<Var<T>> vjp_of_root(const StepOfLeaves<T>& f, const Var<T>& g, const Var<T>& x,
                                std::span<const Var<T>> a) {
  const std::vector<Var<T>> parameters(a.begin(), a.end());
  const auto n = x.size();
  const Var<T> J = square(jacobian([&](const Var<T>& at) { return f(parameters, at); })(x), n);
  const Var<T> u = reshape(linalg::solve(transpose(J), ravel(g)), Extents(Dims(x.shape())));
  return vjp([&](const std::vector<Var<T>>& at) { return f(at, x); })(parameters, -u);
}

}  // namespace

template <class T>
Var<T> root(StepOfLeaves<T> f, const std::vector<Var<T>>& parameters, xt::xarray<T> x,
            FixedPointOptions options) {
  constexpr int most_halvings = 20;
  options = checked<T>("root", options);
  Values<T> values("root", f, parameters);
  xt::xarray<T> y = values(x);
  const auto step = [&](const xt::xarray<T>& at) {
    xt::xarray<T> direction = newton_step<T>(f, values.parameters(), at, y);
    const double size = largest(y);
    xt::xarray<T> next = at - direction;
    y = values(next);
    // A full step that is as short as it must be at the end may make f larger by rounding.
    const bool ends = is_small(largest(direction), largest(next), options);
    for (int i = 0; !ends && !(largest(y) <= size); ++i) {
      if (i == most_halvings) {
        fail<std::runtime_error>("root", "no step makes f smaller, whose largest element is {:.3g}",
                                 size);
      }
      direction *= T(0.5);
      next = at - direction;
      y = values(next);
    }
    return next;
  };
  const xt::xarray<T> solution = iterate<T>("root", step, std::move(x), options);
  auto rule = std::make_shared<CustomRule<T>>();
  rule->name = "root";
  rule->on_vars = true;
  rule->vjp = [f](const Var<T>& g, const Var<T>& at, std::span<const Var<T>> a, bool) {
    return optional(vjp_of_root<T>(f, g, at, a));
  };
  return record_custom<T>(std::move(rule), parameters, solution);
}

template Var<float> checkpoint<float>(OfLeaves<float>, const std::vector<Var<float>>&);
template Var<double> checkpoint<double>(OfLeaves<double>, const std::vector<Var<double>>&);
template Var<float> root<float>(StepOfLeaves<float>, const std::vector<Var<float>>&,
                                xt::xarray<float>, FixedPointOptions);
template Var<double> root<double>(StepOfLeaves<double>, const std::vector<Var<double>>&,
                                  xt::xarray<double>, FixedPointOptions);
template Var<float> fixed_point<float>(StepOfLeaves<float>, const std::vector<Var<float>>&,
                                       xt::xarray<float>, FixedPointOptions);
template Var<double> fixed_point<double>(StepOfLeaves<double>, const std::vector<Var<double>>&,
                                         xt::xarray<double>, FixedPointOptions);

}  // namespace autograd::detail
