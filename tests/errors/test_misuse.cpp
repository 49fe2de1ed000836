// Vars where they do not belong, and exceptions out of users' code: clear errors, and a tape that
// is left as it was found.
#include <autograd/autograd.hpp>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "autograd/tape/tape.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {0.5, 1, 2};

V cube(const V& x) { return ag::sum(x * x * x); }

/// What the tape of this thread holds.
struct Held {
  ag::NodeId nodes = tape().size();
  std::size_t values = tape().arena.used();
  std::size_t gradients = tape().gradients.used();
  bool open = tape().open();
  bool operator==(const Held&) const = default;

  static ag::Tape<double>& tape() { return ag::Tape<double>::current(); }
};

/// The message that another thread gets.
template <class F>
std::string on_another_thread(const F& f) {
  std::string message;
  std::thread([&] {
    try {
      static_cast<void>(f());
    } catch (const std::logic_error& error) {
      message = error.what();
    }
  }).join();
  return message;
}

std::string ended(const std::string& op, int id) {
  return op + ": Var %" + std::to_string(id) +
         " belongs to a trace that has ended; do not keep Vars after the transform returns";
}

}  // namespace

// ---- Vars where they do not belong

TEST_CASE("a Var without a value", "[errors][misuse]") {
  const ag::Trace trace;
  const V empty;
  const std::string message = ": the Var is empty (default constructed)";
  CHECK(logic_error([&] { return ag::tanh(empty); }) == "tanh" + message);
  CHECK(logic_error([&] { return 2 * empty; }) == "multiply" + message);
  CHECK(logic_error([&] { empty.shape(); }) == "shape" + message);
  CHECK(logic_error([&] { empty.value(); }) == "value" + message);
  CHECK(logic_error([&] { empty.item(); }) == "item" + message);
  CHECK(logic_error([&] { std::ostringstream() << empty; }) == "print" + message);
  CHECK(logic_error([] { return ag::grad([](const V&) { return V(); })(point); }) ==
        "grad" + message);
  CHECK(logic_error([] { return ag::jacobian([](const V&) { return V(); })(point); }) ==
        "jacobian" + message);
  CHECK(logic_error([&] { return ag::grad(cube)(empty); }) == "argument" + message);
}

TEST_CASE("a Var kept after its transform", "[errors][misuse]") {
  V kept;
  static_cast<void>(ag::grad([&](const V& x) {
    kept = x * x;
    return ag::sum(kept);
  })(point));
  CHECK(logic_error([&] { return ag::tanh(kept); }) == ended("tanh", 1));
  CHECK(logic_error([&] { kept.value(); }) == ended("value", 1));
  // Within a new trace, whose own nodes have the same numbers, too.
  const ag::Trace trace;
  const V one = 1, two = 2;
  CHECK(logic_error([&] { return kept + two; }) == ended("add", 1));
  CHECK((one + two).item() == 3);
}

TEST_CASE("a Var of an inner transform in the outer one", "[errors][misuse]") {
  const auto f = [](const V& x) {
    V inner;
    static_cast<void>(ag::grad([&](const V& y) {
      inner = y;
      return ag::sum(y);
    })(point));
    return x * ag::sum(inner);
  };
  CHECK(logic_error([&] { return ag::grad(f)(1.0); }) == ended("sum", 2));
}

TEST_CASE("a Var where no trace is open", "[errors][misuse]") {
  const Held before;
  const std::string message =
      ": no trace is open; Vars live inside a transform such as grad(f)(x) or evaluate(f)(x), or "
      "after autograd::Trace trace;";
  CHECK(logic_error([] { return V(1.0); }) == "Var" + message);
  CHECK(logic_error([] { return V{point}; }) == "Var" + message);
  CHECK(logic_error([] { return ag::borrow(point); }) == "borrow" + message);
  CHECK(Held() == before);
}

TEST_CASE("a Var on another thread", "[errors][misuse]") {
  const ag::Trace trace;
  const V x = 2;
  const std::string message = ": Var %0 belongs to another thread; a Var stays on its thread";
  CHECK(on_another_thread([&] { return ag::sin(x); }) == "sin" + message);
  CHECK(on_another_thread([&] { return ag::grad([&](const V& y) { return x * y; })(1.0); }) ==
        "multiply" + message);
}

TEST_CASE("a Var of a thread that has ended", "[errors][misuse]") {
  V kept;
  CHECK(on_another_thread([&] {
          const ag::Trace trace;
          kept = 7;
        }) == "");
  // A new thread may get the memory of the old one.
  CHECK(on_another_thread([&] {
          const ag::Trace trace;
          CHECK(V(8).item() == 8);
          static_cast<void>(ag::sin(kept));
        }) == ended("sin", 0));
}

// ---- exceptions

