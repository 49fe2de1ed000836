// Jacobians and Hessians of known sparsity, by groups of rows.
#include <autograd/autograd.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::difference;
using expect::error_of;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;
using A = xt::xarray<double>;

/// With a Hessian of three diagonals.
V rosenbrock(const V& x) {
  const V a = ag::view(x, xt::range(0, -1)), b = ag::view(x, xt::range(1, xt::placeholders::_));
  return ag::sum(100.0 * ag::square(b - ag::square(a)) + ag::square(1.0 - a));
}

/// The first element meets all others.
V arrow(const V& x) { return ag::sum(ag::sin(x[0] * x)) + ag::sum(ag::exp(x)); }

ag::Sparsity arrow_pattern(ag::Index n) {
  std::vector<ag::Sparsity::Place> places;
  for (ag::Index i = 0; i < n; ++i) {
    places.push_back({i, i});
    places.push_back({0, i});
    places.push_back({i, 0});
  }
  return ag::Sparsity(n, n, places);
}

/// sum over the pairs of cos(x_i x_j).
auto pairs(const ag::Sparsity& pattern) {
  return [&pattern](const V& x) {
    xt::xarray<ag::Index> rows = xt::zeros<ag::Index>({pattern.places().size()}), columns = rows;
    for (std::size_t i = 0; i < pattern.places().size(); ++i) {
      rows(i) = pattern.places()[i][0];
      columns(i) = pattern.places()[i][1];
    }
    return ag::sum(ag::cos(ag::take(x, rows) * ag::take(x, columns)));
  };
}

const A x12 = xt::linspace<double>(-1, 1.3, 12);

}  // namespace

TEST_CASE("a pattern holds sorted places", "[transforms][sparsity]") {
  const ag::Sparsity pattern(2, 3, {{1, 2}, {0, 1}, {1, 2}, {1, 0}});
  CHECK(pattern.places() == std::vector<ag::Sparsity::Place>{{0, 1}, {1, 0}, {1, 2}});
  CHECK(difference(pattern.dense(A{5, 6, 7}), A{{0, 5, 0}, {6, 0, 7}}) == "");
  const xt::xarray<bool> mask = {{false, true, false}, {true, false, true}};
  CHECK(ag::Sparsity(mask).places() == pattern.places());
  CHECK(ag::Sparsity::band(4, 1).places().size() == 10);
  CHECK(ag::Sparsity::band(3, 9).places().size() == 9);
  CHECK(ag::Sparsity::band(0, 2).places().empty());
}

TEST_CASE("sparse hessians are the elements of the hessian", "[transforms][sparsity]") {
  for (ag::Index width : {1, 2, 3}) {
    const ag::Sparsity band = ag::Sparsity::band(12, width);
    const A h = ag::sparse_hessian(rosenbrock, band)(x12);
    CHECK(difference(band.dense(h), ag::hessian(rosenbrock)(x12)) == "");
  }
  const ag::Sparsity pattern = arrow_pattern(12);
  const A h = ag::sparse_hessian(arrow, pattern)(x12);
  CHECK(difference(pattern.dense(h), ag::hessian(arrow)(x12)) == "");
}

TEST_CASE("sparse hessians of random symmetric patterns", "[transforms][sparsity]") {
  std::mt19937 engine(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<ag::Sparsity::Place> places;
    for (int i = 0; i < 6 + round % 20; ++i) {
      const ag::Index row = engine() % 12, column = engine() % 12;
      for (const ag::Sparsity::Place& place :
           {ag::Sparsity::Place{row, column}, {column, row}, {row, row}, {column, column}}) {
        places.push_back(place);
      }
    }
    const ag::Sparsity pattern(12, 12, places);
    const auto f = pairs(pattern);
    const A h = ag::sparse_hessian(f, pattern)(x12);
    CHECK(difference(pattern.dense(h), ag::hessian(f)(x12)) == "");
    CHECK_NOTHROW(ag::check_sparse_hessian(f, pattern, x12));
  }
}

TEST_CASE("groups are few", "[transforms][sparsity]") {
  using namespace ag::detail;
  for (ag::Index width : {0, 1, 2, 5}) {
    const ag::Sparsity band = ag::Sparsity::band(50, width);
    CHECK(compress_rows(band).colours == 2 * width + 1);
    CHECK(compress_columns(band).colours == 2 * width + 1);
    CHECK(compress_symmetric(band).colours <= 2 * width + 1);
  }
  CHECK(compress_symmetric(arrow_pattern(50)).colours == 2);
  CHECK(compress_rows(arrow_pattern(50)).colours == 50);
}

TEMPLATE_TEST_CASE("sparse jacobians, by rows and by columns", "[transforms][sparsity]", float,
                   double) {
  using W = ag::Var<TestType>;
  using B = xt::xarray<TestType>;
  const double tolerance = sizeof(TestType) == 4 ? 1e-5 : 1e-12;
  const B x = xt::linspace<TestType>(1, 2, 10);
  const auto check = [&](const auto& f) {
    const B jacobian = ag::jacobian(f)(x);
    const ag::Sparsity pattern(xt::xarray<bool>(xt::not_equal(jacobian, TestType(0))));
    const auto sparse = ag::sparse_jacobian(f, pattern);
    CHECK(difference(pattern.dense(sparse(x)), jacobian, tolerance) == "");
    const ag::Trace trace;
    CHECK(difference(pattern.dense(B(sparse(W(x)).value())), jacobian, tolerance) == "");
    CHECK_NOTHROW(ag::check_sparse_jacobian(f, pattern, x));
  };
  check([](const W& v) { return ag::diff(v * v); });
  check([](const W& v) { return ag::sin(v); });
  check([](const W& v) { return ag::view(v, xt::range(3, 5)) * v[0]; });
  // All rows know x[0], so that no two can be computed together: two groups of columns do.
  check([](const W& v) { return v[0] * ag::tile(v, {10}); });
  // Of the columns' elements one is infinite: by rows again.
  check([](const W& v) { return v[0] * ag::sqrt(ag::tile(v, {10}) - TestType(1)); });
}

