// Other splittings: problems whose solutions are known, or found in another way.
#include <cmath>
#include <vector>

#include "tests/optim/small_problems.hpp"

using expect::difference;
using optim::Method;
using proximal::prox;
using proximal::random_array;
using namespace small_problems;

namespace {

/// The forward differences down and to the right of an image, 0 across the border.
ag::Var<double> differences(const ag::Var<double>& x) {
  const auto down = ag::pad(ag::diff(x, 1, 0), {{0, 1}, {0, 0}});
  const auto right = ag::pad(ag::diff(x, 1, 1), {{0, 0}, {0, 1}});
  return ag::stack({down, right}, 0);
}

}  // namespace

TEMPLATE_TEST_CASE("Douglas-Rachford: the example of pyunlocbox's documentation",
                   "[optim][splitting]", float, double) {
  using Array = xt::xarray<TestType>;
  const auto f = optim::norm_l2<TestType>({.y = Array(A{4, 5, 6, 7})});
  const auto result = optim::douglas_rachford(
      f, optim::zero<TestType>(), Array(A(xt::zeros<double>({4}))), {.step = 1}, {.atol = 1e-5});
  CHECK(result.criterion == optim::Criterion::atol);
  CHECK(result.iterations == 8);
  CHECK(result.objective == Approx(2.927052e-06).epsilon(sizeof(TestType) == 4 ? 1e-2 : 1e-6));
  CHECK(difference(result.x, {3.99939034, 4.99923792, 5.99908551, 6.99893309}, 1e-6) == "");
}

TEST_CASE("Douglas-Rachford by hand", "[optim][splitting]") {
  // The operator of f takes v to (v + 8) / 2, that of g moves it by 1 towards 0.
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = {8}}), g = optim::norm_l1<double>();
  const auto x_after = [&](std::uint64_t iterations) {
    return optim::douglas_rachford(f, g, A{0}, {.step = 1, .lambda = 0.5},
                                   {.rtol = {}, .maxit = iterations})
        .x;
  };
  CHECK(difference(x_after(1), A{1}) == "");      // p = 4, y = 2
  CHECK(difference(x_after(2), A{2.5}) == "");    // p = 4, y = 3.5
  CHECK(difference(x_after(3), A{3.625}) == "");  // p = 4.75, y = 4.625
}

TEST_CASE("Chambolle and Pock by hand", "[optim][splitting]") {
  // The dual operator of (x - 8)^2 / 2 takes v to (v - 4) / 1.5 for sigma = 1/2.
  const F f = optim::zero<double>(), g = optim::norm_l2<double>({.lambda = 0.5, .y = {8}});
  const auto same = optim::linear_operator<double>([](const auto& x) { return 1 * x; }, {1});
  const auto x_after = [&](std::uint64_t iterations, double theta) {
    return optim::chambolle_pock(f, g, same, A{0}, {.tau = 0.5, .sigma = 0.5, .theta = theta},
                                 {.rtol = {}, .maxit = iterations})
        .x;
  };
  CHECK(difference(x_after(1, 1), A{4.0 / 3}) == "");     // dual variable -8/3
  CHECK(difference(x_after(2, 1), A{28.0 / 9}) == "");    // extrapolated 8/3, dual -32/9
  CHECK(difference(x_after(2, 0.5), A{29.0 / 9}) == "");  // extrapolated 2, dual -34/9
}

TEST_CASE("basis pursuit agrees with the enumeration of bases", "[optim][splitting]") {
  const A a = random_array({2, 5}, 2), b = {1, -2};
  const A expected = basis_pursuit(a, b), x0 = xt::zeros<double>({5});
  const F f = optim::norm_l1<double>(), g = optim::indicator<double>(optim::affine(a, b));
  const auto result = optim::douglas_rachford(f, g, x0, {.step = 0.3}, to_the_end);
  CHECK(difference(result.x, expected, 1e-9) == "");
  CHECK(difference(matmul(a, result.x), b) == "");
}

TEST_CASE("denoising by Chambolle and Pock agrees with the operator of total variation",
          "[optim][splitting]") {
  const A y = random_array({5, 4}, 1);
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = y});
  const A expected = prox(optim::norm_tv<double>({.tolerance = 0, .maxit = 20000}), y, 0.4);
  const auto K = optim::linear_operator<double>(differences, {5, 4});
  const F g = optim::norm_l21<double>({.lambda = 0.4, .axis = 0});
  for (const optim::ChambollePock& options : {optim::ChambollePock{},
                                              {.tau = 0.5, .sigma = 0.2},
                                              {.tau = 0.1, .sigma = 1, .theta = 0.5}}) {
    const auto result = optim::chambolle_pock(f, g, K, y, options, to_the_end);
    CHECK(difference(result.x, expected, 1e-8) == "");
    const double objective = f.eval(expected) + 0.4 * optim::norm_tv<double>().eval(expected);
    CHECK(result.objective == Approx(objective));
  }
}

