// How solvers end, what they report, how often they evaluate terms, and that a warm iteration takes
// nothing from the heap.
#include <cmath>
#include <string>
#include <vector>

#include "tests/optim/proximal.hpp"
#include "tests/support/allocations.hpp"

using expect::difference;
using optim::Method;
using optim::Stopping;

namespace {

using A = xt::xarray<double>;
using F = optim::Term<double>;
using Result = optim::Result<double>;

const A zeros_2 = {0, 0};

/// (x - y)^2, from 0, a quarter of the way in each iteration.
Result descend(const Stopping& stopping, const optim::Callback<double>& callback = {}) {
  return optim::gradient_descent(optim::norm_l2<double>({.y = {8, 8}}), zeros_2, {.step = 0.125},
                                 stopping, callback);
}

/// Calls check(name, result) for each solver on f + g.
template <class Check>
void for_each_solver(const F& f, const F& g, const A& x0, const Stopping& stopping,
                     const optim::Callback<double>& callback, const Check& check) {
  const double step = 0.1;
  const std::vector<F> list = {g, optim::norm_l1<double>({.lambda = 0})};
  const auto same = optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {2});
  const optim::ForwardBackward ista = {.step = step, .method = Method::ista};
  const optim::ForwardBackward relaxed = {.step = step, .method = Method::ista, .lambda = 0.9};
  check("gradient_descent", optim::gradient_descent(f, x0, {.step = step}, stopping, callback));
  check("ISTA", optim::forward_backward(f, g, x0, ista, stopping, callback));
  check("relaxed ISTA", optim::forward_backward(f, g, x0, relaxed, stopping, callback));
  check("FISTA", optim::forward_backward(f, g, x0, {.step = step}, stopping, callback));
  check("generalized_forward_backward",
        optim::generalized_forward_backward(f, list, x0, {.step = step}, stopping, callback));
  check("douglas_rachford", optim::douglas_rachford(f, g, x0, {.step = step}, stopping, callback));
  check("chambolle_pock", optim::chambolle_pock(f, g, same, x0, {}, stopping, callback));
}

/// Counts calls of the terms of a function.
struct Counts {
  int eval = 0, gradient = 0, prox = 0;

  F counted(F f) {
    return {f.name,
            [this, f](const A& x) {
              ++eval;
              return f.eval(x);
            },
            [this, f](A& g, const A& x) {
              ++gradient;
              return f.value_and_grad(g, x);
            },
            [this, f](A& x, double step) {
              ++prox;
              f.prox(x, step);
            }};
  }
};

}  // namespace

TEST_CASE("each rule ends an iteration and is named", "[optim][solver_rules]") {
  // After k iterations both elements are 8 * 0.75^k from the solution: the objective is
  // 128 * 0.5625^k, a step 2 * 0.75^(k - 1), the norm of the gradient sqrt(512) * 0.75^k.
  const auto ended = [](const Stopping& stopping) {
    const Result result = descend(stopping);
    return to_string(result.criterion) + " " + std::to_string(result.iterations);
  };
  CHECK(ended({.atol = 40.6, .rtol = {}}) == "ATOL 2");
  CHECK(ended({.dtol = 1, .rtol = {}}) == "DTOL 8");
  CHECK(ended({.rtol = 0.8}) == "RTOL 1");
  CHECK(ended({.rtol = {}, .xtol = 1}) == "XTOL 4");
  CHECK(ended({.rtol = {}, .gtol = 10}) == "GTOL 3");
  CHECK(ended({.rtol = {}, .maxit = 7}) == "MAXIT 7");
}

TEST_CASE("indicators alone end by xtol", "[optim][solver_rules]") {
  const F f = optim::indicator(optim::box<double>({0, -9}, {1, 9}));
  const F g = optim::indicator(optim::affine<double>({{1, 1}}, {4}));
  CHECK(f.eval(A{7, 7}) == 0);
  const A x0 = {-5, -5};
  const Result result = optim::douglas_rachford(f, g, x0, {}, {.xtol = 1e-9});
  CHECK(to_string(result.criterion) == "XTOL");
  CHECK(result.x(0) + result.x(1) == Approx(4));
  CHECK(result.x(0) < 1 + 1e-6);
}

TEST_CASE("a stationary start needs no iteration", "[optim][solver_rules]") {
  const F f = optim::norm_l2<double>();
  const Result result = optim::gradient_descent(f, zeros_2, {}, {.gtol = 1e-6});
  CHECK(to_string(result.criterion) == "GTOL");
  CHECK(result.iterations == 0);
  CHECK(difference(result.x, zeros_2) == "");
}

