// The losses of regression and classification against closed forms.
#include <autograd/autograd.hpp>
#include <cmath>
#include <optim/losses.hpp>
#include <string>
#include <type_traits>

#include "tests/optim/losses.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/expect.hpp"

namespace ag = autograd;
using namespace losses;
using Catch::Matchers::WithinRel;
using expect::difference;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using Labels = xt::xarray<ag::Index>;

/// The mean of term(y_true, y_pred).
template <class T, class F>
double mean_of(const xt::xarray<T>& a, const xt::xarray<T>& b, const F& term) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += term(double(a.flat(i)), double(b.flat(i)));
  return total / a.size();
}

/// Along the last axis, by the definition; for logits of a moderate size.
double cross_entropy_by_loops(const A& y, const A& logits) {
  const std::size_t classes = logits.shape(logits.dimension() - 1);
  double loss = 0;
  for (std::size_t first = 0; first < y.size(); first += classes) {
    double total = 0;
    for (std::size_t k = 0; k < classes; ++k) total += std::exp(logits.flat(first + k));
    for (std::size_t k = 0; k < classes; ++k) {
      loss -= y.flat(first + k) * std::log(std::exp(logits.flat(first + k)) / total);
    }
  }
  return loss / (y.size() / classes);
}

}  // namespace

TEMPLATE_TEST_CASE("losses of regression are means over all elements", "[optim][losses]", float,
                   double) {
  const auto y = wave<TestType>({3, 4}, 0), p = wave<TestType>({3, 4}, 1);
  const auto near = [](double expected) { return WithinRel(expected, tolerance<TestType>); };
  CHECK_THAT(value(squared, y, p),
             near(mean_of(y, p, [](double a, double b) { return (a - b) * (a - b); })));
  CHECK_THAT(value(absolute, y, p),
             near(mean_of(y, p, [](double a, double b) { return std::abs(a - b); })));
  CHECK_THAT(value(huber, y, p), near(mean_of(y, p, [](double a, double b) {
               const double e = std::abs(a - b);
               return e <= 0.5 ? e * e / 2 : 0.5 * (e - 0.25);
             })));
}

TEST_CASE("losses of regression at known values and at kinks", "[optim][losses]") {
  const A y = {0, 0, 0, 0, 0}, p = {0, 1, -1, 3, -0.5};
  CHECK(value(squared, y, p) == 11.25 / 5);
  CHECK(value(absolute, y, p) == 5.5 / 5);
  const auto unit = [](auto a, auto b) { return optim::huber(a, b); };
  CHECK(value(unit, y, p) == (0.5 + 0.5 + 2.5 + 0.125) / 5);
  CHECK(difference(5 * slope(absolute, y, p), {0, 1, -1, 1, -1}) == "");
  CHECK(difference(5 * slope(unit, y, p), {0, 1, -1, 1, -0.5}) == "");
  const A curvature = 5 * ag::hessian([&](const V& x) { return optim::huber(y, x); })(p);
  CHECK(difference(curvature, xt::diag(A{1, 1, 1, 0, 1})) == "");
}

TEMPLATE_TEST_CASE("binary cross entropy", "[optim][losses]", float, double) {
  using X = xt::xarray<TestType>;
  const X y = {0, 1, 0.25, 1, 0}, x = {0.5, -1, 2, 3, -4};
  const double expected = mean_of(y, x, [](double label, double logit) {
    const double p = 1 / (1 + std::exp(-logit));
    return -label * std::log(p) - (1 - label) * std::log(1 - p);
  });
  CHECK_THAT(value(binary, y, x), WithinRel(expected, tolerance<TestType>));
  CHECK(value(binary, X{1, 0}, X{1000, -1000}) == 0);
  CHECK(value(binary, X{0, 1}, X{1000, -1000}) == 1000);
  CHECK_THAT(value(binary, X{1}, X{30}), WithinRel(std::exp(-30.0), 1e-5));
}

TEST_CASE("the slope of binary cross entropy is the error of the probability", "[optim][losses]") {
  const A y = {1, 0, 1, 0, 0.25, 1}, x = {0, 0, 1000, -1000, 1000, -1000};
  CHECK(difference(6 * slope(binary, y, x), {-0.5, 0.5, 0, 0, 0.75, -1}) == "");
}

