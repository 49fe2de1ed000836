// The losses of Direct Intrinsics against plain loops.
#include <autograd/autograd.hpp>
#include <optim/losses.hpp>
#include <type_traits>

#include "tests/optim/losses.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using namespace losses;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using expect::difference;
using expect::invalid_argument;
using optim::Border;
using optim::GradientFilter;

namespace {

/// Of one sample, over the valid elements.
double scale_invariant_by_loops(const A& y_true, const A& y_pred, const A& mask, double lambda) {
  double n = 0, squares = 0, sum = 0;
  for (std::size_t i = 0; i < y_true.size(); ++i) {
    if (mask.flat(i) == 0) continue;
    const double y = y_true.flat(i) - y_pred.flat(i);
    n += 1, squares += y * y, sum += y;
  }
  return n == 0 ? 0 : squares / n - lambda * sum * sum / (n * n);
}

/// The kernels of both filters as matrices, along the rows; element (1, 1) is the centre.
A kernel_of(GradientFilter filter) {
  if (filter == GradientFilter::prewitt) return {{-1, -1, -1}, {0, 0, 0}, {1, 1, 1}};
  return {{0, 0, 0}, {0, -1, 0}, {0, 1, 0}};
}

/// y with axes (image, row, column); zeros outside of the images.
double gradient_by_loops(const A& y, GradientFilter filter, Border border) {
  const A kernel = kernel_of(filter);
  const int height = y.shape(1), width = y.shape(2);
  const int before = border == Border::valid && filter == GradientFilter::prewitt;
  const int after = border == Border::valid;
  const auto at = [&](int b, int i, int j) {
    return i < 0 || j < 0 || i >= height || j >= width ? 0 : y(b, i, j);
  };
  double total = 0, count = 0;
  for (int b = 0; b < int(y.shape(0)); ++b) {
    for (int i = before; i < height - after; ++i) {
      for (int j = before; j < width - after; ++j, ++count) {
        double d_i = 0, d_j = 0;
        for (int k = 0; k < 9; ++k) {
          const double pixel = at(b, i + k / 3 - 1, j + k % 3 - 1);
          d_i += kernel(k / 3, k % 3) * pixel;
          d_j += kernel(k % 3, k / 3) * pixel;
        }
        total += d_i * d_i + d_j * d_j;
      }
    }
  }
  return total / count;
}

}  // namespace

TEMPLATE_TEST_CASE("scale-invariant L2, averaged over the batch", "[optim][losses]", float,
                   double) {
  const auto y = wave<TestType>({3, 2, 4}, 0), p = wave<TestType>({3, 2, 4}, 2);
  for (double lambda : {0.0, 0.5, 1.0}) {
    double expected = 0;
    for (int b = 0; b < 3; ++b) {
      const A t = xt::view(y, b), q = xt::view(p, b);
      expected += scale_invariant_by_loops(t, q, xt::ones_like(t), lambda) / 3;
    }
    const auto loss = [&](auto a, auto c) {
      return optim::scale_invariant_l2(a, c, {.lambda = lambda});
    };
    CHECK_THAT(value(loss, y, p), WithinRel(expected, tolerance<TestType>));
  }
  CHECK(
      value(scale_invariant, y, p) ==
      value([](auto a, auto b) { return optim::scale_invariant_l2(a, b, {.lambda = 0.5}); }, y, p));
}

TEST_CASE("scale-invariant L2 at known values", "[optim][losses]") {
  CHECK(value(scale_invariant, A{{1, 3}, {2, 2}}, A{{0, 0}, {0, 0}}) == (5 - 2 + 4 - 2) / 2.0);
  CHECK(value(scale_invariant, A{2, 4}, A{0, 0}) == (2 + 8) / 2.0);  // samples of one element
  CHECK(value(scale_invariant, A::from_shape({2, 0}), A::from_shape({2, 0})) == 0);
}

TEST_CASE("with lambda = 1 a shift of each prediction changes nothing", "[optim][losses]") {
  const A y = wave({2, 3, 4}, 0), p = wave({2, 3, 4}, 2);
  const A shift = xt::reshape_view(A{0.75, -2}, {2, 1, 1});
  const auto loss = [](auto a, auto b) { return optim::scale_invariant_l2(a, b, {.lambda = 1}); };
  CHECK_THAT(value(loss, y, A(p + shift)), WithinRel(value(loss, y, p), 1e-13));
  CHECK_THAT(value(loss, y, A(y + shift)), WithinAbs(0, 1e-14));
  CHECK(value(scale_invariant, y, A(p + shift)) > value(scale_invariant, y, p) + 0.1);
}

