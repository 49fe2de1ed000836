/// Some of the workloads with Adept 2.
#include <adept_arrays.h>

#include <vector>

#include "measure.hpp"

namespace {

using adept::adouble;
using adept::aVector;

adouble halvings(adouble x) {
  for (int i = 0; i < 1000; ++i) x = (x + x) / 2.0;
  return x;
}

template <class X>
void sines(X& x) {
  for (int i = 0; i < 50; ++i) x = sin(x);
}

/// Goes back from the value; returns it.
double pull(adept::Stack& stack, adouble& value) {
  value.set_gradient(1.0);
  stack.compute_adjoint();
  return value.value();
}

/// f: from a number to a number.
template <class F>
void measure(adept::Stack& stack, const char* name, F f) {
  adouble x = 0.5;
  peers::measure(name, 1e-8, [&] {
    stack.new_recording();
    adouble value = f(x);
    return pull(stack, value);
  });
}

void measure_sines_of_vector(adept::Stack& stack) {
  const std::vector<double> start = peers::numbers<double>(64, 0.1, 1);
  aVector x(64), y(64);
  for (int i = 0; i < 64; ++i) x(i) = start[i];
  peers::measure("50 sines of a 64-vector", 1e-8, [&] {
    stack.new_recording();
    y = x;
    sines(y);
    adouble value = sum(y);
    return pull(stack, value);
  });
}

}  // namespace

int main() {
  adept::Stack stack;
  measure(stack, "50 sines", [](adouble x) {
    sines(x);
    return x;
  });
  measure(stack, "1000 times (x + x) / 2", halvings);
  measure_sines_of_vector(stack);
}