TEMPLATE_TEST_CASE("cross entropy", "[optim][losses]", float, double) {
  using X = xt::xarray<TestType>;
  const X logits = wave<TestType>({2, 3}, 1);
  const X y = {{0, 0, 1}, {0.5, 0.25, 0.25}};
  CHECK_THAT(value(categorical, y, logits),
             WithinRel(cross_entropy_by_loops(y, logits), tolerance<TestType>));
  const auto first = [](auto a, auto b) { return optim::cross_entropy(a, b, 0); };
  CHECK_THAT(value(first, X(xt::transpose(y)), X(xt::transpose(logits))),
             WithinRel(cross_entropy_by_loops(y, logits), tolerance<TestType>));
  CHECK_THAT(value(categorical, X{0, 1}, X{0, 0}), WithinRel(std::log(2.0), 1e-6));
  CHECK(value(categorical, X{{1, 0}, {0, 1}}, X{{1000, -1000}, {1000, -1000}}) == 1000);
}

TEMPLATE_TEST_CASE("sparse and one-hot labels agree", "[optim][losses]", float, double) {
  const Labels labels = {{2, 0}, {1, 2}, {0, 0}};
  auto y = xt::xarray<TestType>(xt::zeros<TestType>({3, 2, 3}));
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 2; ++j) y(i, j, labels(i, j)) = 1;
  }
  const auto x = wave<TestType>({3, 2, 3}, 1);
  const auto expected = WithinRel(value(categorical, y, x), tolerance<TestType>);
  CHECK_THAT(value(sparse, labels, x), expected);
  const auto second = [](auto a, auto b) { return optim::sparse_cross_entropy(a, b, 1); };
  CHECK_THAT(value(second, labels, xt::xarray<TestType>(xt::transpose(x, {0, 2, 1}))), expected);
  CHECK_THAT(value(sparse, xt::xarray<int>(xt::cast<int>(labels)), x), expected);
  CHECK(value(sparse, Labels{0, 0}, xt::xarray<TestType>{{1000, -1000}, {-1000, 1000}}) == 1000);
}

TEMPLATE_TEST_CASE("losses have derivatives by both arguments", "[optim][losses]", float, double) {
  const ag::CheckOptions options{.order = std::is_same_v<TestType, float> ? 1 : 2};
  const auto y = wave<TestType>({2, 1, 3, 4}, 0), p = wave<TestType>({2, 1, 3, 4}, 2);
  const auto labels = xt::xarray<TestType>(0.5 + 0.4 * y);
  ag::check_gradients(squared, {y, p}, options);
  ag::check_gradients(absolute, {y, p}, options);
  ag::check_gradients(huber, {y, p}, options);
  ag::check_gradients(binary, {labels, p}, options);
  ag::check_gradients(categorical, {labels, p}, options);
  ag::check_gradients(scale_invariant, {y, p}, options);
  ag::check_gradients(gradient, {y, p}, options);
  const Labels classes = xt::ones<ag::Index>({2, 1, 3});
  const auto by_classes = [&](const auto& x) { return optim::sparse_cross_entropy(classes, x); };
  ag::check_gradients(by_classes, {p}, options);
}

template <class Y, class P>
constexpr bool compiles = requires(Y y, P p) {
  optim::mean_squared_error(y, p);
  optim::scale_invariant_l2(y, p);
};

TEST_CASE("targets may be arrays of the same number type, expressions, or Vars",
          "[optim][losses]") {
  static_assert(compiles<A, V> && compiles<V, V> && compiles<xt::xarray<int>, V>);
  static_assert(compiles<xt::xarray<float>, ag::Var<float>>);
  static_assert(!compiles<xt::xarray<float>, V> && !compiles<A, ag::Var<float>>);
  static_assert(!compiles<ag::Var<float>, V> && !compiles<V, ag::Var<float>>);
  const ag::Trace trace;
  const A y = {1, 2};
  const V p = A{0, 0};
  CHECK(optim::mean_squared_error(y + y, p).item() == 10);
  CHECK(optim::mean_squared_error(xt::xarray<int>{1, 2}, p).item() == 2.5);
  CHECK(optim::mean_squared_error(1, V(3)).item() == 4);
}

