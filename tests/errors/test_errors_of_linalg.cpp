// The errors of linear algebra: their types and full texts.
#include <array>
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <limits>
#include <string>

#include "autograd/linalg/batch.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
namespace linalg = ag::linalg;
using expect::invalid_argument;

namespace {

using V = ag::Var<double>;
using Array = xt::xarray<double>;

template <class F>
std::string runtime_error(const F& f) {
  return expect::error_of<std::runtime_error>(f);
}

V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }

/// A stack of identities, of which the last one has a zero in a corner.
Array with_singular(const std::vector<std::size_t>& batch) {
  std::vector<std::size_t> shape = batch;
  shape.insert(shape.end(), {2, 2});
  Array a = xt::zeros<double>(shape);
  for (std::size_t i = 0; i < a.size(); i += 4) a.data()[i] = a.data()[i + 3] = 1;
  a.data()[a.size() - 1] = 0;
  return a;
}

}  // namespace

TEST_CASE("linear algebra takes square matrices that fit", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          return linalg::inv(ones({2, 3}));
        }) == "inv: a must be a square matrix, or a stack of such: a has shape (2, 3)");
  CHECK(invalid_argument([] { return linalg::det(ones({3})); }) ==
        "det: a must be a square matrix, or a stack of such: a has shape (3,)");
  CHECK(invalid_argument([] {
          return linalg::solve(ones({2, 2}), ones({3}));
        }) ==
        "solve: b must be a vector or matrices with as many rows as a: a has shape (2, 2), b has "
        "shape (3,)");
  CHECK(invalid_argument([] {
          return linalg::solve(ones({2, 2}), V(1));
        }) ==
        "solve: b must be a vector or matrices with as many rows as a: a has shape (2, 2), b has "
        "shape ()");
  CHECK(invalid_argument([] {
          return linalg::solve_triangular(ones({2, 2, 2}), ones({3, 2, 1}));
        }).starts_with("solve_triangular: "));
}

TEST_CASE("singular matrices are named", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  const V one = with_singular({}), four = with_singular({4}), six = with_singular({2, 3});
  CHECK(runtime_error([&] { return linalg::inv(one); }) == "inv: the matrix is singular");
  CHECK(runtime_error([&] { return linalg::solve(four, ones({2})); }) ==
        "solve: matrix 3 of the stack is singular");
  CHECK(runtime_error([&] { return linalg::inv(six); }) ==
        "inv: matrix (1, 2) of the stack is singular");
  CHECK(runtime_error([&] { return linalg::solve_triangular(four, ones({2})); }) ==
        "solve_triangular: matrix 3 of the stack is singular");
  CHECK(runtime_error([&] {
          return ag::grad([](const V& x) { return linalg::det(x); })(with_singular({}));
        }) == "det: the matrix is singular");
  CHECK(runtime_error([&] {
          return ag::grad([](const V& x) { return ag::sum(linalg::slogdet(x).logabsdet); })(
              with_singular({4}));
        }) == "slogdet: matrix 3 of the stack is singular");
}

TEST_CASE("Cholesky's method refuses what is not positive definite", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  CHECK(runtime_error([] { return linalg::cholesky(V(with_singular({4}))); }) ==
        "cholesky: matrix 3 of the stack is not positive definite");
  CHECK(invalid_argument([] {
          return linalg::cholesky(V(Array{{1, 0}, {0.5, 1}}));
        }) == "cholesky: the matrix is zero above its diagonal; give the whole symmetric matrix");
  CHECK(invalid_argument([] {
          return linalg::eigvalsh(V(Array{{4, 2}, {0, 3}}));
        }) == "eigvalsh: the matrix is zero below its diagonal; give the whole symmetric matrix");
}

TEST_CASE("decompositions refuse what LAPACK must not see", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  const V infinite = V(with_singular({4})) / V(with_singular({4}));
  CHECK(invalid_argument([&] { return linalg::svdvals(infinite); }) ==
        "svdvals: matrix 0 of the stack has elements that are not finite");
  CHECK(invalid_argument([&] { return linalg::eigvalsh(ag::view(infinite, 1)); }) ==
        "eigvalsh: the matrix has elements that are not finite");
  CHECK(invalid_argument([&] {
          return linalg::norm(infinite, "nuc", {1, 2});
        }) == "norm: matrix 0 of the stack has elements that are not finite");
  CHECK(invalid_argument([&] { return linalg::norm(ag::view(infinite, 1), -2); }) ==
        "norm: the matrix has elements that are not finite");
  CHECK(invalid_argument([&] { return linalg::cond(infinite); }) ==
        "cond: matrix 0 of the stack has elements that are not finite");
  CHECK(invalid_argument([] { return linalg::svdvals(ones({3})); }) ==
        "svdvals: needs at least two axes: the operand has shape (3,)");
  CHECK(invalid_argument([] {
          return linalg::svdvals(ag::broadcast_to(ones({1, 0}), {ag::Index{1} << 40, 0}));
        }) == "svdvals: LAPACK takes axes of at most 2147483647: a has shape (1099511627776, 0)");
  CHECK(invalid_argument([] {
          return linalg::svd(ones({3, 4})).S;
        }) ==
        "svd: full matrices of singular vectors are not determined by a, which has shape (3, 4); "
        "use {.full_matrices = false}");
  CHECK(
      runtime_error([] {
        return ag::grad([](const V& x) { return ag::sum(linalg::qr(x).Q); })(Array{{1, 2}, {2, 4}});
      }) == "qr: the matrix has linearly dependent columns, so there is no derivative");
}

