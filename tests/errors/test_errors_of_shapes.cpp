// The errors of operations that arrange elements: their types and full texts.
#include <autograd/autograd.hpp>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using namespace xt::placeholders;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;

V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }

}  // namespace

TEST_CASE("reshape keeps the number of elements", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {4, 2});
        }) == "reshape: 6 elements do not take the shape (4, 2): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {4, -1});
        }) == "reshape: 6 elements do not take the shape (4, -1): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {-1, -1});
        }) == "reshape: 6 elements do not take the shape (-1, -1): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {-2, -3});
        }) == "reshape: 6 elements do not take the shape (-2, -3): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::reshape(x, {0, -1});
        }) == "reshape: 6 elements do not take the shape (0, -1): the operand has shape (2, 3)");
}

TEST_CASE("broadcast_to only repeats axes of extent 1", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          return ag::broadcast_to(ones({3}), {2, 4});
        }) ==
        "broadcast_to: the operand does not broadcast to the shape (2, 4): it has shape (3,)");
  CHECK(invalid_argument([] {
          return ag::broadcast_to(ones({2, 3}), {3});
        }) ==
        "broadcast_to: the operand does not broadcast to the shape (3,): it has shape (2, 3)");
  CHECK(invalid_argument([] { return ag::broadcast_to(ones({3}), {1}); }) ==
        "broadcast_to: the operand does not broadcast to the shape (1,): it has shape (3,)");
  CHECK(invalid_argument([] {
          return ag::broadcast_to(V(1), {2, -1});
        }) == "broadcast_to: the operand does not broadcast to the shape (2, -1): it has shape ()");
}

TEST_CASE("axes are reordered, removed and inserted where they are", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] {
          return ag::transpose(x, {0, 0});
        }) == "transpose: axes (0, 0) are not a permutation: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::transpose(x, {0, 1, 2});
        }) == "transpose: axes (0, 1, 2) are not a permutation: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::squeeze(x, -1); }) ==
        "squeeze: axis -1 has extent 3, not 1: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::expand_dims(x, 3); }) ==
        "expand_dims: new axis 3 is out of range: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::expand_dims(x, -4); }) ==
        "expand_dims: new axis -4 is out of range: the operand has shape (2, 3)");
}

TEST_CASE("an array has at most 16 axes", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  V x = 1;
  for (int i = 0; i < 16; ++i) x = ag::expand_dims(x, 0);
  CHECK(x.dimension() == 16);
  const auto refused = [](const std::string& op, int axes) {
    const std::vector<ag::Index> shape(static_cast<std::size_t>(axes), 1);
    return op + ": an array of shape " + ag::to_string(shape) + " has more than 16 axes";
  };
  CHECK(invalid_argument([&] { return ag::expand_dims(x, 0); }) ==
        "expand_dims: an array of shape (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) has "
        "more than 16 axes");
  CHECK(invalid_argument([&] { return ag::view(x, xt::newaxis()); }) == refused("view", 17));
  CHECK(invalid_argument([&] { return ag::stack({x}); }) == refused("stack", 17));
  CHECK(invalid_argument([&] { return ag::repeat(x, 1, 0); }) == refused("repeat", 17));
  CHECK(invalid_argument([&] { return ag::reshape(x, ag::Dims(17, 1)); }) ==
        refused("reshape", 17));
  CHECK(invalid_argument([&] { return ag::broadcast_to(x, ag::Dims(18, 1)); }) ==
        refused("broadcast_to", 18));
  CHECK(invalid_argument([&] { return ag::tile(x, ag::Dims(17, 1)); }) == refused("tile", 17));
  CHECK(invalid_argument([&] { return ag::tensordot(x, x, 0); }) == refused("tensordot", 32));
  CHECK(invalid_argument([&] {
          return ag::einsum("abcdefghijklmnop,ABCDEFGHIJKLMNOP->abcdefghijklmnopABCDEFGHIJKLMNOP",
                            {x, x});
        }) == refused("einsum", 32));
  CHECK(invalid_argument([&] { return ag::max_pool2d(x, 1); }) == refused("max_pool2d", 17));
  CHECK(invalid_argument([&] { return ag::jacobian([](const V& y) { return y; })(x); }) ==
        refused("jacobian", 32));
  const xt::xarray<double> array = xt::ones<double>(std::vector<std::size_t>(17, 1));
  CHECK(invalid_argument([&] { return V{array}; }) == refused("Var", 17));
  CHECK(invalid_argument([&] { return ag::borrow(array); }) == refused("borrow", 17));
  CHECK(invalid_argument([&] { return ag::grad([](const V& y) { return ag::sum(y); })(array); }) ==
        refused("argument", 17));
  const xt::xarray<double> nine = xt::ones<double>(std::vector<std::size_t>(9, 1));
  CHECK(invalid_argument([&] {
          return ag::hessian([](const V& y) { return ag::sum(y * y); })(nine);
        }) == refused("hessian", 18));
  CHECK(invalid_argument([&] { return ag::kron(nine, V(1)); }) ==
        "kron: operands have at most 8 axes: a has shape (1, 1, 1, 1, 1, 1, 1, 1, 1), b has shape "
        "()");
  CHECK(ag::tile(V(nine), {2, 2, 2}).shape(-1) == 2);
  CHECK(invalid_argument([] { return ag::Dims(34, 1); }) == "shape: an array has at most 16 axes");
}

