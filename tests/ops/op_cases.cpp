#include "tests/ops/op_cases.hpp"

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace op_cases {
namespace {

/// Numbers that are the same on every machine (the standard distributions are not).
class Random {
 public:
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  double unit() { return static_cast<double>(next()) / 2147483648.0; }
  void shuffle(std::vector<Index>& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[next() % i]);
  }

 private:
  std::uint64_t state_ = 1;
};

/// The number of one rank among `count`; neighbours keep a distance.
double spread(const Input& input, Index rank, Index count, Random& random) {
  const double step = 0.3 + 0.4 * random.unit();
  const double x = input.low + (input.high - input.low) * (double(rank) + step) / double(count);
  switch (input.kind) {
    case Input::distinct:
      return x;
    case Input::off_zero:
      return x + std::copysign(0.2, x);
    case Input::off_integers:
      return std::floor(x) + 0.2 + 0.6 * (x - std::floor(x));
    case Input::off_halves:
      return std::floor(x) + 0.6 * (x - std::floor(x)) + (x - std::floor(x) < 0.5 ? 0 : 0.4);
    case Input::digits:
      return std::round(x);
  }
  return x;
}

Shape scaled(Shape shape, Index scale) {
  for (Index& extent : shape) extent *= extent > 1 ? scale : 1;
  return shape;
}

std::vector<Row> all_rows() {
  Table table;
  add_unary(table);
  add_binary(table);
  add_comparisons(table);
  add_reductions(table);
  add_statistics(table);
  add_norms(table);
  add_shapes(table);
  add_joining(table);
  add_elements(table);
  add_changes(table);
  add_products(table);
  add_conv(table);
  add_linalg(table);
  add_decompositions(table);
  add_elementwise(table);
  add_indexing(table);
  add_order(table);
  add_averages(table);
  add_arranging(table);
  add_sequences(table);
  return table.rows;
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all = all_rows();
  return all;
}

std::vector<Array> arguments(const Row& row, Index scale) {
  Random random;
  Index total = 0;
  for (const Input& input : row.inputs) total += count(scaled(input.shape, scale));
  std::vector<Index> ranks(static_cast<std::size_t>(total));
  std::iota(ranks.begin(), ranks.end(), 0);
  random.shuffle(ranks);
  auto rank = ranks.begin();
  std::vector<Array> result;
  for (const Input& input : row.inputs) {
    result.push_back(build(scaled(input.shape, scale), [&](const Place&) {
      return double(float(spread(input, *rank++, total, random)));
    }));
  }
  return result;
}

}  // namespace op_cases
