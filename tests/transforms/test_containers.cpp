/// Containers of arrays as arguments of transforms.
#include <array>
#include <autograd/autograd.hpp>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace {

namespace ag = autograd;
using expect::difference;
using A = xt::xarray<double>;
using V = ag::Var<double>;

template <class A>
struct Layer {
  A W, b;
};

template <class A>
struct Network {
  std::vector<Layer<A>> layers;
  A scale;
  std::string name;
};

template <class A>
struct Decay {
  A w;
  double rate;
  std::array<int, 2> steps;
};

A wave(std::vector<std::size_t> shape, double phase = 0) {
  A x = A::from_shape(shape);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(0.7 * double(i) + phase);
  return x;
}

Network<A> network(double phase = 0) {
  return {{{wave({3, 4}, phase), wave({4}, phase + 1)},
           {wave({4, 2}, phase + 2), wave({2}, phase + 3)}},
          wave({2}, phase + 4),
          "two layers"};
}

const A inputs = wave({5, 3}, 0.3);

const auto loss = [](const Network<V>& net) {
  V y = inputs;
  for (const auto& [W, b] : net.layers) y = ag::tanh(ag::matmul(y, W) + b);
  return ag::sum(ag::square(y * net.scale));
};

/// The same function of the arrays one by one.
const auto loss_of_arrays = [](const V& W0, const V& b0, const V& W1, const V& b1, const V& scale) {
  return loss(Network<V>{{{W0, b0}, {W1, b1}}, scale, ""});
};

/// f(W0, b0, W1, b1, scale).
auto with_arrays_of(const Network<A>& net, const auto& f) {
  const auto& [first, second] = std::tie(net.layers[0], net.layers[1]);
  return f(first.W, first.b, second.W, second.b, net.scale);
}

std::string compare(const Network<A>& actual, const std::tuple<A, A, A, A, A>& expected) {
  const auto& [W0, b0, W1, b1, scale] = expected;
  return difference(actual.layers.at(0).W, W0) + difference(actual.layers.at(0).b, b0) +
         difference(actual.layers.at(1).W, W1) + difference(actual.layers.at(1).b, b1) +
         difference(actual.scale, scale);
}

}  // namespace

TEST_CASE("a gradient by a struct is a struct", "[transforms][containers]") {
  const Network<A> net = network();
  const auto [value, gradient] = ag::value_and_grad(loss)(net);
  const auto [expected_value, expected] = with_arrays_of(net, ag::value_and_grad(loss_of_arrays));
  CHECK(value == expected_value);
  CHECK(compare(gradient, expected) == "");
  CHECK(gradient.name == "two layers");
  const auto scaled = [](const Network<V>& n, const V& factor) { return loss(n) * factor; };
  CHECK(compare(ag::grad<0>(scaled)(net, 1.0), expected) == "");
  const auto [by_net, by_factor] = ag::grad(scaled)(net, 1.0);
  CHECK(compare(by_net, expected) == "");
  CHECK(by_factor == value);
  CHECK(compare(ag::elementwise_grad(loss)(net), expected) == "");
}

TEST_CASE("gradients are written to a struct of the caller", "[transforms][containers]") {
  const Network<A> net = network();
  const Network<A> expected = ag::grad(loss)(net);
  Network<A> gradient;  // without layers
  const auto f = ag::value_and_grad(loss);
  for (int call = 0; call < 2; ++call) {
    CHECK(f.into(gradient, net) == f(net).first);
    CHECK(gradient.layers.size() == 2);
    CHECK(difference(gradient.layers[1].W, expected.layers[1].W) == "");
    CHECK(difference(gradient.scale, expected.scale) == "");
  }
  Network<A> both = net;
  f.into(both, both);
  CHECK(difference(both.layers[0].W, expected.layers[0].W) == "");
  CHECK(difference(both.layers[1].b, expected.layers[1].b) == "");

  std::vector<A> arrays{{1, 2}, {3, 4}};
  A by_factor;
  const auto weighted = [](const std::vector<V>& x, const V& factor) {
    return factor * ag::sum(x[0] * x[1]);
  };
  ag::value_and_grad(weighted).into(std::tie(arrays, by_factor), arrays, 2.0);
  CHECK(difference(arrays[0], A{6, 8}) == "");
  CHECK(difference(arrays[1], A{2, 4}) == "");
  CHECK(by_factor() == 11);
}

