// Gradient descent and forward-backward splitting: problems whose solutions are known, or found in
// another way.
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "tests/optim/small_problems.hpp"

using expect::difference;
using optim::Method;
using proximal::prox;
using proximal::random_array;
using namespace small_problems;

namespace {

const A zeros_4 = xt::zeros<double>({4});
const A y_4 = {4, 5, 6, 7};

}  // namespace

TEMPLATE_TEST_CASE("FISTA: the example of pyunlocbox's documentation", "[optim][solvers]", float,
                   double) {
  using Array = xt::xarray<TestType>;
  const Array zeros = zeros_4, y = y_4;
  const auto l2 = optim::norm_l2<TestType>({.y = y});
  const auto check = [](const optim::Result<TestType>& result) {
    CHECK(result.criterion == optim::Criterion::atol);
    CHECK(result.iterations == 15);
    CHECK(result.objective == Approx(4.957288e-07).epsilon(sizeof(TestType) == 4 ? 1e-2 : 1e-6));
    CHECK(difference(result.x, {4.0002509, 5.00031362, 6.00037635, 7.00043907}, 1e-6) == "");
  };
  check(optim::forward_backward(optim::zero<TestType>(), l2, zeros, {.step = 0.5}, {.atol = 1e-5}));
  check(
      optim::forward_backward(l2, optim::zero<TestType>(), zeros, {.step = 0.25}, {.atol = 1e-5}));
}

// pyunlocbox's documentation shows 4 iterations. There rounding refuses the step 10 / 16 = 1 / L,
// for which the bound holds with equality, and 10 / 32 is taken.
TEST_CASE("backtracking: the example of pyunlocbox's documentation", "[optim][solvers]") {
  const F l1 = optim::norm_l1<double>({.y = y_4});
  const F l2 = optim::norm_l2<double>({.lambda = 0.8, .y = y_4});
  const auto iterations = [&](optim::ForwardBackward options) {
    const auto result =
        optim::forward_backward(l2, l1, zeros_4, options, {.atol = 1e-32, .rtol = {}});
    CHECK(result.criterion == optim::Criterion::atol);
    CHECK(result.objective == 0);
    CHECK(difference(result.x, y_4, 0) == "");
    return result.iterations;
  };
  CHECK(iterations({.step = 10, .method = Method::ista, .backtracking = true}) == 1);
  CHECK(iterations({.step = 10.0 / 32, .method = Method::ista}) == 4);
}

TEST_CASE("ISTA and FISTA by hand", "[optim][solvers]") {
  // f = (x - 8)^2, g = 0, step 1/8: the gradient step goes a quarter of the way.
  const F f = optim::norm_l2<double>({.y = {8}}), g = optim::zero<double>();
  const auto iterates = [&](optim::ForwardBackward options) {
    std::vector<double> x;
    optim::forward_backward(f, g, {0}, options, {.rtol = {}, .maxit = 3}, [&](const auto& state) {
      x.push_back(state.x(0));
      return false;
    });
    return A(xt::adapt(x, {x.size()}));
  };
  CHECK(difference(iterates({.step = 0.125, .method = Method::ista}), {2, 3.5, 4.625}) == "");
  CHECK(difference(iterates({.step = 0.125, .method = Method::ista, .lambda = 0.5}),
                   {1, 1.875, 2.640625}) == "");
  const double t2 = (1 + std::sqrt(5)) / 2, t3 = (1 + std::sqrt(1 + 4 * t2 * t2)) / 2;
  const double t4 = (1 + std::sqrt(1 + 4 * t3 * t3)) / 2;
  const double u2 = 2 + (t2 - 1) / t3 * 2, x2 = u2 + (8 - u2) / 4;
  const double u3 = x2 + (t3 - 1) / t4 * (x2 - 2), x3 = u3 + (8 - u3) / 4;
  CHECK(difference(iterates({.step = 0.125}), {2, x2, x3}) == "");
}

