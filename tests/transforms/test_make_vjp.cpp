// One trace, many cotangents.
#include <autograd/autograd.hpp>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::invalid_argument;
using expect::logic_error;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

const A point = {1.5, -2, 0.5};

V triple(const V& x) { return ag::stack({x[0] * x[1], ag::exp(x[2]), ag::sum(x * x)}); }

}  // namespace

TEMPLATE_TEST_CASE("make_vjp gives the value and a function of cotangents",
                   "[transforms][make_vjp]", float, double) {
  using B = xt::xarray<TestType>;
  int runs = 0;
  const auto f = [&](const ag::Var<TestType>& x) {
    ++runs;
    return ag::sin(x) * x;
  };
  const B x = {1, 2, 3};
  const auto [y, vjp] = ag::make_vjp(f)(x);
  STATIC_REQUIRE(std::is_same_v<decltype(y), const B>);
  CHECK(difference(y, ag::evaluate(f)(x)) == "");
  for (const B& g : {B{1, 0, 0}, B{0, 2, -1}, B{0, 0, 0}, B{5, 6, 7}}) {
    const int before = runs;
    const auto product = vjp(g);
    STATIC_REQUIRE(std::is_same_v<decltype(product), const B>);
    CHECK(runs == before);
    CHECK(difference(product, ag::vjp(f)(x, g)) == "");
  }
}

TEST_CASE("make_vjp of several arguments, numbers and things that are no arrays",
          "[transforms][make_vjp]") {
  const auto f = [](const V& a, double power, const V& b, const std::string& kind) {
    return kind == "sum" ? ag::power(a, power) + b : a * b;
  };
  const A a = {1, 2, 3}, g = {1, -1, 2};
  const auto made = ag::make_vjp<0, 2>(f)(a, 3.0, 0.5, "sum");
  CHECK(difference(made.value, a * a * a + 0.5) == "");
  const auto [ga, gb] = made.vjp(g);
  STATIC_REQUIRE(std::is_same_v<decltype(gb), const double>);
  CHECK(difference(ga, 3 * a * a * g) == "");
  CHECK(gb == 2);
  const auto square = ag::make_vjp([](const V& x) { return x * x; })(3.0);
  CHECK(square.value() == 9);
  CHECK(square.vjp(0.5) == 3);
}

TEST_CASE("make_vjp takes expressions and views, and copies its arguments",
          "[transforms][make_vjp]") {
  A m = {{1, 2, 3}, {4, 5, 6}};
  const auto f = [](const V& x) { return x * x; };
  const auto [y, vjp] = ag::make_vjp(f)(xt::transpose(m));
  const auto [twice, vjp_of_sum] = ag::make_vjp(f)(m + m);
  m.fill(0);
  CHECK(difference(vjp(xt::ones<double>({3, 2})), A{{2, 8}, {4, 10}, {6, 12}}) == "");
  CHECK(difference(vjp_of_sum(xt::ones<double>({2, 3})), A{{4, 8, 12}, {16, 20, 24}}) == "");
  CHECK(difference(y, A{{1, 16}, {4, 25}, {9, 36}}) == "");
}

TEST_CASE("several vjps live side by side and compose", "[transforms][make_vjp]") {
  const auto [y, back_to_x] = ag::make_vjp(triple)(point);
  const auto [z, back_to_y] = ag::make_vjp([](const V& v) { return ag::tanh(v); })(y);
  const A g = {1, 2, 3};
  const auto both = [](const V& x) { return ag::tanh(triple(x)); };
  CHECK(difference(back_to_x(back_to_y(g)), ag::vjp(both)(point, g)) == "");
  CHECK(difference(back_to_x(g), ag::vjp(triple)(point, g)) == "");
  CHECK(difference(back_to_y(g), g * (1 - z * z)) == "");
}