TEST_CASE("concatenate and stack join arrays that fit", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3}), wide = ones({2, 4}), vector = ones({3});
  const std::vector<V> none;
  CHECK(invalid_argument([&] { return ag::concatenate(none); }) ==
        "concatenate: no arrays are given");
  CHECK(invalid_argument([&] { return ag::stack(none); }) == "stack: no arrays are given");
  CHECK(invalid_argument([&] {
          return ag::concatenate({x, wide});
        }) == "concatenate: shapes differ: one array has shape (2, 3), another has shape (2, 4)");
  CHECK(ag::concatenate({x, wide}, 1).size() == 14);
  CHECK(invalid_argument([&] {
          return ag::concatenate({x, vector});
        }) == "concatenate: shapes differ: one array has shape (2, 3), another has shape (3,)");
  CHECK(invalid_argument([&] {
          return ag::stack({x, wide});
        }) == "stack: shapes differ: one array has shape (2, 3), another has shape (2, 4)");
  CHECK(out_of_range([&] {
          return ag::concatenate({V(1), V(2)});
        }) == "concatenate: axis 0 is out of range: the operand has shape ()");
  CHECK(out_of_range([&] {
          return ag::stack({x, x}, 3);
        }) == "stack: new axis 3 is out of range: the operand has shape (2, 3)");
}

TEST_CASE("split divides an axis into equal parts", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] {
          ag::split(ones({2, 3}), 2, 1);
        }) == "split: axis 1 does not divide into 2 equal parts: the operand has shape (2, 3)");
  CHECK(invalid_argument([] {
          ag::split(ones({2, 3}), 0);
        }) == "split: axis 0 does not divide into 0 equal parts: the operand has shape (2, 3)");
}

TEST_CASE("repetitions and differences are not negative", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  CHECK(invalid_argument([] { return ag::repeat(ones({2}), -1); }) ==
        "repeat: count -1 is negative");
  CHECK(invalid_argument([] {
          return ag::tile(ones({2}), {2, -2});
        }) == "tile: count -2 is negative");
  CHECK(invalid_argument([] { return ag::diff(ones({2}), -1); }) == "diff: order -1 is negative");
}

TEST_CASE("pad wants a width for each axis", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] {
          return ag::pad(x, {{1, 1}, {1, 1}, {1, 1}});
        }) == "pad: 3 widths given: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::pad(x, {{0, 0}, {1, -1}});
        }) == "pad: width (1, -1) is negative");
  CHECK(invalid_argument([] {
          return ag::pad(ones({2, 0}), {{1, 1}}, ag::Pad::edge);
        }) ==
        "pad: axis 1 is empty: only the mode constant can pad it: the operand has shape (2, 0)");
}

