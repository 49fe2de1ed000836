// What solvers refuse.
#include <vector>

#include "tests/optim/proximal.hpp"

using expect::invalid_argument;
using optim::Method;
using optim::Stopping;

namespace {

using A = xt::xarray<double>;
using F = optim::Term<double>;

const A zeros_2 = {0, 0};

}  // namespace

TEST_CASE("terms that lack what a solver needs", "[optim][solver_errors]") {
  const F f = optim::norm_l2<double>(), l1 = optim::norm_l1<double>();
  const F smooth =
      optim::smooth<double>([](const autograd::Var<double>& x) { return autograd::sum(x); }, "sum");
  F blind = f;
  blind.eval = {};
  const auto K = optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {2});
  CHECK(invalid_argument([&] { optim::gradient_descent(l1, zeros_2); }) ==
        "gradient_descent: the term norm_l1 has no gradient");
  CHECK(invalid_argument([&] { optim::forward_backward(l1, f, zeros_2); }) ==
        "forward_backward: the term norm_l1 has no gradient");
  CHECK(invalid_argument([&] { optim::forward_backward(f, smooth, zeros_2); }) ==
        "forward_backward: the term sum has no proximal operator");
  CHECK(invalid_argument([&] { optim::forward_backward(blind, l1, zeros_2); }) ==
        "forward_backward: the term norm_l2 has no value (eval)");
  CHECK(invalid_argument([&] { optim::douglas_rachford(f, blind, zeros_2); }) ==
        "douglas_rachford: the term norm_l2 has no value (eval)");
  CHECK(invalid_argument([&] { optim::douglas_rachford(smooth, f, zeros_2); }) ==
        "douglas_rachford: the term sum has no proximal operator");
  CHECK(invalid_argument([&] { optim::chambolle_pock(f, smooth, K, zeros_2); }) ==
        "chambolle_pock: the term sum has no proximal operator");
  CHECK(invalid_argument([&] {
          optim::generalized_forward_backward(f, std::vector<F>{l1, smooth}, zeros_2);
        }) == "generalized_forward_backward: the term sum has no proximal operator");
  CHECK(invalid_argument(
            [&] { optim::generalized_forward_backward(f, std::vector<F>(), zeros_2); }) ==
        "generalized_forward_backward: there is no term with a proximal operator; use "
        "gradient_descent");
}

TEST_CASE("arrays of other shapes than promised", "[optim][solver_errors]") {
  const F f = {"wrong",
               [](const A&) { return 0.0; },
               [](A& gradient, const A&) {
                 gradient = A{1, 2, 3};
                 return 0.0;
               },
               {}};
  CHECK(invalid_argument([&] { optim::gradient_descent(f, zeros_2); }) ==
        "gradient_descent: the gradient of wrong has shape (3,), x has shape (2,)");
  optim::LinearOperator<double> K = {[](A& out, const A& x) { out = x; },
                                     [](A& out, const A&) {
                                       out = {1, 2, 3};
                                     }};
  const F zero = optim::zero<double>();
  CHECK(invalid_argument([&] {
          optim::chambolle_pock(zero, zero, K, zeros_2, {.tau = 1, .sigma = 1});
        }) == "chambolle_pock: the adjoint gives shape (3,), x has shape (2,)");
  const auto sum = optim::linear_operator<double>(
      [](const auto& x) { return autograd::sum(x, {.keepdims = true}); }, {2});
  A pulled;
  CHECK(invalid_argument([&] {
          sum.adjoint(pulled, {1, 2});
        }) == "linear_operator: the array has shape (2,), expected shape (1,)");
}

TEST_CASE("solvers: options out of range", "[optim][solver_errors]") {
  const F f = optim::zero<double>();
  const std::vector<F> g = {f};
  const auto K = optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {2});
  const auto descent = [&](optim::GradientDescent options) {
    return invalid_argument([&] { optim::gradient_descent(f, zeros_2, options); });
  };
  const auto forward = [&](optim::ForwardBackward options) {
    return invalid_argument([&] { optim::forward_backward(f, f, zeros_2, options); });
  };
  const auto general = [&](optim::GeneralizedForwardBackward options, Stopping stopping = {}) {
    return invalid_argument(
        [&] { optim::generalized_forward_backward(f, g, zeros_2, options, stopping); });
  };
  const auto douglas = [&](optim::DouglasRachford options, Stopping stopping = {}) {
    return invalid_argument([&] { optim::douglas_rachford(f, f, zeros_2, options, stopping); });
  };
  const auto chambolle = [&](optim::ChambollePock options, Stopping stopping = {}) {
    return invalid_argument([&] { optim::chambolle_pock(f, f, K, zeros_2, options, stopping); });
  };
  CHECK(descent({.step = 0}) == "gradient_descent: step must be positive and finite, got 0");
  CHECK(descent({.eta = 1}) == "gradient_descent: eta must be in (0, 1), got 1");
  CHECK(forward({.step = -1}) == "forward_backward: step must be positive and finite, got -1");
  CHECK(forward({.step = NAN}) == "forward_backward: step must be positive and finite, got nan");
  CHECK(forward({.eta = 0}) == "forward_backward: eta must be in (0, 1), got 0");
  CHECK(forward({.method = Method::ista, .lambda = 1.5}) ==
        "forward_backward: lambda must be in (0, 1], got 1.5");
  CHECK(forward({.method = optim::Method::ista, .quadratic = true}) ==
        "forward_backward: quadratic is for FISTA without backtracking");
  CHECK(forward({.backtracking = true, .quadratic = true}) ==
        "forward_backward: quadratic is for FISTA without backtracking");
  CHECK(forward({.lambda = 0.5}) == "forward_backward: lambda is for ISTA; FISTA needs 1, got 0.5");
  CHECK(general({.step = INFINITY}) ==
        "generalized_forward_backward: step must be positive and finite, got inf");
  CHECK(general({.lambda = 0}) == "generalized_forward_backward: lambda must be in (0, 1], got 0");
  CHECK(douglas({.step = 0}) == "douglas_rachford: step must be positive and finite, got 0");
  CHECK(douglas({.lambda = 2}) == "douglas_rachford: lambda must be in (0, 1], got 2");
  CHECK(chambolle({.tau = 1}) == "chambolle_pock: sigma must be positive and finite, got 0");
  CHECK(chambolle({.sigma = 1}) == "chambolle_pock: tau must be positive and finite, got 0");
  CHECK(chambolle({.theta = 2}) == "chambolle_pock: theta must be in [0, 1], got 2");
  CHECK(invalid_argument([&] { optim::operator_norm(K, zeros_2, 0); }) ==
        "operator_norm: iterations must be positive, got 0");
  const Stopping gtol = {.gtol = 1e-3};
  CHECK(general({}, gtol) ==
        "generalized_forward_backward: this solver has no gtol; use rtol or xtol");
  CHECK(douglas({}, gtol) == "douglas_rachford: this solver has no gtol; use rtol or xtol");
  CHECK(chambolle({}, gtol) == "chambolle_pock: this solver has no gtol; use rtol or xtol");
}

TEST_CASE("the objective must be finite at the start", "[optim][solver_errors]") {
  const F f = optim::norm_l2<double>(), g = optim::norm_l1<double>();
  CHECK(invalid_argument([&] {
          optim::forward_backward(f, g, A{1, INFINITY});
        }) == "forward_backward: the objective at the start is inf; it must be finite");
}