TEST_CASE("gradients may be written over the arguments of others", "[transforms][containers]") {
  std::vector<A> a{{1, 2}, {3}}, b{{1}, {2}, {3, 4}};
  const auto f = [](const std::vector<V>& p, const std::vector<V>& q) {
    return ag::sum(p[0] * q[2]) * ag::sum(p[1]) + ag::sum(q[0] * q[1]);
  };
  const auto expected = ag::grad(f)(a, b);
  ag::value_and_grad(f).into(std::tie(b, a), a, b);
  REQUIRE((b.size() == 2 && a.size() == 3));
  for (std::size_t i = 0; i < 2; ++i) CHECK(difference(b[i], std::get<0>(expected)[i]) == "");
  for (std::size_t i = 0; i < 3; ++i) CHECK(difference(a[i], std::get<1>(expected)[i]) == "");
}

TEST_CASE("products with derivatives by a struct", "[transforms][containers]") {
  const Network<A> net = network(), v = network(0.9);
  const auto directions = [&](const auto& f) {
    return with_arrays_of(net, [&](const auto&... x) {
      return with_arrays_of(v, [&](const auto&... d) { return f(x..., d...); });
    });
  };
  CHECK(compare(ag::hvp(loss)(net, v), directions(ag::hvp(loss_of_arrays))) == "");
  CHECK(difference(ag::jvp(loss)(net, v), directions(ag::jvp(loss_of_arrays))) == "");
  const auto expected =
      with_arrays_of(net, [&](const auto&... x) { return ag::vjp(loss_of_arrays)(x..., 2.0); });
  CHECK(compare(ag::vjp(loss)(net, 2.0), expected) == "");
  const auto [value, vjp] = ag::make_vjp(loss)(net);
  CHECK(compare(vjp(2.0), expected) == "");
  CHECK(compare(vjp(2.0), expected) == "");
}

TEST_CASE("a Jacobian by a struct has one for each of its arrays", "[transforms][containers]") {
  const auto f = [](const Layer<V>& x) { return ag::matmul(x.W, x.b); };
  const Layer<A> x{wave({2, 3}), wave({3}, 1)};
  const Layer<A> jacobian = ag::jacobian(f)(x);
  const auto [by_W, by_b] = ag::jacobian([&](const V& W, const V& b) {
    return f({W, b});
  })(x.W, x.b);
  CHECK(difference(jacobian.W, by_W) == "");
  CHECK(difference(jacobian.b, by_b) == "");
}

TEST_CASE("structs of Vars are differentiated again", "[transforms][containers]") {
  const Network<A> net = network(), v = network(0.9);
  // The gradient of g^T v, where g is the gradient of the loss.
  const auto slope = [&](const Network<V>& at) {
    const Network<V> g = ag::grad(loss)(at);
    V total = ag::sum(g.scale * v.scale);
    for (int i : {0, 1}) {
      total += ag::sum(g.layers[i].W * v.layers[i].W) + ag::sum(g.layers[i].b * v.layers[i].b);
    }
    return total;
  };
  const Network<A> product = ag::hvp(loss)(net, v), same = ag::grad(slope)(net);
  CHECK(difference(same.layers[0].W, product.layers[0].W) == "");
  CHECK(difference(same.layers[1].b, product.layers[1].b) == "");
  CHECK(difference(same.scale, product.scale) == "");

  // The transforms of Vars, inside of a function.
  const auto third = [&](const Network<V>& at) {
    const Network<V> direction = at;
    const auto [y, vjp] = ag::make_vjp(loss)(at);
    return ag::sum(ag::hvp(loss)(at, v).scale) + ag::jvp(loss)(at, v) + ag::sum(vjp(y).scale) +
           ag::sum(ag::hvp(loss)(at, direction).layers[0].b);
  };
  ag::check_gradients(
      [&](const V& scale) {
        return third(
            {{{net.layers[0].W, net.layers[0].b}, {net.layers[1].W, net.layers[1].b}}, scale, ""});
      },
      {net.scale});
}

