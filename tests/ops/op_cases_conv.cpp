/// Rows of correlation, convolution and pooling of images.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {
namespace {

/// What a row says of its convolution; the last two are worked out by hand.
struct Case {
  std::string situation;
  Shape x, kernel;
  ag::Conv options = {};
  Shape zeros = {0, 0};  ///< above and on the left
  Shape result;          ///< height and width
};

Shape four_axes(const Array& a) {
  const Shape shape = shape_of(a);
  return shape.size() == 4 ? shape : Shape{1, 1, shape[0], shape[1]};
}

/// The element at a place of four axes; 0 outside.
double inside(const Array& a, const Place& p) {
  const Shape shape = four_axes(a);
  if (p[2] < 0 || p[2] >= shape[2] || p[3] < 0 || p[3] >= shape[3]) return 0;
  return at(a, a.dimension() == 4 ? p : Place{p[2], p[3]});
}

Reference direct_sum(const Case& c, bool turned) {
  return [=](const std::vector<Array>& x) {
    const Shape kernel = four_axes(x[1]);
    const Index per_group = kernel[0] / c.options.groups;
    const Index down = c.options.stride[0], across = c.options.stride.end()[-1];
    const auto element = [&](const Place& p) {
      double sum = 0;
      for (Index channel = 0; channel < kernel[1]; ++channel) {
        for (Index u = 0; u < kernel[2]; ++u) {
          for (Index v = 0; v < kernel[3]; ++v) {
            const Place in{p[0], p[1] / per_group * kernel[1] + channel,
                           p[2] * down + u - c.zeros[0], p[3] * across + v - c.zeros[1]};
            const Place of{p[1], channel, turned ? kernel[2] - 1 - u : u,
                           turned ? kernel[3] - 1 - v : v};
            sum += inside(x[0], in) * inside(x[1], of);
          }
        }
      }
      return sum;
    };
    if (c.x.size() == 4) {
      return build({four_axes(x[0])[0], kernel[0], c.result[0], c.result[1]}, element);
    }
    return build(c.result, [&](const Place& p) { return element({0, 0, p[0], p[1]}); });
  };
}

const std::vector<Case>& cases() {
  using ag::Padding;
  static const std::vector<Case> all = {
      {"plain", {2, 3, 5, 6}, {4, 3, 2, 3}, {}, {0, 0}, {4, 4}},
      {"groups", {2, 4, 5, 4}, {6, 2, 3, 2}, {.groups = 2}, {0, 0}, {3, 3}},
      {"1x1", {2, 3, 3, 4}, {2, 3, 1, 1}, {}, {0, 0}, {3, 4}},
      {"stride 2", {2, 2, 6, 7}, {3, 2, 2, 3}, {.stride = 2}, {0, 0}, {3, 3}},
      {"stride 2 down", {1, 1, 5, 6}, {2, 1, 3, 2}, {.stride = {2, 1}}, {0, 0}, {2, 5}},
      {"stride 3 across", {1, 2, 4, 9}, {2, 2, 2, 2}, {.stride = {1, 3}}, {0, 0}, {3, 3}},
      {"same", {1, 2, 4, 5}, {2, 2, 3, 2}, {.padding = Padding::same}, {1, 0}, {4, 5}},
      {"same, stride 2",
       {1, 1, 5, 6},
       {2, 1, 3, 3},
       {.stride = 2, .padding = Padding::same},
       {1, 0},
       {3, 3}},
      {"same, stride beyond the kernel",
       {1, 1, 7, 8},
       {1, 1, 2, 2},
       {.stride = 3, .padding = Padding::same},
       {0, 0},
       {3, 3}},
      {"full", {1, 2, 3, 4}, {2, 2, 2, 3}, {.padding = Padding::full}, {1, 2}, {4, 6}},
      {"full, stride 2",
       {1, 1, 3, 4},
       {1, 1, 2, 3},
       {.stride = 2, .padding = Padding::full},
       {1, 2},
       {2, 3}},
      {"padding 1", {1, 2, 4, 4}, {2, 2, 3, 3}, {.padding = 1}, {1, 1}, {4, 4}},
      {"padding across", {1, 1, 3, 4}, {1, 1, 2, 2}, {.padding = {0, 2}}, {0, 2}, {2, 7}},
      {"padding beyond the kernel", {1, 1, 2, 2}, {1, 1, 2, 2}, {.padding = 3}, {3, 3}, {7, 7}},
      {"many filters", {2, 3, 6, 7}, {9, 3, 3, 2}, {}, {0, 0}, {4, 6}},
      {"many filters in groups", {1, 4, 5, 5}, {16, 2, 2, 2}, {.groups = 2}, {0, 0}, {4, 4}},
      {"many filters, full",
       {1, 2, 4, 5},
       {8, 2, 2, 3},
       {.padding = Padding::full},
       {1, 2},
       {5, 7}},
      {"many filters, same, stride 2",
       {2, 1, 5, 6},
       {8, 1, 3, 3},
       {.stride = 2, .padding = Padding::same},
       {1, 0},
       {3, 3}},
      {"long rows", {1, 2, 4, 151}, {2, 2, 2, 3}, {}, {0, 0}, {3, 149}},
      {"long rows, same", {1, 1, 3, 90}, {2, 1, 3, 5}, {.padding = Padding::same}, {1, 2}, {3, 90}},
      {"no images", {0, 2, 4, 4}, {3, 2, 2, 2}, {}, {0, 0}, {3, 3}},
      {"no filters", {2, 2, 4, 4}, {0, 2, 2, 2}, {}, {0, 0}, {3, 3}},
      {"no channels", {2, 0, 4, 4}, {3, 0, 2, 2}, {}, {0, 0}, {3, 3}},
      {"matrices", {5, 6}, {2, 3}, {}, {0, 0}, {4, 4}},
      {"matrices, same", {3, 4}, {2, 3}, {.padding = Padding::same}, {0, 1}, {3, 4}},
      {"matrices, full", {3, 4}, {2, 3}, {.padding = Padding::full}, {1, 2}, {4, 6}},
      {"matrices, stride 2", {5, 6}, {2, 2}, {.stride = 2}, {0, 0}, {2, 3}}};
  return all;
}

/// Extents that stand for each other, so that they cannot grow.
const std::vector<Case>& fixed_cases() {
  static const std::vector<Case> all = {
      {"every channel alone", {2, 3, 5, 6}, {3, 1, 3, 3}, {.groups = 3}, {0, 0}, {3, 4}},
      {"two filters a channel", {1, 3, 4, 20}, {6, 1, 3, 3}, {.groups = 3}, {0, 0}, {2, 18}},
      {"in bands", {1, 1, 40, 71}, {8, 1, 8, 8}, {}, {0, 0}, {33, 64}}};
  return all;
}

Row& add_case(Table& table, const Case& c, bool turned) {
  return table.add(
      turned ? "conv2d" : "correlate2d", c.situation, {in(c.x), in(c.kernel)},
      [=](auto x, auto kernel) {
        return turned ? ag::conv2d(x, kernel, c.options) : ag::correlate2d(x, kernel, c.options);
      },
      direct_sum(c, turned));
}

/// Gradients are added to others.
void add_twice(Table& table, const Case& c) {
  table.add(
      "correlate2d", c.situation + ", twice", {in(c.x), in(c.kernel)},
      [=](auto x, auto kernel) {
        return ag::correlate2d(x, kernel, c.options) * 2 + ag::correlate2d(x, kernel, c.options);
      },
      [=](const std::vector<Array>& x) { return Array(3 * direct_sum(c, false)(x)); });
}

/// One argument: heap memory is counted in these rows.
void add_with_itself(Table& table, const Case& c) {
  table.add(
      "correlate2d", c.situation + " with itself", {in(c.x)},
      [=](auto x) { return ag::correlate2d(x, x, c.options); },
      [=](const std::vector<Array>& x) {
        return direct_sum(c, false)({x[0], x[0]});
      });
}

struct Pooling {
  Shape x;
  ag::Extents window, stride;
  Shape result;  ///< height and width

