// The errors of operations that compute: their types and full texts. Those of operations that
// arrange elements stand in test_errors_of_shapes.cpp. A message that is tested nowhere fails the
// suite (error_messages.sh).
#include <autograd/autograd.hpp>
#include <functional>
#include <string>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;

V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }

/// An operation and how it is called.
template <class F>
struct Call {
  std::string op;
  F call;
};

}  // namespace

TEST_CASE("operations of two arrays name the shapes that do not broadcast", "[errors]") {
  const Call<std::function<V(const V&, const V&)>> calls[] = {
      {"add", [](const V& a, const V& b) { return a + b; }},
      {"subtract", [](const V& a, const V& b) { return a - b; }},
      {"multiply", [](const V& a, const V& b) { return a * b; }},
      {"divide", [](const V& a, const V& b) { return a / b; }},
      {"add", [](const V& a, const V& b) { return ag::add(a, b); }},
      {"subtract", [](const V& a, const V& b) { return ag::subtract(a, b); }},
      {"multiply", [](const V& a, const V& b) { return ag::multiply(a, b); }},
      {"divide", [](const V& a, const V& b) { return ag::divide(a, b); }},
      {"power", [](const V& a, const V& b) { return ag::power(a, b); }},
      {"maximum", [](const V& a, const V& b) { return ag::maximum(a, b); }},
      {"minimum", [](const V& a, const V& b) { return ag::minimum(a, b); }},
      {"hypot", [](const V& a, const V& b) { return ag::hypot(a, b); }},
      {"arctan2", [](const V& a, const V& b) { return ag::arctan2(a, b); }},
      {"logaddexp", [](const V& a, const V& b) { return ag::logaddexp(a, b); }},
      {"equal", [](const V& a, const V& b) { return ag::equal(a, b); }},
      {"not_equal", [](const V& a, const V& b) { return ag::not_equal(a, b); }},
      {"equal", [](const V& a, const V& b) { return a == b; }},
      {"not_equal", [](const V& a, const V& b) { return a != b; }},
      {"less", [](const V& a, const V& b) { return a < b; }},
      {"less_equal", [](const V& a, const V& b) { return a <= b; }},
      {"greater", [](const V& a, const V& b) { return a > b; }},
      {"greater_equal", [](const V& a, const V& b) { return a >= b; }},
      {"where", [](const V& a, const V& b) { return ag::where(1, a, b); }},
  };
  const ag::Trace trace;
  for (const auto& [op, f] : calls) {
    const auto& call = f;  // clang before 16 lets no lambda capture f itself
    CHECK(
        invalid_argument([&] {
          return call(ones({3, 4}), ones({3, 5}));
        }) ==
        op +
            ": shapes do not broadcast: a has shape (3, 4), b has shape (3, 5); axis -1 is 4 vs 5");
    CHECK(invalid_argument([&] {
            return call(ones({2, 1, 4}), ones({3, 5, 4}));
          }) == op + ": shapes do not broadcast: a has shape (2, 1, 4), b has shape (3, 5, 4); "
                     "axis -3 is 2 vs 3");
  }
}

TEST_CASE("where and clip name all of their operands", "[errors]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] { return ag::where(ones({2}), ones({3}), 0); }) ==
        "where: shapes do not broadcast: a with b has shape (3,), mask has shape (2,); "
        "axis -1 is 3 vs 2");
  CHECK(invalid_argument([] { return ag::clip(ones({3}), ones({2}), 1); }) ==
        "clip: shapes do not broadcast: x has shape (3,), low has shape (2,); axis -1 is 3 vs 2");
  CHECK(invalid_argument([] { return ag::clip(ones({3}), 0, ones({2})); }) ==
        "clip: shapes do not broadcast: x has shape (3,), high has shape (2,); axis -1 is 3 vs 2");
}

