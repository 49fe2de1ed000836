// Norms of vectors, which the table does not have, and condition numbers.
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <cmath>

#include "tests/support/expect.hpp"

namespace ag = autograd;
namespace linalg = ag::linalg;
using expect::difference;
using V = ag::Var<double>;
using Array = xt::xarray<double>;

namespace {

const Array x = {1, -0.5, 2, 0.25};
const Array matrix = {{3, 1, -0.5}, {0.5, 2, 1}, {-1, 0.25, 4}};

}  // namespace

TEST_CASE("orders of vectors", "[linalg][norms]") {
  const auto norm = [](linalg::NormOrder ord) {
    return ag::evaluate([=](const V& v) { return linalg::norm(v, ord); })(x)();
  };
  CHECK(norm(2) == Approx(std::sqrt(5.3125)));
  CHECK(norm(1) == 3.75);
  CHECK(norm(0) == 4);
  CHECK(norm(ag::inf) == 2);
  CHECK(norm(-ag::inf) == 0.25);
  CHECK(norm(-1) == Approx(1 / 7.5));
  CHECK(norm(3) == Approx(std::cbrt(9.140625)));
  for (const double p : {1.0, 2.0, 3.0, -1.0, -2.5, ag::inf, -ag::inf}) {
    ag::check_gradients([=](const V& v) { return linalg::norm(v, p); }, {x});
  }
  CHECK(difference(ag::grad([](const V& v) { return linalg::norm(v, 0); })(x), 0 * x) == "");
}

TEST_CASE("axes of norms", "[linalg][norms]") {
  const ag::Trace trace;
  const V m = matrix;
  CHECK(linalg::norm(m).item() == Approx(linalg::norm(m, "fro").item()));
  CHECK(linalg::norm(m, 1, 0).shape(0) == 3);
  const Array harmonic = linalg::norm(m, -1, {.axis = 1, .keepdims = true}).value();
  CHECK(harmonic.shape(1) == 1);
  CHECK(harmonic(1, 0) == Approx(1 / 3.5));
  CHECK(linalg::norm(m, 2, {0, 1}).item() == Approx(linalg::norm(ag::transpose(m), 2).item()));
  CHECK(linalg::norm(m, 1, {1, 0}).item() == linalg::norm(m, ag::inf, {0, 1}).item());
}

TEST_CASE("the axes of a norm may stand alone", "[linalg][norms]") {
  const ag::Trace trace;
  const V stack = ag::stack({V(matrix), V(2 * matrix)});
  const Array by_name = linalg::norm(stack, {.axis = {0, 2}}).value();
  CHECK(difference(linalg::norm(stack, {0, 2}).value(), by_name) == "");
  CHECK(by_name(0) == Approx(std::sqrt(5 * 10.25)));
}

TEST_CASE("the condition number of zeros is infinite", "[linalg][norms]") {
  const Array zeros = 0 * matrix;
  for (const int p : {2, -2}) {
    const auto cond = [=](const V& a) { return linalg::cond(a, p); };
    CHECK(ag::evaluate(cond)(zeros)() == ag::inf);
    CHECK(difference(ag::grad(cond)(zeros), zeros) == "");
  }
}

TEST_CASE("condition numbers", "[linalg][norms]") {
  const ag::Trace trace;
  const V m = matrix, inverse = linalg::inv(m);
  for (const linalg::NormOrder p :
       {linalg::NormOrder(1), linalg::NormOrder(-1), linalg::NormOrder(ag::inf),
        linalg::NormOrder("fro"), linalg::NormOrder("nuc"), linalg::NormOrder(2),
        linalg::NormOrder(-2)}) {
    CHECK(linalg::cond(m, p).item() ==
          Approx(linalg::norm(m, p).item() * linalg::norm(inverse, p).item()));
    ag::check_gradients([=](const V& a) { return linalg::cond(a, p); }, {matrix});
  }
  CHECK(linalg::cond(m).item() == linalg::cond(m, 2).item());
}