TEMPLATE_TEST_CASE("a mask leaves out elements, whatever they hold", "[optim][losses]", float,
                   double) {
  using X = xt::xarray<TestType>;
  X y = wave<TestType>({3, 2, 2, 3}, 0), p = wave<TestType>({3, 2, 2, 3}, 2);
  X mask = {{{{1, 0, 1}, {1, 1, 0}}}, {{{0, 0, 0}, {0, 0, 0}}}, {{{1, 1, 1}, {1, 1, 1}}}};
  A full = mask * xt::ones<TestType>({3, 2, 2, 3});
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (full.flat(i) == 0) y.flat(i) = static_cast<TestType>(no_number);
  }
  double expected = 0;
  for (int b = 0; b < 3; ++b) {
    expected += scale_invariant_by_loops(xt::view(y, b), xt::view(p, b), xt::view(full, b), 0.5);
  }
  const auto loss = [&](auto a, auto b) { return optim::scale_invariant_l2(a, b, mask); };
  CHECK_THAT(value(loss, y, p), WithinRel(expected / 3, tolerance<TestType>));

  const auto of_pred = [&](const ag::Var<TestType>& x) { return loss(y, x); };
  const A g = ag::grad(of_pred)(p);
  for (std::size_t i = 0; i < y.size(); ++i) CHECK((g.flat(i) == 0) == (full.flat(i) == 0));
  ag::check_gradients(of_pred, {p}, {.order = std::is_same_v<TestType, float> ? 1 : 2});
  const A by_true =
      ag::grad([&](const ag::Var<TestType>& x) { return loss(x, ag::Var<TestType>(p)); })(y);
  CHECK((by_true == -g));
  mask.fill(2);  // anything but 0 is valid
  const X known = wave<TestType>({3, 2, 2, 3}, 1);
  CHECK_THAT(value(loss, known, p),
             WithinRel(double(value(scale_invariant, known, p)), tolerance<TestType>));
}

TEMPLATE_TEST_CASE("gradient L2 against direct sums", "[optim][losses]", float, double) {
  const auto filter = GENERATE(GradientFilter::prewitt, GradientFilter::difference);
  const auto border = GENERATE(Border::valid, Border::same);
  const auto y = wave<TestType>({2, 3, 5, 4}, 0), p = wave<TestType>({2, 3, 5, 4}, 2);
  const A e = xt::reshape_view(A(y) - A(p), {6, 5, 4});
  const double expected = gradient_by_loops(e, filter, border);
  const auto loss = [&](double scale) {
    return [=](auto a, auto b) {
      return optim::gradient_l2(a, b, {.filter = filter, .scale = scale, .border = border});
    };
  };
  CHECK_THAT(value(loss(1), y, p), WithinRel(expected, tolerance<TestType>));
  CHECK_THAT(value(loss(0.5), y, p), WithinRel(expected / 4, tolerance<TestType>));
  const xt::xarray<TestType> image = xt::view(y, 1, 2), zero = xt::zeros_like(image);
  CHECK_THAT(value(loss(1), image, zero),
             WithinRel(gradient_by_loops(xt::view(A(y), 1, xt::range(2, 3)), filter, border),
                       tolerance<TestType>));
  const auto of_pred = [&](const ag::Var<TestType>& x) { return loss(1)(y, x); };
  ag::check_gradients(of_pred, {p}, {.order = std::is_same_v<TestType, float> ? 1 : 2});
}

TEST_CASE("gradient L2 of a ramp", "[optim][losses]") {
  A ramp = A::from_shape({4, 5});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j) ramp(i, j) = 2 * i - 3 * j;
  }
  const auto loss = [&](optim::GradientL2Options options) {
    return value([=](auto a, auto b) { return optim::gradient_l2(a, b, options); }, ramp,
                 A(xt::zeros_like(ramp)));
  };
  CHECK(loss({}) == 36 * (4 + 9));
  CHECK_THAT(loss({.scale = 1.0 / 6}), WithinRel(4 + 9.0, 1e-14));
  CHECK(loss({.filter = GradientFilter::difference}) == 4 + 9);
  CHECK(value(gradient, ramp, A(ramp + 7)) == 0);
}

TEST_CASE("options and images that make no sense are errors", "[optim][losses]") {
  const A x = xt::zeros<double>({2, 3});
  const auto large = [](auto a, auto b) { return optim::scale_invariant_l2(a, b, {.lambda = 2}); };
  CHECK(invalid_argument([&] { value(large, x, x); }) ==
        "scale_invariant_l2: lambda must be in [0, 1], got 2");
  CHECK(invalid_argument([&] { value(scale_invariant, A(1.0), A(1.0)); }) ==
        "scale_invariant_l2: the first axis is the batch: y_true has shape ()");
  const A mask = {1, 0};
  const auto masked = [&](auto a, auto b) { return optim::scale_invariant_l2(a, b, mask); };
  CHECK(invalid_argument([&] { value(masked, x, x); }) ==
        "scale_invariant_l2: the mask does not broadcast: mask has shape (2,), y_true has shape "
        "(2, 3)");
  CHECK(invalid_argument([&] {
          value(gradient, A{1, 2}, A{1, 2});
        }) == "gradient_l2: images have two axes: y_true has shape (2,)");
  CHECK(invalid_argument([&] { value(gradient, x, x); }) ==
        "gradient_l2: images must have at least 3 x 3 pixels: y_true has shape (2, 3)");
  const auto differences = [](auto a, auto b) {
    return optim::gradient_l2(a, b, {.filter = GradientFilter::difference});
  };
  const A column = xt::ones<double>({4, 1}), nothing = xt::zeros<double>({4, 1});
  CHECK(invalid_argument([&] { value(differences, column, column); }) ==
        "gradient_l2: images must have at least 2 x 2 pixels: y_true has shape (4, 1)");
  const auto everywhere = [](auto a, auto b) {
    return optim::gradient_l2(a, b, {.border = Border::same});
  };
  CHECK(value(everywhere, column, nothing) == (1 + 0 + 0 + 1) / 4.0);
  const A empty = A::from_shape({1, 0, 4});
  CHECK(invalid_argument([&] { value(everywhere, empty, empty); }) ==
        "gradient_l2: images must have at least 1 x 1 pixels: y_true has shape (1, 0, 4)");
}