TEST_CASE("reductions name an axis that does not exist, or is given twice", "[errors]") {
  const Call<std::function<void(const V&, const ag::Reduce&)>> calls[] = {
      {"sum", [](const V& x, const ag::Reduce& over) { return ag::sum(x, over); }},
      {"mean", [](const V& x, const ag::Reduce& over) { return ag::mean(x, over); }},
      {"prod", [](const V& x, const ag::Reduce& over) { return ag::prod(x, over); }},
      {"max", [](const V& x, const ag::Reduce& over) { return ag::max(x, over); }},
      {"min", [](const V& x, const ag::Reduce& over) { return ag::min(x, over); }},
      {"var", [](const V& x, const ag::Reduce& over) { return ag::var(x, over); }},
      {"std", [](const V& x, const ag::Reduce& over) { return ag::std(x, over); }},
      {"logsumexp", [](const V& x, const ag::Reduce& over) { return ag::logsumexp(x, over); }},
      {"norm", [](const V& x, const ag::Reduce& over) { return ag::norm(x, over); }},
      {"norm", [](const V& x, const ag::Reduce& over) { return ag::norm(x, 1, over); }},
      {"norm", [](const V& x, const ag::Reduce& over) { return ag::norm(x, 3, over); }},
      {"norm", [](const V& x, const ag::Reduce& over) { return ag::norm(x, ag::inf, over); }},
      {"norm", [](const V& x, const ag::Reduce& over) { return ag::norm(x, "fro", over); }},
      {"any", [](const V& x, const ag::Reduce& over) { return ag::any(x, over); }},
      {"all", [](const V& x, const ag::Reduce& over) { return ag::all(x, over); }},
  };
  const ag::Trace trace;
  for (const auto& [op, f] : calls) {
    const auto& call = f;  // clang before 16 lets no lambda capture f itself
    CHECK(out_of_range([&] {
            call(ones({2, 3}), {.axis = 2});
          }) == op + ": axis 2 is out of range: the operand has shape (2, 3)");
    CHECK(out_of_range([&] {
            call(ones({2, 3}), {.axis = {0, -3}});
          }) == op + ": axis -3 is out of range: the operand has shape (2, 3)");
    CHECK(out_of_range([&] { call(1, {.axis = 0}); }) ==
          op + ": axis 0 is out of range: the operand has shape ()");
    CHECK(invalid_argument([&] {
            call(ones({2, 3}), {.axis = {1, -1}});
          }) == op + ": axis -1 is given twice: the operand has shape (2, 3)");
  }
}

TEST_CASE("operations along an axis name one that does not exist", "[errors]") {
  const xt::xarray<int> first = {0};
  const Call<std::function<void(const V&, ag::Index)>> calls[] = {
      {"softmax", [](const V& x, ag::Index axis) { return ag::softmax(x, axis); }},
      {"cumsum", [](const V& x, ag::Index axis) { return ag::cumsum(x, axis); }},
      {"cumprod", [](const V& x, ag::Index axis) { return ag::cumprod(x, axis); }},
      {"argmax", [](const V& x, ag::Index axis) { ag::argmax(x, axis); }},
      {"argmin", [](const V& x, ag::Index axis) { ag::argmin(x, axis); }},
      {"diff", [](const V& x, ag::Index axis) { return ag::diff(x, 1, axis); }},
      {"flip", [](const V& x, ag::Index axis) { return ag::flip(x, axis); }},
      {"roll", [](const V& x, ag::Index axis) { return ag::roll(x, 1, axis); }},
      {"repeat", [](const V& x, ag::Index axis) { return ag::repeat(x, 2, axis); }},
      {"split", [](const V& x, ag::Index axis) { ag::split(x, 1, axis); }},
      {"squeeze", [](const V& x, ag::Index axis) { return ag::squeeze(x, axis); }},
      {"swapaxes", [](const V& x, ag::Index axis) { return ag::swapaxes(x, 0, axis); }},
      {"swapaxes", [](const V& x, ag::Index axis) { return ag::swapaxes(x, axis, 0); }},
      {"moveaxis", [](const V& x, ag::Index axis) { return ag::moveaxis(x, 0, axis); }},
      {"moveaxis", [](const V& x, ag::Index axis) { return ag::moveaxis(x, axis, 0); }},
      {"transpose",
       [](const V& x, ag::Index axis) {
         return ag::transpose(x, {0, axis});
       }},
      {"concatenate",
       [](const V& x, ag::Index axis) {
         return ag::concatenate({x, x}, axis);
       }},
      {"take", [&](const V& x, ag::Index axis) { return ag::take(x, first, axis); }},
      {"tensordot", [](const V& x, ag::Index axis) { return ag::tensordot(x, x, {axis}, {0}); }},
      {"tensordot", [](const V& x, ag::Index axis) { return ag::tensordot(x, x, {0}, {axis}); }},
      {"shape", [](const V& x, ag::Index axis) { x.shape(axis); }},
  };
  const ag::Trace trace;
  for (const auto& [op, f] : calls) {
    const auto& call = f;  // clang before 16 lets no lambda capture f itself
    CHECK(out_of_range([&] {
            call(ones({2, 3}), 2);
          }) == op + ": axis 2 is out of range: the operand has shape (2, 3)");
    CHECK(out_of_range([&] {
            call(ones({2, 3}), -3);
          }) == op + ": axis -3 is out of range: the operand has shape (2, 3)");
  }
}

