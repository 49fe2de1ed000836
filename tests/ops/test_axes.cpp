// The axes of reductions, in every way to write them.
#include <autograd/autograd.hpp>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A cube = {{{1.5, -2, 3}, {4, 0.5, -6}}, {{7, 8, -9}, {0.25, 11, 12}}};

/// `reduction(x, axes...)` for axes in their place is the same as for axes with a name.
#define CHECK_AXES(reduction, ...)                                                               \
  CHECK(difference(ag::reduction(x, 1 __VA_OPT__(, ) __VA_ARGS__).value(),                       \
                   ag::reduction(x, {.axis = 1} __VA_OPT__(, ) __VA_ARGS__).value()) == "");     \
  CHECK(difference(ag::reduction(x, -1 __VA_OPT__(, ) __VA_ARGS__).value(),                      \
                   ag::reduction(x, {.axis = 2} __VA_OPT__(, ) __VA_ARGS__).value()) == "");     \
  CHECK(difference(ag::reduction(x, {0, 1} __VA_OPT__(, ) __VA_ARGS__).value(),                  \
                   ag::reduction(x, { .axis = {                                                  \
                                        0,                                                       \
                                        1                                                        \
                                      } } __VA_OPT__(, ) __VA_ARGS__).value()) == \
        "");                                                                                     \
  CHECK(difference(ag::reduction(x, {0, -1, 1} __VA_OPT__(, ) __VA_ARGS__).value(),              \
                   ag::reduction(x __VA_OPT__(, {}, ) __VA_ARGS__).value()) == "")

}  // namespace

TEST_CASE("axes of reductions may stand in their place", "[ops][axes]") {
  const ag::Trace trace;
  const V x = cube;
  CHECK_AXES(sum);
  CHECK_AXES(mean);
  CHECK_AXES(prod);
  CHECK_AXES(max);
  CHECK_AXES(min);
  CHECK_AXES(logsumexp);
  CHECK_AXES(any);
  CHECK_AXES(all);
  CHECK_AXES(var);
  CHECK_AXES(std);
  CHECK_AXES(var, 1);
  CHECK_AXES(std, 1);
}

TEST_CASE("values along axes", "[ops][axes]") {
  const ag::Trace trace;
  const V x = A{{1, 2, 3}, {4, 5, 6}};
  CHECK(difference(ag::sum(x, 1).value(), {6, 15}) == "");
  CHECK(difference(ag::sum(x, std::size_t{0}).value(), {5, 7, 9}) == "");
  CHECK(difference(ag::max(x, 0).value(), {4, 5, 6}) == "");
  CHECK(difference(ag::var(x, 1, 1).value(), {1, 1}) == "");
  CHECK(difference(ag::sum(A{{1, 2}, {3, 4}}, 1).value(), {3, 7}) == "");
  CHECK(difference(ag::grad([](const V& y) { return ag::sum(ag::square(ag::sum(y, 0))); })(
                       A{{1, 2}, {3, 4}}),
                   {{8, 12}, {8, 12}}) == "");
}

TEST_CASE("the same axes in other words", "[ops][axes]") {
  const ag::Trace trace;
  const V x = A{{1, 2, 3}, {4, 5, 6}};
  CHECK(difference(ag::sum(x, {1}).value(), {6, 15}) == "");
  CHECK(difference(ag::sum(x, {}).value(), 21) == "");
  CHECK(difference(ag::sum(x, {0, 1}).value(), 21) == "");  // and no axis 0 with keepdims
  CHECK(difference(ag::sum(x, {0, true}).value(), {{5, 7, 9}}) == "");
  CHECK(difference(ag::sum(x, {.axis = 0, .keepdims = true}).value(), {{5, 7, 9}}) == "");
  CHECK(difference(ag::sum(x, {.keepdims = true}).value(), 21 * xt::ones<double>({1, 1})) == "");
}

TEST_CASE("the order of a norm comes before its axes", "[ops][axes]") {
  const ag::Trace trace;
  const V x = A{{3, -4}, {6, 8}};
  CHECK(difference(ag::norm(x[0], 1).value(), 7) == "");
  CHECK(difference(ag::norm(x, 1, 1).value(), {7, 14}) == "");
  CHECK(difference(ag::norm(x, 2, 1).value(), {5, 10}) == "");
  CHECK(difference(ag::norm(x, ag::inf, 0).value(), {6, 8}) == "");
  CHECK(difference(ag::norm(x, 1, {0, 1}).value(), 12) == "");  // the largest column sum
  CHECK(difference(ag::norm(x, "fro", {0, 1}).value(), ag::norm(x).value()) == "");
}

TEST_CASE("an axis that does not exist", "[ops][axes]") {
  const ag::Trace trace;
  const V x = A{1, 2};
  CHECK(out_of_range([&] { return ag::sum(x, 1); }) ==
        "sum: axis 1 is out of range: the operand has shape (2,)");
}
