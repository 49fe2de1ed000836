// Aids for finding mistakes: what is printed, and stopping at the first NaN or infinity.
#include <autograd/autograd.hpp>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::error_of;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

template <class T>
std::string printed(const ag::Var<T>& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

template <class T>
std::string trace_of_this_thread() {
  std::ostringstream out;
  ag::print_trace<T>(out);
  return out.str();
}

template <class F>
std::string not_finite(const F& f) {
  const ag::FiniteGuard guard;
  return error_of<std::runtime_error>(f);
}

}  // namespace

TEST_CASE("a Var prints its type, shape and elements", "[engine][debug]") {
  const ag::Trace trace;
  CHECK(printed(V(0.1)) == "Var<double> () {0.1}");
  CHECK(printed(ag::Var<float>(2)) == "Var<float> () {2}");
  const V x = A{{1, 2.5, 3}, {4, 5, 1e-9}};
  CHECK(printed(x) == "Var<double> (2, 3) {1, 2.5, 3, 4, 5, 1e-09}");
  CHECK(printed(x[0]) == "Var<double> (3,) {1, 2.5, 3}");
  CHECK(printed(ag::transpose(x)) == "Var<double> (3, 2) {1, 4, 2.5, 5, 3, 1e-09}");
  CHECK(printed(V(A::from_shape({0, 2}))) == "Var<double> (0, 2) {}");
  CHECK(printed(V(std::nan(""))) == "Var<double> () {nan}");
  CHECK(printed(V(xt::arange<double>(20))) ==
        "Var<double> (20,) {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}");
  CHECK(printed(V(xt::arange<double>(21))) ==
        "Var<double> (21,) {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, "
        "...}");
}

TEST_CASE("a trace prints one line for each node", "[engine][debug]") {
  const ag::Trace trace;
  const V x = A{1, 2};
  const V first = x[0], last = ag::reshape(x, {2, 1})[1][0];
  static_cast<void>(ag::stack({ag::sin(first * 2), last}));
  CHECK(trace_of_this_thread<double>() ==
        "%0 = constant() double (2,)\n"
        "%1 = view(%0) double ()\n"
        "%2 = view(%0) double (2, 1)\n"
        "%3 = view(%2) double (1,)\n"
        "%4 = view(%3) double ()\n"
        "%5 = constant() double ()\n"
        "%6 = multiply(%1, %5) double ()\n"
        "%7 = sin(%6) double ()\n"
        "%8 = view(%7) double (1,)\n"
        "%9 = view(%4) double (1,)\n"
        "%10 = scatter_views(%8, %9) double (2,)\n");
  CHECK(trace_of_this_thread<float>() == "");
}

TEST_CASE("a trace prints values, and is a graph", "[engine][debug]") {
  const ag::Trace trace;
  const V x = A{1, 2}, y = x * 3;
  static_cast<void>(ag::sum(y));
  std::ostringstream values, dot;
  ag::print_trace<double>(values, true);
  CHECK(values.str() ==
        "%0 = constant() Var<double> (2,) {1, 2}\n"
        "%1 = constant() Var<double> () {3}\n"
        "%2 = multiply(%0, %1) Var<double> (2,) {3, 6}\n"
        "%3 = sum(%2) Var<double> () {9}\n");
  ag::write_dot<double>(dot);
  CHECK(dot.str() ==
        "digraph trace {\n"
        "  n0 [label=\"constant (2,)\", shape=box];\n"
        "  n1 [label=\"constant ()\", shape=box];\n"
        "  n2 [label=\"multiply (2,)\"];\n"
        "  n0 -> n2;\n"
        "  n1 -> n2;\n"
        "  n3 [label=\"sum ()\"];\n"
        "  n2 -> n3;\n"
        "}\n");
}

TEST_CASE("a trace is a list of nodes", "[engine][debug]") {
  const ag::Trace trace;
  const V x = A{1, 2};
  static_cast<void>(x * x);
  const auto nodes = ag::trace_nodes<double>();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1].operation == "multiply");
  CHECK(nodes[1].inputs == std::vector<std::uint32_t>{0, 0});
  CHECK(nodes[1].array.value()(1) == 4);
  const A gradient = ag::grad([](const V& at) {
    const auto inner = ag::trace_nodes<double>();
    CHECK(inner.size() == 1);
    CHECK(inner[0].operation == "argument");
    return ag::sum(inner[0].array * at);  // the Vars of a trace can be used
  })(A{1, 2});
  CHECK(gradient(1) == 4);
}

