/// The axes over which rows of reductions run.
#pragma once

#include <string>
#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {

struct Over {
  Shape shape;
  Axes axes;

  ag::Reduce reduce() const {
    ag::Reduce result;
    if (axes.list) result.axis = ag::Extents(std::span<const Index>(*axes.list));
    result.keepdims = axes.keepdims;
    return result;
  }
  std::string text() const {
    return op_cases::text(shape) + (axes.list ? " over " + op_cases::text(*axes.list) : "") +
           (axes.keepdims ? " keepdims" : "");
  }
  /// How many elements go into each result.
  Index group_size() const {
    if (!axes.list) return count(shape);
    Index product = 1;
    for (Index axis : *axes.list) {
      product *= shape[static_cast<std::size_t>(axis < 0 ? axis + Index(shape.size()) : axis)];
    }
    return product;
  }
  Over keeping() const { return {shape, {axes.list, true}}; }
};

/// Every rank, one and several axes from either end, none of them, long rows and long columns;
/// arrays without elements where each result has some.
inline std::vector<Over> some_axes() {
  const std::vector<Over> plain = {{{}, {}},
                                   {{1}, {}},
                                   {{7}, {}},
                                   {{7}, {{{0}}}},
                                   {{3, 4}, {}},
                                   {{3, 4}, {{{0}}}},
                                   {{3, 4}, {{{1}}}},
                                   {{3, 4}, {{{-1}}}},
                                   {{3, 4}, {{{0, 1}}}},
                                   {{3, 1, 4}, {{{1}}}},
                                   {{2, 3, 4}, {{{1}}}},
                                   {{2, 3, 4}, {{{2, 0}}}},
                                   {{2, 3, 4}, {{{-2, -1}}}},
                                   {{2, 2, 2, 3}, {{{0, 2}}}},
                                   {{2, 2, 2, 3}, {{{1, 3}}}},
                                   {{3, 0}, {{{0}}}},
                                   {{0, 2, 3}, {{{1, 2}}}}};
  std::vector<Over> result = plain;
  for (const Over& over : plain) result.push_back(over.keeping());
  const std::vector<Over> long_ones = {{{3, 4}, {{Shape{}}}}, {{600}, {}},
                                       {{300, 3}, {{{0}}}},   {{3, 300}, {{{1}}}},
                                       {{3, 300}, {{{0}}}},   {{2, 300, 2}, {{{1}}}}};
  result.insert(result.end(), long_ones.begin(), long_ones.end());
  return result;
}

}  // namespace op_cases
