// When memory runs out, and giving it back.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "autograd/tape/tape.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;
using Transform = std::function<A(const A&)>;

A wave(std::size_t n) {
  A x = xt::zeros<double>({n});
  for (std::size_t i = 0; i < n; ++i) x(i) = std::sin(0.37 * double(i)) + 0.1;
  return x;
}

/// With lazy values and reductions, views and products.
V mixed(const V& x) {
  const V y = ag::exp(ag::sin(x)) * x, half = ag::view(y, xt::range(0, 2000));
  const V scaled = half / ag::norm(y) + ag::sum(ag::square(y)) * 1e-4;
  const V square = ag::reshape(ag::view(scaled, xt::range(0, 1600)), {40, 40});
  return ag::logsumexp(ag::matmul(square, ag::tanh(square))) + ag::norm(ag::diff(y)) +
         ag::sum(ag::concatenate({half, x}) * ag::repeat(ag::view(x, xt::range(0, 1)), 7000));
}

V with_inner_gradient(const V& x) {
  const V y = ag::exp(x) * ag::sin(x);
  const V g = ag::grad([&](const V& v) { return ag::sum(v * v * y) / ag::norm(v); })(x);
  return ag::norm(g) + ag::sum(y);
}

V vector(const V& x) { return ag::stack({mixed(x), ag::norm(x), ag::sum(ag::exp(x))}); }

const std::vector<Transform> transforms = {
    [](const A& x) { return ag::value_and_grad(mixed)(x).second; },
    [](const A& x) { return ag::grad(with_inner_gradient)(x); },
    [](const A& x) { return ag::hvp(mixed)(x, x); },
    [](const A& x) { return ag::jacobian(vector)(x); },
    [](const A& x) { return ag::jvp(vector)(x, x); },
};

std::size_t memory_held() {
  const auto& tape = ag::Tape<double>::current();
  return tape.arena.capacity() + tape.gradients.capacity();
}

/// Whether f came to the allocation after so many, which fails; f may do with less instead.
template <class F>
bool runs_short(std::size_t successes, const F& f) {
  const allocations::Shortage shortage(successes);
  try {
    f();
  } catch (const std::bad_alloc&) {
    return true;
  }
  return shortage.has_failed();
}

struct Round {
  bool failed;
  std::string wrong;
};

/// Calls round(0), round(1), ... until nothing fails, each on a thread of its own, which has no
/// memory yet. How often memory was short.
template <class F>
std::size_t try_all(const F& round) {
  for (std::size_t successes = 0;; ++successes) {
    Round result;
    std::thread([&] { result = round(successes); }).join();
    INFO("after " << successes << " allocations");
    REQUIRE(result.wrong == "");
    if (!result.failed) return successes;
  }
}

