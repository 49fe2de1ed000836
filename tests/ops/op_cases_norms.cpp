/// Rows of norms.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/ops/op_cases.hpp"
#include "tests/ops/op_cases_axes.hpp"

namespace op_cases {
namespace {

using List = std::vector<double>;

/// The norm of order p of a list; p = 0 stands for infinity.
Reference norm(const Axes& axes, double p) {
  return reduced(axes, [p](const List& x) {
    double total = 0;
    for (double each : x) {
      const double size = std::fabs(each);
      total = p == 0 ? std::max(total, size) : total + std::pow(size, p);
    }
    return p == 0 ? total : std::pow(total, 1 / p);
  });
}

/// Sums of absolute values over the axis `inner`, of which the largest along `outer` is taken.
Reference largest_sum(Index inner, Index outer, bool keepdims) {
  return [=](const std::vector<Array>& x) {
    const Array sums = norm({{{inner}}, true}, 1)(x);
    return reduced({{{inner, outer}}, keepdims},
                   [](const List& list) { return *std::ranges::max_element(list); })({sums});
  };
}

void add_euclidean(Table& table) {
  for (const Over& over : some_axes()) {
    const ag::Reduce reduce = over.reduce();
    table.add(
        "norm", over.text(), {off_zero(over.shape)}, [=](auto x) { return ag::norm(x, reduce); },
        norm(over.axes, 2));
  }
}

void add_vectors(Table& table) {
  const std::vector<Over> vectors = {{{5}, {}},
                                     {{5}, {{{0}}}},
                                     {{1}, {}},
                                     {{3, 4}, {{{0}}}},
                                     {{3, 4}, {{{-1}}}},
                                     {{2, 3, 4}, {{{1}}}},
                                     {{3, 4}, {{{1}}, true}},
                                     {{0, 4}, {{{1}}}}};
  for (const Over& over : vectors) {
    const ag::Reduce reduce = over.reduce();
    const auto add = [&](const char* order, ag::Order ord, double p) {
      table.add(
          "norm", over.text() + " of order " + order, {off_zero(over.shape)},
          [=](auto x) { return ag::norm(x, ord, reduce); }, norm(over.axes, p));
    };
    add("1", 1, 1);
    add("2", 2, 2);
    add("3", 3, 3);
    add("1.5", 1.5, 1.5);
    add("inf", ag::inf, 0);
  }
}

void add_matrices(Table& table) {
  const auto add = [&](const char* what, const Shape& shape, ag::Order ord, ag::Reduce over,
                       const Reference& reference) {
    table.add(
        "norm", what, {off_zero(shape)}, [=](auto x) { return ag::norm(x, ord, over); }, reference);
  };
  add("fro of a matrix", {3, 4}, "fro", {}, norm({}, 2));
  add("1 of a matrix", {3, 4}, 1, {}, largest_sum(0, 1, false));
  add("inf of a matrix", {3, 4}, ag::inf, {}, largest_sum(1, 0, false));
  const ag::Reduce inner{.axis = ag::Extents{1, 2}},
      kept{.axis = ag::Extents{1, 2}, .keepdims = true};
  const ag::Reduce turned{.axis = ag::Extents{2, 1}};
  add("fro of matrices", {2, 3, 4}, "fro", inner, norm({{{1, 2}}}, 2));
  add("1 of matrices", {2, 3, 4}, 1, inner, largest_sum(1, 2, false));
  add("inf of matrices keepdims", {2, 3, 4}, ag::inf, kept, largest_sum(2, 1, true));
  add("1 of transposed matrices", {2, 3, 4}, 1, turned, largest_sum(2, 1, false));
}

}  // namespace

void add_norms(Table& table) {
  add_euclidean(table);
  add_vectors(table);
  add_matrices(table);
}

}  // namespace op_cases