TEST_CASE("diagonals and triangles need matrices", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({3});
  CHECK(invalid_argument([] {
          return ag::diag(ones({2, 3, 4}));
        }) == "diag: takes a vector or a matrix: the operand has shape (2, 3, 4)");
  CHECK(invalid_argument([&] { return ag::diagonal(x); }) ==
        "diagonal: needs at least two axes: the operand has shape (3,)");
  CHECK(invalid_argument([&] { return ag::trace(x); }) ==
        "trace: needs at least two axes: the operand has shape (3,)");
  CHECK(invalid_argument([&] { return ag::triu(x); }) ==
        "triu: needs at least two axes: the operand has shape (3,)");
  CHECK(invalid_argument([&] { return ag::tril(x); }) ==
        "tril: needs at least two axes: the operand has shape (3,)");
}

TEST_CASE("slices name the place that does not exist", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(out_of_range([&] { return ag::view(x, 0, 3); }) ==
        "view: index 3 is out of range for axis 1: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::view(x, -3); }) ==
        "view: index -3 is out of range for axis 0: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::view(x, 0, xt::newaxis(), xt::all(), 0); }) ==
        "view: too many slices: 3 axes are sliced, the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::view(x, xt::ellipsis(), xt::ellipsis()); }) ==
        "view: more than one ellipsis");
  CHECK(invalid_argument([&] { return ag::view(x, xt::range(0, 2, 0)); }) ==
        "view: the step of a range must not be zero");
  CHECK(out_of_range([&] { return x[2]; }) ==
        "operator[]: index 2 is out of range: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return x[-3]; }) ==
        "operator[]: index -3 is out of range: the operand has shape (2, 3)");
  CHECK(invalid_argument([] { return V(1)[0]; }) == "operator[]: a Var of rank 0 has no rows");
  CHECK(invalid_argument([] {
          for (V row : V(1)) row.item();
        }) == "iteration: a Var of rank 0 has no rows");
}

TEST_CASE("set and add_at take slices like view, and a value that fits",
          "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  const xt::xarray<double> four = {1, 2, 3, 4};
  CHECK(out_of_range([&] { return ag::set(x, 2, 0); }) ==
        "set: index 2 is out of range for axis 0: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::add_at(x, 0, -4, 0); }) ==
        "add_at: index -4 is out of range for axis 1: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::set(x, 0, four); }) ==
        "set: the value does not broadcast to the slice: the value has shape (4,), the slice (3,)");
  CHECK(invalid_argument([&] { return ag::add_at(x, xt::all(), xt::range(0, 2), four); }) ==
        "add_at: the value does not broadcast to the slice: the value has shape (4,), "
        "the slice (2, 2)");
  CHECK(invalid_argument([&] {
          return ag::set(x, 0, ones({1, 3}));
        }) ==
        "set: the value does not broadcast to the slice: the value has shape (1, 3), "
        "the slice (3,)");
}

TEST_CASE("take names the index that does not exist", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  const xt::xarray<int> indices = {0, 2};
  CHECK(out_of_range([&] { return ag::take(x, indices, 0); }) ==
        "take: index 2 is out of range: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::take(x, xt::xarray<int>{-7}); }) ==
        "take: index -7 is out of range: the operand has shape (6,)");
  CHECK(out_of_range([&] { return ag::take(ones({0}), xt::xarray<int>{0}); }) ==
        "take: index 0 is out of range: the operand has shape (0,)");
  const xt::xarray<bool> mask = {true, false, true};
  CHECK(
      invalid_argument([&] { return ag::take(x, mask); }) ==
      "take: the mask must have the shape of the operand: mask has shape (3,), x has shape (2, 3)");
  CHECK(
      invalid_argument([&] { return ag::take(x, x[0]); }) ==
      "take: the mask must have the shape of the operand: mask has shape (3,), x has shape (2, 3)");
}

TEST_CASE("only a single element is a number or a truth", "[errors][errors_of_shapes]") {
  const ag::Trace trace;
  const std::string message = "item: needs exactly one element: the Var has shape (2,)";
  CHECK(invalid_argument([] { return ones({2}).item(); }) == message);
  CHECK(invalid_argument([] { return static_cast<double>(ones({2})); }) == message);
  CHECK(invalid_argument([] { return ones({2}) > 0 ? 1 : 0; }) ==
        "bool: only one element is true or false: the Var has shape (2,); make one of many with "
        "any(...) or all(...)");
}