TEST_CASE("the lasso with orthonormal columns is soft thresholding", "[optim][solvers]") {
  const A v = {1, 2, 3, 4};
  A a = xt::eye<double>(4);  // a reflection
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) a(i, j) -= 2 * v(i) * v(j) / proximal::dot(v, v);
  }
  const A y = {3, -1, 0.2, 2};
  const A expected = prox(optim::norm_l1<double>(), matmul(a, y), 0.4);
  const F f = optim::norm_l2<double>({.A = a, .y = y}), g = optim::norm_l1<double>({.lambda = 0.8});
  const auto solution = [&](optim::ForwardBackward options) {
    return optim::forward_backward(f, g, zeros_4, options, to_the_end).x;
  };
  CHECK(difference(solution({.step = 0.4, .method = Method::ista}), expected, 1e-11) == "");
  CHECK(difference(solution({.step = 0.4, .method = Method::ista, .lambda = 0.7}), expected,
                   1e-11) == "");
  CHECK(difference(solution({.step = 0.4}), expected, 1e-11) == "");
  CHECK(difference(solution({.step = 0.4, .restart = true}), expected, 1e-11) == "");
  CHECK(difference(solution({.step = 9, .backtracking = true}), expected, 1e-11) == "");
  CHECK(difference(solution({.step = 9, .method = Method::ista, .backtracking = true}), expected,
                   1e-11) == "");
  CHECK(
      difference(solution({.step = 9, .method = Method::ista, .lambda = 0.7, .backtracking = true}),
                 expected, 1e-11) == "");
}

TEST_CASE("a lasso agrees with coordinate descent", "[optim][solvers]") {
  const LeastSquares problem{random_array({8, 5}, 1), random_array({8}, 2)};
  const double mu = 2, step = 1 / problem.lipschitz();
  const A expected = lasso_by_coordinates(problem, mu);
  CHECK(xt::amin(xt::abs(expected))() == 0);  // some are exactly 0, some are not
  CHECK(xt::amax(xt::abs(expected))() > 0.1);
  const F f = problem.term(), g = optim::norm_l1<double>({.lambda = mu});
  const A x0 = xt::zeros<double>({5});
  const auto check = [&](const optim::Result<double>& result) {
    CHECK(difference(result.x, expected, 1e-9) == "");
  };
  check(optim::forward_backward(f, g, x0, {.step = step, .method = Method::ista}, to_the_end));
  check(optim::forward_backward(f, g, x0, {.step = step}, to_the_end));
  check(optim::forward_backward(f, g, x0, {.step = step, .restart = true}, to_the_end));
  check(optim::forward_backward(f, g, x0, {.step = 100, .backtracking = true}, to_the_end));
  check(optim::douglas_rachford(f, g, x0, {.step = 0.1}, to_the_end));
  check(optim::douglas_rachford(g, f, x0, {.step = 0.1, .lambda = 0.8}, to_the_end));
}

TEST_CASE("a lasso with a smooth term of autograd", "[optim][solvers]") {
  const LeastSquares problem{random_array({8, 5}, 1), random_array({8}, 2)};
  const F f = optim::smooth<double>([&](const ag::Var<double>& x) {
    return ag::sum(ag::square(ag::matmul(problem.a, x) - problem.y));
  });
  const auto result =
      optim::forward_backward(f, optim::norm_l1<double>({.lambda = 2}), A(xt::zeros<double>({5})),
                              {.step = 1 / problem.lipschitz()}, to_the_end);
  CHECK(difference(result.x, lasso_by_coordinates(problem, 2), 1e-9) == "");
}

TEST_CASE("non-negative least squares agree with the enumeration of active sets",
          "[optim][solvers]") {
  const LeastSquares problem{random_array({6, 4}, 3), random_array({6}, 4)};
  const A expected = non_negative_least_squares(problem);
  CHECK(xt::amin(expected)() == 0);
  CHECK(xt::amax(expected)() > 0.01);
  const F g = optim::indicator<double>(optim::non_negative<double>());
  const auto result = optim::forward_backward(
      problem.term(), g, zeros_4, {.step = 1 / problem.lipschitz(), .restart = true}, to_the_end);
  CHECK(difference(result.x, expected, 1e-10) == "");
}

TEST_CASE("denoising: two pixels by hand", "[optim][solvers]") {
  // (a - 0)^2 + (b - 10)^2 + 4 |b - a|: a = 2, b = 8.
  A y = {{0, 10}, {0, 10}}, expected = {{2, 8}, {2, 8}};
  const auto result = optim::forward_backward(optim::norm_l2<double>({.y = y}),
                                              optim::norm_tv<double>({.lambda = 4, .tolerance = 0}),
                                              y, {.step = 0.5}, to_the_end);
  CHECK(difference(result.x, expected, 1e-9) == "");
}