TEST_CASE("other transforms run while a vjp lives", "[transforms][make_vjp]") {
  // More than Tape::fuse_from elements, with sums that are computed when they are needed.
  const A x = xt::linspace<double>(0.1, 2, 5000);
  const auto f = [](const V& v) { return ag::sin(v) * ag::norm(v) + ag::sum(ag::exp(v)); };
  const auto [y, vjp] = ag::make_vjp(f)(x);
  const A g = xt::cos(x), expected = ag::vjp(f)(x, g);
  CHECK(difference(ag::evaluate(f)(x), y) == "");
  CHECK(difference(ag::grad([&](const V& v) { return ag::sum(f(v) * g); })(x), expected) == "");
  CHECK(difference(vjp(g), expected) == "");
  // Inside of them too, where what it returns is a constant.
  const auto inside = [&, &pull = vjp](const V& v) { return ag::sum(v * pull(g)); };
  CHECK(difference(ag::grad(inside)(x), expected) == "");
  CHECK(difference(vjp(g), expected) == "");
}

TEST_CASE("make_vjp of Vars can be differentiated, also by the cotangent",
          "[transforms][make_vjp]") {
  const A g = {0.5, 1, -2};
  const auto by_x = [&](const V& x) { return ag::sum(ag::square(ag::make_vjp(triple)(x).vjp(g))); };
  const auto with_vjp = [&](const V& x) { return ag::sum(ag::square(ag::vjp(triple)(x, g))); };
  CHECK(difference(ag::grad(by_x)(point), ag::grad(with_vjp)(point)) == "");
  CHECK(difference(ag::hessian(by_x)(point), ag::hessian(with_vjp)(point)) == "");
  const auto by_g = [](const V& u) { return ag::make_vjp(triple)(V(point)).vjp(u); };
  CHECK(difference(ag::jacobian(by_g)(g), xt::transpose(ag::jacobian(triple)(point))) == "");
  const ag::Trace trace;
  const auto [y, vjp] = ag::make_vjp(triple)(V(point));
  STATIC_REQUIRE(std::is_same_v<decltype(y), const V>);
  const auto copy = vjp;
  CHECK(difference(copy(g).value(), ag::vjp(triple)(point, g)) == "");
}

TEST_CASE("arrays beside Vars are copied, too", "[transforms][make_vjp]") {
  const ag::Trace trace;
  const auto times = [](const V& a, const V& b) { return a * a * b; };
  const auto [y, vjp] = ag::make_vjp(times)(A{1, 2}, V(A{3, 4}));
  const auto [ga, gb] = vjp(A{1, 1});
  CHECK(difference(ga.value(), {6, 16}) == "");
  CHECK(difference(gb.value(), {1, 4}) == "");
  const auto [fa, fb] =
      ag::grad([&](const V& a, const V& b) { return ag::sum(times(a, b)); })(A{1, 2}, V(A{3, 4}));
  const V again = ag::grad([&, &slope = fa](const V&) { return ag::sum(slope); })(V(A{1}));
  CHECK(difference(fa.value(), {6, 16}) == "");
  CHECK(difference(again.value(), A{0}) == "");
}

TEST_CASE("a cotangent has the shape of the value", "[transforms][make_vjp]") {
  const auto [y, vjp] = ag::make_vjp(triple)(point);
  const auto call = [&pull = vjp](auto g) { return invalid_argument([&] { return pull(g); }); };
  CHECK(call(A{1, 2}) == "make_vjp: the cotangent has shape (2,), expected shape (3,)");
  CHECK(call(1.0) == "make_vjp: the cotangent has shape (), expected shape (3,)");
  const ag::Trace trace;
  const auto recorded = ag::make_vjp(triple)(V(point)).vjp;
  CHECK(invalid_argument([&] { return recorded(V(1)); }) ==
        "make_vjp: the cotangent has shape (), expected shape (3,)");
  CHECK(difference(vjp(A{1, 2, 3}), ag::vjp(triple)(point, A{1, 2, 3})) == "");
}

