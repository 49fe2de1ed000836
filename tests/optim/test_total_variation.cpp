// optim::norm_tv: values by direct sums, proximal operator by hand and against its definition.
#include <cmath>

#include "tests/optim/proximal.hpp"

using expect::difference;
using expect::invalid_argument;
using proximal::prox;
using proximal::random_array;
using proximal::shortfall;

namespace {

using A = xt::xarray<double>;

/// As exact as double allows.
optim::Term<double> exact(int dimensions = 2, double lambda = 1) {
  return optim::norm_tv<double>(
      {.lambda = lambda, .dimensions = dimensions, .tolerance = 0, .maxit = 20000});
}

/// An image of one row.
template <class T = double>
xt::xarray<T> row(std::initializer_list<T> pixels) {
  xt::xarray<T> x = pixels;
  x.reshape({1, pixels.size()});
  return x;
}

/// The definition, voxel by voxel.
double total_variation(const A& x) {
  double total = 0;
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    for (std::size_t j = 0; j < x.shape(1); ++j) {
      for (std::size_t k = 0; k < x.shape(2); ++k) {
        const double at = x(i, j, k);
        const double di = i + 1 < x.shape(0) ? x(i + 1, j, k) - at : 0;
        const double dj = j + 1 < x.shape(1) ? x(i, j + 1, k) - at : 0;
        const double dk = k + 1 < x.shape(2) ? x(i, j, k + 1) - at : 0;
        total += std::sqrt(di * di + dj * dj + dk * dk);
      }
    }
  }
  return total;
}

}  // namespace

TEMPLATE_TEST_CASE("total variation of small images", "[optim][total_variation]", float, double) {
  using Array = xt::xarray<TestType>;
  const auto f = optim::norm_tv<TestType>({.lambda = 2});
  CHECK(f.name == "norm_tv");
  CHECK(f.eval(Array{{0, 1}, {2, 4}}) == Approx(2 * (std::sqrt(5.0) + 3 + 2)));
  CHECK(f.eval(row<TestType>({1, 5, 2})) == 14);
  CHECK(f.eval(Array{{1, 1}, {5, 5}, {2, 2}}) == 28);
  CHECK(f.eval(row<TestType>({7})) == 0);
  CHECK(f.eval(Array{{{0, 3}, {4, 9}}, {{1, 1}, {1, 1}}}) == 2 * (5 + 6 + 5));
}

TEST_CASE("total variation of volumes", "[optim][total_variation]") {
  const auto f = optim::norm_tv<double>({.dimensions = 3});
  const A x = random_array({3, 4, 5}, 1), y = random_array({3, 4, 5}, 2);
  CHECK(f.eval(x) == Approx(total_variation(x)));
  A both = xt::zeros<double>({2, 3, 4, 5});
  xt::view(both, 0) = x;
  xt::view(both, 1) = y;
  CHECK(f.eval(both) == Approx(total_variation(x) + total_variation(y)));
}

TEMPLATE_TEST_CASE("two pixels approach each other until they meet", "[optim][total_variation]",
                   float, double) {
  using Array = xt::xarray<TestType>;
  const auto f = optim::norm_tv<TestType>({.lambda = 2, .tolerance = 0, .maxit = 1000});
  Array x = row<TestType>({0, 10});
  f.prox(x, 1);
  CHECK(difference(x, row({2, 8}), 1e-5) == "");
  f.prox(x, 2);
  CHECK(difference(x, row({5, 5}), 1e-5) == "");
  Array column = row<TestType>({0, 10});
  column.reshape({2, 1});
  f.prox(column, 1);
  column.reshape({1, 2});
  CHECK(difference(column, row({2, 8}), 1e-5) == "");
}

TEST_CASE("levels of a step approach each other by step / number of pixels",
          "[optim][total_variation]") {
  A x = row({1, 1, 1, 5, 5}), expected = row({1.5, 1.5, 1.5, 4.25, 4.25});
  CHECK(difference(prox(exact(), x, 1.5), expected, 1e-9) == "");
  x.reshape({1, 1, 5});
  expected.reshape({1, 1, 5});
  CHECK(difference(prox(exact(3), x, 1.5), expected, 1e-9) == "");
}

TEST_CASE("with a large step only the mean is left", "[optim][total_variation]") {
  const A x = random_array({3, 4}, 1);
  const A mean = xt::ones_like(x) * xt::mean(x)();
  CHECK(difference(prox(exact(), x, 100), mean, 1e-9) == "");
  const A flat = 3 * xt::ones<double>({4, 4});
  CHECK(difference(prox(exact(), flat, 1), flat, 0) == "");
}

