// Processes that are forked off while threads help, and threads that the system refuses.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <autograd/autograd.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include "tests/support/expect.hpp"

namespace ag = autograd;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

class Threads {
 public:
  explicit Threads(int count) { ag::set_num_threads(count); }
  ~Threads() { ag::set_num_threads(1); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
};

/// Large enough for helpers, and for the threads of BLAS.
V loss(const V& x) { return ag::sum(ag::matmul(x, ag::sin(x))) + ag::sum(ag::exp(x) * x); }

A point() {
  A x = xt::zeros<double>({600, 600});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(0.37 * double(i % 1009));
  return x;
}

/// What a child process answers; "hangs" if it takes longer than a minute.
std::string in_child(const std::function<bool()>& is_right) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(is_right() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "hangs" : "crashes";
  return WEXITSTATUS(status) == 0 ? "right" : "wrong";
}

#ifdef __SANITIZE_THREAD__
constexpr bool may_start_threads = false;  // the thread sanitizer forbids it in a child
#else
constexpr bool may_start_threads = true;
#endif

/// A size of stacks for which there is no room: no thread can be started while it lives.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t attributes;
    pthread_getattr_default_np(&attributes);
    pthread_attr_setstacksize(&attributes, std::size_t{1} << 46);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

std::string error_of_threads(int count) {
  try {
    ag::set_num_threads(count);
  } catch (const std::system_error& error) {
    const std::string text = error.what();
    return text.substr(0, text.rfind(": "));
  }
  return "no exception";
}

}  // namespace

TEST_CASE("fork: a child computes, with threads of its own", "[engine][threads]") {
  if (!may_start_threads) return;
  const Threads threads(2);
  const A x = point();
  const double value = ag::value_and_grad(loss)(x).first;
  const A gradient = ag::grad(loss)(x);
  const auto is_right = [&] {
    const auto [v, g] = ag::value_and_grad(loss)(x);
    return ag::num_threads() == 2 && expect::difference(v, value, 1e-10) == "" &&
           expect::difference(g, gradient, 1e-10) == "";
  };
  CHECK(in_child(is_right) == "right");
  CHECK(in_child([&] { return in_child(is_right) == "right" && is_right(); }) == "right");
  CHECK(in_child([&] {
          ag::set_num_threads(3);
          ag::set_num_threads(1);
          const bool serial = expect::difference(ag::grad(loss)(x), gradient, 1e-10) == "";
          ag::set_num_threads(2);
          return serial && is_right();
        }) == "right");
  CHECK(is_right());
}

TEST_CASE("fork: while another thread computes", "[engine][threads]") {
  if (!may_start_threads) return;
  const Threads threads(2);
  const A x = point();
  const double value = ag::value_and_grad(loss)(x).first;
  std::atomic<bool> stop = false;
  std::atomic<int> rounds = 0;
  std::thread other([&] {
    for (; !stop; ++rounds) static_cast<void>(ag::grad(loss)(x));
  });
  while (rounds == 0) std::this_thread::yield();
  for (int i = 0; i < 10; ++i) {
    const int before = rounds;
    CHECK(in_child([&] {
            return expect::difference(ag::value_and_grad(loss)(x).first, value, 1e-10) == "";
          }) == "right");
    while (rounds < before + 2) std::this_thread::yield();  // the other thread goes on
  }
  stop = true;
  other.join();
}

TEST_CASE("what the system refuses changes nothing", "[engine][threads]") {
  const A x = point();
  const A gradient = ag::grad(loss)(x);
  for (int before : {1, 2}) {
    const Threads threads(before);
    {
      const NoThreads none;
      CHECK(error_of_threads(4) == "set_num_threads: 4 threads cannot be had");
    }
    CHECK(ag::num_threads() == before);
    CHECK(expect::difference(ag::grad(loss)(x), gradient, 1e-10) == "");
    CHECK(error_of_threads(3) == "no exception");
    CHECK(ag::num_threads() == 3);
    CHECK(expect::difference(ag::grad(loss)(x), gradient, 1e-10) == "");
  }
}

TEST_CASE("fork: a child that may not start threads computes alone", "[engine][threads]") {
  if (!may_start_threads) return;
  const Threads threads(2);
  const A x = point();
  const auto f = [](const V& v) { return ag::sum(ag::exp(v) * v); };
  const A gradient = ag::grad(f)(x);
  CHECK(in_child([&] {
          const NoThreads none;
          return expect::difference(ag::grad(f)(x), gradient, 1e-10) == "";
        }) == "right");
}
