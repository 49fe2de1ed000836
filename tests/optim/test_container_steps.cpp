/// Optimizers that move containers of arrays.
#include <autograd/autograd.hpp>
#include <map>
#include <optim/optim.hpp>
#include <string>
#include <tuple>
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
};

const A inputs{{0.1, -0.4}, {0.7, 0.2}, {-0.5, 0.9}}, targets{{0.3, 0.1}, {-0.2, 0.2}, {0.6, -0.5}};

Network<A> network() {
  const A W0{{0.3, -0.2, 0.5}, {0.1, 0.4, -0.6}}, W1{{0.2, 0.3}, {-0.7, 0.1}, {0.4, -0.5}};
  return {{{W0, A{0.1, 0, -0.1}}, {W1, A{0.05, 0.02}}}, A{1.5, 0.5}};
}

const auto loss = [](const Network<V>& net) {
  V y = inputs;
  for (const auto& [W, b] : net.layers) y = ag::tanh(ag::matmul(y, W) + b);
  return ag::sum(ag::square(y * net.scale - targets));
};

}  // namespace

TEST_CASE("a step moves a struct as it moves its arrays", "[optim][containers]") {
  Network<A> net = network(), same = network();
  optim::Adam<double> adam({.learning_rate = 0.1}), other({.learning_rate = 0.1});
  const auto& [first, second] = std::tie(same.layers[0], same.layers[1]);
  for (int i = 0; i < 5; ++i) {
    const Network<A> gradient = ag::grad(loss)(net);
    adam.step(net, gradient);
    const auto& [g0, g1] = std::tie(gradient.layers[0], gradient.layers[1]);
    other.step(std::tie(first.W, first.b, second.W, second.b, same.scale),
               std::tie(g0.W, g0.b, g1.W, g1.b, gradient.scale));
  }
  CHECK(adam.iterations() == 5);
  CHECK(difference(net.layers[0].W, same.layers[0].W) == "");
  CHECK(difference(net.layers[1].b, same.layers[1].b) == "");
  CHECK(difference(net.scale, same.scale) == "");
  CHECK(difference(net.scale, network().scale) != "");
}

TEST_CASE("a gradient of another structure moves nothing", "[optim][containers]") {
  Network<A> net = network(), gradient = ag::grad(loss)(net);
  gradient.layers.pop_back();
  optim::SGD<double> sgd;
  CHECK_THROWS_WITH(sgd.step(net, gradient),
                    "SGD: the gradient is a container of another size, or with other keys, than "
                    "that it belongs to");
  CHECK(difference(net.scale, network().scale) == "");
}

TEST_CASE("minimize gives the solution in the form of the start", "[optim][containers]") {
  using Map = std::map<std::string, A>;
  const auto f = [](const std::map<std::string, V>& x) {
    return ag::sum(ag::square(x.at("a") - A{1, 2})) + 3 * ag::sum(ag::square(x.at("b") + 1));
  };
  const Map start{{"a", A{0, 0}}, {"b", A{{5, 7}}}};
  const auto check = [](const Map& at) {
    CHECK(difference(at.at("a"), A{1, 2}, 1e-5) == "");
    CHECK(difference(at.at("b"), A{{-1, -1}}, 1e-5) == "");
  };
  optim::LBFGS<double> lbfgs;
  const auto [by_lbfgs, ends] = optim::minimize(f, start, lbfgs);
  check(by_lbfgs);
  CHECK(ends.converged());
  CHECK(ends.x.size() == 4);
  optim::SGD<double> sgd({.learning_rate = 0.1});
  const auto [by_sgd, sgd_ends] = optim::minimize(f, start, sgd, {.gtol = 1e-8, .maxit = 1000});
  check(by_sgd);
  CHECK(sgd_ends.criterion == optim::Criterion::gtol);
}
