// Threads differentiate independently of each other. To be run with the thread sanitizer, too.
#include <array>
#include <autograd/autograd.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;

namespace {

using A = xt::xarray<double>;

/// Something to compute often, on several threads.
using Task = std::function<A()>;

template <class T>
std::vector<Task> tasks() {
  const xt::xarray<T> x = {{T(0.5), 1}, {2, T(-0.3)}};
  const auto matrix = [](const ag::Var<T>& m) { return ag::trace(ag::matmul(m, ag::tanh(m))); };
  const auto smooth = [](const ag::Var<T>& m) { return ag::logsumexp(m * m) + ag::norm(m); };
  const auto rows = [](const ag::Var<T>& m) {
    ag::Var<T> total = 0;
    for (auto row : m) total += ag::norm(ag::diff(row));
    return total;
  };
  const auto own = [](const ag::Var<T>& m) {
    return ag::sum(ag::custom<T>(
        "own", [](const xt::xarray<T>& a) { return xt::xarray<T>(a * a); },
        [](const ag::Var<T>& g, const ag::Var<T>&, const ag::Var<T>& a) { return 2 * g * a; })(m));
  };
  return {[=] { return A(ag::grad(matrix)(x)); }, [=] { return A(ag::hessian(smooth)(x)); },
          [=] { return A(ag::grad(rows)(x)); }, [=] { return A(ag::hvp(own)(x, x)); }};
}

/// Runs each task a hundred times on a thread of its own; the results of the last time.
std::vector<A> run_all(const std::vector<Task>& work) {
  std::vector<A> results(work.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < work.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int times = 0; times < 100; ++times) results[i] = work[i]();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace

TEMPLATE_TEST_CASE("four threads differentiate different functions", "[engine][threads]", float,
                   double) {
  const std::vector<Task> work = tasks<TestType>();
  const std::vector<A> results = run_all(work);
  for (std::size_t i = 0; i < work.size(); ++i) {
    CHECK(difference(results[i], run_all({work[i]})[0]) == "");
  }
}

TEST_CASE("four threads differentiate the same function", "[engine][threads]") {
  const Task shared = tasks<double>()[1];
  for (const A& result : run_all({shared, shared, shared, shared})) {
    CHECK(difference(result, shared()) == "");
  }
}

TEST_CASE("an exception on one thread does not disturb the others", "[engine][threads]") {
  const Task good = tasks<double>()[0];
  const Task bad = [] {
    std::string message;
    try {
      static_cast<void>(ag::grad([](const ag::Var<double>& x) { return ag::sum(x)[0]; })(A{1, 2}));
    } catch (const std::invalid_argument& error) {
      message = error.what();
    }
    return A(double(message == "operator[]: a Var of rank 0 has no rows"));
  };
  const std::vector<A> results = run_all({good, bad, bad, good});
  CHECK(difference(results[0], good()) == "");
  CHECK(results[1]() == 1);
  CHECK(results[2]() == 1);
  CHECK(difference(results[3], good()) == "");
}

TEST_CASE("a FiniteGuard guards its own thread", "[engine][threads]") {
  const ag::FiniteGuard guard;
  const auto logarithm = [](const ag::Var<double>& x) { return ag::log(x); };
  const std::vector<A> results = run_all({[=] { return A(ag::grad(logarithm)(0.0)); }});
  CHECK(results[0]() == INFINITY);
  CHECK_THROWS_AS(ag::grad(logarithm)(0.0), std::runtime_error);
}