TEST_CASE("losses do not broadcast", "[optim][losses]") {
  const A y = xt::zeros<double>({3}), p = xt::zeros<double>({3, 1});
  const auto error = [&](auto loss) { return invalid_argument([&] { value(loss, y, p); }); };
  const auto expected = [](const std::string& op, const std::string& name) {
    return op + ": shapes differ: y_true has shape (3,), " + name +
           " has shape (3, 1); losses do not broadcast";
  };
  CHECK(error(squared) == expected("mean_squared_error", "y_pred"));
  CHECK(error(absolute) == expected("mean_absolute_error", "y_pred"));
  CHECK(error(huber) == expected("huber", "y_pred"));
  CHECK(error(binary) == expected("binary_cross_entropy_with_logits", "logits"));
  CHECK(error(categorical) == expected("cross_entropy", "logits"));
  CHECK(error(scale_invariant) == expected("scale_invariant_l2", "y_pred"));
  CHECK(error(gradient) ==
        "gradient_l2: shapes differ: y_true has shape (3,), y_pred has shape (3, 1); losses do not "
        "broadcast");
}

TEST_CASE("labels, axes and options that make no sense are errors", "[optim][losses]") {
  const A x = xt::zeros<double>({2, 3});
  CHECK(invalid_argument([&] {
          value(binary, A{-1, 1}, A{0, 0});
        }) ==
        "binary_cross_entropy_with_logits: labels must be in [0, 1]: y_true goes from -1 to 1");
  CHECK(invalid_argument([&] {
          value(binary, A{0, no_number}, A{0, 0});
        }) ==
        "binary_cross_entropy_with_logits: labels must be in [0, 1]: y_true goes from nan to nan");
  CHECK(std::isnan(value(binary, A::from_shape({0}), A::from_shape({0}))));
  CHECK(out_of_range([&] {
          value(sparse, Labels{0, 3}, x);
        }) == "sparse_cross_entropy: label 3 is out of range: there are 3 classes");
  CHECK(out_of_range([&] {
          value(sparse, Labels{-1, 0}, x);
        }) == "sparse_cross_entropy: label -1 is out of range: there are 3 classes");
  CHECK(invalid_argument([&] {
          value(sparse, Labels{0, 1, 2}, x);
        }) ==
        "sparse_cross_entropy: shapes differ: labels has shape (3,), logits has shape (2, 3) with "
        "classes on axis -1");
  const auto axis = [](auto a, auto b) { return optim::cross_entropy(a, b, 2); };
  CHECK(out_of_range([&] { value(axis, x, x); }) ==
        "cross_entropy: axis 2 is out of range: the operand has shape (2, 3)");
  const auto sparse_axis = [](auto a, auto b) { return optim::sparse_cross_entropy(a, b, -3); };
  CHECK(out_of_range([&] {
          value(sparse_axis, Labels{0, 0}, x);
        }) == "sparse_cross_entropy: axis -3 is out of range: the operand has shape (2, 3)");
  const auto flat = [](auto a, auto b) { return optim::huber(a, b, 0); };
  CHECK(invalid_argument([&] { value(flat, x, x); }) == "huber: delta must be positive, got 0");
}

TEMPLATE_TEST_CASE("warm gradients of losses take no heap memory", "[optim][losses]", float,
                   double) {
  if (!allocations::counted) return;
  const auto y = wave<TestType>({2, 1, 5, 4}, 0), p = wave<TestType>({2, 1, 5, 4}, 2);
  const auto check = [&](const auto& loss) {
    const auto f = ag::value_and_grad([&](const ag::Var<TestType>& x) { return loss(y, x); });
    xt::xarray<TestType> g;
    for (int i = 0; i < 2; ++i) f.into(g, p);
    const std::size_t before = allocations::count();
    f.into(g, p);
    CHECK(allocations::count() - before == 0);
  };
  check(squared);
  check(huber);
  check(categorical);
  check([](const auto& a, const auto& b) { return optim::scale_invariant_l2(a, b, b > 0); });
  check(gradient);
}
