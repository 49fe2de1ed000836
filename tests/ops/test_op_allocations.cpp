/// A gradient that was computed once takes no heap memory the second time.

#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"

using namespace op_cases;

namespace {

/// What the second evaluation of value and gradient takes from the heap.
template <class T>
std::size_t second_call(const Problem<T>& p) {
  const ArrayOf<T> weights = weights_for(value(p));
  const auto loss = ag::value_and_grad([&](const ag::Var<T>& x) {
    return weighted_sum<T>(p.f({&x, 1}), weights);
  });
  ArrayOf<T> gradient;
  loss.into(gradient, p.x[0]);
  const std::size_t before = allocations::count();
  loss.into(gradient, p.x[0]);
  return allocations::count() - before;
}

}  // namespace

TEST_CASE("allocations are counted", "[ops][op_allocations]") {
  const std::size_t before = allocations::count();
  const std::vector<double> row(10), line(10);
  CHECK(allocations::count() - before == (allocations::counted ? 2 : 0));
}

TEMPLATE_TEST_CASE("a second gradient takes no heap memory", "[ops][op_allocations]", float,
                   double) {
  std::size_t seen = 0;
  for (const Row& row : rows()) {
    const Problem<TestType> p = problem_of<TestType>(row);
    const bool constants = p.x.size() < row.inputs.size();  // copied into arrays by each call
    if (p.x.size() != 1 || row.allocates || constants) continue;
    INFO(row.name());
    CHECK(second_call(p) == 0);
    ++seen;
  }
  CHECK(seen > 700);
}
