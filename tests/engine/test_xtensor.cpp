// xtensor as <autograd/xtensor.hpp> hands it out: right under C++20, whatever its version.
#include <autograd/xtensor.hpp>
#include <type_traits>

#include "tests/support/catch.hpp"

TEST_CASE("an expression of xarrays evaluates to an xarray", "[engine][xtensor]") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}};
  const auto sum = xt::eval(a + a);
  STATIC_REQUIRE(std::is_same_v<std::decay_t<decltype(sum)>, xt::xarray<double>>);
  const xt::xarray<double> expected = {{2, 4, 6}, {8, 10, 12}};
  CHECK((sum == expected));
  CHECK((xt::eval(xt::view(a, 1) - 1.0) == xt::xarray<double>{3, 4, 5}));
}

TEST_CASE("expressions of more than four dimensions evaluate", "[engine][xtensor]") {
  const xt::xarray<float> a = xt::ones<float>({1, 2, 1, 2, 1, 2});
  const auto sum = xt::eval(a + 2 * a);
  CHECK(sum.dimension() == 6);
  CHECK(xt::sum(sum)() == 24);
}

TEST_CASE("an expression of xtensors keeps its rank", "[engine][xtensor]") {
  const xt::xtensor<double, 2> a = {{1, 2}, {3, 4}};
  const auto product = xt::eval(a * a);
  CHECK(product(1, 1) == 16);
}

TEST_CASE("expressions of views evaluate", "[engine][xtensor]") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}};
  const auto columns = xt::eval(xt::view(a, xt::all(), xt::range(1, 3)) * 2.0);
  CHECK((columns == xt::xarray<double>{{4, 6}, {10, 12}}));
  const auto turned = xt::eval(xt::transpose(a) + 1.0);
  CHECK((turned == xt::xarray<double>{{2, 5}, {3, 6}, {4, 7}}));
  const xt::xtensor<double, 3> t = xt::ones<double>({2, 3, 4});
  const auto planes = xt::eval(xt::view(t, 0) + xt::view(t, 1));
  CHECK(planes.dimension() == 2);
  CHECK((planes == 2 * xt::ones<double>({3, 4})));
}

TEST_CASE("reductions and functions evaluate", "[engine][xtensor]") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}};
  CHECK((xt::eval(xt::sum(a, {1})) == xt::xarray<double>{6, 15}));
  CHECK((xt::eval(xt::maximum(a, 3.0) - a) == xt::xarray<double>{{2, 1, 0}, {0, 0, 0}}));
  CHECK((xt::eval(xt::cast<float>(a) + 0.5f) == xt::cast<float>(a + 0.5)));
}

TEST_CASE("containers of different kinds meet in an expression", "[engine][xtensor]") {
  const xt::xarray<double> a = {{1, 2}, {3, 4}};
  const xt::xtensor<double, 1> b = {10, 20};
  const xt::xarray<double, xt::layout_type::column_major> c = a;
  const xt::xarray<double> expected = {{12, 24}, {16, 28}};
  CHECK((xt::eval(a + b + c) == expected));
  CHECK((xt::eval(c + b + a) == expected));
  CHECK((xt::eval(c + c) == 2 * a));
}

TEST_CASE("assignments of expressions to what they read", "[engine][xtensor]") {
  xt::xarray<double> a = {1, 2, 3};
  a = a + a * a;
  CHECK((a == xt::xarray<double>{2, 6, 12}));
  a += xt::flip(a, 0);
  CHECK((a == xt::xarray<double>{14, 12, 14}));
  xt::view(a, xt::range(0, 2)) = xt::view(a, xt::range(1, 3)) * 2.0;
  CHECK((a == xt::xarray<double>{24, 28, 14}));
}
