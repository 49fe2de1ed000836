/// Rows of variances, softmax, running sums and the places of extremes.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"
#include "tests/ops/op_cases_axes.hpp"

namespace op_cases {
namespace {

using List = std::vector<double>;

double variance(const List& x, int ddof) {
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
  double total = 0;
  for (double each : x) total += (each - mean) * (each - mean);
  return total / double(x.size() - static_cast<std::size_t>(ddof));
}

/// Axes that give each result at least three elements: fewer have no or a constant deviation.
std::vector<Over> groups() {
  std::vector<Over> result;
  for (const Over& over : some_axes()) {
    if (over.group_size() > 2) result.push_back(over);
  }
  return result;
}

void add_deviations(Table& table, int ddof) {
  const std::string suffix = ddof == 0 ? "" : " ddof " + std::to_string(ddof);
  for (const Over& over : groups()) {
    const ag::Reduce reduce = over.reduce();
    table.add(
        "var", over.text() + suffix, {in(over.shape)},
        [=](auto x) { return ag::var(x, reduce, ddof); },
        reduced(over.axes, [=](const List& x) { return variance(x, ddof); }));
    table.add(
        "std", over.text() + suffix, {in(over.shape)},
        [=](auto x) { return ag::std(x, reduce, ddof); },
        reduced(over.axes, [=](const List& x) { return std::sqrt(variance(x, ddof)); }));
  }
}

void softmax(List& x) {
  double total = 0;
  for (double each : x) total += std::exp(each);
  for (double& each : x) each = std::exp(each) / total;
}

/// An array and one of its axes.
struct Line {
  Shape shape;
  Index axis;
  std::string text() const { return op_cases::text(shape) + " along " + std::to_string(axis); }
};
const std::vector<Line> lines = {{{1}, 0},        {{7}, 0},     {{7}, -1},     {{3, 4}, 0},
                                 {{3, 4}, 1},     {{3, 4}, -1}, {{3, 4}, -2},  {{2, 3, 4}, 1},
                                 {{2, 3, 4}, -1}, {{3, 1}, 1},  {{0}, 0},      {{0, 3}, 1},
                                 {{3, 0}, 0},     {{300}, 0},   {{3, 300}, 1}, {{300, 3}, 0}};

void products(List& x) { std::partial_sum(x.begin(), x.end(), x.begin(), std::multiplies<>()); }

void add_along_axes(Table& table) {
  for (const Line& line : lines) {
    const Index axis = line.axis;
    table.add(
        "softmax", line.text(), {in(line.shape)}, [=](auto x) { return ag::softmax(x, axis); },
        along(axis, softmax));
    table.add(
        "cumsum", line.text(), {in(line.shape)}, [=](auto x) { return ag::cumsum(x, axis); },
        along(axis, [](List& x) { std::partial_sum(x.begin(), x.end(), x.begin()); }));
    // Factors near 1, so that the product of many stays in range.
    table.add(
        "cumprod", line.text(), {in(line.shape, 0.9, 1.12)},
        [=](auto x) { return ag::cumprod(x, axis); }, along(axis, products));
  }
  for (const Index axis : {0, 1}) {
    table.add(
        "cumprod", "with zeros along " + std::to_string(axis), {digits({4, 3})},
        [=](auto x) { return ag::cumprod(x, axis); }, along(axis, products));
  }
  table.add(
      "softmax", "last axis", {in({3, 4})}, [](auto x) { return ag::softmax(x); },
      along(-1, softmax));
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{2, 0}}) {
    table.add(
        "cumsum", text(shape) + " flattened", {in(shape)}, [](auto x) { return ag::cumsum(x); },
        [](const std::vector<Array>& x) {
          Array flat = reshaped({static_cast<Index>(x[0].size())})(x);
          std::partial_sum(flat.begin(), flat.end(), flat.begin());
          return flat;
        });
    table.add(
        "cumprod", text(shape) + " flattened", {in(shape)}, [](auto x) { return ag::cumprod(x); },
        [](const std::vector<Array>& x) {
          Array flat = reshaped({static_cast<Index>(x[0].size())})(x);
          return along(0, products)({flat});
        });
  }
}

template <class F>
void add_places(Table& table, const char* op, const F& f, double (*place)(const List&)) {
  for (const Line& line : lines) {
    if (line.shape == Shape{0}) continue;  // an error
    const std::optional<Index> axis = line.axis;
    table
        .add(
            op, line.text(), {digits(line.shape, -3, 3)}, [=](auto x) { return f(x, axis); },
            reduced({{{line.axis}}}, place))
        .constant()
        .takes_heap();
  }
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{300}}) {
    table
        .add(
            op, text(shape) + " flattened", {digits(shape, -3, 3)},
            [=](auto x) { return f(x, std::nullopt); }, reduced({}, place))
        .constant()
        .takes_heap();
  }
}

}  // namespace

void add_statistics(Table& table) {
  add_deviations(table, 0);
  add_deviations(table, 1);
  add_along_axes(table);
  add_places(
      table, "argmax",
      []<class V>(const V& x, std::optional<Index> axis) { return V(ag::argmax(x, axis)); },
      [](const List& x) { return double(std::ranges::max_element(x) - x.begin()); });
  add_places(
      table, "argmin",
      []<class V>(const V& x, std::optional<Index> axis) { return V(ag::argmin(x, axis)); },
      [](const List& x) { return double(std::ranges::min_element(x) - x.begin()); });
}

}  // namespace op_cases
