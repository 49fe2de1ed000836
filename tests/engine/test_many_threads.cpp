/// Threads that help with large arrays: the results are the same to the last bit. To be run with
/// the thread sanitizer, too.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "autograd/loops/parallel_for.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;

namespace {

/// Sets the number of threads, for a while.
class Threads {
 public:
  explicit Threads(int count) { ag::set_num_threads(count); }
  ~Threads() { ag::set_num_threads(1); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
};

template <class T>
xt::xarray<T> wave(std::vector<std::size_t> shape) {
  xt::xarray<T> x = xt::zeros<T>(shape);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(T(0.37) * T(i % 10'007)) + T(2);
  return x;
}

template <class T>
bool same_bits(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class T>
struct Case {
  const char* name;
  std::function<ag::Var<T>(const ag::Var<T>&)> f;
};

/// Each takes another way through memory.
template <class T>
std::vector<Case<T>> cases() {
  using V = ag::Var<T>;
  using namespace xt::placeholders;
  return {
      {"one pass", [](const V& x) { return ag::exp(x); }},
      {"sum", [](const V& x) { return ag::sum(x); }},
      {"chain to one number", [](const V& x) { return ag::sum(ag::sin(x) * x); }},
      {"largest", [](const V& x) { return ag::max(x * 2) + ag::min(x) + ag::logsumexp(x); }},
      {"norms of rows", [](const V& x) { return ag::norm(ag::diff(x), {.axis = 1}); }},
      {"norms of columns",
       [](const V& x) { return ag::norm(ag::diff(ag::transpose(x)), {.axis = 1}); }},
      {"norms both ways",
       [](const V& x) { return ag::norm(ag::diff(x)) + ag::norm(ag::diff(ag::transpose(x))); }},
      {"every other",
       [](const V& x) { return ag::norm(ag::diff(ag::view(x, xt::all(), xt::range(1, _, 2)))); }},
      {"broadcast",
       [](const V& x) {
         return x * ag::mean(x, {.axis = 0}) - ag::mean(x, {.axis = 1, .keepdims = true});
       }},
      {"reversed", [](const V& x) { return ag::flip(x) * ag::flip(x, 0); }},
      {"slopes",
       [](const V& x) {
         return ag::correlate2d(x, xt::xarray<T>{{-1, -1, -1}, {0, 0, 0}, {1, 1, 1}});
       }},
      {"points of two numbers",
       [](const V& x) {
         const V points = ag::reshape(ag::view(x, xt::all(), xt::range(0, 1200)), {420'600, 2});
         return ag::norm(points, {.axis = 1}) + ag::sum(ag::exp(points), {.axis = 1});
       }},
      {"flattened", [](const V& x) { return ag::norm(ag::diff(ag::ravel(x))); }},
  };
}

}  // namespace

TEMPLATE_TEST_CASE("results do not depend on the number of threads", "[engine][many_threads]",
                   float, double) {
  const xt::xarray<TestType> x = wave<TestType>({701, 1201});
  for (const auto& [name, f] : cases<TestType>()) {
    INFO(name);
    const auto value = ag::evaluate(f)(x);
    const auto total = [f = f](const ag::Var<TestType>& v) { return ag::sum(ag::square(f(v))); };
    const xt::xarray<TestType> gradient = ag::grad(total)(x);
    for (int count : {2, 3, 7}) {
      INFO(count << " threads");
      const Threads setting(count);
      CHECK(same_bits<TestType>(ag::evaluate(f)(x), value));
      CHECK(same_bits<TestType>(ag::grad(total)(x), gradient));
    }
  }
}

TEST_CASE("several callers are helped in turn", "[engine][many_threads]") {
  const xt::xarray<double> x = wave<double>({600, 1000});
  const auto f = [](const ag::Var<double>& v) { return ag::sum(ag::exp(v) * v); };
  const xt::xarray<double> expected = ag::grad(f)(x);
  const Threads setting(3);
  std::vector<xt::xarray<double>> results(3);
  std::vector<std::thread> callers;
  for (auto& result : results) {
    callers.emplace_back([&] {
      for (int i = 0; i < 5; ++i) result = ag::grad(f)(x);
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& result : results) CHECK(same_bits(result, expected));
}

TEST_CASE("every part of the work is done once, and its exceptions arrive",
          "[engine][many_threads]") {
  const Threads setting(4);
  CHECK(ag::num_threads() == 4);
  std::vector<int> done(1000, 0);
  ag::parallel_for(1000, [&](int i) {
    ++done[static_cast<std::size_t>(i)];
    ag::parallel_for(2, [&](int) {});  // within work: on the same thread
  });
  CHECK(std::ranges::count(done, 1) == 1000);
  const auto fails = [](int i) {
    if (i == 37) throw std::runtime_error("part 37");
  };
  CHECK_THROWS_WITH(ag::parallel_for(100, fails), "part 37");
  CHECK_NOTHROW(ag::parallel_for(30, fails));
}

TEST_CASE("the number of threads is positive", "[engine][many_threads]") {
  CHECK_THROWS_WITH(ag::set_num_threads(0),
                    "set_num_threads: the number of threads must be at least 1, got 0");
  CHECK(ag::num_threads() == 1);
}
