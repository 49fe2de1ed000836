/// Sums and norms of large arrays, and what is made of them, are computed when they are needed.
#include <autograd/autograd.hpp>
#include <autograd/debug.hpp>
#include <autograd/tape/tape.hpp>
#include <cmath>
#include <tuple>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/fuse_from.hpp"

namespace {

namespace ag = autograd;
using expect::difference;
using A = xt::xarray<double>;
using V = ag::Var<double>;

A wave(std::size_t rows, std::size_t columns) {
  A x = A::from_shape({rows, columns});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(0.37 * double(i)) + 0.1;
  return x;
}

const A x = wave(100, 100);
const double sum_of_x = xt::sum(x)(), sum_of_squares = xt::sum(x * x)();

ag::State state_of(const V& y) {
  auto& tape = ag::Tape<double>::current();
  return tape[tape.id("test", y)].state;
}

bool waits(const V& y) { return state_of(y) == ag::State::small; }

}  // namespace

TEST_CASE("reductions that read the same are computed together", "[engine][lazy]") {
  const ag::Trace trace;
  const V v = ag::borrow(x), y = v * 2;
  const V squares = ag::sum(ag::square(y)), total = ag::sum(y), length = ag::norm(y);
  const V other = ag::sum(ag::exp(ag::transpose(v)), {.axis = 0});
  CHECK((waits(squares) && waits(total) && waits(length) && waits(other)));
  CHECK(total.item() == Approx(2 * sum_of_x));
  CHECK(!(waits(squares) || waits(total) || waits(length)));
  CHECK(squares.item() == Approx(4 * sum_of_squares));
  CHECK(length.item() == Approx(2 * std::sqrt(sum_of_squares)));
  CHECK(other.value()(7) == Approx(xt::sum(xt::exp(xt::row(x, 7)))()));
}

TEST_CASE("a value that is needed takes its reductions with it", "[engine][lazy]") {
  const ag::Trace trace;
  const V y = V(ag::borrow(x)) - 1;
  const V total = ag::sum(y);
  CHECK(waits(total));
  CHECK(y.value()(3, 4) == x(3, 4) - 1);
  CHECK(!waits(total));
  CHECK(total.item() == Approx(sum_of_x - 1e4));
}

TEST_CASE("small results of what waits wait, too", "[engine][lazy]") {
  const FuseFrom setting(4096);
  const ag::Trace trace;
  const V v = ag::borrow(x);
  const V norms = ag::norm(v, {.axis = 1}), mean = ag::sum(norms) / 100.0;
  CHECK((waits(norms) && waits(mean)));
  const A expected = xt::sqrt(xt::sum(x * x, {1}));
  CHECK(mean.item() == Approx(xt::mean(expected)()));
  CHECK(!waits(norms));
  CHECK(ag::max(ag::norm(v, {.axis = 1})).item() == Approx(xt::amax(expected)()));
  CHECK(ag::logsumexp(ag::sum(v, {.axis = 1})).item() ==
        Approx(std::log(xt::sum(xt::exp(xt::sum(x, {1})))())));
  CHECK(ag::sum(v * ag::norm(v)).item() == Approx(sum_of_x * std::sqrt(sum_of_squares)));
  CHECK(ag::stack({ag::sum(v), ag::norm(v)}).value()(0) == Approx(sum_of_x));
}

TEST_CASE("an exponent that waits is not taken for a 2", "[engine][lazy]") {
  const FuseFrom setting(4096);
  const A at = {3.0};
  for (const double exponent : {2.0, 3.0, 2.0}) {  // the first leaves a 2 in memory
    const A shares = xt::ones<double>({8192}) * (exponent / 8192);
    const auto f = [&](const V& t) { return ag::sum(ag::power(t, ag::sum(ag::borrow(shares)))); };
    const auto [value, slope] = ag::value_and_grad(f)(at);
    CHECK(value == Approx(std::pow(3.0, exponent)));
    CHECK(slope(0) == Approx(exponent * std::pow(3.0, exponent - 1)));
  }
}

TEST_CASE("lazy reductions in chains of any length", "[engine][lazy]") {
  const auto f = [](const V& v) {
    V total = 0;
    for (int i = 0; i < 1000; ++i) total = total * 0.5 + ag::sum(v * double(i % 7));
    return total;
  };
  double expected = 0;
  for (int i = 0; i < 1000; ++i) expected = expected * 0.5 + (i % 7) * sum_of_x;
  const auto [value, gradient] = ag::value_and_grad(f)(x);
  CHECK(value == Approx(expected));
  CHECK(gradient(5, 5) == Approx(expected / sum_of_x));
}