TEST_CASE("the message of a decomposition that does not converge", "[errors][errors_of_linalg]") {
  const std::array<ag::Index, 1> batch = {4};
  const auto refuse = [&]() -> int { linalg::refuse_to_converge("eigh", batch, 3); };
  CHECK(runtime_error(refuse) == "eigh: LAPACK did not converge for matrix 3 of the stack");
}

TEST_CASE("pseudoinverses of lower rank than their matrix have no derivative",
          "[errors][errors_of_linalg]") {
  const Array a = {{{2, 0}, {0, 2}}, {{2, 0}, {0, 0.5}}};
  const auto pinv = [](const V& x) { return ag::sum(linalg::pinv(x, 0.5)); };
  CHECK(ag::evaluate(pinv)(a)() == 1.5);
  CHECK(runtime_error([&] { return ag::grad(pinv)(a); }) ==
        "pinv: rcond drops singular values of matrix 1 of the stack that are not 0; derivatives "
        "need them");
  const auto fit = [](const V& x) { return ag::sum(linalg::lstsq(x, Array{1, 2}, 0.5).x); };
  CHECK(runtime_error([&] {
          return ag::grad(fit)(Array{{2, 0}, {0, 0.5}});
        }) ==
        "lstsq: rcond drops singular values of the matrix that are not 0; derivatives need them");
  const auto values = [](const V& x) { return ag::sum(linalg::lstsq(x, Array{1, 2}, 0.5).s); };
  CHECK(ag::grad(values)(Array{{2, 0}, {0, 0.5}})(1, 1) == 1);
}

TEST_CASE("linear systems of other forms must fit", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          return linalg::lstsq(ones({3, 2}), ones({2})).x;
        }) == "lstsq: b must have as many rows as a: a has shape (3, 2), b has shape (2,)");
  CHECK(invalid_argument([] {
          return linalg::solve_sylvester(ones({2, 2}), ones({3, 3}), ones({3, 2}));
        }) ==
        "solve_sylvester: q must have as many rows as a and as many columns as b: a has shape (2, "
        "2), b has shape (3, 3), q has shape (3, 2)");
  CHECK(runtime_error([] {
          const V one = Array{{1, 0}, {0, 1}};
          return linalg::solve_sylvester(one, -one, one);
        }) == "solve_sylvester: the matrix makes Sylvester's equation singular");
  CHECK(runtime_error([] {
          return ag::grad([](const V& x) { return ag::sum(linalg::sqrtm(x)); })(0 *
                                                                                with_singular({}));
        }) == "sqrtm: the matrix makes Sylvester's equation singular");
  CHECK(runtime_error([] {
          return linalg::sqrtm(V(Array{{1, 0}, {0, -1}}));
        }) == "sqrtm: the matrix has no real square root");
  CHECK(invalid_argument([] {
          return linalg::solve_banded({1, 1}, ones({2, 3}), ones({3}));
        }) ==
        "solve_banded: ab must have 1 + 1 + 1 rows, one for each diagonal: ab has shape (2, 3)");
  CHECK(
      invalid_argument([] {
        return linalg::solve_banded({1, 0}, ones({2, 3}), ones({2}));
      }) ==
      "solve_banded: b must have as many rows as ab has columns: ab has shape (2, 3), b has shape "
      "(2,)");
  CHECK(runtime_error([] {
          return linalg::solve_banded({0, 0}, 0 * ones({1, 3}), ones({3}));
        }) == "solve_banded: the matrix is singular");
  CHECK(runtime_error([] { return linalg::matrix_power(V(with_singular({4})), -1); }) ==
        "matrix_power: matrix 3 of the stack is singular");
}

TEST_CASE("norms and products say what they take", "[errors][errors_of_linalg]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          return linalg::norm(ones({2, 2}), "max");
        }) == "norm: unknown order \"max\"; the names are \"fro\" and \"nuc\"");
  CHECK(invalid_argument([] {
          return linalg::norm(ones({2, 2}), 3);
        }) ==
        "norm: matrices have no norm of order 3; there are 1, -1, 2, -2, inf, -inf, \"fro\" and "
        "\"nuc\"");
  CHECK(invalid_argument([] {
          return linalg::norm(ones({2, 2, 2}), 2);
        }) ==
        "norm: an order needs one axis, or two for matrices: the operand has shape (2, 2, 2)");
  CHECK(invalid_argument([] { return linalg::norm(ones({2}), "nuc"); }) ==
        "norm: \"nuc\" needs two axes: the operand has shape (2,)");
  CHECK(invalid_argument([] {
          return linalg::norm(ones({2, 0}), 2);
        }) == "norm: this norm needs elements: the operand has shape (2, 0)");
  CHECK(invalid_argument([] {
          return linalg::norm(ones({2, 3}), 2, {1, 1});
        }) == "norm: axis 1 is given twice");
  CHECK(invalid_argument([] {
          return linalg::cond(ones({2, 0}));
        }) == "cond: x has no elements: its shape is (2, 0)");
  CHECK(invalid_argument([] { return linalg::multi_dot({ones({2})}); }) ==
        "multi_dot: at least two arrays are needed, got 1");
  CHECK(
      invalid_argument([] {
        return linalg::multi_dot({ones({2, 2}), ones({2}), ones({2, 2})});
      }) ==
      "multi_dot: operands are matrices, the first and the last one may be vectors: operand 1 has "
      "shape (2,)");
}