TEST_CASE("a callback sees and stops each solver", "[optim][solver_rules]") {
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = {8, 4}}), g = optim::norm_l1<double>();
  std::vector<std::uint64_t> numbers;
  A seen;
  const auto stop_at_3 = [&](const optim::Iteration<double>& state) {
    numbers.push_back(state.number);
    seen = state.x;
    return state.number == 3;
  };
  const auto check = [&](const std::string& name, const Result& result) {
    INFO(name);
    CHECK(to_string(result.criterion) == "CALLBACK");
    CHECK(result.iterations == 3);
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(difference(result.x, seen, 0) == "");
    numbers.clear();
  };
  for_each_solver(f, g, zeros_2, {.rtol = {}}, stop_at_3, check);
}

TEST_CASE("results show the terms of the objective after every iteration",
          "[optim][solver_rules]") {
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = {8, 4}}), g = optim::norm_l1<double>();
  const auto check = [&](const std::string& name, const Result& result) {
    INFO(name);
    const std::size_t terms = result.objectives.size();
    CHECK(terms == (name == "gradient_descent"               ? 1
                    : name == "generalized_forward_backward" ? 3
                                                             : 2));
    for (const auto& history : result.objectives) CHECK(history.size() == 6);
    CHECK(result.objectives[0].front() == Approx(f.eval(A{1, 2})));
    CHECK(result.objectives[0].back() == Approx(f.eval(result.x)));
    if (terms > 1) CHECK(result.objectives[1].front() == 3);
    if (terms > 1) CHECK(result.objectives[1].back() == Approx(g.eval(result.x)));
    double objective = 0;
    for (const auto& history : result.objectives) objective += history.back();
    CHECK(result.objective == Approx(objective));
    CHECK(result.seconds > 0);
    CHECK(!result.converged());
  };
  for_each_solver(f, g, A{1, 2}, {.rtol = {}, .maxit = 5}, {}, check);
}

TEST_CASE("a step that is too large is reported as divergence, and the best iterate kept",
          "[optim][solver_rules]") {
  const F f = optim::norm_l2<double>({.y = {8, 4}}), g = optim::zero<double>();
  const A x0 = {7, 5};
  const auto check = [&](const Result& result) {
    CHECK(result.diverged());
    CHECK(to_string(result.criterion) == "DIVERGED");
    CHECK(difference(result.x, x0, 0) == "");
    CHECK(result.objective == 2);
    CHECK(result.iterations < 200);
  };
  const std::vector<F> list = {g};
  check(optim::gradient_descent(f, x0, {.step = 2}));
  check(optim::forward_backward(f, g, x0, {.step = 2}));
  check(optim::forward_backward(f, g, x0, {.step = 2, .method = Method::ista}));
  check(optim::generalized_forward_backward(f, list, x0, {.step = 2}));
  const auto K = optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {2});
  const F h = optim::norm_l2<double>({.lambda = 1e-3, .y = {8, 4}});
  CHECK(optim::chambolle_pock(optim::zero<double>(), h, K, x0, {.tau = 1e5, .sigma = 1e3},
                              {.rtol = {}})
            .diverged());
}

TEST_CASE("the best iterate lies before the divergence", "[optim][solver_rules]") {
  // The gradient step overshoots outside of [-2, 2] only: from 3 to 1 to 0.9, then it is thrown
  // out.
  int calls = 0;
  const F f = {"thrown",
               [](const A& x) { return x(0) * x(0); },
               [&](A& gradient, const A& x) {
                 gradient = ++calls < 4 ? A(0.1 * x) : A(1e100 * x);
                 return x(0) * x(0);
               },
               {}};
  const Result result = optim::gradient_descent(f, A{4}, {.step = 1}, {.rtol = {}});
  CHECK(result.diverged());
  CHECK(result.iterations == 4);
  CHECK(difference(result.x, A{4 * 0.9 * 0.9 * 0.9}) == "");
  CHECK(result.objective == Approx(std::pow(4 * 0.9 * 0.9 * 0.9, 2)));
}

