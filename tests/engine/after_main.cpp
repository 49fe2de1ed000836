// Differentiates where the tape of the thread is gone already: that must be refused, not crash.
#include <autograd/autograd.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace ag = autograd;

namespace {

using V = ag::Var<double>;

int refused = 0;

void check_refused(const char* where, void (*use)()) {
  try {
    use();
    std::printf("%s: done\n", where);
  } catch (const std::logic_error& error) {
    std::printf("%s: %s\n", where, error.what());
    refused += error.what() ==
               std::string(
                   "Tape: the thread is ending and its tape is gone; destructors of static "
                   "and thread_local objects and functions given to atexit cannot "
                   "differentiate");
  }
}

double slope(double x) {
  return ag::grad([](const V& v) { return ag::exp(v) * v; })(x);
}

/// Reports at the end of everything.
struct Report {
  ~Report() { std::printf(refused == 6 ? "all 6 were refused\n" : "%d were refused\n", refused); }
} report;

struct Late {
  const char* where;
  ~Late() {
    check_refused(where, [] { slope(1); });
  }
};

Late of_program{"destructor of a static object"};
std::optional<ag::Trace> trace_of_program;
std::optional<ag::FiniteGuard> guard_of_program;

void at_exit() {
  check_refused("atexit: grad", [] { slope(1); });
  check_refused("atexit: Trace", [] { ag::Trace trace; });
  check_refused("atexit: Var", [] { V x = 1; });
  check_refused("atexit: evaluate", [] {
    static_cast<void>(ag::evaluate([](const V& v) { return v * 2; })(xt::xarray<double>{1, 2}));
  });
}

}  // namespace

int main() {
  std::atexit(at_exit);
  std::thread([] {
    thread_local Late of_thread{"destructor of a thread_local object"};
    static_cast<void>(of_thread);
    slope(1);
  }).join();
  trace_of_program.emplace();
  guard_of_program.emplace();
  std::printf("in main: %g\n", slope(0));
}
