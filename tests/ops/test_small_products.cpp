/// Stacks of small matrices against loops: whole numbers, so that every digit must be right in any
/// order of additions.

#include <random>
#include <vector>

#include "tests/ops/op_runs.hpp"
#include "tests/support/catch.hpp"

namespace ag = autograd;

namespace {

template <class T>
using Array = xt::xarray<T>;
using Shape = std::vector<std::size_t>;

template <class T>
Array<T> digits(const Shape& shape) {
  static std::mt19937 engine(11);
  Array<T> result = Array<T>::from_shape(shape);
  for (T& each : result) each = static_cast<T>(int(engine() % 19) - 9);
  return result;
}

/// The same numbers, lying in memory in several ways.
enum class Memory { rows, columns, spread };
template <class T>
ag::Var<T> lying(const ag::Var<T>& x, Memory memory) {
  switch (memory) {
    case Memory::rows:
      return x;
    case Memory::columns:
      return ag::swapaxes(ag::swapaxes(x, -1, -2) * 1, -1, -2);
    default:
      return ag::view(ag::stack({x, x + 1}, -1), xt::ellipsis(), 0);
  }
}

/// Calls f(p, q, i, j, k) for stacks (2, 1, m, k) and (3, k, n): places p and q, and i, j, k.
template <class F>
void for_each_term(std::size_t m, std::size_t n, std::size_t inner, const F& f) {
  for (std::size_t p = 0; p < 2; ++p) {
    for (std::size_t q = 0; q < 3; ++q) {
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          for (std::size_t k = 0; k < inner; ++k) f(p, q, i, j, k);
        }
      }
    }
  }
}

template <class T>
void check_stacks(std::size_t m, std::size_t n, std::size_t inner, Memory left, Memory right) {
  const Array<T> a = digits<T>({2, 1, m, inner}), b = digits<T>({3, inner, n}),
                 w = digits<T>({2, 3, m, n});
  Array<T> value = xt::zeros<T>({std::size_t(2), std::size_t(3), m, n});
  Array<T> by_a = xt::zeros_like(a), by_b = xt::zeros_like(b);
  for_each_term(m, n, inner, [&](auto p, auto q, auto i, auto j, auto k) {
    value(p, q, i, j) += a(p, 0, i, k) * b(q, k, j);
    by_a(p, 0, i, k) += w(p, q, i, j) * b(q, k, j);
    by_b(q, k, j) += w(p, q, i, j) * a(p, 0, i, k);
  });
  const auto product = [=](const ag::Var<T>& x, const ag::Var<T>& y) {
    return ag::matmul(lying(x, left), lying(y, right));
  };
  const auto f = [=](const ag::Var<T>& x, const ag::Var<T>& y) {
    return ag::sum(product(x, y) * lying(ag::Var<T>(w), right));
  };
  CAPTURE(m, n, inner, int(left), int(right));
  CHECK((Array<T>(ag::evaluate(product)(a, b)) == value));
  const auto [raw_a, raw_b] = ag::grad(f)(a, b);
  CHECK((raw_a == by_a));
  CHECK((raw_b == by_b));
  const ag::Trace trace;
  const auto [recorded_a, recorded_b] = ag::grad(f)(ag::Var<T>(a), ag::Var<T>(b));
  CHECK((Array<T>(recorded_a.value()) == by_a));
  CHECK((Array<T>(recorded_b.value()) == by_b));
}

}  // namespace

TEMPLATE_TEST_CASE("matmul: stacks of small matrices", "[ops][small_products]", float, double) {
  for (std::size_t m : {1, 2, 3, 4, 7, 8, 9}) {
    for (std::size_t n : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
      for (std::size_t inner : {1, 3, 8, 9}) {
        check_stacks<TestType>(m, n, inner, Memory::rows, Memory::rows);
      }
    }
  }
  for (const Memory left : {Memory::rows, Memory::columns, Memory::spread}) {
    for (const Memory right : {Memory::rows, Memory::columns, Memory::spread}) {
      for (std::size_t n : {1, 3, 8, 17}) check_stacks<TestType>(4, n, 5, left, right);
      check_stacks<TestType>(17, 3, 20, left, right);
    }
  }
}

TEMPLATE_TEST_CASE("matmul: of what is broadcast all products are added up",
                   "[ops][small_products]", float, double) {
  using T = TestType;
  const Array<T> row = digits<T>({4}), b = digits<T>({5, 4, 3}), w = digits<T>({5, 2, 3});
  const auto f = [&](const ag::Var<T>& x) {
    return ag::sum(ag::matmul(ag::broadcast_to(x, {5, 2, 4}), b) * w);
  };
  Array<T> expected = xt::zeros<T>({4});
  for (std::size_t p = 0; p < 5; ++p) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t k = 0; k < 4; ++k) expected(k) += w(p, i, j) * b(p, k, j);
      }
    }
  }
  CHECK((Array<T>(ag::grad(f)(row)) == expected));
}

TEST_CASE("matmul: second derivatives of stacks of small matrices", "[ops][small_products]") {
  const auto f = [](const ag::Var<double>& x) {
    const ag::Var<double> square = ag::matmul(x, x);
    return ag::sum(ag::matmul(square, ag::swapaxes(x, -1, -2)) * x);
  };
  for (std::size_t n : {1, 3, 4, 8, 9}) {
    ag::check_gradients(f, {Array<double>(digits<double>({3, n, n}) / 9)}, {.order = 2});
  }
}