TEST_CASE("the largest of nothing is an error", "[errors]") {
  const ag::Trace trace;
  const V empty = ones({0}), rows = ones({2, 0});
  CHECK(invalid_argument([&] { return ag::max(empty); }) ==
        "max: no elements: the operand has shape (0,)");
  CHECK(invalid_argument([&] { return ag::min(rows, {.axis = 1}); }) ==
        "min: no elements: the operand has shape (2, 0)");
  CHECK(invalid_argument([&] { return ag::argmax(empty); }) ==
        "argmax: no elements: the operand has shape (0,)");
  CHECK(invalid_argument([&] { return ag::argmin(rows, 1); }) ==
        "argmin: no elements: the operand has shape (2, 0)");
  CHECK(ag::max(rows, {.axis = 0}).size() == 0);  // no results, so none without elements
}

TEST_CASE("norms that do not exist", "[errors]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] { return ag::norm(ones({3}), 0); }) ==
        "norm: order 0 is not supported for vectors; use 1, 2, inf or p > 0");
  CHECK(invalid_argument([] { return ag::norm(ones({3}), -ag::inf); }) ==
        "norm: order -inf is not supported for vectors; use 1, 2, inf or p > 0");
  CHECK(invalid_argument([] {
          return ag::norm(ones({2, 3}), 2);
        }) == "norm: order 2 is not supported for matrices; use \"fro\", 1 or inf");
  CHECK(invalid_argument([] { return ag::norm(ones({3}), "fro"); }) ==
        "norm: order \"fro\" is for matrices: the operand has shape (3,), reduced over 1 of its "
        "axes");
  CHECK(
      invalid_argument([] {
        return ag::norm(ones({2, 3, 4}), 1);
      }) ==
      "norm: order 1 is for vectors and matrices: the operand has shape (2, 3, 4), reduced over 3 "
      "of its axes");
  CHECK(invalid_argument([] {
          return ag::norm(ones({2, 3}), "nuc");
        }) == "norm: unknown order \"nuc\"; the only name is \"fro\"");
}