TEST_CASE("make_vjp with arrays refuses to lose a dependence", "[transforms][make_vjp]") {
  CHECK(logic_error([] {
          return ag::grad([](const V& x) {
            const auto [y, vjp] = ag::make_vjp([&](const V& v) { return v * x; })(point);
            return ag::sum(x * vjp(point));
          })(2.0);
        }) ==
        "make_vjp: the function uses a Var of an enclosing differentiation, but its arguments "
        "are arrays, so the result would lose that dependence; pass the arguments as Var, or "
        "use stop_gradient on the outer one");
}

TEST_CASE("make_vjp of constants and of arguments themselves", "[transforms][make_vjp]") {
  const auto constant = ag::make_vjp([](const V&) { return V(point); })(point);
  CHECK(difference(constant.vjp(point), xt::zeros<double>({3})) == "");
  const auto same = ag::make_vjp([](const V& x) { return x; })(point);
  CHECK(difference(same.vjp(point), point) == "");
  const auto part = ag::make_vjp([](const V& x) { return ag::view(x, xt::range(1, 3)); })(point);
  CHECK(difference(part.vjp(A{3, 4}), {0, 3, 4}) == "");
}

// ---- lifetimes that only heap memory makes possible

TEST_CASE("a vjp that outlives the scope around it says so", "[transforms][make_vjp]") {
  using Made = decltype(ag::make_vjp(triple)(point));
  std::unique_ptr<const Made> kept;
  {
    const ag::Trace trace;
    kept.reset(new Made(ag::make_vjp(triple)(point)));
    CHECK(difference(kept->vjp(point), ag::vjp(triple)(point, point)) == "");
  }
  const std::string ended = logic_error([&] { return kept->vjp(point); });
  CHECK(ended.substr(0, 14) == "make_vjp: Var ");
  CHECK(ended.find("belongs to a trace that has ended") != std::string::npos);
  const auto other = ag::make_vjp(triple)(point);
  kept.reset();  // ends nothing that is still there
  CHECK(difference(other.vjp(point), ag::vjp(triple)(point, point)) == "");
}

TEST_CASE("a vjp made inside a function must not outlive its call", "[transforms][make_vjp]") {
  using Made = decltype(ag::make_vjp(triple)(point));
  std::unique_ptr<const Made> kept;
  const auto keep = [&](const V& x) {
    kept.reset(new Made(ag::make_vjp(triple)(point)));
    return ag::sum(x * x);
  };
  const auto refused = [&](const auto& transform) {
    return logic_error([&] { return transform(keep)(point); });
  };
  const std::string reason =
      ": a Trace or a vjp of make_vjp that was made inside the function has "
      "not ended; it must not outlive the call";
  CHECK(refused([](auto f) { return ag::grad(f); }) == "grad" + reason);
  CHECK(refused([](auto f) { return ag::jacobian(f); }) == "jacobian" + reason);
  kept.reset();
  CHECK(difference(ag::grad([](const V& x) { return ag::sum(x * x); })(point), 2 * point) == "");
}

TEST_CASE("what was recorded after a vjp ends with it", "[transforms][make_vjp]") {
  using Made = decltype(ag::make_vjp(triple)(point));
  std::unique_ptr<const Made> first(new Made(ag::make_vjp(triple)(point)));
  const std::unique_ptr<const Made> second(new Made(ag::make_vjp(triple)(point)));
  first.reset();
  CHECK(logic_error([&] { return second->vjp(point); }).find("a trace that has ended") !=
        std::string::npos);
  CHECK(difference(ag::grad([](const V& x) { return ag::sum(x * x); })(point), 2 * point) == "");
}

TEST_CASE("a vjp stays on its thread", "[transforms][make_vjp]") {
  const auto [y, vjp] = ag::make_vjp(triple)(point);
  std::string message;
  std::thread([&, &pull = vjp] { message = logic_error([&] { return pull(point); }); }).join();
  CHECK(message.find("belongs to another thread; a Var stays on its thread") != std::string::npos);
}
