// Decompositions where values are equal or zero, and of stacks, empty and large matrices.
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/expect.hpp"

namespace ag = autograd;
namespace linalg = ag::linalg;
using expect::difference;
using V = ag::Var<double>;
using Array = xt::xarray<double>;

namespace {

const Array twice = {{2, 1, 1}, {1, 2, 1}, {1, 1, 2}};  // eigenvalues 1, 1 and 4
const Array identity = xt::eye<double>(3);
const Array third = Array(xt::ones<double>({3, 3})) / 3;

/// The gradient by the raw sweep, which the recorded one must equal.
template <class F>
Array gradient(const F& f, const Array& x) {
  const Array raw = ag::grad(f)(x);
  const ag::Trace trace;
  const Array recorded = ag::grad(f)(V(x)).value();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const double a = raw.data()[i], b = recorded.data()[i];
    CHECK((std::isnan(a) ? std::isnan(b) : a == Approx(b).margin(1e-12)));
  }
  return raw;
}

bool all_nan(const Array& x) {
  for (double each : x) {
    if (!std::isnan(each)) return false;
  }
  return true;
}

/// A weighted sum of one column.
V column(const V& x, int i) { return ag::sum(ag::view(x, xt::all(), i) * Array{1, 2, 3}); }

}  // namespace

TEST_CASE("functions of equal eigenvalues have exact gradients", "[linalg][decompositions]") {
  const auto trace = [](const V& x) { return ag::sum(linalg::eigvalsh(x)); };
  CHECK(difference(gradient(trace, twice), identity) == "");
  CHECK(difference(gradient(trace, identity), identity) == "");
  const auto squares = [](const V& x) { return ag::sum(ag::square(linalg::eigh(x).eigenvalues)); };
  CHECK(difference(gradient(squares, twice), 2 * twice) == "");
  const auto largest = [](const V& x) { return ag::max(linalg::eigvalsh(x)); };
  CHECK(difference(gradient(largest, twice), third) == "");
  CHECK(difference(gradient(largest, identity), identity / 3) == "");
}

TEST_CASE("eigenvectors of equal eigenvalues have no derivative, others do",
          "[linalg][decompositions]") {
  const auto of = [](int i) {
    return [=](const V& x) { return column(linalg::eigh(x).eigenvectors, i); };
  };
  CHECK(all_nan(gradient(of(0), twice)));
  const Array by_third = gradient(of(2), twice);
  const Array apart = twice + Array{{1e-7, 0, 0}, {0, -2e-7, 0}, {0, 0, 1e-7}};
  CHECK(difference(by_third, gradient(of(2), apart), 1e-5) == "");
}

TEST_CASE("the symmetric part is decomposed", "[linalg][decompositions]") {
  const Array x = {{2, 1, 0.5}, {-1, 5, 1}, {0.5, 2, 9}};
  const auto values = [](const V& a) { return linalg::eigvalsh(a); };
  CHECK(difference(ag::evaluate(values)(x), ag::evaluate(values)(Array((x + xt::transpose(x)) / 2)),
                   1e-14) == "");
  ag::check_gradients(values, {x}, {.order = 3});
  ag::check_gradients([](const V& a) { return column(linalg::eigh(a).eigenvectors, 1); }, {x});
}