  std::string situation() const {
    return text(x) + " window " + ag::to_string(window) + " stride " + ag::to_string(stride);
  }
};

using Reducer = double (*)(const std::vector<double>& elements);

double mean_of(const std::vector<double>& elements) {
  double sum = 0;
  for (double each : elements) sum += each;
  return sum / double(elements.size());
}
double largest_of(const std::vector<double>& elements) { return std::ranges::max(elements); }

Reference pooled(const Pooling& c, Reducer reducer) {
  return [=](const std::vector<Array>& x) {
    const ag::Extents stride = c.stride.size() == 0 ? c.window : c.stride;
    Shape shape = shape_of(x[0]);
    std::copy(c.result.begin(), c.result.end(), shape.end() - 2);
    return build(shape, [&](const Place& p) {
      std::vector<double> elements;
      for (Index u = 0; u < c.window[0]; ++u) {
        for (Index v = 0; v < c.window.end()[-1]; ++v) {
          Place place = p;
          place.end()[-2] = p.end()[-2] * stride[0] + u;
          place.end()[-1] = p.end()[-1] * stride.end()[-1] + v;
          elements.push_back(at(x[0], place));
        }
      }
      return reducer(elements);
    });
  };
}

void add_pooling(Table& table) {
  const std::vector<Pooling> all = {
      {{2, 3, 4, 6}, 2, {}, {2, 3}},       {{4, 6}, {2, 3}, {}, {2, 2}},
      {{2, 5, 7}, 2, {}, {2, 3}},          {{5, 7}, 3, 1, {3, 5}},
      {{2, 5, 8}, {3, 2}, {1, 2}, {3, 4}}, {{7, 8}, 2, 3, {2, 3}},
      {{3, 4, 4}, 1, {}, {4, 4}},          {{1, 2, 3, 4}, {3, 4}, {}, {1, 1}},
      {{0, 2, 4, 4}, 2, {}, {2, 2}}};
  for (const Pooling& c : all) {
    table
        .add(
            "avg_pool2d", c.situation(), {in(c.x)},
            [=](auto x) { return ag::avg_pool2d(x, c.window, c.stride); }, pooled(c, mean_of))
        .of_fixed_size();
    table
        .add(
            "max_pool2d", c.situation(), {in(c.x)},
            [=](auto x) { return ag::max_pool2d(x, c.window, c.stride); }, pooled(c, largest_of))
        .of_fixed_size();
  }
}

}  // namespace

void add_conv(Table& table) {
  for (bool turned : {false, true}) {
    for (const Case& c : cases()) add_case(table, c, turned);
    for (const Case& c : fixed_cases()) add_case(table, c, turned).of_fixed_size();
  }
  add_pooling(table);
  const ag::Conv same{.padding = ag::Padding::same};
  add_twice(table, {"few filters", {2, 2, 4, 5}, {3, 2, 2, 3}, same, {0, 1}, {4, 5}});
  add_twice(table, {"long rows", {1, 1, 3, 90}, {1, 1, 2, 3}, {}, {0, 0}, {2, 88}});
  add_twice(table, {"many filters", {2, 2, 4, 5}, {8, 2, 2, 3}, same, {0, 1}, {4, 5}});
  add_with_itself(table, {"few filters", {2, 2, 3, 3}, {}, same, {1, 1}, {3, 3}});
  add_with_itself(table, {"many filters", {8, 2, 3, 3}, {}, same, {1, 1}, {3, 3}});
}

}  // namespace op_cases