TEST_CASE("Chambolle and Pock solve a lasso", "[optim][splitting]") {
  const LeastSquares problem{random_array({8, 5}, 1), random_array({8}, 2)};
  const auto K = optim::linear_operator<double>(
      [&](const ag::Var<double>& x) { return ag::matmul(problem.a, x); }, {5});
  const auto result = optim::chambolle_pock(
      optim::norm_l1<double>({.lambda = 2}), optim::norm_l2<double>({.y = problem.y}), K,
      A(xt::zeros<double>({5})), {},
      {.rtol = {}, .maxit = 5000});  // x may rest while the dual variable moves
  CHECK(difference(result.x, lasso_by_coordinates(problem, 2), 1e-9) == "");
}

TEST_CASE("several indicators project onto the intersection", "[optim][splitting]") {
  // Onto the unit ball within the non-negative ones: first onto the cone, then onto the ball.
  const F f = optim::norm_l2<double>({.lambda = 0.5, .y = {3, -1, 4}});
  const std::vector<F> g = {optim::indicator<double>(optim::non_negative<double>()),
                            optim::indicator<double>(optim::l2_ball<double>())};
  for (double lambda : {1.0, 0.6}) {
    const auto result = optim::generalized_forward_backward(
        f, g, A{0, 0, 0}, {.step = 1, .lambda = lambda}, to_the_end);
    CHECK(difference(result.x, {0.6, 0, 0.8}, 1e-9) == "");
  }
}

TEST_CASE("generalized forward-backward splits the elastic net", "[optim][splitting]") {
  const LeastSquares problem{random_array({8, 5}, 1), random_array({8}, 2)};
  const F f = problem.term(), l1 = optim::norm_l1<double>({.lambda = 2});
  const F l2 = optim::norm_l2<double>({.lambda = 3});
  const LeastSquares stacked{xt::concatenate(xt::xtuple(problem.a, std::sqrt(3) * xt::eye(5))),
                             xt::concatenate(xt::xtuple(problem.y, xt::zeros<double>({5})))};
  const auto result =
      optim::generalized_forward_backward(f, std::vector<F>{l1, l2}, A(xt::zeros<double>({5})),
                                          {.step = 1 / problem.lipschitz()}, to_the_end);
  CHECK(difference(result.x, lasso_by_coordinates(stacked, 2), 1e-9) == "");
}

TEST_CASE("with one term generalized forward-backward is ISTA", "[optim][splitting]") {
  const LeastSquares problem{random_array({8, 5}, 1), random_array({8}, 2)};
  const std::vector<F> g = {optim::norm_l1<double>({.lambda = 2})};
  const A x0 = random_array({5}, 3);
  const double step = 1 / problem.lipschitz();
  const optim::Stopping stopping = {.rtol = {}, .maxit = 20};
  const auto ista = optim::forward_backward(
      problem.term(), g[0], x0, {.step = step, .method = Method::ista, .lambda = 0.7}, stopping);
  const auto general = optim::generalized_forward_backward(problem.term(), g, x0,
                                                           {.step = step, .lambda = 0.7}, stopping);
  CHECK(difference(general.x, ista.x, 1e-13) == "");
  CHECK(general.objectives[1].size() == 21);
  for (std::size_t k = 0; k <= 20; ++k) {
    CHECK(general.objectives[0][k] == Approx(ista.objectives[0][k]));
    CHECK(general.objectives[1][k] == Approx(ista.objectives[1][k]));
  }
}

TEST_CASE("norms of operators", "[optim][splitting]") {
  const A a = {{3, 0}, {0, -4}, {0, 0}};
  const auto K = optim::linear_operator<double>(
      [&](const ag::Var<double>& x) { return ag::matmul(a, x); }, {2});
  CHECK(optim::operator_norm(K, A{0, 0}) == Approx(4));
  const auto nothing =
      optim::linear_operator<double>([](const ag::Var<double>& x) { return 0 * x; }, {2});
  CHECK(optim::operator_norm(nothing, A{0, 0}) == 0);
  // The differences of a path of n pixels have the norm 2 cos(pi / 2n), those of an image add up.
  const auto D = optim::linear_operator<double>(differences, {5, 4});
  const double rows = 4 * std::pow(std::cos(M_PI / 10), 2),
               columns = 4 * std::pow(std::cos(M_PI / 8), 2);
  CHECK(optim::operator_norm(D, A(xt::zeros<double>({5, 4})), 1000) ==
        Approx(std::sqrt(rows + columns)));
}

TEST_CASE("an operator and its adjoint", "[optim][splitting]") {
  const auto D = optim::linear_operator<double>(differences, {5, 4});
  const A x = random_array({5, 4}, 1), y = random_array({2, 5, 4}, 2);
  A image, pulled;
  D.apply(image, x);
  D.adjoint(pulled, y);
  CHECK(proximal::dot(image, y) == Approx(proximal::dot(x, pulled)));
}