TEST_CASE("equal and vanishing singular values have exact gradients", "[linalg][decompositions]") {
  const auto nuclear = [](const V& x) { return linalg::norm(x, "nuc"); };
  CHECK(difference(gradient(nuclear, identity), identity) == "");
  CHECK(difference(gradient(nuclear, 0 * identity), 0 * identity) == "");
  const Array one = {{5, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  CHECK(difference(gradient(nuclear, one), one / 5) == "");
  const auto spectral = [](const V& x) { return linalg::norm(x, 2); };
  CHECK(difference(gradient(spectral, identity), identity / 3) == "");
  CHECK(difference(gradient(spectral, 0 * identity), 0 * identity) == "");
  CHECK(difference(gradient(spectral, twice), third) == "");
  const auto squares = [](const V& x) {
    return ag::sum(ag::square(linalg::svd(x, {.full_matrices = false}).S));
  };
  CHECK(difference(gradient(squares, identity), 2 * identity) == "");
}

TEMPLATE_TEST_CASE("small singular values have exact gradients", "[linalg][decompositions]", float,
                   double) {
  using T = TestType;
  using W = ag::Var<T>;
  const T small = 50 * std::numeric_limits<T>::epsilon();
  xt::xarray<T> x = xt::eye<T>(100);
  x(99, 99) = small;
  const auto logarithms = [](const W& a) { return ag::sum(ag::log(linalg::svdvals(a))); };
  const auto smallest = [](const W& a) { return linalg::norm(a, -2); };
  const auto condition = [](const W& a) { return linalg::cond(a); };
  CHECK(ag::grad(logarithms)(x)(99, 99) == Approx(1 / small).epsilon(1e-4));
  CHECK(ag::grad(smallest)(x)(99, 99) == Approx(1).epsilon(1e-4));
  CHECK(ag::grad(condition)(x)(99, 99) == Approx(-1 / (small * small)).epsilon(1e-4));
  CHECK(ag::grad(smallest)(xt::xarray<T>{{1, 0}, {0, 0}})(1, 1) == 0);
}

TEST_CASE("singular values that are 0 but for rounding have subgradients",
          "[linalg][decompositions]") {
  Array x = xt::zeros<double>({40, 40});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(double(i));  // of rank 2
  const auto nuclear = [](const V& a) { return linalg::norm(a, "nuc"); };
  const Array g = gradient(nuclear, x);
  CHECK(xt::sum(g * x)() == Approx(ag::evaluate(nuclear)(x)()));
  CHECK(ag::evaluate([](const V& a) { return linalg::norm(a, 2); })(g)() < 1 + 1e-12);
}

TEST_CASE("singular vectors of equal or vanishing values have no derivative",
          "[linalg][decompositions]") {
  const auto of = [](int i) {
    return [=](const V& x) { return column(linalg::svd(x, {.full_matrices = false}).U, i); };
  };
  CHECK(all_nan(gradient(of(1), identity)));
  const Array rank_one = {{1, 2}, {2, 4}, {3, 6}};
  CHECK(all_nan(gradient(of(1), rank_one)));
  ag::check_gradients(of(0), {Array{{1, 2}, {2, 1}, {3, 7}}}, {.order = 2});
}

TEST_CASE("all factors are differentiable by themselves", "[linalg][decompositions]") {
  const Array tall = {{1, 2}, {-2, 1}, {3, 7}}, wide = {{1, -2, 3}, {0.5, 4, 7}};
  const auto thin = linalg::Full{.full_matrices = false};
  for (const Array& x : {tall, wide}) {
    ag::check_gradients([=](const V& a) { return linalg::svd(a, thin).U; }, {x});
    ag::check_gradients([=](const V& a) { return linalg::svd(a, thin).S; }, {x});
    ag::check_gradients([=](const V& a) { return linalg::svd(a, thin).Vh; }, {x});
    ag::check_gradients([=](const V& a) { return linalg::qr(a).Q; }, {x}, {.order = 3});
    ag::check_gradients([=](const V& a) { return linalg::qr(a).R; }, {x}, {.order = 3});
    ag::check_gradients([=](const V& a) { return linalg::lstsq(a, V(x)).residuals; },
                        {Array(x + 0.5)});
    ag::check_gradients([=](const V& a) { return linalg::lstsq(a, V(x)).s; }, {x});
  }
}

TEST_CASE("decompositions give back large matrices", "[linalg][decompositions]") {
  Array x = xt::zeros<double>({60, 40});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(double(i * i));
  const ag::Trace trace;
  const auto [u, s, vh] = linalg::svd(x, {.full_matrices = false});
  CHECK(difference(ag::matmul(u * s, vh).value(), x) == "");
  const auto [q, r] = linalg::qr(x);
  CHECK(difference(ag::matmul(q, r).value(), x) == "");
  const V a = ag::matmul(ag::transpose(V(x)), x);
  const auto [w, v] = linalg::eigh(a);
  CHECK(difference(ag::matmul(v * w, ag::transpose(v)).value(), a.value(), 1e-11) == "");
  const V root = linalg::sqrtm(a);
  CHECK(difference(ag::matmul(root, root).value(), a.value(), 1e-11) == "");
  CHECK(difference(ag::matmul(linalg::expm(a / 100), linalg::expm(-a / 100)).value(),
                   xt::eye<double>(40), 1e-11) == "");
}

TEST_CASE("ranks and least squares", "[linalg][decompositions]") {
  const ag::Trace trace;
  const V one = Array{{1, 2}, {2, 4}};
  CHECK(linalg::matrix_rank(one)() == 1);
  CHECK(linalg::matrix_rank(one, 10)() == 0);
  const xt::xarray<ag::Index> ranks =
      linalg::matrix_rank(V(Array{{{1, 2}, {2, 4}}, {{1, 0}, {0, 1}}}));
  CHECK(ranks(0) == 1);
  CHECK(ranks(1) == 2);
  const auto fit = linalg::lstsq(one, V(Array{1, 2}));
  CHECK(difference(fit.x.value(), Array{0.2, 0.4}) == "");
  CHECK(fit.residuals.item() == Approx(0).margin(1e-14));
  CHECK(fit.rank() == 1);
  CHECK(difference(fit.s.value(), Array{5, 0}) == "");
  CHECK(difference(linalg::pinv(one, 2).value(), 0 * one.value()) == "");
}

TEST_CASE("a negative rcond is the machine epsilon", "[linalg][decompositions]") {
  const ag::Trace trace;
  const V one = Array{{1, 2}, {2, 4}}, nearly = Array{{1, 0}, {0, 3e-16}};
  const auto fit = linalg::lstsq(one, V(Array{1, 2}), -1.);
  CHECK(difference(fit.x.value(), Array{0.2, 0.4}) == "");
  CHECK(fit.rank() == 1);
  CHECK(difference(linalg::pinv(one, -1.).value(), one.value() / 25) == "");
  CHECK(linalg::lstsq(nearly, V(Array{1, 2}), -1.).rank() == 2);
  CHECK(linalg::lstsq(nearly, V(Array{1, 2})).rank() == 1);
}

TEST_CASE("pseudoinverses of matrices without full rank have derivatives",
          "[linalg][decompositions]") {
  // The columns stay multiples of (1, 2), so that the rank is 1.
  const auto of = [](std::optional<double> rcond) {
    return [=](const V& s) {
      const V a = s * Array{{1, 2}, {2, 4}} + ag::square(s) * Array{{3, 1}, {6, 2}};
      return ag::sum(linalg::pinv(a, rcond) * Array{{1, 2}, {3, 4}});
    };
  };
  ag::check_gradients(of({}), {Array(0.5)}, {.order = 2});
  ag::check_gradients(of(0.1), {Array(0.5)}, {.order = 2});
}

TEST_CASE("least squares without equations or unknowns", "[linalg][decompositions]") {
  const ag::Trace trace;
  for (const auto& [m, n] : {std::pair{0u, 0u}, {0u, 3u}, {3u, 0u}}) {
    const V a = Array(xt::zeros<double>({m, n}));
    const auto fit = linalg::lstsq(a, V(Array(xt::ones<double>({m}))));
    CHECK(difference(fit.x.value(), Array(xt::zeros<double>({n}))) == "");
    CHECK(fit.residuals.item() == m);
    CHECK(fit.rank() == 0);
    CHECK(fit.s.size() == 0);
    const auto many = linalg::lstsq(a, V(Array(xt::ones<double>({m, 2u}))));
    CHECK(difference(many.x.value(), Array(xt::zeros<double>({n, 2u}))) == "");
    CHECK(difference(many.residuals.value(), Array(m * xt::ones<double>({2}))) == "");
  }
}

TEST_CASE("semidefinite matrices have a square root", "[linalg][decompositions]") {
  const ag::Trace trace;
  const V ones = Array(xt::ones<double>({3, 3}));
  CHECK(difference(linalg::sqrtm(ones).value(), ones.value() / std::sqrt(3), 1e-7) == "");
  for (const std::size_t n : {4u, 9u, 20u}) {
    for (std::size_t rank = 1; rank < n; ++rank) {
      Array columns = xt::zeros<double>({n, rank});
      for (std::size_t i = 0; i < columns.size(); ++i) columns.data()[i] = std::sin(double(i * i));
      const V a = ag::matmul(V(columns), ag::transpose(V(columns))), root = linalg::sqrtm(a);
      CHECK(difference(ag::matmul(root, root).value(), a.value(), 1e-12) == "");
    }
  }
}

TEST_CASE("one matrix of a stack does not change the exponential of another",
          "[linalg][decompositions]") {
  Array x = xt::zeros<double>({3, 2, 2});
  x(0, 0, 0) = x(0, 0, 1) = 30;
  x(0, 1, 1) = -3;
  x(1, 0, 0) = std::nan("");
  const auto f = [](const V& a) { return linalg::expm(a); };
  const Array all = ag::evaluate(f)(x), alone = ag::evaluate(f)(Array(xt::view(x, 0)));
  CHECK(difference(Array(xt::view(all, 0)), alone) == "");
  CHECK(all_nan(Array(xt::view(all, 1))));
  CHECK(difference(Array(xt::view(all, 2)), xt::eye<double>(2)) == "");
}

TEMPLATE_TEST_CASE("matrices without elements", "[linalg][decompositions]", float, double) {
  using W = ag::Var<TestType>;
  const auto empty = [](const auto& f, const std::vector<std::size_t>& shape) {
    const xt::xarray<TestType> x = xt::zeros<TestType>(shape);
    return ag::grad([&](const W& a) { return ag::sum(f(a)); })(x).size() == 0;
  };
  for (const std::vector<std::size_t>& square : {std::vector<std::size_t>{0, 0}, {0, 2, 2}}) {
    CHECK(empty([](const W& a) { return linalg::eigvalsh(a); }, square));
    CHECK(empty([](const W& a) { return linalg::expm(a); }, square));
    CHECK(empty([](const W& a) { return linalg::sqrtm(a); }, square));
    CHECK(empty([](const W& a) { return linalg::matrix_power(a, 3); }, square));
    CHECK(empty([](const W& a) { return linalg::solve_sylvester(a, a, a); }, square));
  }
  for (const std::vector<std::size_t>& any : {std::vector<std::size_t>{0, 3}, {3, 0}, {0, 2, 3}}) {
    CHECK(empty([](const W& a) { return linalg::svdvals(a); }, any));
    CHECK(empty([](const W& a) { return linalg::pinv(a); }, any));
    CHECK(empty([](const W& a) { return linalg::qr(a).R; }, any));
    CHECK(empty([](const W& a) { return linalg::norm(a, "nuc", {.axis = {-2, -1}}); }, any));
  }
}
