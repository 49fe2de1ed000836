/// Rows of sums, extremes and their kind, over all sorts of axes.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"
#include "tests/ops/op_cases_axes.hpp"

namespace op_cases {
namespace {

using List = std::vector<double>;
using Reducer = std::function<double(const List&)>;

double sum(const List& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean(const List& x) { return sum(x) / double(x.size()); }
double product(const List& x) {
  return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>());
}
double largest(const List& x) { return *std::ranges::max_element(x); }
double smallest(const List& x) { return *std::ranges::min_element(x); }
double log_sum_exp(const List& x) {
  double total = 0;
  for (double each : x) total += std::exp(each);
  return std::log(total);
}
double any(const List& x) {
  return std::ranges::any_of(x, [](double v) { return v != 0; });
}
double all(const List& x) {
  return std::ranges::all_of(x, [](double v) { return v != 0; });
}

/// One reduction over all sorts of axes.
template <class F>
void add(Table& table, const char* op, const F& f, const Reducer& reducer, Input input,
         bool constant) {
  for (const Over& over : some_axes()) {
    input.shape = over.shape;
    const ag::Reduce reduce = over.reduce();
    Row& row = table.add(
        op, over.text(), {input}, [=](auto x) { return f(x, reduce); },
        reduced(over.axes, reducer));
    if (constant) row.constant();
  }
}

/// The axes as a reader would write them.
void add_spellings(Table& table) {
  const std::vector<Input> x = {in({2, 3, 4})};
  // clang-format off
  table.add("sum", "{.axis = 1}", x, [](auto a) { return ag::sum(a, {.axis = 1}); }, reduced({{{1}}}, sum));
  table.add(
      "sum", "{.axis = {0, -1}, .keepdims = true}", x,
      [](auto a) {
        return ag::sum(a, {.axis = ag::Extents{0, -1}, .keepdims = true});
      },
      reduced({{{0, 2}}, true}, sum));
  table.add("mean", "no axes at all", x, [](auto a) { return ag::mean(a); }, reduced({}, mean));
  // clang-format on
}

/// Results that meet broadcasting again.
void add_combined(Table& table) {
  table.add(
      "sum", "subtracted from its terms", {in({3, 4})},
      [](auto x) { return x - ag::sum(x, {.axis = 0}); },
      [](const std::vector<Array>& x) {
        const Array sums = reduced({{{0}}}, sum)(x);
        return each([](double a, double b) { return a - b; })({x[0], sums});
      });
  table.add(
      "max", "divides", {in({3, 4}, 0.5, 2)},
      [](auto x) { return x / ag::max(x, {.axis = 1, .keepdims = true}); },
      [](const std::vector<Array>& x) {
        const Array most = reduced({{{1}}, true}, largest)(x);
        return each([](double a, double b) { return a / b; })({x[0], most});
      });
}

void add_prod(Table& table) {
  const auto prod = [](auto x, const ag::Reduce& r) { return ag::prod(x, r); };
  for (const Over& over : some_axes()) {
    const ag::Reduce reduce = over.reduce();
    // Factors near 1, so that the product of many stays in range.
    table.add(
        "prod", over.text(), {in(over.shape, 0.9, 1.12)}, [=](auto x) { return prod(x, reduce); },
        reduced(over.axes, product));
  }
  for (Index n = 2; n <= 9; ++n) {
    table.add(
        "prod", std::to_string(n) + " factors", {off_zero({n})}, [](auto x) { return ag::prod(x); },
        reduced({}, product));
  }
  table.add(
      "prod", "with zeros", {digits({4, 3})}, [](auto x) { return ag::prod(x, {.axis = 1}); },
      reduced({{{1}}}, product));
}

}  // namespace

void add_reductions(Table& table) {
  // clang-format off
  add(table, "sum", [](auto x, auto r) { return ag::sum(x, r); }, sum, in({}), false);
  add(table, "mean", [](auto x, auto r) { return ag::mean(x, r); }, mean, in({}), false);
  add(table, "max", [](auto x, auto r) { return ag::max(x, r); }, largest, in({}), false);
  add(table, "min", [](auto x, auto r) { return ag::min(x, r); }, smallest, in({}), false);
  add(table, "logsumexp", [](auto x, auto r) { return ag::logsumexp(x, r); }, log_sum_exp, in({}), false);
  add(table, "any", [](auto x, auto r) { return ag::any(x, r); }, any, digits({}, 0, 1), true);
  add(table, "all", [](auto x, auto r) { return ag::all(x, r); }, all, digits({}, 0, 1), true);
  // clang-format on
  add_spellings(table);
  add_combined(table);
  add_prod(table);
}

}  // namespace op_cases
