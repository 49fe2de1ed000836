// Proximal operators with large and small steps and numbers: no digits are lost.
#include <limits>

#include "tests/optim/proximal.hpp"

using expect::difference;
using proximal::prox;

namespace {

using A = xt::xarray<double>;

}  // namespace

TEMPLATE_TEST_CASE("the proximal operator of norm_l2 is exact for any step",
                   "[optim][proximal_digits]", float, double) {
  using Array = xt::xarray<TestType>;
  const double tolerance = 32 * std::numeric_limits<TestType>::epsilon();
  // w A = U diag(5, 10) V^T, with the columns of V and U (0.6, 0.8, 0), (-0.8, 0.6, 0) and
  // (0.6, 0.8), (-0.8, 0.6). The third element of x is nothing to A.
  const Array a = {{TestType(8.2), -TestType(2.4), 0}, {-TestType(1.2), TestType(3.4), 0}};
  const Array weights = {1, 2}, y = {TestType(0.5), -1}, x = {3, -2, 7};
  const auto f =
      optim::norm_l2<TestType>({.lambda = TestType(0.5), .A = a, .y = y, .weights = weights});
  const A U = {{0.6, -0.8}, {0.8, 0.6}}, V = U, wy = {0.5, -2};
  for (const double step : {0.0, 1e-8, 1e-3, 1.0, 1e2, 1e4, 1e6, 1e8, 1e12, 1e16, 1e30, 1e38}) {
    CAPTURE(step);
    A expected = {0, 0, 7};
    for (std::size_t i = 0; i < 2; ++i) {
      const double s = i == 0 ? 5 : 10, t = V(0, i) * x(0) + V(1, i) * x(1);
      const double image = U(0, i) * wy(0) + U(1, i) * wy(1);
      const double z = (t + step * s * image) / (1 + step * s * s);
      for (std::size_t j = 0; j < 2; ++j) expected(j) += V(j, i) * z;
    }
    Array z = x;
    f.prox(z, static_cast<TestType>(step));
    CHECK(difference(xt::cast<double>(z), expected, tolerance) == "");
  }
}

TEMPLATE_TEST_CASE("without a matrix norm_l2 is exact for any step", "[optim][proximal_digits]",
                   float, double) {
  using Array = xt::xarray<TestType>;
  const auto f =
      optim::norm_l2<TestType>({.lambda = TestType(0.5), .y = {10, -3}, .weights = {2, 0}});
  for (const double step : {0.0, 1e-8, 1.0, 1e8, 1e16, 3e38}) {
    Array z = {1, 2};
    f.prox(z, static_cast<TestType>(step));
    CHECK(difference(xt::cast<double>(z), {(1 + 4 * step * 10) / (1 + 4 * step), 2},
                     4 * std::numeric_limits<TestType>::epsilon()) == "");
  }
}

TEMPLATE_TEST_CASE("norm_l1 far from 0 loses no digits of x", "[optim][proximal_digits]", float,
                   double) {
  using Array = xt::xarray<TestType>;
  const TestType tiny = TestType(1e-3), far = TestType(1e20);
  const auto f = optim::norm_l1<TestType>({.lambda = tiny, .y = {far, -far, 0, far}});
  Array x = {2 * tiny, 2 * tiny, 2 * tiny, far};
  f.prox(x, 1);
  CHECK(difference(xt::cast<double>(x), {3e-3, 1e-3, 1e-3, double(far)}, 1e-9) == "");
  f.prox(x, 0);
  CHECK(difference(xt::cast<double>(x), {3e-3, 1e-3, 1e-3, double(far)}, 1e-9) == "");
}

TEST_CASE("norm_l21 does not overflow", "[optim][proximal_digits]") {
  const auto f = optim::norm_l21<double>();
  CHECK(f.eval(A{3e200, 4e200}) == Approx(5e200));
  CHECK(difference(prox(f, {3e200, 4e200}, 2.5e200) / 1e200, {1.5, 2}) == "");
}