TEST_CASE("containers of the standard library", "[transforms][containers]") {
  const A a = wave({3}), b = wave({3}, 1);
  const auto expected = ag::grad([](const V& x, const V& y) { return ag::sum(x * x * y); })(a, b);
  const auto check = [&](const A& first, const A& second) {
    CHECK(difference(first, std::get<0>(expected)) == "");
    CHECK(difference(second, std::get<1>(expected)) == "");
  };
  const auto product = [](const V& x, const V& y) { return ag::sum(x * x * y); };

  const auto vector =
      ag::grad([&](const std::vector<V>& x) { return product(x[0], x[1]); })(std::vector<A>{a, b});
  check(vector[0], vector[1]);
  const auto array = ag::grad([&](const std::array<V, 2>& x) { return product(x[0], x[1]); })(
      std::array<A, 2>{a, b});
  check(array[0], array[1]);
  const auto pair = ag::grad([&](const std::pair<V, V>& x) { return product(x.first, x.second); })(
      std::pair(a, b));
  check(pair.first, pair.second);
  const auto tuple = ag::grad([&](const std::tuple<V, int, std::vector<V>>& x) {
    return product(std::get<0>(x), std::get<2>(x)[0]) * std::get<1>(x);
  })(std::tuple(a, 1, std::vector<A>{b}));
  static_assert(std::is_same_v<decltype(tuple), const std::tuple<A, int, std::vector<A>>>);
  check(std::get<0>(tuple), std::get<2>(tuple)[0]);
  CHECK(std::get<1>(tuple) == 1);
  const auto map = ag::grad([&](const std::map<std::string, V>& x) {
    return product(x.at("a"), x.at("b"));
  })(std::map<std::string, A>{{"a", a}, {"b", b}});
  check(map.at("a"), map.at("b"));
  const auto numbers = ag::grad([&](const std::vector<V>& x) { return x[0] * x[0] * x[1]; })(
      std::vector<double>{3, 2});
  CHECK(numbers == std::vector<double>{12, 9});
}

TEST_CASE("containers that are not differentiated by are constants", "[transforms][containers]") {
  const Layer<A> data{wave({3}), wave({3}, 1)};
  const std::vector<int> places{2, 0};
  const auto f = [](const V& x, const Layer<V>& layer, const std::vector<int>& at) {
    return ag::sum(x * layer.W) + (x * layer.b)[at[0]];
  };
  const A gradient = ag::grad<0>(f)(A{1, 2, 3}, data, places);
  A expected = data.W;
  expected(2) += data.b(2);
  CHECK(difference(gradient, expected) == "");
}

TEST_CASE("numbers that are not differentiated by stay numbers", "[transforms][containers]") {
  const std::map<std::string, double> options{{"factor", 2}};
  const auto f = [](const V& x, const std::map<std::string, double>& o, double power) {
    return ag::power(x, power) * o.at("factor");
  };
  const A x = wave({3}), g = wave({3}, 1);
  const A expected = 6 * x * x * g;
  CHECK(difference(ag::vjp<0>(f)(x, options, 3.0, g), expected) == "");
  const auto of_vars = [&](const V& at) { return ag::vjp<0>(f)(at, options, 3.0, g); };
  CHECK(difference(ag::evaluate(of_vars)(x), expected) == "");
  ag::check_gradients(of_vars, {x});
}