TEST_CASE("sparse derivatives can be differentiated", "[transforms][sparsity]") {
  const ag::Sparsity band = ag::Sparsity::band(6, 1);
  const A x = xt::linspace<double>(0.5, 1.5, 6);
  const auto sparse = [&](const V& v) {
    return ag::sum(ag::square(ag::sparse_hessian(rosenbrock, band)(v)));
  };
  const auto whole = [](const V& v) { return ag::sum(ag::square(ag::hessian(rosenbrock)(v))); };
  CHECK(difference(ag::grad(sparse)(x), ag::grad(whole)(x)) == "");
}

TEST_CASE("arguments and results count as vectors", "[transforms][sparsity]") {
  const A x = xt::reshape_view(xt::linspace<double>(1, 2, 6), {2, 3});
  const auto f = [](const V& v) { return ag::sum(v * v * v); };
  CHECK(difference(ag::sparse_hessian(f, ag::Sparsity::band(6, 0))(x), 6 * xt::flatten(x)) == "");
  const auto cube = [](const V& v) { return v * v * v; };
  const ag::Sparsity diagonal = ag::Sparsity::band(6, 0);
  CHECK(difference(ag::sparse_jacobian(cube, diagonal)(x), 3 * xt::flatten(A(x * x))) == "");
  CHECK(difference(ag::sparse_hessian(f, ag::Sparsity(6, 6, {}))(x), A::from_shape({0})) == "");
}

TEST_CASE("wrong patterns are refused", "[transforms][sparsity]") {
  CHECK(out_of_range([] {
          return ag::Sparsity(2, 3, {{0, 0}, {1, 3}});
        }) == "Sparsity: place (1, 3) is outside of a 2 x 3 matrix");
  CHECK(invalid_argument([] { return ag::Sparsity(-1, 3, {}); }) ==
        "Sparsity: a matrix cannot have -1 rows and 3 columns");
  CHECK(invalid_argument([] {
          return ag::Sparsity(xt::xarray<bool>{true, false});
        }) == "Sparsity: a mask must be a matrix, got shape (2,)");
  CHECK(invalid_argument([] {
          return ag::Sparsity::band(3, 0).dense(A{1, 2});
        }) == "Sparsity: dense takes a vector of 3 values, one for each place, got shape (2,)");
  CHECK(invalid_argument([] {
          return ag::sparse_hessian(rosenbrock, ag::Sparsity(12, 12, {{3, 5}}))(x12);
        }) ==
        "sparse_hessian: the pattern is not symmetric: it has the place (3, 5), but not (5, 3)");
  CHECK(invalid_argument([] {
          return ag::sparse_hessian(rosenbrock, ag::Sparsity(12, 11, {}))(x12);
        }) == "sparse_hessian: the pattern must be square, got 12 x 11");
  CHECK(invalid_argument([] {
          return ag::sparse_hessian(rosenbrock, ag::Sparsity::band(10, 1))(x12);
        }) == "sparse_hessian: the pattern is 10 x 10, but the matrix 12 x 12");
  const auto differences = [](const V& x) { return ag::diff(x); };
  CHECK(invalid_argument([&] {
          return ag::sparse_jacobian(differences, ag::Sparsity::band(12, 1))(x12);
        }) == "sparse_jacobian: the pattern is 12 x 12, but the matrix 11 x 12");
}

TEST_CASE("a check finds elements outside of the pattern", "[transforms][sparsity]") {
  const auto message_of = [](const auto& check) {
    return error_of<std::runtime_error>([&] {
      check();
      return 0;
    });
  };
  const auto missing = [&](const char* check, const auto& f) {
    const std::string message = message_of(f);
    CHECK(message.find(std::string(check) + ": the pattern misses elements: row ") == 0);
    CHECK(message.find(" times a random vector is ") != std::string::npos);
    CHECK(message.find(" by the elements in the pattern") != std::string::npos);
  };
  const auto squares = [](const V& x) { return ag::sum(x * x); };
  CHECK(message_of([&] { ag::check_sparse_hessian(squares, ag::Sparsity(1, 1, {}), A{1}); }) ==
        "check_sparse_hessian: the pattern misses elements: row 0 times a random vector is "
        "-1.6871653804868245, but 0 by the elements in the pattern");
  const auto roots = [](const V& x) { return ag::sqrt(x); };
  CHECK(message_of([&] { ag::check_sparse_jacobian(roots, ag::Sparsity(1, 1, {}), A{0}); }) ==
        "check_sparse_jacobian: row 0 is not finite: times a random vector it is -inf, and 0 by "
        "the elements in the pattern");
  CHECK(message_of([&] {
          ag::check_sparse_jacobian(roots, ag::Sparsity::band(1, 0), A{-1});
        }).find("check_sparse_jacobian: row 0 is not finite: ") == 0);
  const ag::Sparsity band = ag::Sparsity::band(12, 1), diagonal = ag::Sparsity::band(12, 0);
  CHECK_NOTHROW(ag::check_sparse_hessian(rosenbrock, band, x12));
  missing("check_sparse_hessian", [&] { ag::check_sparse_hessian(rosenbrock, diagonal, x12); });
  missing("check_sparse_hessian", [&] { ag::check_sparse_hessian(arrow, band, x12); });
  const auto running = [](const V& x) { return ag::cumsum(x); };
  missing("check_sparse_jacobian", [&] { ag::check_sparse_jacobian(running, band, x12); });
}