TEST_CASE("the trace of an array is its own, that of a Var is the outer one", "[engine][debug]") {
  const ag::Trace outer;
  const ag::Var<float> constant = 3;
  std::string array_trace, var_trace;
  const auto f = [&](std::string& trace) {
    return [&](const ag::Var<float>& x, const ag::Var<float>& y) {
      const ag::Var<float> result = ag::sum(x * y) + constant;
      trace = trace_of_this_thread<float>();
      return result;
    };
  };
  static_cast<void>(ag::grad(f(array_trace))(xt::xarray<float>{1, 2}, 2.f));
  CHECK(array_trace ==
        "%1 = argument() float (2,)\n"
        "%2 = constant() float ()\n"
        "%3 = argument(%2) float ()\n"
        "%4 = multiply(%1, %3) float (2,)\n"
        "%5 = sum(%4) float ()\n"
        "%6 = add(%5, %0) float ()\n");
  static_cast<void>(ag::grad(f(var_trace))(constant, constant));
  CHECK(var_trace ==
        "%0 = constant() float ()\n"
        "%1 = argument(%0) float ()\n"
        "%2 = argument(%0) float ()\n"
        "%3 = multiply(%1, %2) float ()\n"
        "%4 = sum(%3) float ()\n"
        "%5 = add(%4, %0) float ()\n");
}

TEST_CASE("FiniteGuard names the first operation with a value that is not finite",
          "[engine][debug]") {
  CHECK(not_finite([] { return ag::grad([](const V& x) { return ag::log(x * 0) * 2; })(1.0); }) ==
        "log: the value is -inf at () of shape ()");
  CHECK(not_finite([] {
          return ag::evaluate([](const V& x) { return ag::exp(ag::transpose(x) / x); })(
              A{{1, 2}, {3, 0}});
        }) == "divide: the value is nan at (1, 1) of shape (2, 2)");
  CHECK(not_finite([] {
          return ag::evaluate([](const V& x) { return x + 1; })(A{1, std::nan("")});
        }) == "add: the value is nan at (1,) of shape (2,)");
  CHECK(not_finite([] {
          return ag::grad([](const V& x) { return ag::sum(x); })(A{1, INFINITY});
        }) == "argument: the value is inf at (1,) of shape (2,)");
  CHECK(not_finite([] {
          return ag::grad([](const ag::Var<float>& x) { return x * 1e30f; })(1e30f);
        }) == "multiply: the value is inf at () of shape ()");
}

TEST_CASE("FiniteGuard lets constants hold NaN, also where they are seen in part",
          "[engine][debug]") {
  const ag::FiniteGuard guard;
  const A table = {{std::nan(""), 1}, {2, 3}};
  const auto f = [&](const V& x) {
    const V constant = table, row = constant[0], column = ag::transpose(constant)[1];
    return ag::sum(x * column) + ag::sum(ag::where(xt::xarray<bool>{false, true}, row, 0));
  };
  CHECK(ag::evaluate(f)(A{1, 2})() == 8);
  CHECK((ag::grad(f)(A{1, 2}) == A{1, 3}));
}

TEST_CASE("FiniteGuard names the first operation with such a derivative", "[engine][debug]") {
  const A x = {4, 0};
  const auto roots = [](const V& y) { return ag::sum(ag::sqrt(y)); };
  CHECK(not_finite([&] { return ag::grad(roots)(x); }) ==
        "sqrt: the gradient of its input is inf at (1,) of shape (2,)");
  const auto powers = [](const V& y) { return ag::sum(ag::power(y[1], 0.5)); };
  CHECK(not_finite([&] { return ag::grad(powers)(x); }) ==
        "power: the gradient of its input is inf at (1,) of shape (2,)");
  const auto custom = [](const V& y) {
    return ag::sum(ag::custom<double>(
        "awkward", [](const A& a) { return a; },
        [](const A& g, const A&, const A& a) { return A(g / a); })(y));
  };
  CHECK(not_finite([&] { return ag::grad(custom)(x); }) ==
        "awkward: the gradient of its input is inf at (1,) of shape (2,)");
  // In a recorded sweep derivatives are values of operations.
  CHECK(not_finite([&] { return ag::hessian(roots)(x); }) ==
        "divide: the value is inf at (1,) of shape (2,)");
}

TEST_CASE("FiniteGuard guards while it lives, and is content with numbers", "[engine][debug]") {
  const auto reciprocal = [](const V& x) { return 1 / x; };
  {
    const ag::FiniteGuard outer;
    {
      const ag::FiniteGuard inner;
      CHECK(ag::grad(reciprocal)(2.0) == -0.25);
    }
    CHECK_THROWS_AS(ag::grad(reciprocal)(0.0), std::runtime_error);
  }
  CHECK(ag::grad(reciprocal)(0.0) == -INFINITY);
  const ag::FiniteGuard guard;
  const auto limited = [](const V& x) { return ag::minimum(x, V(INFINITY)); };
  CHECK(ag::grad(limited)(2.0) == 1);
}