namespace {

struct Stop : std::exception {};

V stop(const V&) { throw Stop(); }

/// A custom operation whose vjp throws, on arrays or on Vars.
V stops_in_the_sweep(const V& x) {
  const auto forward = [](const A& a) { return a; };
  const auto vjp = [](const A&, const A&, const A& a) -> A { return throw Stop(), a; };
  return ag::custom<double>("stops", forward, vjp)(x);
}
V stops_in_any_sweep(const V& x) {
  const auto forward = [](const A& a) { return a; };
  const auto vjp = [](const V& g, const V&, const V& a) { return ag::grad(stop)(a) * g; };
  return ag::custom<double>("stops", forward, vjp)(x);
}
V stops_in_forward(const V& x) {
  const auto forward = [](const A&) -> A { throw Stop(); };
  return ag::custom<double>("stops", forward, [](const V& g, const V&, const V&) { return g; })(x);
}

template <class F>
void check_leaves_the_tape(const F& f) {
  const Held before;
  const auto check = [&](const auto& run) {
    CHECK_THROWS_AS(run(), Stop);
    CHECK(Held() == before);
    CHECK(difference(ag::grad(cube)(point), 3 * point * point) == "");
    CHECK(Held() == before);
  };
  check([&] { return ag::grad(f)(point); });
  check([&] { return ag::jacobian(f)(point); });
  check([&] { return ag::vjp(f)(point, 1.0); });
  check([&] { return ag::jvp(f)(point, point); });
  check([&] { return ag::hessian(f)(point); });
  check([&] { return ag::hvp(f)(point, point); });
  check([&] { return ag::grad([&](const V& x) { return x * ag::grad(f)(V(point))[0]; })(1.0); });
  check(
      [&] { return ag::grad([&](const V& x) { return x * xt::sum(ag::grad(f)(point))(); })(1.0); });
}

}  // namespace

TEST_CASE("exceptions in the function leave the tape as it was", "[errors][misuse]") {
  check_leaves_the_tape(stop);
  check_leaves_the_tape([](const V& x) { return stop(ag::exp(x) * x); });
  check_leaves_the_tape([](const V& x) { return ag::sum(x * ag::grad(stop)(x)); });
  check_leaves_the_tape([](const V& x) { return ag::sum(stops_in_forward(x)); });
}

TEST_CASE("exceptions in the sweep leave the tape as it was", "[errors][misuse]") {
  check_leaves_the_tape([](const V& x) { return ag::sum(stops_in_any_sweep(x * x)); });
  const auto f = [](const V& x) { return ag::sum(x * stops_in_the_sweep(x * x)); };
  const Held before;
  CHECK_THROWS_AS(ag::grad(f)(point), Stop);
  CHECK(Held() == before);
  CHECK_THROWS_AS(ag::jacobian(f)(point), Stop);
  CHECK(Held() == before);
}

TEST_CASE("the same inside an open trace", "[errors][misuse]") {
  const ag::Trace trace;
  const V x = point;
  check_leaves_the_tape(stop);
  check_leaves_the_tape([](const V& y) { return ag::sum(stops_in_any_sweep(y)); });
  CHECK(difference(x.value(), point) == "");
}

TEST_CASE("errors of the library leave the tape as it was", "[errors][misuse]") {
  const Held before;
  const auto fails = [&](const auto& f) {
    CHECK_THROWS(ag::grad(f)(point));
    CHECK(Held() == before);
    CHECK_THROWS(ag::hessian(f)(point));
    CHECK(Held() == before);
  };
  fails([](const V& x) { return x; });
  fails([](const V& x) { return ag::sum(ag::matmul(x, ag::stack({x, x}))); });
  fails([](const V& x) { return ag::sum(ag::concatenate({x, ag::expand_dims(x, 0)})); });
  fails([](const V& x) { return x[3]; });
  fails([](const V& x) { return ag::grad(ag::grad(cube))(x); });
  fails([](const V&) { return V(); });
  CHECK_THROWS(ag::check_gradients([](const V& x) { return x[3]; }, {point}));
  CHECK(Held() == before);
}

TEST_CASE("numbers that are not finite leave the tape as it was", "[errors][misuse]") {
  const Held before;
  const ag::FiniteGuard guard;
  CHECK_THROWS(ag::grad([](const V& x) { return ag::sum(ag::log(x - x)); })(point));
  CHECK(Held() == before);
  CHECK_THROWS(ag::grad([](const V& x) { return ag::sum(ag::sqrt(x - x)); })(point));
  CHECK(Held() == before);
  CHECK_THROWS(ag::hessian([](const V& x) { return ag::sum(ag::sqrt(x - x)); })(point));
  CHECK(Held() == before);
  CHECK(difference(ag::grad(cube)(point), 3 * point * point) == "");
}

TEST_CASE("what operations keep alive dies with their trace", "[errors][misuse]") {
  const auto state = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = state;
  const auto f = [&](const V& x) {
    const auto forward = [state](const A& a) { return a; };
    const auto vjp = [state](const V& g, const V&, const V&) { return g; };
    return ag::sum(ag::custom<double>("keeps", forward, vjp)(x));
  };
  static_cast<void>(ag::grad(f)(point));
  CHECK(watched.use_count() == 1);
  CHECK_THROWS_AS(ag::grad([&](const V& x) { return f(x) + stop(x); })(point), Stop);
  CHECK(watched.use_count() == 1);
}

TEST_CASE("traces nest", "[errors][misuse]") {
  const Held before;
  {
    const ag::Trace outer;
    const V x = 2;
    V y;
    {
      const ag::Trace inner;
      y = x * 3;  // outer Vars are seen inside
      CHECK(y.item() == 6);
    }
    CHECK(logic_error([&] { y.item(); }) == ended("item", 2));
    CHECK((x * x).item() == 4);
  }
  CHECK(Held() == before);
}