template <class F>
std::string out_of_memory(const F& f) {
  ag::empty_cache();
  const allocations::Shortage shortage(~std::size_t{0}, std::size_t{1} << 26);
  try {
    static_cast<void>(f());
  } catch (const std::bad_alloc& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace

TEST_CASE("whichever allocation fails, the next gradient is right", "[engine][memory]") {
  if (!allocations::counted) return;
  const A x = wave(5000);
  for (const Transform& transform : transforms) {
    const A expected = transform(x);
    const std::size_t failures = try_all([&](std::size_t successes) {
      const bool failed = runs_short(successes, [&] { transform(x); });
      const auto& tape = ag::Tape<double>::current();
      const bool left_as_found = !tape.open() && tape.size() == 0;
      return Round{failed, left_as_found ? difference(transform(x), expected) : "leaves nodes"};
    });
    CHECK(failures > 5);
  }
}

TEST_CASE("whichever allocation fails, the Vars of a trace stay right", "[engine][memory]") {
  if (!allocations::counted) return;
  const A x = wave(200'000), ys = xt::exp(x) * x, fars = xt::sin(ys);
  const double size = std::sqrt(xt::sum(ys * ys)()), total = xt::sum(fars)();
  // What is asked for while memory is short.
  const auto later = GENERATE(0, 1, 2, 3);
  const std::size_t failures = try_all([&](std::size_t successes) {
    const ag::Trace trace;
    const V v(x), y = ag::exp(v) * v, far = ag::sin(y);  // computed when they are needed
    const V length = ag::norm(y), product = ag::sum(far), scaled = length * 2 + product;
    const bool failed = runs_short(successes, [&] {
      if (later == 0) static_cast<void>(far.value());
      if (later == 1) static_cast<void>(product.item());
      if (later == 2) static_cast<void>(scaled.item());
      if (later == 3) {
        static_cast<void>(ag::grad([&](const V& w) { return ag::sum(w * far) * length; })(v));
      }
    });
    const double numbers =
        std::max({std::abs(length.item() / size - 1), std::abs(product.item() / total - 1),
                  std::abs(scaled.item() / (2 * size + total) - 1)});
    return Round{
        failed, difference(y.value(), ys) + difference(far.value(), fars) + difference(numbers, 0)};
  });
  CHECK(failures > 1);
}

TEST_CASE("what does not fit is named", "[engine][memory][errors]") {
  if (!allocations::counted) return;
  ag::empty_cache();
  const ag::Trace trace;
  const V x = wave(4);
  const ag::Index many = 1 << 22;
  CHECK(out_of_memory([&] { return ag::repeat(x, many); }) ==
        "repeat: out of memory: an array of shape (4, 4194304) takes 134217728 bytes");
  CHECK(out_of_memory([&] { return ag::tile(x, many); }) ==
        "tile: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  CHECK(out_of_memory([&] {
          return ag::pad(x, {{many, 3 * many}});
        }) == "pad: out of memory: an array of shape (16777220,) takes 134217760 bytes");
  const V wide = ag::broadcast_to(x, {many, 4});
  CHECK(out_of_memory([&] { return ag::exp(wide).value(); }) ==
        "exp: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  CHECK(out_of_memory([&] { return ag::reshape(wide, {-1}); }) ==
        "reshape: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  CHECK(out_of_memory([&] { return ag::cumsum(wide, 0); }) ==
        "cumsum: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  CHECK(out_of_memory([&] { return ag::diag(ag::broadcast_to(V(1), {5000})); }) ==
        "diag: out of memory: an array of shape (5000, 5000) takes 200000000 bytes");
  CHECK(out_of_memory([&] {
          return V(xt::zeros<double>({many, ag::Index(4)}));
        }) == "Var: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  const auto spread = [&](const V& v) { return ag::broadcast_to(v, {many, 4}); };
  CHECK(out_of_memory([&] { return ag::evaluate(spread)(wave(4)); }) ==
        "evaluate: out of memory: an array of shape (4194304, 4) takes 134217728 bytes");
  CHECK(out_of_memory([&] { return ag::jacobian(spread)(wave(4)); }) ==
        "jacobian: out of memory: an array of shape (4194304, 4, 4) takes 536870912 bytes");
}

TEST_CASE("empty_cache gives back what is not in use", "[engine][memory]") {
  const A x = wave(1'000'000);
  const auto f = [](const V& v) { return ag::sum(ag::cumsum(v) * v); };
  const A expected = ag::grad(f)(x);
  CHECK(memory_held() >= 2 * x.size() * sizeof(double));
  ag::empty_cache();
  CHECK(memory_held() == 0);
  CHECK(difference(ag::grad(f)(x), expected) == "");
  {
    const ag::Trace trace;
    const V v(x), y = ag::cumsum(v);
    const double last = y[-1].item();
    static_cast<void>(ag::grad(f)(x));
    const std::size_t before = memory_held();
    ag::empty_cache();
    CHECK(memory_held() < before);
    CHECK(memory_held() >= 2 * x.size() * sizeof(double));
    CHECK(y[-1].item() == last);
    CHECK(difference(ag::grad(f)(v).value(), expected) == "");
  }
  ag::empty_cache();
  ag::empty_cache();
  CHECK(memory_held() == 0);
  std::thread([] { ag::empty_cache(); }).join();
}

TEST_CASE("an arena that cannot grow to twice its size grows by what is asked for",
          "[engine][memory]") {
  if (!allocations::counted) return;
  ag::Arena arena;
  constexpr std::size_t large = std::size_t{1} << 24;
  arena.take<std::byte>(large);
  const allocations::Shortage shortage(~std::size_t{0}, large);
  arena.take<double>(1)[0] = 1;
  CHECK(arena.capacity() < 2 * large);
  CHECK_THROWS_AS(arena.take<std::byte>(2 * large), std::bad_alloc);
}
