// Which matrices are factored, how often, and what becomes of those that are not finite.
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "tests/support/expect.hpp"

namespace ag = autograd;
namespace linalg = ag::linalg;
using expect::difference;
using V = ag::Var<double>;
using Array = xt::xarray<double>;

namespace {

/// How often a matrix has been factored in the trace that is open.
int factored() {
  std::ostringstream trace;
  ag::print_trace<double>(trace);
  const std::string text = trace.str(), name = "= factor(";
  int count = 0;
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) ++count;
  return count;
}

const Array general = {{4, 1, -2}, {0.5, -3, 1}, {2, 1, 5}};
const Array definite = {{4, 1, -2}, {1, 3, 0.5}, {-2, 0.5, 5}};
const Array indefinite = {{1, 2, 0.5}, {2, 1, -1}, {0.5, -1, 3}};
const Array right = {1, -2, 0.5};

/// The logarithm of the likelihood of a Gaussian process, but for constants.
V likelihood(const V& K, const V& y) {
  return ag::dot(y, linalg::solve(K, y)) + linalg::slogdet(K).logabsdet;
}

}  // namespace

TEST_CASE("operations on the same matrix share its factors", "[linalg][factors]") {
  const ag::Trace trace;
  const V a = V(general);
  const V x = linalg::solve(a, right), inverse = linalg::inv(a);
  CHECK(difference(x.value(), ag::matmul(inverse, right).value()) == "");
  CHECK(linalg::det(a).item() ==
        Approx(std::exp(linalg::slogdet(a).logabsdet.item()) * linalg::slogdet(a).sign.item()));
  CHECK(factored() == 1);
  const V other = a + 0.5;
  CHECK(linalg::det(other).item() != linalg::det(a).item());
  CHECK(factored() == 2);
  CHECK(difference(linalg::inv(a).value(), inverse.value()) == "");
  CHECK(difference(linalg::inv(other).value(), inverse.value()) != "");
  CHECK(factored() == 2);
}

TEST_CASE("derivatives use the factors of the values", "[linalg][factors]") {
  const ag::Trace trace;
  const V K = V(definite), y = V(right);
  const V by_K = ag::grad<0>(likelihood)(K, y);
  CHECK(by_K.shape(0) == 3);
  CHECK(factored() == 1);
  const V of_gradient =
      ag::grad<0>([&](const V& a) { return ag::sum(ag::grad<0>(likelihood)(a, y) * general); })(K);
  CHECK(of_gradient.shape(0) == 3);
  CHECK(factored() == 2);  // each outer transform has an argument of its own
}

TEST_CASE("factors belong to one matrix of one call", "[linalg][factors]") {
  const auto f = [](const V& a) { return linalg::det(a) + linalg::det(a); };
  for (const double scale : {1.0, 2.0, -1.0}) {
    const Array a = scale * general;
    CHECK(ag::evaluate(f)(a)() == Approx(2 * std::pow(scale, 3) * ag::evaluate(f)(general)() / 2));
  }
  const ag::Trace trace;
  const V a = V(general);
  for (int i = 0; i < 3; ++i) {
    const V changed = a + double(i);
    CHECK(difference(ag::matmul(changed, linalg::inv(changed)).value(), xt::eye<double>(3)) == "");
    const V flipped = ag::flip(changed, 0);
    CHECK(difference(ag::matmul(flipped, linalg::inv(flipped)).value(), xt::eye<double>(3)) == "");
  }
}

TEST_CASE("symmetric matrices are factored as what they are", "[linalg][factors]") {
  for (const Array& a : {general, definite, indefinite, Array(-definite)}) {
    const Array nearly = a + 1e-15 * general;  // goes another way
    CHECK(difference(ag::evaluate([](const V& x) { return linalg::inv(x); })(a),
                     ag::evaluate([](const V& x) { return linalg::inv(x); })(nearly)) == "");
    CHECK(ag::evaluate([](const V& x) { return linalg::det(x); })(a)() ==
          Approx(ag::evaluate([](const V& x) { return linalg::det(x); })(nearly)()));
    ag::check_gradients(likelihood, {a, right}, {.order = 3});
  }
  const auto sign = ag::evaluate([](const V& x) { return linalg::slogdet(x).sign; });
  CHECK(sign(definite)() == 1);
  CHECK(sign(Array(-definite))() == -1);
}

TEST_CASE("singular matrices have a determinant", "[linalg][factors]") {
  const Array singular = {{1, 2}, {2, 4}};
  CHECK(ag::evaluate([](const V& x) { return linalg::det(x); })(singular)() == 0);
  const ag::Trace trace;
  const auto [sign, logarithm] = linalg::slogdet(V(singular));
  CHECK(sign.item() == 0);
  CHECK(logarithm.item() == -ag::inf);
}

TEST_CASE("determinants overflow only as a whole", "[linalg][factors]") {
  const auto det = [](const V& x) { return linalg::det(x); };
  const auto diagonal = [](double a, double b, double c) {
    return Array{{a, 0, 0}, {0, b, 0}, {0, 0, c}};
  };
  const auto large = diagonal(1e200, 1e200, 1e-300), small = diagonal(1e-200, -1e-200, 1e300);
  CHECK(ag::evaluate(det)(large)() == Approx(1e100));
  CHECK(ag::grad(det)(large)(0, 0) == Approx(1e-100));
  CHECK(ag::evaluate(det)(small)() == Approx(-1e-100).epsilon(1e-12).margin(0));
  CHECK(ag::grad(det)(small)(1, 1) == Approx(1e100));
  CHECK(ag::evaluate(det)(diagonal(1e200, 1e200, 0))() == 0);
  CHECK(ag::evaluate(det)(diagonal(1e200, -1e200, 1))() == -ag::inf);
  CHECK(ag::evaluate(det)(diagonal(1e-200, 1e-200, 1))() == 0);
}

TEMPLATE_TEST_CASE("a matrix that is not finite gives NaN", "[linalg][factors]", float, double) {
  using T = TestType;
  using W = ag::Var<T>;
  for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()}) {
    xt::xarray<T> a = {{{4, 1}, {1, 3}}, {{4, 1}, {1, 3}}};
    a(1, 0, 1) = a(1, 1, 0) = bad;
    const xt::xarray<T> b = {1, 2};
    const auto only_second = [](const xt::xarray<T>& y) {
      const std::size_t half = y.size() / 2;
      bool holds = true;
      for (std::size_t i = 0; i < y.size(); ++i) {
        holds &= i < half ? std::isfinite(y.data()[i]) : std::isnan(y.data()[i]);
      }
      return holds;
    };
    const auto of = [&](auto f) {
      CHECK(only_second(ag::evaluate(f)(a)));
      CHECK(only_second(ag::grad([&](const W& x) { return ag::sum(f(x)); })(a)));
    };
    of([&](const W& x) { return linalg::solve(x, b); });
    of([](const W& x) { return linalg::inv(x); });
    of([](const W& x) { return linalg::det(x); });
    of([](const W& x) { return linalg::slogdet(x).logabsdet; });
    const auto L = ag::evaluate([](const W& x) { return linalg::cholesky(x); })(a);
    CHECK(std::isnan(L(1, 0, 0)));
    CHECK(L(1, 0, 1) == 0);
    CHECK(std::isfinite(L(0, 0, 0)));
  }
}
