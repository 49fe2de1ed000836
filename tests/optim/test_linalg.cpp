// Matrix decompositions: A comes back, and what should be orthonormal is.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <optim/base/linalg.hpp>
#include <stdexcept>

#include "tests/optim/projection_sets.hpp"
#include "tests/support/expect.hpp"

using expect::difference;
using expect::error_of;
using expect::invalid_argument;
using optim::detail::matmul;
using projection_sets::random_array;

namespace {

using A = xt::xarray<double>;

template <class T>
constexpr double rounding = 100 * std::numeric_limits<T>::epsilon();

template <class T>
xt::xarray<T> transposed(const xt::xarray<T>& x) {
  return xt::transpose(x);
}

template <class T>
xt::xarray<T> diagonal(const xt::xarray<T>& x) {
  xt::xarray<T> result = xt::zeros<T>({x.size(), x.size()});
  for (std::size_t i = 0; i < x.size(); ++i) result(i, i) = x(i);
  return result;
}

template <class T>
void check_orthonormal_rows(const xt::xarray<T>& x) {
  CHECK(difference(matmul(x, transposed(x)), xt::eye<double>(x.shape(0)), rounding<T>) == "");
}

template <class T>
void check_descending(const xt::xarray<T>& s) {
  for (std::size_t i = 0; i < s.size(); ++i) CHECK((i == 0 ? s(i) >= 0 : s(i) <= s(i - 1)));
}

}  // namespace

TEMPLATE_TEST_CASE("eigh in closed form", "[optim][linalg]", float, double) {
  const xt::xarray<TestType> x = {{1, 2}, {2, 1}};
  const auto eigh = optim::detail::eigh(x);
  CHECK(difference(eigh.values, {-1, 3}, rounding<TestType>) == "");
  CHECK(std::abs(eigh.vectors(0, 0) + eigh.vectors(1, 0)) < rounding<TestType>);
  CHECK(std::abs(eigh.vectors(0, 1) - eigh.vectors(1, 1)) < rounding<TestType>);
}

TEMPLATE_TEST_CASE("eigh puts symmetric matrices together again", "[optim][linalg]", float,
                   double) {
  for (std::size_t n : {1, 2, 7, 40}) {
    const auto half = random_array<TestType>({n, n}, -1, 1);
    const xt::xarray<TestType> x = half + xt::transpose(half);
    const auto eigh = optim::detail::eigh(x);
    const auto scaled = matmul(eigh.vectors, diagonal(eigh.values));
    CHECK(difference(matmul(scaled, transposed(eigh.vectors)), x, rounding<TestType>) == "");
    check_orthonormal_rows(transposed(eigh.vectors));
    CHECK(std::is_sorted(eigh.values.begin(), eigh.values.end()));
  }
}

TEST_CASE("eigh reads the lower triangle", "[optim][linalg]") {
  const A x = {{1, 100}, {2, 1}};
  CHECK(difference(optim::detail::eigh(x).values, {-1, 3}) == "");
}

TEMPLATE_TEST_CASE("svd in closed form", "[optim][linalg]", float, double) {
  const auto svd = optim::detail::svd<TestType>({{3, 0}, {0, -5}, {0, 0}});
  CHECK(difference(svd.s, {5, 3}, rounding<TestType>) == "");
}

TEMPLATE_TEST_CASE("svd puts matrices together again", "[optim][linalg]", float, double) {
  for (std::size_t m : {1, 3, 20}) {
    for (std::size_t n : {1, 4, 20}) {
      const auto x = random_array<TestType>({m, n}, -1, 1);
      const auto svd = optim::detail::svd(x);
      const auto scaled = matmul(svd.U, diagonal(svd.s));
      CHECK(difference(matmul(scaled, svd.Vt), x, rounding<TestType>) == "");
      check_orthonormal_rows(transposed(svd.U));
      check_orthonormal_rows(svd.Vt);
      check_descending(svd.s);
    }
  }
}

TEST_CASE("empty matrices", "[optim][linalg]") {
  const A empty = A::from_shape({0, 3}), square = A::from_shape({0, 0});
  CHECK(optim::detail::eigh(square).values.size() == 0);
  CHECK(optim::detail::svd(empty).s.size() == 0);
  CHECK((matmul(A(transposed(empty)), empty) == xt::zeros<double>({3, 3})));
}

TEMPLATE_TEST_CASE("matmul in closed form", "[optim][linalg]", float, double) {
  const xt::xarray<TestType> a = {{1, 2, 3}, {4, 5, 6}}, b = {{1, 0}, {10, 1}, {100, 0}};
  CHECK((matmul(a, b) == xt::xarray<TestType>{{321, 2}, {654, 5}}));
}

TEST_CASE("decompositions refuse what they cannot decompose", "[optim][linalg]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(invalid_argument([] {
          optim::detail::svd<double>({1, 2});
        }) == "svd: A must be a matrix: A has shape (2,)");
  CHECK(invalid_argument([] {
          optim::detail::eigh<double>({{1, 2}});
        }) == "eigh: A must be square: A has shape (1, 2)");
  CHECK(invalid_argument([&] {
          optim::detail::eigh<double>({{1, 0}, {nan, 1}});
        }) == "eigh: A must be finite: element 2 of 4 is nan");
  CHECK(invalid_argument([&] {
          optim::detail::svd<double>({{1, nan}});
        }) == "svd: A must be finite: element 1 of 2 is nan");
  CHECK(invalid_argument([] {
          matmul<double>({{1, 2}}, {{1, 2}});
        }) == "matmul: shapes do not fit: A has shape (1, 2), B has shape (1, 2)");
  CHECK(error_of<std::runtime_error>([] { optim::detail::check_lapack("svd", 3); }) ==
        "svd: LAPACK did not converge: info is 3");
}
