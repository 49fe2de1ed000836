// Optimizers whose memory runs out in the first step: everything is as it was before.
#include <autograd/autograd.hpp>
#include <new>
#include <optim/optim.hpp>
#include <tuple>
#include <vector>

#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace {

using A = xt::xarray<double>;

/// Lets the first step run out of memory at each of its allocations, and then succeed.
template <class O>
void check_first_step(const O& fresh) {
  const A start = {1, 2, 3}, g = {0.5, -1, 2}, other = {{4, 5}}, h = {{-1, 1}};
  O expected = fresh;
  A expected_w = start, expected_b = other;
  expected.step(std::tie(expected_w, expected_b), std::tuple<const A&, const A&>(g, h));

  bool failed = true;
  std::size_t calls = 0;
  for (; failed; ++calls) {
    CAPTURE(calls);
    O optimizer = fresh;
    A w = start, b = other;
    const auto step = [&] { optimizer.step(std::tie(w, b), std::tuple<const A&, const A&>(g, h)); };
    try {
      const allocations::Shortage limit(calls);
      step();
      failed = false;
    } catch (const std::bad_alloc&) {
    }
    if (!failed) break;
    CHECK(optimizer.iterations() == 0);
    CHECK((w == start));
    CHECK((b == other));
    step();
    CHECK((w == expected_w));
    CHECK((b == expected_b));
  }
  CHECK(calls >= 4);
}

}  // namespace

TEST_CASE("a first step without memory changes nothing", "[optim][optimizers]") {
  if (!allocations::counted) return;
  check_first_step(optim::SGD<double>());
  check_first_step(optim::Adam<double>());
  check_first_step(optim::AdamW<double>());
  check_first_step(optim::RMSprop<double>());
  using Projections = std::vector<optim::Projection<double>>;
  check_first_step(optim::Projected(
      optim::SGD<double>({.learning_rate = 1}),
      Projections{optim::simplex<double>(),
                  optim::intersection<double>(
                      {optim::non_negative<double>(), optim::affine<double>({{1, 1}}, {1})})}));
}

TEST_CASE("L-BFGS without memory for a step changes nothing", "[optim][lbfgs]") {
  if (!allocations::counted) return;
  // Without autograd, which takes memory of its own.
  const optim::Term<double> f = {"squares",
                                 {},
                                 [](A& g, const A& x) {
                                   g.resize(x.shape());
                                   double value = 0;
                                   for (std::size_t i = 0; i < x.size(); ++i) {
                                     const double w = 1 + static_cast<double>(i);
                                     g(i) = 2 * w * x(i), value += w * x(i) * x(i);
                                   }
                                   return value;
                                 },
                                 {}};
  bool failed = true;
  std::size_t calls = 0;
  for (; failed; ++calls) {
    CAPTURE(calls);
    optim::LBFGS<double> optimizer({.low = -9});
    A x = {1, 2, 3}, gradient;
    double value = f.value_and_grad(gradient, x);
    const A before = gradient;
    try {
      const allocations::Shortage limit(calls);
      for (int step = 0; step < 2; ++step) optimizer.step(f, x, value, gradient);
      failed = false;
    } catch (const std::bad_alloc&) {
    }
    A there;
    CHECK(f.value_and_grad(there, x) == value);
    CHECK((there == gradient));
    CHECK(optimizer.step(f, x, value, gradient));
    const auto result = optim::minimize(f, x, optimizer);
    CHECK(result.criterion == optim::Criterion::gtol);
  }
  CHECK(calls >= 6);
}
