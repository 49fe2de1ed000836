/// make_jvp, make_hvp, ggnvp, deriv and grad_and_aux.
#include <array>
#include <autograd/autograd.hpp>
#include <string>
#include <tuple>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace {

namespace ag = autograd;
using expect::difference;
using A = xt::xarray<double>;
using V = ag::Var<double>;

const A x = {0.3, -0.7, 1.2}, v = {1, 2, -1}, w = {0.5, -1, 3};

V vector(const V& at) { return ag::sin(at) * ag::sum(at * at); }
V scalar(const V& at) { return ag::sum(ag::exp(at) * at) * ag::sum(at); }

}  // namespace

TEST_CASE("make_jvp gives the value and the product", "[transforms][products]") {
  const auto jvp = ag::make_jvp(vector)(x);
  for (const A& direction : {v, w}) {
    const auto [value, product] = jvp(direction);
    CHECK(difference(value, ag::evaluate(vector)(x)) == "");
    CHECK(difference(product, ag::jvp(vector)(x, direction)) == "");
  }
  const auto of_numbers = [](const V& a, const V& b) { return a * a * b; };
  const auto [value, product] = ag::make_jvp(of_numbers)(3.0, 2.0)(1.0, 0.5);
  CHECK(value == 18);
  CHECK(product == 12 + 4.5);
}

TEST_CASE("jvp of functions that return containers", "[transforms][products]") {
  const auto f = [](const V& at) { return std::pair(at * at, std::array{ag::sum(at), at}); };
  const auto [squares, rest] = ag::jvp(f)(x, v);
  CHECK(difference(squares, 2 * x * v) == "");
  CHECK(difference(rest[0], xt::sum(v)) == "");
  CHECK(difference(rest[1], v) == "");
}

TEST_CASE("make_vjp of functions that return containers", "[transforms][products]") {
  const auto f = [](const V& at) { return std::pair(at * at, ag::sum(at)); };
  const auto [y, vjp] = ag::make_vjp(f)(x);
  CHECK(difference(y.first, x * x) == "");
  CHECK(difference(y.second, xt::sum(x)) == "");
  CHECK(difference(vjp(std::pair(v, A(2.0))), 2 * x * v + 2) == "");
  CHECK_THROWS_WITH(vjp(std::pair(v, v)),
                    "make_vjp: the cotangent has shape (3,), expected shape ()");
  // With Vars, differentiated by the cotangent and by x.
  const auto product = [&](const V& at, const V& g) {
    const auto [value, inner] = ag::make_vjp(f)(at);
    return ag::sum(inner(std::pair(g, value.second)) * w);
  };
  ag::check_gradients(product, {x, v});
}

TEST_CASE("make_hvp gives the gradient and products with the Hessian", "[transforms][products]") {
  const auto [gradient, hvp] = ag::make_hvp(scalar)(x);
  CHECK(difference(gradient, ag::grad(scalar)(x)) == "");
  for (const A& direction : {v, w}) {
    CHECK(difference(hvp(direction), ag::hvp(scalar)(x, direction)) == "");
  }
  const auto of_two = [](const V& a, const V& b) { return ag::sum(a * a * b); };
  const auto [gradients, products] = ag::make_hvp(of_two)(x, w);
  const auto [by_a, by_b] = products(std::tuple(v, v));
  const auto [same_by_a, same_by_b] = ag::hvp(of_two)(x, w, v, v);
  CHECK(difference(std::get<1>(gradients), x * x) == "");
  CHECK(difference(by_a, same_by_a) == "");
  CHECK(difference(by_b, same_by_b) == "");
}

TEST_CASE("products with the generalized Gauss-Newton matrix", "[transforms][products]") {
  const A J = ag::jacobian(vector)(x);
  const auto times = [&](const A& matrix, const A& at) {
    return ag::evaluate([](const V& m, const V& a) { return ag::matmul(m, a); })(matrix, at);
  };
  const A transposed = xt::transpose(J);
  CHECK(difference(ag::ggnvp(vector)(x, v), times(transposed, times(J, v))) == "");
  const auto g = [](const V& y) { return ag::logsumexp(y); };
  const A H = ag::hessian(g)(ag::evaluate(vector)(x));
  const A expected = times(transposed, times(H, times(J, v)));
  CHECK(difference(ag::ggnvp(vector, g)(x, v), expected) == "");
  CHECK(difference(ag::make_ggnvp(vector, g)(x)(v), expected) == "");
  ag::check_gradients([&](const V& at) { return ag::ggnvp(vector, g)(at, v); }, {x});
}

TEST_CASE("deriv is the derivative along ones", "[transforms][products]") {
  const auto powers = [](const V& t) { return ag::stack({t, t * t, t * t * t}); };
  CHECK(difference(ag::deriv(powers)(2.0), A{1, 4, 12}) == "");
  CHECK(ag::deriv([](const V& t) { return t * t; })(3.0)() == 6);
  CHECK(difference(ag::deriv(vector)(x), ag::jvp(vector)(x, A{1, 1, 1})) == "");
}

TEST_CASE("grad_and_aux gives the gradient and the rest", "[transforms][products]") {
  const auto f = [](const V& at, const V& factor) {
    const V y = factor * vector(at);
    return std::pair(ag::sum(y), std::tuple(y, std::string("kept"), at.size()));
  };
  const auto [gradient, aux] = ag::grad_and_aux<0>(f)(x, 2.0);
  const auto sum_alone = [](const V& at) { return ag::sum(2.0 * vector(at)); };
  CHECK(difference(gradient, ag::grad(sum_alone)(x)) == "");
  CHECK(difference(std::get<0>(aux), 2 * ag::evaluate(vector)(x)) == "");
  CHECK(std::get<1>(aux) == "kept");
  CHECK(std::get<2>(aux) == 3);
  // Inside of another transform aux stays a Var, and can be differentiated.
  const auto outer = [&](const V& at) {
    const auto [g, rest] = ag::grad_and_aux<0>(f)(at, V(2.0));
    return ag::sum(g * std::get<0>(rest));
  };
  ag::check_gradients(outer, {x});
}