TEMPLATE_TEST_CASE("FISTA of a quadratic term evaluates it once in each iteration",
                   "[optim][solvers]", float, double) {
  using Array = xt::xarray<TestType>;
  const Array A_of = random_array({12, 8}, 1), y = random_array({12}, 2);
  auto fit = optim::norm_l2<TestType>({.A = A_of, .y = y});
  const auto l1 = optim::norm_l1<TestType>({.lambda = TestType(0.3)});
  const Array origin = xt::zeros<TestType>({8});
  for (const bool restart : {false, true}) {
    optim::ForwardBackward options{.step = 0.01, .restart = restart};
    const optim::Stopping stopping{.rtol = {}, .maxit = 60};
    const auto expected = optim::forward_backward(fit, l1, origin, options, stopping);
    auto counted = fit;
    int evaluations = 0;
    counted.eval = [](const Array&) -> TestType { throw std::logic_error("not needed"); };
    counted.value_and_grad = [&](Array& gradient, const Array& x) {
      ++evaluations;
      return fit.value_and_grad(gradient, x);
    };
    options.quadratic = true;
    const auto result = optim::forward_backward(counted, l1, origin, options, stopping);
    const double tolerance = std::is_same_v<TestType, float> ? 1e-5 : 1e-13;
    CHECK(difference(result.x, expected.x, tolerance) == "");
    CHECK(difference(result.objective, expected.objective, tolerance) == "");
    CHECK(evaluations == 61);
  }
}

TEST_CASE("gradient descent", "[optim][solvers]") {
  const F f = optim::norm_l2<double>({.y = {8, 4}});
  // Step 1/8: a quarter of the way.
  auto result = optim::gradient_descent(f, A{0, 0}, {.step = 0.125}, {.rtol = {}, .maxit = 2});
  CHECK(difference(result.x, {3.5, 1.75}) == "");
  result = optim::gradient_descent(f, A{0, 0}, {.step = 0.125}, {.rtol = {}, .gtol = 1e-10});
  CHECK(difference(result.x, {8, 4}, 1e-10) == "");
  // 64, 32, ..., 1/2 = 1/L: there at once. With eta = 0.1 the step 0.064 is left.
  result = optim::gradient_descent(f, A{0, 0}, {.step = 64, .backtracking = true});
  CHECK(difference(result.x, {8, 4}) == "");
  result = optim::gradient_descent(f, A{0, 0}, {.step = 64, .backtracking = true, .eta = 0.1},
                                   {.maxit = 1});
  CHECK(difference(result.x, {2 * 0.064 * 8, 2 * 0.064 * 4}) == "");
}

TEST_CASE("a restart keeps FISTA from swinging", "[optim][solvers]") {
  const F f = optim::norm_l2<double>({.weights = {1, 0.01}}), g = optim::zero<double>();
  const optim::Stopping stopping = {.atol = 1e-16, .rtol = {}, .maxit = 100000};
  const auto iterations = [&](bool restart) {
    return optim::forward_backward(f, g, A{1, 1}, {.step = 0.5, .restart = restart}, stopping)
        .iterations;
  };
  CHECK(iterations(true) * 3 < iterations(false));
}

TEST_CASE("matrices are shrunk as wholes", "[optim][solvers]") {
  // ||X - Y||^2 + 2 mu ||X||_*: singular values less mu.
  const A Y = random_array({4, 3}, 1);
  const F f = optim::norm_l2<double>({.y = Y}), g = optim::norm_nuclear<double>(1.5);
  const auto result =
      optim::forward_backward(f, g, A(xt::zeros<double>({4, 3})), {.step = 0.4}, to_the_end);
  CHECK(difference(result.x, prox(optim::norm_nuclear<double>(), Y, 0.75), 1e-10) == "");
}

TEST_CASE("forward_backward judges gtol by the gradient mapping", "[optim][solvers]") {
  // (x - 8)^2 + 4 |x| has its minimum at 6; at u >= 0 the mapping is 2 (u - 6). Steps of 1 / 8 go a
  // quarter of the way to 6.
  const F f = optim::norm_l2<double>({.y = A{8}}), g = optim::norm_l1<double>({.lambda = 4});
  const auto solve = [&](optim::ForwardBackward options, double gtol) {
    options.step = 0.125;
    const auto result = optim::forward_backward(f, g, A{0}, options, {.rtol = {}, .gtol = gtol});
    CHECK(result.criterion == optim::Criterion::gtol);
    return result;
  };
  // 12 * 0.75^k in iteration k + 1; relaxed by half 12 * 0.875^k.
  CHECK(solve({.method = Method::ista}, 5).iterations == 5);
  CHECK(solve({.method = Method::ista, .lambda = 0.5}, 5).iterations == 8);
  CHECK(solve({}, 9.1).iterations == 2);  // FISTA has no momentum yet
  CHECK(difference(solve({}, 1e-9).x, A{6}, 1e-9) == "");
}
