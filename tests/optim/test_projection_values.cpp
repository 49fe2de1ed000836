// Projections onto convex sets: values in closed form, special values, errors.
#include <autograd/autograd.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <optim/projections.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/support/expect.hpp"

using expect::difference;
using expect::invalid_argument;
using expect::out_of_range;
using optim::Projection;

namespace {

using A = xt::xarray<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
xt::xarray<T> projected(const Projection<T>& projection, xt::xarray<T> x) {
  projection(x);
  return x;
}

/// The message for an x that the projection refuses.
std::string refusal(const Projection<double>& projection, A x) {
  return invalid_argument([&] { projection(x); });
}

template <class T>
bool same_bits(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

}  // namespace

TEST_CASE("elements are clipped", "[optim][projections]") {
  CHECK((projected<double>(optim::box<double>(-1, 2), {-3, 0.5, 7}) == A{-1, 0.5, 2}));
  CHECK((projected<double>(optim::box<double>({-1, 0}, {1, infinity}), {-3, 9}) == A{-1, 9}));
  CHECK((projected<double>(optim::non_negative<double>(), {{-3, 0.5}, {0, 7}}) ==
         A{{0, 0.5}, {0, 7}}));
  CHECK(std::isnan(projected<double>(optim::box<double>(-1, 2), {not_a_number})(0)));
}

TEMPLATE_TEST_CASE("simplex is exact for large numbers and ties", "[optim][projections]", float,
                   double) {
  using Array = xt::xarray<TestType>;
  const auto project = [](const Array& x) { return projected(optim::simplex<TestType>(), x); };
  CHECK((project({5, 5, 5, 5}) == Array{0.25, 0.25, 0.25, 0.25}));
  CHECK((project({4194304, TestType(4194303.5), -3}) == Array{0.75, 0.25, 0}));
  CHECK((project({-4194304, TestType(-4194303.5)}) == Array{0.25, 0.75}));
  CHECK((project({-3, 7, -3}) == Array{0, 1, 0}));
  const TestType huge = std::numeric_limits<TestType>::max();
  CHECK((project({huge, -huge, huge, 0}) == Array{0.5, 0, 0.5, 0}));
}

TEST_CASE("simplex of many large numbers has the sum 1", "[optim][projections]") {
  A x = xt::zeros<double>({1000});
  for (std::size_t i = 0; i < x.size(); ++i) x(i) = 1e12 + 0.001 * static_cast<double>(i % 7);
  optim::simplex<double>()(x);
  double sum = 0;
  for (double element : x) sum += element;
  CHECK(std::abs(sum - 1) < 1e-13);
  CHECK(xt::amin(x)() >= 0);
}

TEST_CASE("simplex and l1_ball of size 0", "[optim][projections]") {
  CHECK((projected<double>(optim::simplex<double>(0), {1, -2, 3}) == A{0, 0, 0}));
  CHECK((projected<double>(optim::l1_ball<double>(0), {1, -2, 3}) == A{0, 0, 0}));
  CHECK((projected<double>(optim::l2_ball<double>(0), {1, -2, 3}) == A{0, 0, 0}));
}

TEMPLATE_TEST_CASE("balls in closed form", "[optim][projections]", float, double) {
  const double tolerance = 4 * std::numeric_limits<TestType>::epsilon();
  const auto l2 = [](std::optional<int> axis) { return optim::l2_ball<TestType>(5, axis); };
  CHECK(difference(projected<TestType>(l2({}), {30, -40}), {3, -4}, tolerance) == "");
  CHECK(difference(projected<TestType>(l2(0), {{3, 30}, {4, 40}}), {{3, 3}, {4, 4}}, tolerance) ==
        "");
  CHECK(difference(projected<TestType>(l2(1), {{3, 4}, {30, 40}}), {{3, 4}, {3, 4}}, tolerance) ==
        "");
  const auto l1 = optim::l1_ball<TestType>(3);
  CHECK(difference(projected<TestType>(l1, {4, -3, 0.5}), {2, -1, 0}, tolerance) == "");
  CHECK(difference(projected<TestType>(l1, {{-9, 0}, {0, 0}}), {{-3, 0}, {0, 0}}, tolerance) == "");
}

TEMPLATE_TEST_CASE("what lies inside stays, to the bit", "[optim][projections]", float, double) {
  const xt::xarray<TestType> x = {{TestType(0.1), -0.0}, {TestType(-0.3), TestType(1) / 3}};
  CHECK(same_bits(projected(optim::l2_ball<TestType>(1), x), x));
  CHECK(same_bits(projected(optim::l2_ball<TestType>(1, 0), x), x));
  CHECK(same_bits(projected(optim::l2_ball<TestType>(TestType(infinity)), x), x));
  CHECK(same_bits(projected(optim::l1_ball<TestType>(1), x), x));
  CHECK(same_bits(projected(optim::l1_ball<TestType>(TestType(infinity)), x), x));
  const xt::xarray<TestType> border = {3, 4};
  CHECK(same_bits(projected(optim::l2_ball<TestType>(5), border), border));
  CHECK(same_bits(projected(optim::l1_ball<TestType>(7), border), border));
}

TEST_CASE("l2_ball does not overflow", "[optim][projections]") {
  const auto ball = optim::l2_ball<double>(5);
  const double huge = std::numeric_limits<double>::max(), tiny = 5e-324;
  CHECK(difference(projected<double>(ball, {3e300, 4e300}), {3, 4}) == "");
  CHECK(difference(projected<double>(ball, {huge, huge}), {std::sqrt(12.5), std::sqrt(12.5)}) ==
        "");
  CHECK((projected<double>(ball, {tiny, tiny}) == A{tiny, tiny}));
  CHECK((projected<double>(optim::l2_ball<double>(huge), {huge / 2, 1}) == A{huge / 2, 1}));
}

TEST_CASE("affine in closed form", "[optim][projections]") {
  const auto sum_is_6 = optim::affine<double>({{1, 1, 1}}, {6});
  CHECK(difference(projected<double>(sum_is_6, {0, 0, 0}), {2, 2, 2}) == "");
  CHECK(difference(projected<double>(sum_is_6, {4, 1, -2}), {5, 2, -1}) == "");
  const auto point = optim::affine<double>({{2, 0}, {1, 1}}, {4, 5});
  CHECK(difference(projected<double>(point, {100, -100}), {2, 3}) == "");
  const auto everything = optim::affine<double>({{0, 0}}, {0});
  CHECK((projected<double>(everything, {100, -100}) == A{100, -100}));
}

TEMPLATE_TEST_CASE("affine holds from any distance", "[optim][projections]", float, double) {
  const auto sum_is_1 = optim::affine<TestType>({{1, 1, 1}}, {1});
  for (const TestType far : {1e4, 1e8, 1e16, 1e30}) {
    const xt::xarray<TestType> x = projected<TestType>(sum_is_1, {far, far, far});
    CHECK(difference(x, A{1, 1, 1} / 3, 2 * std::numeric_limits<TestType>::epsilon()) == "");
  }
}

TEMPLATE_TEST_CASE("affine accepts equal rows up to rounding", "[optim][projections]", float,
                   double) {
  const TestType a = TestType(1) / 3, b = TestType(1) / 7;
  const auto projection = optim::affine<TestType>({{a, b}, {3 * a, 3 * b}}, {a + b, 3 * a + 3 * b});
  const xt::xarray<TestType> x = projected<TestType>(projection, {2, 2});
  CHECK(std::abs(a * x(0) + b * x(1) - a - b) < 8 * std::numeric_limits<TestType>::epsilon());
}

TEST_CASE("fixed puts the values back", "[optim][projections]") {
  const auto projection = optim::fixed<double>({{true, false}}, {{0.1, 7}});
  CHECK((projected<double>(projection, {{5, 0.3}}) == A{{0.1, 0.3}}));
  CHECK((projected<double>(projection, {{not_a_number, 0.3}}) == A{{0.1, 0.3}}));
}

TEST_CASE("zero_diagonal of matrices that are not square", "[optim][projections]") {
  const auto projection = optim::zero_diagonal<double>();
  CHECK((projected<double>(projection, {{1, 2, 3}, {4, 5, 6}}) == A{{0, 2, 3}, {4, 0, 6}}));
  CHECK((projected<double>(projection, {{1, 2}, {3, 4}, {5, 6}}) == A{{0, 2}, {3, 0}, {5, 6}}));
}

TEMPLATE_TEST_CASE("positive_semidefinite in closed form", "[optim][projections]", float, double) {
  const double tolerance = 8 * std::numeric_limits<TestType>::epsilon();
  const auto projection = optim::positive_semidefinite<TestType>();
  CHECK(difference(projected<TestType>(projection, {{2, 0}, {0, -3}}), {{2, 0}, {0, 0}},
                   tolerance) == "");
  // Eigenvalues 3 and -1, eigenvectors (1, 1) and (1, -1).
  CHECK(difference(projected<TestType>(projection, {{1, 3}, {1, 1}}), {{1.5, 1.5}, {1.5, 1.5}},
                   tolerance) == "");
  CHECK(
      (projected<TestType>(projection, {{2, 0}, {2, 2}}) == xt::xarray<TestType>{{2, 1}, {1, 2}}));
  const auto empty = xt::xarray<TestType>::from_shape({0, 0});
  CHECK((projected<TestType>(projection, empty).shape() == empty.shape()));
}

TEST_CASE("an indicator is 0, its proximal operator the projection", "[optim][projections]") {
  const optim::Term<double> f = optim::indicator(optim::box<double>(0, 1), "pixels");
  A x = {-3, 0.5};
  CHECK(f.name == "pixels");
  CHECK(f.eval(x) == 0);
  CHECK(!f.value_and_grad);
  f.prox(x, 0.1);
  CHECK((x == A{0, 0.5}));
  CHECK(optim::indicator(optim::box<double>(0, 1)).name == "indicator");
}

TEST_CASE("projections refuse what makes no set", "[optim][projections]") {
  CHECK(invalid_argument([] { optim::box<double>(2, 1); }) ==
        "box: low must be at most high, got low = 2 and high = 1");
  CHECK(invalid_argument([] { optim::box<double>(not_a_number, 1); }) ==
        "box: low must be at most high, got low = nan and high = 1");
  CHECK(invalid_argument([] {
          optim::box<double>({1, 2}, {1, 1});
        }) == "box: low must be at most high: element 1 has low = 2 and high = 1");
  CHECK(invalid_argument([] {
          optim::box<double>({1, 2}, {3});
        }) == "box: shapes differ: low has shape (2,), high has shape (1,)");
  CHECK(invalid_argument([] { optim::simplex<double>(-1); }) ==
        "simplex: the total must be at least 0 and finite, got -1");
  CHECK(invalid_argument([] { optim::simplex<double>(infinity); }) ==
        "simplex: the total must be at least 0 and finite, got inf");
  CHECK(invalid_argument([] { optim::l2_ball<double>(not_a_number); }) ==
        "l2_ball: the radius must be at least 0, got nan");
  CHECK(invalid_argument([] { optim::l1_ball<double>(-1); }) ==
        "l1_ball: the radius must be at least 0, got -1");
  CHECK(invalid_argument([] {
          optim::fixed<double>({true, false}, {1});
        }) == "fixed: shapes differ: the mask has shape (2,), the values have shape (1,)");
  CHECK(invalid_argument([] { optim::indicator<double>({}); }) ==
        "indicator: the projection is empty");
}

TEST_CASE("affine refuses equations without a solution", "[optim][projections]") {
  CHECK(invalid_argument([] {
          optim::affine<double>({{1, 1}, {2, 2}}, {1});
        }) == "affine: A must be (m, n) and b (m): A has shape (2, 2), b has shape (1,)");
  CHECK(invalid_argument([] {
          optim::affine<double>({{0, 0}}, {4});
        }) == "affine: A x = b has no solution: at best, A x - b has norm 4");
  const auto parallel = [] { optim::affine<double>({{1, 1}, {1, 1}}, {1, 4}); };
  CHECK_THROWS_AS(parallel(), std::invalid_argument);
  CHECK(invalid_argument([] {
          optim::affine<double>({{1, not_a_number}}, {1});
        }) == "affine: A must be finite: element 1 of 2 is nan");
  CHECK(invalid_argument([] {
          optim::affine<double>({{1, 1}}, {infinity});
        }) == "affine: b must be finite: element 0 of 1 is inf");
}

TEST_CASE("projections refuse an x that does not fit", "[optim][projections]") {
  CHECK(refusal(optim::box<double>({1, 2}, {3, 4}), {{1, 2}}) ==
        "box: shapes differ: x has shape (1, 2), the bounds have shape (2,)");
  CHECK(refusal(optim::fixed<double>({true}, {1}), {1, 2}) ==
        "fixed: shapes differ: x has shape (2,), the values have shape (1,)");
  CHECK(refusal(optim::zero_diagonal<double>(), {1, 2}) ==
        "zero_diagonal: x must be a matrix: x has shape (2,)");
  CHECK(refusal(optim::positive_semidefinite<double>(), {{1, 2}}) ==
        "positive_semidefinite: x must be a square matrix: x has shape (1, 2)");
  CHECK(refusal(optim::affine<double>({{1, 2}}, {3}), {1, 2, 3}) ==
        "affine: x must have an element for each column of A: x has shape (3,), A has 2 columns");
  CHECK(refusal(optim::simplex<double>(), A::from_shape({0})) ==
        "simplex: vectors must have elements: x has shape (0,)");
  CHECK(refusal(optim::simplex<double>(1, 0), A::from_shape({0, 3})) ==
        "simplex: vectors must have elements: x has shape (0, 3)");
  A x = {1, 2};
  CHECK(out_of_range([&] { optim::simplex<double>(1, 1)(x); }) ==
        "simplex: axis 1 is out of range: the operand has shape (2,)");
  CHECK(out_of_range([&] { optim::l2_ball<double>(1, -2)(x); }) ==
        "l2_ball: axis -2 is out of range: the operand has shape (2,)");
}

TEST_CASE("projections refuse an x that is not finite", "[optim][projections]") {
  CHECK(refusal(optim::simplex<double>(), {1, not_a_number}) ==
        "simplex: x must be finite: element 1 of 2 is nan");
  CHECK(refusal(optim::l1_ball<double>(), {infinity, 1}) ==
        "l1_ball: x must be finite: element 0 of 2 is inf");
  CHECK(refusal(optim::l2_ball<double>(), {-infinity, 1}) ==
        "l2_ball: x must be finite: element 0 of 2 is -inf");
  CHECK(refusal(optim::affine<double>({{1, 2}}, {3}), {not_a_number, 1}) ==
        "affine: x must be finite: element 0 of 2 is nan");
  CHECK(refusal(optim::positive_semidefinite<double>(), {{1, 0}, {not_a_number, 1}}) ==
        "positive_semidefinite: x must be finite: element 2 of 4 is nan");
}
