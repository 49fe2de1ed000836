// Memory of values and gradients that nobody needs any more serves others, and never too early.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "autograd/tape/tape.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace {

namespace ag = autograd;
using V = ag::Var<double>;
using A = xt::xarray<double>;

constexpr std::size_t side = 66;  // 4356 elements: fused, and recycled

A wave(std::size_t rows, std::size_t columns) {
  A x = xt::zeros<double>({rows, columns});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(0.37 * double(i)) + 0.1;
  return x;
}

/// Operations that lend their cotangent, put it off, hand it over or read it at once.
V step(unsigned kind, const V& a, const V& b) {
  switch (kind) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b * 0.5;
    case 3:
      return ag::sin(a) + b;
    case 4:
      return ag::exp(a * 0.1) * ag::tanh(b);
    case 5:
      return ag::roll(a, 3, 0) - b;
    case 6:
      return ag::transpose(a) + b * 0.5;
    case 7:
      return ag::matmul(a - b, ag::transpose(b * 0.1 + a)) * 0.02;
    case 8:
      return ag::set(a, xt::all(), xt::range(3, 20), ag::view(b, xt::all(), xt::range(0, 17)));
    case 9:
      return a * ag::sum(b, {.axis = 0}) * 0.02 - ag::mean(a);
    case 10:
      return ag::view(ag::concatenate({a, b}), xt::range(20, 20 + side)) * 0.7;
    default:
      return ag::where(a > b, a, ag::cumsum(b, 1) * 0.05);
  }
}

V random_graph(std::uint64_t seed, const V& x, const V& y) {
  std::mt19937_64 random(seed);
  std::vector<V> made{x, y};
  for (int i = 0; i < 24; ++i) {
    const auto pick = [&] {
      return made[made.size() - 1 - random() % std::min<std::size_t>(made.size(), 8)];
    };
    const V a = pick(), b = pick();
    made.push_back(ag::tanh(step(static_cast<unsigned>(random() % 12), a, b)));
    if (random() % 3 == 0) made.back() = step(static_cast<unsigned>(random() % 4), made.back(), x);
  }
  V total = 0;
  for (std::size_t i = made.size() - 4; i < made.size(); ++i) {
    total = total + ag::sum(ag::square(made[i])) + ag::norm(made[i] - x);
  }
  return total;
}

/// Bytes of the tape after one gradient with an empty one.
template <class F>
std::pair<std::size_t, std::size_t> memory_of_gradient(const F& f, const A& x) {
  ag::empty_cache();
  static_cast<void>(ag::grad(f)(x));
  const auto& tape = ag::Tape<double>::current();
  return {tape.arena.capacity(), tape.gradients.capacity()};
}

/// The gradients by the raw sweep are those by the recorded one, up to rounding.
template <class F>
void check_sweeps(const F& f, const A& x, const A& y) {
  const auto [raw_x, raw_y] = ag::grad(f)(x, y);
  const ag::Trace trace;
  const auto [by_x, by_y] = ag::grad(f)(V(x), V(y));
  const double scale = xt::amax(xt::abs(by_x.value()))() + xt::amax(xt::abs(by_y.value()))();
  CHECK(xt::amax(xt::abs(raw_x - by_x.value()))() <= 1e-11 * scale);
  CHECK(xt::amax(xt::abs(raw_y - by_y.value()))() <= 1e-11 * scale);
}

}  // namespace

TEST_CASE("random graphs of large arrays have the gradients of the recorded sweep",
          "[engine][buffers]") {
  const A x = wave(side, side), y = xt::transpose(x) * 0.5 - 0.3;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    check_sweeps([&](const V& a, const V& b) { return random_graph(seed, a, b); }, x, y);
  }
}

TEST_CASE("what a target was given as an alias is not written again", "[engine][buffers]") {
  // b gets the gradient of a sum as it is; a, the first node of all, gets that of another and then
  // a buffer of its own; the products at the beginning need several.
  const auto f = [](const V& a, const V& b) {
    const V c = ag::matmul(a, ag::transpose(a)) * 0.01, d = ag::matmul(c, c);
    const V early = ag::cumsum(ag::matmul(ag::matmul(d, c), d), 1), square = ag::matmul(a, a);
    const V part = ag::cumsum(a, 1), with_b = part + b, rest = ag::cumsum(with_b, 0);
    return ag::sum(ag::square(rest)) + ag::sum(ag::square(ag::cumsum(part + a, 1))) +
           ag::sum(ag::cumsum(square, 0) * early);
  };
  check_sweeps(f, wave(side, side), 0.5 - wave(side, side));
}

TEST_CASE("a sweep that throws leaves the next one right", "[engine][buffers]") {
  bool fails = false;
  const auto fragile = ag::custom<double>(
      "fragile", [](const A& x) { return A(2 * x); },
      [&](const V& g, const V&, const V&) {
        if (fails) throw std::runtime_error("fragile");
        return 2 * g;
      });
  const auto f = [&](const V& x) {
    V y = ag::sin(x) + x;
    for (int i = 0; i < 4; ++i) y = fragile(ag::roll(y, i, 0) + ag::cumsum(x, 1)) * 0.5 + y;
    return ag::sum(ag::square(ag::matmul(y - 1, ag::transpose(x))));
  };
  const A x = wave(side, side), before = ag::grad(f)(x);
  fails = true;
  CHECK_THROWS_AS(ag::grad(f)(x), std::runtime_error);
  fails = false;
  CHECK((A(ag::grad(f)(x)) == before));
}

TEST_CASE("one vjp for several cotangents", "[engine][buffers]") {
  const auto f = [](const V& x) {
    const V y = ag::roll(x, 2, 1) + ag::cumsum(x, 0);
    return ag::matmul(y - 1, ag::transpose(ag::tanh(y) + x)) + ag::roll(x, 1, 0);
  };
  const A x = wave(side, side), g = xt::cos(x), h = 1 - g;
  const auto [y, vjp] = ag::make_vjp(f)(x);
  const A first = vjp(g), second = vjp(h);
  CHECK((first == A(ag::vjp(f)(x, g))));
  CHECK((second == A(ag::vjp(f)(x, h))));
  CHECK((A(vjp(g)) == first));
}

TEST_CASE("gradients of a long chain take turns in a few", "[engine][buffers]") {
  const auto f = [](const V& x) {
    V y = x;
    for (int i = 0; i < 200; ++i) y = ag::sin(y) + x;
    return ag::sum(y);
  };
  const A x = wave(100, 100);
  CHECK(memory_of_gradient(f, x).second < 40 * x.size() * sizeof(double));
}

TEST_CASE("operands of products and parts of sums are not kept", "[engine][buffers]") {
  const auto product = [](const V& x) {
    V total = 0;
    for (int i = 0; i < 100; ++i) {
      total = total + ag::sum(ag::matmul(x - i, ag::transpose(x)), {.axis = 0});
    }
    return ag::sum(total);
  };
  // One result of 80 kB for each product; the arena doubles.
  const A x = wave(100, 100);
  CHECK(memory_of_gradient(product, x).first < 200 * x.size() * sizeof(double));
  const auto smooth = [](const V& x) {
    V y = x;
    for (int i = 0; i < 100; ++i) y = (ag::roll(y, 1, 0) + ag::roll(y, -1, 0) + x) / 3;
    return ag::sum(ag::square(y));
  };
  CHECK(memory_of_gradient(smooth, x).first < 200 * x.size() * sizeof(double));
}
