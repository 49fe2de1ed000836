/// Every row of the table: values against plain loops, derivatives against differences, float
/// against double. And every operation has a row.

#include <limits>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/ops/declarations.hpp"
#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

using namespace op_cases;

namespace {

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-12;

template <class T>
ArraysOf<T> zeros(const ArraysOf<T>& x) {
  ArraysOf<T> result;
  for (const auto& each : x) result.push_back(xt::zeros_like(each));
  return result;
}

}  // namespace

TEST_CASE("every operation has a row", "[ops]") {
  std::vector<Declaration> all = operations();
  CHECK(all.size() > 90);
  for (const Declaration& each : declarations("slicing.hpp", {"Var<T>"})) all.push_back(each);
  for (const Declaration& each : declarations(
           "linalg.inc",
           {"V", "Slogdet<V>", "Eigh<V>", "Svd<V>", "Qr<V>", "Lstsq<V>", "xt::xarray<Index>"})) {
    all.push_back(each);
  }
  std::set<std::string> covered;
  for (const Row& row : rows()) covered.insert(row.op);
  for (const Declaration& each : all) {
    INFO(each.name << " needs a row in tests/ops/op_cases_*.cpp");
    CHECK(covered.contains(each.name));
  }
}

TEST_CASE("rows have names of their own", "[ops]") {
  std::set<std::string> names;
  for (const Row& row : rows()) {
    INFO(row.name());
    CHECK(names.insert(row.name()).second);
  }
}

TEMPLATE_TEST_CASE("values agree with plain loops", "[ops]", float, double) {
  for (const Row& row : rows()) {
    INFO(row.name());
    CHECK(distance(value(problem_of<TestType>(row)), row.reference(arguments(row))) <=
          tolerance<TestType>);
  }
}

TEST_CASE("derivatives of every row agree with differences", "[ops]") {
  for (const Row& row : rows()) {
    if (row.order == 0) continue;
    INFO(row.name());
    CHECK_NOTHROW(check(problem_of<double>(row), {.order = row.order, .tolerance = 1e-7}));
  }
}

TEST_CASE("float gradients agree with double ones", "[ops]") {
  for (const Row& row : rows()) {
    INFO(row.name());
    CHECK(distance(gradients(problem_of<float>(row)), gradients(problem_of<double>(row))) <= 2e-5);
  }
}

TEMPLATE_TEST_CASE("the raw sweep agrees with the recorded one in every row", "[ops]", float,
                   double) {
  for (const Row& row : rows()) {
    INFO(row.name());
    const Problem<TestType> p = problem_of<TestType>(row);
    CHECK(distance(gradients(p), recorded_gradients(p)) <= tolerance<TestType>);
  }
}

TEST_CASE("float sweeps agree at the second order", "[ops]") {
  const double any = std::numeric_limits<double>::infinity();  // differences say little in float
  for (const Row& row : rows()) {
    if (row.order == 0) continue;
    INFO(row.name());
    CHECK_NOTHROW(check(problem_of<float>(row), {.order = 2, .tolerance = any}));
  }
}

TEMPLATE_TEST_CASE("constants have no gradient", "[ops]", float, double) {
  for (const Row& row : rows()) {
    if (row.order > 0) continue;
    INFO(row.name());
    const Problem<TestType> p = problem_of<TestType>(row);
    CHECK(distance(gradients(p), zeros(p.x)) == 0);
    CHECK(distance(recorded_gradients(p), zeros(p.x)) == 0);
  }
}