TEST_CASE("inner differentiations use results that wait outside", "[engine][lazy]") {
  const auto f = [](const V& v) {
    const V scale = ag::norm(v);
    const auto inner = ag::grad([&](const V& t) { return t * t * scale + ag::sum(v) * t; });
    return inner(V(3.0)) + scale;
  };
  const double length = std::sqrt(sum_of_squares);
  CHECK(ag::evaluate(f)(x)() == Approx(7 * length + sum_of_x));
  CHECK(ag::grad(f)(x)(2, 3) == Approx(7 * x(2, 3) / length + 1));
  const ag::Trace trace;
  const V total = ag::sum(V(ag::borrow(x)));
  const auto own = [&](const V& t) { return t * ag::stop_gradient(total); };
  CHECK(ag::grad(own)(2.0) == Approx(sum_of_x));
  CHECK(total.item() == Approx(sum_of_x));
}

TEST_CASE("a gradient may be written over its argument", "[engine][lazy]") {
  A a = x;
  const auto f = [](const V& v) { return ag::sum(ag::square(v)) / 2.0; };
  CHECK(ag::value_and_grad(f).into(std::tie(a), a) == Approx(sum_of_squares / 2));
  CHECK((a == x));
}

TEST_CASE("nothing waits where every result is checked", "[engine][lazy]") {
  const ag::Trace trace;
  const V v = ag::borrow(x), total = ag::sum(v);
  const ag::FiniteGuard guard;
  CHECK(waits(total));
  const V more = total * 2 + ag::sum(total) + ag::sum(v);
  CHECK(!waits(more));
  CHECK(more.item() == Approx(4 * sum_of_x));
  CHECK_THROWS_WITH(total / 0, Catch::Matchers::ContainsSubstring("divide"));
}

TEST_CASE("a trace may end before what waits is needed", "[engine][lazy]") {
  const A large = wave(400, 400);
  for (int i = 0; i < 100; ++i) {
    const ag::Trace trace;
    [[maybe_unused]] const V total = ag::sum(ag::exp(V(ag::borrow(large))));
  }
  const ag::Trace trace;
  CHECK(ag::sum(V(ag::borrow(large))).item() == Approx(xt::sum(large)()));
}

TEST_CASE("equal lazy chains are one", "[engine][lazy]") {
  const ag::Trace trace;
  auto& tape = ag::Tape<double>::current();
  const V v = ag::borrow(x), w = ag::borrow(x);
  const auto id = [&](const V& y) { return tape.id("test", y); };
  CHECK(id(v - 1.0) == id(v - 1.0));
  CHECK(id(v - 1.0) != id(w - 1.0));
  CHECK(id(v - w) != id(w - v));
  CHECK(id(v - w) != id(v + w));
  const auto inside = ag::grad([&](const V& t) { return t * ag::sum(ag::stop_gradient(v - w)); });
  CHECK(inside(1.0) == 0);
}

TEST_CASE("a product of matrices in a recorded gradient waits for its reader", "[engine][lazy]") {
  const FuseFrom setting(4096);
  const ag::Trace trace;
  const A inputs = wave(3, 100), direction = xt::cos(x);
  const auto f = [&](const V& w) { return ag::sum(ag::tanh(ag::matmul(inputs, w))); };
  const V w(x), gradient = ag::grad(f)(w), weighted = gradient * direction;
  CHECK(state_of(gradient) == ag::State::apart);
  CHECK(state_of(weighted) == ag::State::fusable);

  const auto slope = [&](const V& at) { return ag::sum(ag::grad(f)(at) * direction); };
  CHECK(difference(ag::grad(slope)(x), ag::hvp(f)(x, direction)) == "");
  CHECK(state_of(gradient) == ag::State::apart);

  CHECK(ag::sum(weighted).item() == Approx(ag::jvp(f)(x, direction)()));
  CHECK(state_of(gradient) == ag::State::computed);
  CHECK(difference(gradient.value(), ag::grad(f)(x)) == "");
}

TEST_CASE("a lazy product reads what its operands were when it was made", "[engine][lazy]") {
  const FuseFrom setting(4096);
  const ag::Trace trace;
  const auto f = [](const V& a, const V& b) { return ag::sum(ag::square(ag::matmul(a, b))); };
  const V a(x), b = V(A(xt::transpose(x))) * 2.0;
  const auto [by_a, by_b] = ag::grad(f)(a, b);
  const V changed = ag::set(b, 1, 2, 0.0), rest = by_a * changed;
  const V expected = 2.0 * ag::matmul(ag::matmul(a, b), ag::transpose(b));
  CHECK(difference(by_a.value(), expected.value()) == "");
  CHECK(rest.value()(1, 2) == 0.0);
  CHECK(by_b.value().shape(0) == 100);
}
