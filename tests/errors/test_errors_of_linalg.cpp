// The errors of linear algebra: their types and full texts.
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <limits>
#include <string>

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
}