TEST_CASE("functions that return containers", "[transforms][containers]") {
  const A x = wave({4});
  const auto f = [](const V& at) { return std::pair(ag::sin(at), Layer<V>{at * at, ag::sum(at)}); };
  const auto [sines, rest] = ag::evaluate(f)(x);
  CHECK(difference(sines, xt::sin(x)) == "");
  CHECK(difference(rest.W, x * x) == "");
  CHECK(difference(rest.b, xt::sum(x)) == "");
  const A u = wave({4}, 2), w = wave({4}, 3);
  const A gradient = ag::vjp(f)(x, std::pair(u, Layer<A>{w, A(2.0)}));
  CHECK(difference(gradient, xt::cos(x) * u + 2 * x * w + 2.0) == "");
}

TEST_CASE("fields that do not depend on the leaf are copied", "[transforms][containers]") {
  const Decay<A> at{wave({3}), 0.5, {1, 2}};
  const auto f = [](const Decay<V>& x) { return ag::sum(x.w * x.w) * x.rate * x.steps[1]; };
  const Decay<A> gradient = ag::grad(f)(at);
  CHECK(difference(gradient.w, 2 * at.w) == "");
  CHECK(gradient.rate == 0.5);
  CHECK(gradient.steps == at.steps);
}

TEST_CASE("flatten and unflatten", "[transforms][containers]") {
  const Network<A> net = network();
  const auto [vector, unflatten] = ag::flatten(net);
  REQUIRE(vector.size() == 28);
  CHECK(vector(12) == net.layers[0].b(0));
  CHECK(unflatten.size() == 28);
  const Network<A> back = unflatten(vector);
  CHECK(difference(back.layers[0].W, net.layers[0].W) == "");
  CHECK(difference(back.scale, net.scale) == "");

  const auto of_vector = [restore = unflatten](const V& v) { return loss(restore(v)); };
  const A gradient = ag::grad(of_vector)(vector);
  CHECK(difference(gradient, ag::flatten(ag::grad(loss)(net)).first) == "");
  // The vector of a container of Vars depends on it.
  const auto squares = [](const Network<V>& at) {
    return ag::sum(ag::square(ag::flatten(at).first));
  };
  CHECK(difference(ag::flatten(ag::grad(squares)(net)).first, 2 * vector) == "");

  const auto [numbers, to_numbers] = ag::flatten(std::map<std::string, double>{{"b", 2}, {"a", 1}});
  CHECK(difference(numbers, A{1, 2}) == "");
  CHECK(to_numbers(A{3, 4}).at("b") == 4);
  const auto [none, to_none] = ag::flatten(std::vector<A>());
  CHECK(none.size() == 0);
  CHECK(to_none(none).empty());
  CHECK_THROWS_WITH(unflatten(A{1, 2}),
                    "unflatten: the vector has shape (2,), expected shape (28,)");
  CHECK_THROWS_WITH(to_numbers(A{{1, 2}}),
                    "unflatten: the vector has shape (1, 2), expected shape (2,)");
}

TEST_CASE("containers that do not fit together", "[transforms][containers]") {
  Network<A> net = network(), fewer = network();
  fewer.layers.pop_back();
  CHECK_THROWS_WITH(ag::hvp(loss)(net, fewer),
                    "hvp: the vector is a container of another size, or with other keys, than that "
                    "it belongs to");
  CHECK_THROWS_WITH(ag::jvp(loss)(net, fewer),
                    "jvp: the vector is a container of another size, or with other keys, than that "
                    "it belongs to");
  using Map = std::map<std::string, A>;
  const auto f = [](const std::map<std::string, V>& x) { return ag::sum(x.at("a") * x.at("a")); };
  CHECK_THROWS_AS(ag::hvp(f)(Map{{"a", A{1}}}, Map{{"b", A{1}}}), std::invalid_argument);
  fewer = network();
  fewer.layers[1].b = wave({3});
  CHECK_THROWS_WITH(ag::hvp(loss)(net, fewer),
                    "hvp: the vector has shape (3,), expected shape (2,)");
}
