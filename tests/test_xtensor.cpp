// xtensor as <autograd/xtensor.hpp> hands it out: right under C++20, whatever its version.
#include <autograd/xtensor.hpp>
#include <type_traits>

#include "catch.hpp"

TEST_CASE("an expression of xarrays evaluates to an xarray", "[xtensor]") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}};
  const auto sum = xt::eval(a + a);
  STATIC_REQUIRE(std::is_same_v<std::decay_t<decltype(sum)>, xt::xarray<double>>);
  const xt::xarray<double> expected = {{2, 4, 6}, {8, 10, 12}};
  CHECK((sum == expected));
  CHECK((xt::eval(xt::view(a, 1) - 1.0) == xt::xarray<double>{3, 4, 5}));
}

TEST_CASE("expressions of more than four dimensions evaluate", "[xtensor]") {
  const xt::xarray<float> a = xt::ones<float>({1, 2, 1, 2, 1, 2});
  const auto sum = xt::eval(a + 2 * a);
  CHECK(sum.dimension() == 6);
  CHECK(xt::sum(sum)() == 24);
}

TEST_CASE("an expression of xtensors keeps its rank", "[xtensor]") {
  const xt::xtensor<double, 2> a = {{1, 2}, {3, 4}};
  const auto product = xt::eval(a * a);
  CHECK(product(1, 1) == 16);
}