TEST_CASE("backtracking ends when no step helps", "[optim][solver_rules]") {
  const auto run = [](Method method, double slope) {
    const auto value = [](const A& x) { return x(0) == 1 ? 1 : NAN; };
    const F f = {"NaN",
                 value,
                 [=](A& gradient, const A& x) {
                   gradient = slope * x;
                   return value(x);
                 },
                 {}};
    return optim::forward_backward(f, optim::zero<double>(), A{1},
                                   {.method = method, .backtracking = true});
  };
  for (Method method : {Method::ista, Method::fista}) {
    CHECK(difference(run(method, 1).x, A{1}, 0) == "");  // until the step moves nothing
    const Result result = run(method, NAN);              // no step is short enough
    CHECK(result.diverged());
    CHECK(difference(result.x, A{1}, 0) == "");
  }
}

TEST_CASE("backtracking does not try steps where the gradient is not finite",
          "[optim][solver_rules]") {
  for (Method method : {Method::ista, Method::fista}) {
    Counts counts;
    const F f = {"NaN",
                 [](const A& x) { return x(0) == 1 ? 1 : NAN; },
                 [](A& gradient, const A& x) {
                   gradient = {NAN};
                   return x(0) == 1 ? 1 : NAN;
                 },
                 {}};
    const F counted = counts.counted(f);
    const Result result = optim::forward_backward(counted, optim::zero<double>(), A{1},
                                                  {.method = method, .backtracking = true});
    CHECK(result.diverged());
    CHECK(counts.eval + counts.gradient <= 3);
  }
}

TEST_CASE("terms are not evaluated more often than needed", "[optim][solver_rules]") {
  Counts smooth, other;
  const F f = smooth.counted(optim::norm_l2<double>({.y = {8, 4}}));
  const F g = other.counted(optim::norm_l1<double>());
  const Stopping ten = {.rtol = {}, .maxit = 10};
  optim::forward_backward(f, g, zeros_2, {.step = 0.1, .method = Method::ista}, ten);
  CHECK(smooth.eval == 0);
  CHECK(smooth.gradient == 11);
  CHECK(other.eval == 11);
  CHECK(other.prox == 10);
  smooth = other = {};
  optim::forward_backward(f, g, zeros_2, {.step = 0.1}, ten);
  CHECK(smooth.eval == 10);
  CHECK(smooth.gradient == 10);
  CHECK(other.eval == 11);
  CHECK(other.prox == 10);
  smooth = {};
  optim::gradient_descent(f, zeros_2, {.step = 0.1}, ten);
  CHECK(smooth.eval == 0);
  CHECK(smooth.gradient == 11);
}

TEST_CASE("solvers take nothing from the heap in a warm iteration", "[optim][solver_rules]") {
  if (!allocations::counted) return;
  const F f = optim::norm_l2<double>({.A = {{1, 2}, {3, 4}, {5, 6}}, .y = {8, 4, 2}});
  const F g = optim::norm_l1<double>({.weights = {1, 2}});
  const F image = optim::norm_l2<double>({.y = {8, 4, 2}});
  const auto K = optim::linear_operator<double>(
      [matrix = A{{1, 2}, {3, 4}, {5, 6}}](const autograd::Var<double>& x) {
        return autograd::matmul(matrix, x);
      },
      {2});
  const std::vector<F> list = {g, optim::norm_l21<double>()};
  const auto check = [](const char* name, const auto& solve) {
    const auto count = [&](std::uint64_t maxit) {
      const std::size_t before = allocations::count();
      solve(Stopping{.rtol = {}, .xtol = 0.0, .maxit = maxit});
      return allocations::count() - before;
    };
    INFO(name);
    count(5);
    CHECK(count(5) == count(50));
  };
  check("gradient descent", [&](const Stopping& stopping) {
    optim::gradient_descent(f, zeros_2, {.step = 0.005}, stopping);
  });
  for (bool backtracking : {false, true}) {
    check("FISTA", [&](const Stopping& stopping) {
      optim::forward_backward(
          f, g, zeros_2, {.step = 0.005, .backtracking = backtracking, .restart = true}, stopping);
    });
    check("ISTA", [&](const Stopping& stopping) {
      optim::forward_backward(f, g, zeros_2,
                              {.step = 0.005, .method = Method::ista, .backtracking = backtracking},
                              stopping);
    });
  }
  check("generalized", [&](const Stopping& stopping) {
    optim::generalized_forward_backward(f, list, zeros_2, {.step = 0.005}, stopping);
  });
  check("Douglas-Rachford", [&](const Stopping& stopping) {
    optim::douglas_rachford(f, g, zeros_2, {.step = 0.1}, stopping);
  });
  check("Chambolle-Pock", [&](const Stopping& stopping) {
    optim::chambolle_pock(g, image, K, zeros_2, {.tau = 0.1, .sigma = 0.1}, stopping);
  });
}
