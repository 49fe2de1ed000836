/// Convolution and pooling beside the table: small cases by hand, kinks, and identities.
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::Array;
using expect::difference;

namespace {

using V = ag::Var<double>;

/// f of arrays, as an array.
template <class F, class... A>
Array evaluated(const F& f, const A&... x) {
  return ag::evaluate(f)(x...);
}

}  // namespace

TEST_CASE("conv2d turns the kernel, correlate2d does not", "[ops][conv]") {
  const Array x = {{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}, kernel = {{1, 2}, {3, 4}};
  const auto conv = [](const V& a, const V& k) { return ag::conv2d(a, k); };
  const auto correlate = [](const V& a, const V& k) { return ag::correlate2d(a, k); };
  CHECK(difference(evaluated(conv, x, kernel), {{1, 2}, {3, 4}}) == "");
  CHECK(difference(evaluated(correlate, x, kernel), {{4, 3}, {2, 1}}) == "");
}

TEST_CASE("full convolution is the product of polynomials, and commutes", "[ops][conv]") {
  const Array a = {{1, 2}, {0, 3}}, b = {{2, 0, 1}, {1, 1, 0}};
  const auto full = [](const V& x, const V& y) {
    return ag::conv2d(x, y, {.padding = ag::Padding::full});
  };
  CHECK(difference(evaluated(full, a, b), {{2, 4, 1, 2}, {1, 9, 2, 3}, {0, 3, 3, 0}}) == "");
  CHECK(difference(evaluated(full, b, a), evaluated(full, a, b)) == "");
}

TEST_CASE("the Prewitt filter finds the slope of a plane", "[ops][conv]") {
  Array plane = xt::zeros<double>({6, 70});
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 70; ++j) plane(i, j) = 2.0 * double(i) - 3.0 * double(j);
  }
  const Array across = {{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}};
  const auto correlate = [](const V& x, const V& k) { return ag::correlate2d(x, k) / 6; };
  CHECK(difference(evaluated(correlate, plane, across), Array(-3 * xt::ones<double>({4, 68}))) ==
        "");
  const Array down = xt::transpose(across);
  CHECK(difference(evaluated(correlate, plane, down), Array(2 * xt::ones<double>({4, 68}))) == "");
}

TEST_CASE("a grouped correlation is that of each group", "[ops][conv]") {
  const Array x = xt::reshape_view(xt::arange<double>(2 * 4 * 5 * 6), {2, 4, 5, 6});
  const Array kernel = xt::sin(xt::reshape_view(xt::arange<double>(6 * 2 * 3 * 2), {6, 2, 3, 2}));
  const auto grouped = [](const V& a, const V& k) { return ag::correlate2d(a, k, {.groups = 2}); };
  const auto separate = [](const V& a, const V& k) {
    const auto images = ag::split(a, 2, 1), kernels = ag::split(k, 2, 0);
    return ag::concatenate(
        {ag::correlate2d(images[0], kernels[0]), ag::correlate2d(images[1], kernels[1])}, 1);
  };
  CHECK(difference(evaluated(grouped, x, kernel), evaluated(separate, x, kernel)) == "");
}

TEST_CASE("the same padding has its extra zero after", "[ops][conv]") {
  const Array x = {{1, 2, 3, 4}}, kernel = {{10, 1}};
  const auto same = [](const V& a, const V& k) {
    return ag::correlate2d(a, k, {.padding = ag::Padding::same});
  };
  CHECK(difference(evaluated(same, x, kernel), {{12, 23, 34, 40}}) == "");
}

TEST_CASE("equal maxima of a window share the gradient", "[ops][conv][kinks]") {
  const auto pool = [](const V& x) { return ag::sum(ag::max_pool2d(x, 2)); };
  const Array x = {{1, 1, 5, 2}, {1, 0, 5, 2}};
  CHECK(difference(ag::grad(pool)(x), {{1.0 / 3, 1.0 / 3, 0.5, 0}, {1.0 / 3, 0, 0.5, 0}}) == "");
}

TEST_CASE("an element counts in every window that it lies in", "[ops][conv]") {
  const Array x = {{1, 2, 9, 3}, {4, 5, 6, 7}};
  const auto largest = [](const V& a) { return ag::sum(ag::max_pool2d(a, 2, 1)); };
  CHECK(difference(ag::grad(largest)(x), {{0, 0, 2, 0}, {0, 1, 0, 0}}) == "");
  const auto mean = [](const V& a) { return ag::sum(ag::avg_pool2d(a, 2, 1)); };
  CHECK(difference(ag::grad(mean)(x), {{0.25, 0.5, 0.5, 0.25}, {0.25, 0.5, 0.5, 0.25}}) == "");
}

TEST_CASE("a NaN wins in its window only", "[ops][conv]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array x = {{1, nan, 5, 2}, {1, 0, 5, 2}};
  const Array y = evaluated([](const V& a) { return ag::max_pool2d(a, 2); }, x);
  CHECK(std::isnan(y(0, 0)));
  CHECK(y(0, 1) == 5);
}

TEST_CASE("third derivatives through convolutions", "[ops][conv]") {
  const Array x = {{0.3, -0.5, 0.2}, {0.1, 0.7, -0.4}}, kernel = {{0.6, -0.2}, {0.9, 0.4}};
  const auto f = [](const V& a, const V& k) {
    return ag::sum(ag::tanh(ag::conv2d(ag::tanh(ag::conv2d(a, k)), k, {.padding = 1})));
  };
  CHECK_NOTHROW(ag::check_gradients(f, {x, kernel}, {.order = 3}));
}
