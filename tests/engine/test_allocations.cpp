// From the second gradient on, the objective of the photo restoration takes nothing from the heap.
#include <autograd/autograd.hpp>
#include <tuple>
#include <type_traits>
#include <vector>

#include "autograd/tape/tape.hpp"
#include "examples/inpaint/objective.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;

namespace {

template <class T>
xt::xarray<T> picture(std::size_t height, std::size_t width) {
  const xt::xarray<T> places = xt::arange<T>(T(height * width));
  return xt::reshape_view(T(0.5) + T(0.5) * xt::sin(T(12.9898) * places),
                          std::vector<std::size_t>{height, width});
}

/// Computes the gradient six times; after the first it takes no heap memory, and gives the
/// memory of the tape back each time.
template <class T, class F>
void check_warm_gradients(const F& objective) {
  const xt::xarray<T> x = picture<T>(48, 64);
  const auto f = ag::value_and_grad(objective);
  xt::xarray<T> g;
  const T value = f.into(g, x);
  const xt::xarray<T> first = g;
  const auto& tape = ag::Tape<T>::current();
  const std::size_t used = tape.arena.used(), used_by_gradients = tape.gradients.used();
  for (int i = 0; i < 5; ++i) {
    const std::size_t before = allocations::count();
    const T again = f.into(g, x);
    CHECK(allocations::count() - before == 0);
    CHECK(again == value);
    CHECK((g == first));
    CHECK(tape.arena.used() == used);
    CHECK(tape.gradients.used() == used_by_gradients);
    CHECK(tape.size() == 0);
  }
}

}  // namespace

TEST_CASE("operator new is counted", "[engine][allocations]") {
  if (!allocations::counted) return;
  const std::size_t before = allocations::count();
  const xt::xarray<double> x = picture<double>(4, 4);
  CHECK(allocations::count() > before);
}

TEMPLATE_TEST_CASE("the objective by rows", "[engine][allocations]", float, double) {
  check_warm_gradients<TestType>(examples::err_func_by_rows<TestType>);
}

TEMPLATE_TEST_CASE("the objective on the whole picture", "[engine][allocations]", float, double) {
  check_warm_gradients<TestType>(examples::err_func_whole<TestType>);
}

TEMPLATE_TEST_CASE("both forms have the same gradient", "[engine][allocations]", float, double) {
  const auto x = picture<TestType>(48, 64);
  const auto by_rows = ag::grad(examples::err_func_by_rows<TestType>)(x);
  const auto whole = ag::grad(examples::err_func_whole<TestType>)(x);
  CHECK(expect::difference(by_rows, whole, std::is_same_v<TestType, float> ? 1e-5 : 1e-13) == "");
}

TEST_CASE("a smaller picture after a larger one takes no heap memory either",
          "[engine][allocations]") {
  const auto f = ag::value_and_grad(examples::err_func_by_rows<float>);
  const auto large = picture<float>(60, 80), small = picture<float>(30, 20);
  xt::xarray<float> of_large, of_small;
  f.into(of_large, large);
  f.into(of_small, small);
  const std::size_t before = allocations::count();
  for (int i = 0; i < 3; ++i) {
    f.into(of_small, small);
    f.into(of_large, large);
  }
  CHECK(allocations::count() == before);
}

TEMPLATE_TEST_CASE("gradients of several arguments, into arrays that are there",
                   "[engine][allocations]", float, double) {
  using V = ag::Var<TestType>;
  const auto loss = [](const V& W, const V& b, const V& scale) {
    return ag::sum(ag::square(ag::tanh(W) + b)) * scale;
  };
  const auto W = picture<TestType>(5, 40), b = picture<TestType>(1, 40);
  const TestType scale = 3;
  const auto f = ag::value_and_grad<0, 1>(loss);
  const auto [value, gradients] = f(W, b, scale);
  xt::xarray<TestType> of_W, of_b;
  CHECK(f.into(std::tie(of_W, of_b), W, b, scale) == value);
  CHECK((of_W == std::get<0>(gradients)));
  CHECK((of_b == std::get<1>(gradients)));

  const std::size_t before = allocations::count();
  for (int i = 0; i < 3; ++i) f.into(std::tie(of_W, of_b), W, b, scale);
  CHECK(allocations::count() == before);

  TestType of_scale = 0;
  ag::value_and_grad<2>(loss).into(std::tie(of_scale), W, b, scale);
  CHECK(of_scale == ag::grad<2>(loss)(W, b, scale));
}