TEST_CASE("the proximal operator of total variation minimises what it should",
          "[optim][total_variation]") {
  CHECK(shortfall(exact(), random_array({5, 6}, 1), 0.4) < 1e-8);
  CHECK(shortfall(exact(2, 3), random_array({7, 2}, 2), 0.1) < 1e-8);
  CHECK(shortfall(exact(2), random_array({2, 3, 4}, 3), 0.4) < 1e-8);
  CHECK(shortfall(exact(3), random_array({3, 4, 2}, 4), 0.3) < 1e-8);
  CHECK(shortfall(exact(3), random_array({2, 3, 2, 3}, 5), 0.3) < 1e-8);
}

TEST_CASE("images of a stack do not mix", "[optim][total_variation]") {
  const A stack = random_array({3, 4, 5}, 1);
  const A result = prox(exact(), stack, 0.5);
  for (std::size_t i = 0; i < 3; ++i) {
    const A image = xt::view(stack, i), expected = xt::view(result, i);
    CHECK(difference(prox(exact(), image, 0.5), expected, 1e-8) == "");
  }
}

TEST_CASE("rows and columns play the same part", "[optim][total_variation]") {
  const A x = random_array({4, 6}, 1);
  const A turned = xt::transpose(x);
  const A result = prox(exact(), x, 0.5), expected = prox(exact(), turned, 0.5);
  CHECK(difference(A(xt::transpose(result)), expected, 1e-8) == "");
}

TEST_CASE("the default tolerance is good for pictures", "[optim][total_variation]") {
  A x = random_array({32, 32}, 1);
  for (std::size_t i = 0; i < 32; ++i) x(i, i) += 5;
  const A expected = prox(exact(), x, 0.3), result = prox(optim::norm_tv<double>(), x, 0.3);
  CHECK(difference(result, expected, 2e-3) == "");
  const xt::xarray<float> single = xt::cast<float>(x);
  xt::xarray<float> rounded = single;
  optim::norm_tv<float>().prox(rounded, 0.3f);
  CHECK(difference(rounded, expected, 2e-3) == "");
}

TEST_CASE("what is added to an image does not end its proximal operator earlier",
          "[optim][total_variation]") {
  const A x = random_array({16, 16}, 1), far = x + 1e6;
  const auto f = optim::norm_tv<double>();
  const A z = prox(f, x, 0.3);
  CHECK(difference(A(prox(f, far, 0.3) - 1e6), z, 1e-8) == "");
  A stack = xt::zeros<double>({2, 16, 16}), expected = stack;
  xt::view(stack, 0) = x;
  xt::view(stack, 1) = far;
  xt::view(expected, 0) = z;
  xt::view(expected, 1) = z + 1e6;
  CHECK(difference(prox(f, stack, 0.3), expected, 1e-8) == "");
}

TEST_CASE("a term serves arrays of several shapes in turn", "[optim][total_variation]") {
  const auto f = exact();
  for (int round = 0; round < 2; ++round) {
    CHECK(difference(prox(f, row({0, 10}), 2), row({2, 8}), 1e-9) == "");
    CHECK(difference(prox(f, {{5, 5}, {5, 5}}, 2), {{5, 5}, {5, 5}}, 1e-9) == "");
  }
}

TEST_CASE("options and arrays of total variation that make no sense", "[optim][total_variation]") {
  const auto error_of = [](optim::NormTV<double> options) {
    return invalid_argument([&] { optim::norm_tv(options); });
  };
  CHECK(error_of({.lambda = -1}) == "norm_tv: lambda must be 0 or positive, got -1");
  CHECK(error_of({.dimensions = 1}) == "norm_tv: dimensions must be 2 or 3, got 1");
  CHECK(error_of({.tolerance = -1}) == "norm_tv: tolerance must not be negative, got -1");
  CHECK(error_of({.maxit = 0}) == "norm_tv: maxit must be positive, got 0");
  CHECK(invalid_argument([] {
          optim::norm_tv<double>().eval({1, 2});
        }) == "norm_tv: x must have at least 2 axes: x has shape (2,)");
  CHECK(invalid_argument([] {
          optim::norm_tv<double>({.dimensions = 3}).eval(row({1, 2}));
        }) == "norm_tv: x must have at least 3 axes: x has shape (1, 2)");
}
