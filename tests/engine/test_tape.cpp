// Deep chains, many traces, and what they leave behind.
#include <autograd/autograd.hpp>
#include <cmath>

#include "autograd/tape/tape.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;

namespace {

template <class T>
std::size_t memory_held() {
  const auto& tape = ag::Tape<T>::current();
  return tape.arena.capacity() + tape.gradients.capacity();
}

/// x -> sin(sin(... sin(x))), its derivative and its second derivative.
template <class T>
struct Sines {
  double y, first = 1, second = 0;
  Sines(double x, int count) : y(x) {
    for (int i = 0; i < count; ++i) {
      second = std::cos(y) * second - std::sin(y) * first * first;
      first *= std::cos(y);
      y = std::sin(y);
    }
  }
  static auto function(int count) {
    return [=](ag::Var<T> x) {
      for (int i = 0; i < count; ++i) x = ag::sin(x);
      return x;
    };
  }
};

}  // namespace

TEMPLATE_TEST_CASE("a chain of a million operations", "[engine][tape]", float, double) {
  using T = TestType;
  const int count = 1'000'000;
  const auto sum = [](const ag::Var<T>& x) {
    ag::Var<T> y = x;
    for (int i = 1; i < count; ++i) y += x;
    return y;
  };
  CHECK(ag::grad(sum)(T(1)) == count);
  const auto [value, slope] = ag::value_and_grad(Sines<double>::function(count))(1.0);
  const Sines<double> exact(1.0, count);
  CHECK(difference(value, exact.y) == "");
  CHECK(std::abs(slope / exact.first - 1) < 1e-9);
}

TEST_CASE("a chain of ten thousand operations to order two", "[engine][tape]") {
  const int count = 10'000;
  const auto sines = Sines<double>::function(count);
  const Sines<double> exact(1.0, count);
  CHECK(std::abs(ag::grad(sines)(1.0) / exact.first - 1) < 1e-10);
  CHECK(std::abs(ag::hessian(sines)(1.0) / exact.second - 1) < 1e-10);
  const xt::xarray<double> x = {1, 1};
  const auto second = ag::elementwise_grad(ag::elementwise_grad(sines))(x);
  CHECK(std::abs(second(1) / exact.second - 1) < 1e-10);
}

TEMPLATE_TEST_CASE("many small traces take no more memory than one", "[engine][tape]", float,
                   double) {
  using T = TestType;
  const xt::xarray<T> x = {1, 2, 3};
  const auto gradient = ag::grad([](const ag::Var<T>& y) { return ag::sum(y * ag::exp(y)); });
  const xt::xarray<T> first = gradient(x);
  const std::size_t held = memory_held<T>();
  const ag::NodeId nodes = ag::Tape<T>::current().size();
  bool same = true;
  for (int i = 0; i < 100'000; ++i) same &= gradient(x) == first;
  CHECK(same);
  CHECK(memory_held<T>() == held);
  CHECK(ag::Tape<T>::current().size() == nodes);
}

TEST_CASE("many transforms inside one trace give back what they used", "[engine][tape]") {
  const ag::Trace trace;
  const auto& tape = ag::Tape<double>::current();
  const auto gradient = ag::grad([](const ag::Var<double>& y) { return ag::sum(y * y); });
  const xt::xarray<double> x = {1, 2, 3};
  static_cast<void>(gradient(x));
  const std::size_t used = tape.arena.used(), held = memory_held<double>();
  for (int i = 0; i < 10'000; ++i) static_cast<void>(gradient(x));
  CHECK(tape.arena.used() == used);
  CHECK(memory_held<double>() == held);
  CHECK(tape.gradients.used() == 0);
}

TEST_CASE("traces that grow and shrink keep the memory of the largest", "[engine][tape]") {
  const auto gradient = ag::grad([](const ag::Var<double>& y) { return ag::sum(ag::sin(y) * y); });
  const auto run = [&] {
    for (std::size_t n : {10u, 1'000'000u, 10u, 300'000u, 500'000u}) {
      const xt::xarray<double> x = xt::ones<double>({n});
      CHECK(difference(gradient(x)(n - 1), std::sin(1) + std::cos(1)) == "");
    }
  };
  run();
  const std::size_t held = memory_held<double>();
  run();
  CHECK(memory_held<double>() == held);
}