TEST_CASE("products name the extents that differ", "[errors]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          return ag::matmul(ones({32, 100}), ones({10, 5}));
        }) ==
        "matmul: inner dimensions differ: a has shape (32, 100), b has shape (10, 5); "
        "a.shape[-1] = 100 must equal b.shape[-2] = 10");
  CHECK(invalid_argument([] {
          return ag::matmul(ones({2, 3}), ones({4}));
        }) ==
        "matmul: inner dimensions differ: a has shape (2, 3), b has shape (4,); "
        "a.shape[-1] = 3 must equal b.shape[-1] = 4");
  CHECK(invalid_argument([] {
          return ag::matmul(2, ones({2, 2}));
        }) == "matmul: operands need at least one axis: a has shape (), b has shape (2, 2)");
  CHECK(
      invalid_argument([] {
        return ag::matmul(ones({2, 3, 4}), ones({5, 4, 3}));
      }) ==
      "matmul: stacks of matrices do not broadcast: a has shape (2, 3, 4), b has shape (5, 4, 3); "
      "axis -3 is 2 vs 5");
  CHECK(invalid_argument([] { return ag::dot(ones({2}), ones({3})); }) ==
        "dot: inner dimensions differ: a has shape (2,), b has shape (3,); "
        "a.shape[-1] = 2 must equal b.shape[-1] = 3");
  CHECK(invalid_argument([] {
          return ag::dot(ones({2, 2, 3}), ones({2, 4, 3}));
        }) ==
        "dot: inner dimensions differ: a has shape (2, 2, 3), b has shape (2, 4, 3); "
        "a.shape[-1] = 3 must equal b.shape[-2] = 4");
  CHECK(
      invalid_argument([] {
        return ag::inner(ones({2, 3}), ones({2, 4}));
      }) ==
      "inner: axes (-1,) of a and (-1,) of b do not match: a has shape (2, 3), b has shape (2, 4)");
}

TEST_CASE("tensordot wants axes of equal extents", "[errors]") {
  const ag::Trace trace;
  const V a = ones({2, 3}), b = ones({4, 2});
  CHECK(invalid_argument([&] { return ag::tensordot(a, b, 3); }) ==
        "tensordot: cannot contract 3 axes: a has shape (2, 3), b has shape (4, 2)");
  CHECK(invalid_argument([&] { return ag::tensordot(a, b, -1); }) ==
        "tensordot: cannot contract -1 axes: a has shape (2, 3), b has shape (4, 2)");
  CHECK(invalid_argument([&] { return ag::tensordot(a, b, 1); }) ==
        "tensordot: axes (1,) of a and (0,) of b do not match: a has shape (2, 3), b has shape (4, "
        "2)");
  CHECK(invalid_argument([&] {
          return ag::tensordot(a, b, {0, 1}, {1});
        }) ==
        "tensordot: axes (0, 1) of a and (1,) of b do not match: a has shape (2, 3), "
        "b has shape (4, 2)");
  CHECK(invalid_argument([&] {
          return ag::tensordot(a, b, {0, 0}, {1, 1});
        }) == "tensordot: axis 0 is given twice: the operand has shape (2, 3)");
}

TEST_CASE("einsum explains what is wrong with its subscripts", "[errors]") {
  const ag::Trace trace;
  const V a = ones({2, 3}), b = ones({4, 5});
  CHECK(invalid_argument([&] { return ag::einsum("i...->i", {a}); }) ==
        "einsum: subscripts \"i...->i\": the output needs an ellipsis, too");
  CHECK(invalid_argument([&] { return ag::einsum("ij->i->j", {a}); }) ==
        "einsum: subscripts \"ij->i->j\": '-' is not a letter");
  CHECK(invalid_argument([&] { return ag::einsum("ij,jk->ik", {a}); }) ==
        "einsum: subscripts \"ij,jk->ik\" name 2 operands, 1 are given");
  CHECK(invalid_argument([&] { return ag::einsum("ijk->i", {a}); }) ==
        "einsum: subscripts \"ijk->i\": \"ijk\" names 3 axes, the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::einsum("ij,jk->ik", {a, b});
        }) == "einsum: subscripts \"ij,jk->ik\": 'j' is 3 in one place and 4 in another");
  CHECK(invalid_argument([&] { return ag::einsum("ij->ik", {a}); }) ==
        "einsum: subscripts \"ij->ik\": 'k' of the output names no axis of an operand");
  CHECK(invalid_argument([&] { return ag::einsum("ij->ii", {a}); }) ==
        "einsum: subscripts \"ij->ii\": 'i' appears twice in the output");
}
