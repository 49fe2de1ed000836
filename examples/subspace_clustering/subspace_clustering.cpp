/// "How do I implement the optimization function in tensorflow?" - the function being
///
///     min sum_i ||x_i - X c_i||^2 + lambda ||c_i||  such that c_ii = 0
///
/// which finds the subspaces that the columns of X lie in: a point is a combination of points of
/// its own subspace, so that C falls into blocks. The answer there adds the square of the diagonal
/// to the loss. This program does that, and beside it what meets the constraint exactly: a
/// projection after each step, and a proximal operator.

#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <vector>

#include "examples/subspace_clustering/data.hpp"
#include "examples/subspace_clustering/objective.hpp"
#include "examples/subspace_clustering/report.hpp"
#include "examples/support/progress.hpp"

namespace {

using namespace examples;
namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;
using Callback = optim::Callback<double>;
using Result = optim::Result<double>;
using Minimiser = Result(const SubspaceProblem&, const SubspaceOptions&, const Callback&);

constexpr double xtol = 1e-10;

/// C = 0, where all ways begin.
Array origin(const SubspaceProblem& problem) {
  const std::size_t n = problem.X.shape(1);
  return xt::zeros<double>({n, n});
}

/// 1 / Lipschitz constant of the gradient of the fit, which is 2 ||X||^2. (The power method comes
/// from below: 1 % more.)
double step_of(const SubspaceProblem& problem) {
  const std::size_t n = problem.X.shape(1);
  const auto X = optim::linear_operator<double>(
      [&](const Var& x) { return ag::matmul(ag::borrow(problem.X), x); }, {n});
  const double norm = 1.01 * optim::operator_norm<double>(X, xt::ones<double>({n}));
  return 1 / (2 * norm * norm);
}

/// As the answer suggests: the diagonal is a part of the loss. L-BFGS minimises it.
Result penalty(const SubspaceProblem& problem, const SubspaceOptions& options,
               const Callback& callback) {
  const auto loss = optim::smooth<double>([&](const Var& C) {
    return problem.objective(C) + options.lambda_diagonal * ag::trace(ag::square(C));
  });
  optim::LBFGS<double> lbfgs;
  return optim::minimize(loss, origin(problem), lbfgs,
                         {.xtol = xtol, .gtol = {}, .maxit = options.iterations}, callback);
}

/// Every step of gradient descent with momentum ends with c_ii = 0. The rate decays because of the
/// norms: near a column that should become 0, steps of one length would never settle.
Result projection(const SubspaceProblem& problem, const SubspaceOptions& options,
                  const Callback& callback) {
  const auto objective = optim::smooth<double>([&](const Var& C) { return problem.objective(C); });
  optim::SGD<double> sgd({.learning_rate = step_of(problem), .decay = 0.01, .momentum = 0.9});
  optim::Projected projected(sgd, optim::zero_diagonal<double>());
  return optim::minimize(objective, origin(problem), projected,
                         {.xtol = xtol, .gtol = {}, .maxit = options.iterations}, callback);
}

/// The column norms, where c_ii = 0. That fixes one element of column i, and ||c_i|| is the norm of
/// the others: to set the diagonal to 0 and then to shrink the columns is the exact proximal
/// operator of norms and constraint together.
optim::Term<double> norms_without_diagonal(double lambda) {
  auto norms = optim::norm_l21<double>({.lambda = lambda, .axis = 0});
  norms.prox = [zero_diagonal = optim::zero_diagonal<double>(), shrink = norms.prox](Array& C,
                                                                                     double step) {
    zero_diagonal(C);
    shrink(C, step);
  };
  return norms;
}

/// FISTA: autograd differentiates the fit only, columns can become exactly 0.
Result proximal(const SubspaceProblem& problem, const SubspaceOptions& options,
                const Callback& callback) {
  const auto fit = optim::smooth<double>([&](const Var& C) { return problem.fit(C); });
  return optim::forward_backward(fit, norms_without_diagonal(problem.lambda), origin(problem),
                                 {.step = step_of(problem), .restart = true},
                                 {.rtol = {}, .xtol = xtol, .maxit = options.iterations}, callback);
}

/// Runs one of them and notes the exact objective after every iteration.
Way run(const char* name, Minimiser minimise, const SubspaceProblem& problem,
        const SubspaceOptions& options) {
  Way way{name, {}, {}};
  Progress progress(name, options.iterations);
  way.result = minimise(problem, options, [&](const optim::Iteration<double>& at) {
    way.objectives.push_back(problem.value(without_diagonal(at.x)));
    progress.update(at.number);
    return false;
  });
  return way;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("subspace_clustering", [&] {
    const SubspaceOptions options = subspace_options(argc, argv);
    const Points points = points_of(options);
    const SubspaceProblem problem{points.X, options.lambda};
    const std::vector<Way> ways = {run("penalty", penalty, problem, options),
                                   run("projection", projection, problem, options),
                                   run("proximal", proximal, problem, options)};
    return show(ways, problem, points, options);
  });
}
