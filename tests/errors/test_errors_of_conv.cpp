// The errors of correlation, convolution and pooling: their full texts.
#include <autograd/autograd.hpp>
#include <string>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::invalid_argument;

namespace {

using V = ag::Var<double>;

V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }

std::string correlating(const ag::Extents& x, const ag::Extents& kernel,
                        const ag::Conv& options = {}) {
  return invalid_argument([&] { return ag::correlate2d(ones(x), ones(kernel), options); });
}

}  // namespace

TEST_CASE("correlate2d takes two arrays of four axes or two matrices", "[errors][errors_of_conv]") {
  const ag::Trace trace;
  CHECK(correlating({2, 3, 8, 8}, {3, 3}) ==
        "correlate2d: needs two arrays of four axes, or two matrices: x has shape (2, 3, 8, 8), "
        "kernel has shape (3, 3)");
  CHECK(correlating({3, 8, 8}, {3, 3, 3}) ==
        "correlate2d: needs two arrays of four axes, or two matrices: x has shape (3, 8, 8), "
        "kernel has shape (3, 3, 3)");
  CHECK(invalid_argument([] {
          return ag::conv2d(ones({8, 8}), V(1));
        }) ==
        "conv2d: needs two arrays of four axes, or two matrices: x has shape (8, 8), "
        "kernel has shape ()");
}

TEST_CASE("correlate2d compares channels, filters and groups", "[errors][errors_of_conv]") {
  const ag::Trace trace;
  CHECK(correlating({2, 3, 8, 8}, {4, 2, 3, 3}) ==
        "correlate2d: channels differ: x has shape (2, 3, 8, 8), kernel has shape (4, 2, 3, 3); "
        "x.shape[1] / groups = 3 must equal kernel.shape[1] = 2");
  CHECK(correlating({2, 4, 8, 8}, {4, 4, 3, 3}, {.groups = 2}) ==
        "correlate2d: channels differ: x has shape (2, 4, 8, 8), kernel has shape (4, 4, 3, 3); "
        "x.shape[1] / groups = 2 must equal kernel.shape[1] = 4");
  const std::string two_groups =
      "correlate2d: channels and filters do not divide into 2 groups: x has shape ";
  CHECK(correlating({2, 3, 8, 8}, {4, 1, 3, 3}, {.groups = 2}) ==
        two_groups + "(2, 3, 8, 8), kernel has shape (4, 1, 3, 3)");
  CHECK(correlating({2, 4, 8, 8}, {3, 2, 3, 3}, {.groups = 2}) ==
        two_groups + "(2, 4, 8, 8), kernel has shape (3, 2, 3, 3)");
  CHECK(correlating({8, 8}, {3, 3}, {.groups = 2}) ==
        two_groups + "(8, 8), kernel has shape (3, 3)");
  CHECK(correlating({2, 3, 8, 8}, {4, 3, 3, 3}, {.groups = 0}) ==
        "correlate2d: channels and filters do not divide into 0 groups: x has shape "
        "(2, 3, 8, 8), kernel has shape (4, 3, 3, 3)");
}

TEST_CASE("correlate2d checks stride and padding", "[errors][errors_of_conv]") {
  const ag::Trace trace;
  CHECK(correlating({8, 8}, {3, 3}, {.stride = 0}) ==
        "correlate2d: stride must be one or two numbers of at least 1, got (0,)");
  CHECK(correlating({8, 8}, {3, 3}, {.stride = {1, -2}}) ==
        "correlate2d: stride must be one or two numbers of at least 1, got (1, -2)");
  CHECK(correlating({8, 8}, {3, 3}, {.stride = {1, 1, 1}}) ==
        "correlate2d: stride must be one or two numbers of at least 1, got (1, 1, 1)");
  CHECK(correlating({8, 8}, {3, 3}, {.padding = -1}) ==
        "correlate2d: padding must be one or two numbers of at least 0, got (-1,)");
  CHECK(invalid_argument([] {
          return ag::conv2d(ones({8, 8}), ones({3, 3}), {.padding = {0, 1, 2}});
        }) == "conv2d: padding must be one or two numbers of at least 0, got (0, 1, 2)");
}

TEST_CASE("the kernel is not empty and fits into the image", "[errors][errors_of_conv]") {
  const ag::Trace trace;
  CHECK(correlating({8, 8}, {0, 3}) == "correlate2d: the kernel is empty: kernel has shape (0, 3)");
  CHECK(correlating({1, 1, 8, 8}, {1, 1, 3, 0}, {.padding = ag::Padding::same}) ==
        "correlate2d: the kernel is empty: kernel has shape (1, 1, 3, 0)");
  CHECK(correlating({2, 8}, {3, 3}) ==
        "correlate2d: the kernel is larger than x with its zeros: x has shape (2, 8), kernel has "
        "shape (3, 3), zeros on every side are (0, 0)");
  CHECK(correlating({8, 2}, {3, 7}, {.padding = {0, 2}}) ==
        "correlate2d: the kernel is larger than x with its zeros: x has shape (8, 2), kernel has "
        "shape (3, 7), zeros on every side are (0, 2)");
  CHECK(invalid_argument([] {
          return ag::conv2d(ones({1, 1, 2, 2}), ones({1, 1, 3, 3}));
        }) ==
        "conv2d: the kernel is larger than x with its zeros: x has shape (1, 1, 2, 2), kernel has "
        "shape (1, 1, 3, 3), zeros on every side are (0, 0)");
  CHECK(ag::correlate2d(ones({2, 2}), ones({3, 3}), {.padding = ag::Padding::same}).size() == 4);
}

TEST_CASE("pooling checks its windows", "[errors][errors_of_conv]") {
  const ag::Trace trace;
  const V x = ones({3, 4, 5});
  CHECK(invalid_argument([&] { return ag::avg_pool2d(x[0][0], 2); }) ==
        "avg_pool2d: needs at least two axes: the operand has shape (5,)");
  CHECK(invalid_argument([&] { return ag::max_pool2d(V(1), 2); }) ==
        "max_pool2d: needs at least two axes: the operand has shape ()");
  CHECK(invalid_argument([&] { return ag::avg_pool2d(x, 0); }) ==
        "avg_pool2d: window must be one or two numbers of at least 1, got (0,)");
  CHECK(invalid_argument([&] { return ag::max_pool2d(x, {}); }) ==
        "max_pool2d: window must be one or two numbers of at least 1, got ()");
  CHECK(invalid_argument([&] {
          return ag::max_pool2d(x, 2, {1, 0});
        }) == "max_pool2d: stride must be one or two numbers of at least 1, got (1, 0)");
  CHECK(invalid_argument([&] { return ag::avg_pool2d(x, 5); }) ==
        "avg_pool2d: the window is larger than the image: x has shape (3, 4, 5), the window is "
        "(5, 5)");
  CHECK(invalid_argument([&] {
          return ag::max_pool2d(x, {2, 6});
        }) ==
        "max_pool2d: the window is larger than the image: x has shape (3, 4, 5), the window "
        "is (2, 6)");
}
