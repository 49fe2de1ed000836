// The errors of the operations of numpy.hpp, and of indices with arrays: their types and full
// texts.
#include <autograd/autograd.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
using expect::invalid_argument;
using expect::out_of_range;

namespace {

using V = ag::Var<double>;
using Integers = xt::xarray<ag::Index>;
using Mask = xt::xarray<bool>;

V ones(const ag::Extents& shape) { return ag::broadcast_to(V(1), shape); }
const std::vector<V> none;

}  // namespace

TEST_CASE("arrays of places name places that exist", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  const Integers i = {0, 1}, j = {1, 2, 0}, far = {0, 3};
  CHECK(out_of_range([&] { return ag::view(x, far); }) ==
        "view: index 3 is out of range for axis 0: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::view(x, i, -4); }) ==
        "view: index -4 is out of range for axis 1: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::set(x, xt::all(), far, 1); }) ==
        "set: index 3 is out of range for axis 1: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::view(x, Integers::from_shape({0}), Integers{3}); }) ==
        "view: index 3 is out of range for axis 1: the operand has shape (2, 3)");
  CHECK(out_of_range([&] {
          return ag::view(ones({2, 4, 3}), 1, xt::newaxis(), xt::range(1, 2), far);
        }) == "view: index 3 is out of range for axis 2: the operand has shape (2, 4, 3)");
  CHECK(out_of_range([&] {
          return ag::set(ones({5, 2, 4, 3}), xt::range(1, 3), xt::newaxis(), ones({2, 4}) > 0, far,
                         1);
        }) == "set: index 3 is out of range for axis 3: the operand has shape (5, 2, 4, 3)");
  CHECK(invalid_argument([&] { return ag::view(x, i, j); }) ==
        "view: shapes do not broadcast: one array of places has shape (2,), another has shape "
        "(3,); axis -1 is 2 "
        "vs 3");
  CHECK(invalid_argument([&] { return ag::add_at(x, i, i, i, 1); }) ==
        "add_at: too many indices: they stand for 3 axes, the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::view(x, xt::ellipsis(), i, xt::ellipsis()); }) ==
        "view: more than one ellipsis");
}

TEST_CASE("masks cover axes, and values fit", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] {
          return ag::view(x, Mask{true, false, true});
        }) ==
        "view: a mask of shape (3,) stands for axes of shape (2,): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::view(x, xt::range(1, 2), Mask{true, false});
        }) ==
        "view: a mask of shape (2,) stands for axes of shape (3,): the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::set(x, x > 0, ones({4})); }) ==
        "set: the value does not broadcast to the places: the value has shape (4,), the places "
        "(6,)");
  CHECK(invalid_argument([&] {
          return ag::take_along_axis(x, Integers{0, 1});
        }) ==
        "take_along_axis: the indices have shape (2,), the operand has shape (2, 3): they need as "
        "many axes");
  CHECK(out_of_range([&] {
          return ag::put_along_axis(x, Integers{{0, 3}}, 1, 1);
        }) == "put_along_axis: index 3 is out of range for axis 1: the operand has shape (2, 3)");
}

TEST_CASE("choices, conditions and functions have numbers", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(out_of_range([&] {
          return ag::choose(Integers{0, 2}, {x[0], x[1]});
        }) == "choose: number 2 is none of 2 choices");
  CHECK(invalid_argument([&] {
          return ag::select({x > 0}, {x, x});
        }) == "select: 1 conditions are given, and 2 choices");
  CHECK(invalid_argument([&] { return ag::piecewise(x, {x > 0}, {}); }) ==
        "piecewise: 1 conditions are given, and 0 choices");
  CHECK(
      invalid_argument([&] { return ag::compress(ones({3}), x, 0); }) ==
      "compress: the condition is a vector, no longer than axis 0: it has shape (3,), the operand "
      "has shape (2, 3)");
  CHECK(
      invalid_argument([&] { return ag::extract(ones({3}), x); }) ==
      "extract: the mask has shape (3,), the operand has shape (2, 3): they need as many elements");
  CHECK(invalid_argument([] { return ag::nonzero(V(1)); }) == "nonzero: a number has no axes");
  CHECK(invalid_argument([&] {
          return ag::bincount(Integers{0, 1}, ones({3}));
        }) ==
        "bincount: takes two vectors of one length: x has shape (2,), the weights have shape (3,)");
  CHECK(invalid_argument([&] {
          return ag::bincount(Integers{0, -1}, ones({2}));
        }) == "bincount: number -1 is negative");
  CHECK(invalid_argument([&] {
          return ag::bincount(Integers{0, PTRDIFF_MAX}, ones({2}));
        }) == "bincount: an array of shape (9223372036854775807,) has too many elements");
}

TEST_CASE("places in order", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3}), falling = xt::xarray<double>{1, 2, 0};
  const V gap = xt::xarray<double>{1, std::nan(""), 2};
  CHECK(out_of_range([&] { return ag::partition(x, 3); }) ==
        "partition: there is no element number 3 among 3");
  CHECK(out_of_range([&] { return ag::argpartition(x, -7, {}); }) ==
        "argpartition: there is no element number -7 among 6");
  CHECK(invalid_argument([&] { return ag::searchsorted(x, V(1)); }) ==
        "searchsorted: a is a vector: it has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::digitize(x, falling); }) ==
        "digitize: the bins must rise or fall");
  CHECK(invalid_argument([&] { return ag::digitize(x, gap); }) ==
        "digitize: the bins must rise or fall");
  CHECK(invalid_argument([&] { return ag::interp(x, ones({2}), ones({3})); }) ==
        "interp: takes two vectors of one length, not empty: xp has shape (2,), fp has shape (3,)");
  CHECK(invalid_argument([&] { return ag::interp(x, falling, falling); }) ==
        "interp: xp must increase");
  CHECK(invalid_argument([&] { return ag::interp(x, gap, gap); }) == "interp: xp must increase");
  CHECK(invalid_argument([&] { return ag::quantile(x, 1.5); }) ==
        "quantile: there is no such part of the elements: 1.5");
  CHECK(invalid_argument([&] {
          return ag::percentile(ones({0, 2}), 50, 0);
        }) == "percentile: no elements: the operand has shape (0, 2)");
}

TEST_CASE("statistics of what fits", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] { return ag::average(x, ones({2}), 1); }) ==
        "average: weights are of the shape of the operand, or a vector along the only axis: they "
        "have shape (2,), the operand has shape (2, 3)");
  CHECK(invalid_argument([] { return ag::nanmax(ones({0})); }) ==
        "nanmax: no elements: the operand has shape (0,)");
  CHECK(invalid_argument([] {
          return ag::ptp(ones({2, 0}), 1);
        }) == "ptp: no elements: the operand has shape (2, 0)");
  CHECK(invalid_argument([] {
          return ag::cov(ones({1, 2, 3}));
        }) == "cov: takes vectors and matrices: the operand has shape (1, 2, 3)");
  CHECK(invalid_argument([&] { return ag::corrcoef(x, ones({4})); }) ==
        "corrcoef: x has 3 observations, y has 4");
  CHECK(invalid_argument([&] { return ag::trapezoid(x, ones({2})); }) ==
        "trapezoid: the places are of the shape of the samples, or a vector along the axis: they "
        "have shape (2,), the samples have shape (2, 3)");
  CHECK(out_of_range([&] { return ag::nanmean(x, 2); }) ==
        "nanmean: axis 2 is out of range: the operand has shape (2, 3)");
}

TEST_CASE("arrays are put together where they fit", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([] { return ag::hstack(none); }) == "hstack: no arrays are given");
  CHECK(invalid_argument([&] {
          return ag::block({{x, ones({1, 3})}});
        }) == "block: shapes differ: one array has shape (2, 3), another has shape (1, 3)");
  CHECK(invalid_argument([&] { return ag::append(x, ones({2}), 1); }) ==
        "append: shapes differ: one array has shape (2, 3), another has shape (2,)");
  CHECK(out_of_range([&] { return ag::insert(x, 3, 1, 0); }) ==
        "insert: index 3 is out of range: the operand has shape (2, 3)");
  CHECK(out_of_range([&] { return ag::delete_(x, 2, 0); }) ==
        "delete_: index 2 is out of range: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::insert(x, {0, 1}, ones({4}), 0);
        }) ==
        "insert: the values do not broadcast to what is inserted: they have shape (4,), it has "
        "shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::array_split(x, 0); }) ==
        "array_split: 0 parts are no division of an axis");
  CHECK(invalid_argument([&] { return ag::rot90(x, 1, 0); }) ==
        "rot90: turns in a plane of two axes, not of 1");
  CHECK(out_of_range([&] { return ag::rollaxis(x, 0, 3); }) ==
        "rollaxis: start 3 is out of range: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::meshgrid({x[0]}, "yx"); }) ==
        "meshgrid: unknown indexing \"yx\"; it is \"xy\" or \"ij\"");
  CHECK(invalid_argument([&] { return ag::meshgrid({x}); }) ==
        "meshgrid: takes vectors: one has shape (2, 3)");
  CHECK(invalid_argument([] { return ag::make_diagonal(V(1)); }) ==
        "make_diagonal: a number has no last axis");
  CHECK(invalid_argument([] { return ag::linspace(V(0), V(1), -1); }) ==
        "linspace: count -1 is negative");
}

TEST_CASE("axes and shifts in lists", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] {
          return ag::moveaxis(x, {0, 1}, 0);
        }) == "moveaxis: 2 axes are to become 1");
  CHECK(invalid_argument([&] {
          return ag::expand_dims(x, {1, -3});
        }) == "expand_dims: axis -3 is given twice: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] {
          return ag::roll(x, {1, 2, 3}, {0, 1});
        }) == "roll: 3 shifts are given for 2 axes");
  CHECK(invalid_argument([&] {
          return ag::flip(x, {0, -2});
        }) == "flip: axis -2 is given twice: the operand has shape (2, 3)");
}

TEST_CASE("sequences have lengths", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] { return ag::cross(x, ones({4})); }) ==
        "cross: vectors have 2 or 3 elements, not 4: one operand has shape (4,)");
  CHECK(invalid_argument([&] { return ag::vdot(x, ones({4})); }) ==
        "vdot: needs as many elements: a has shape (2, 3), b has shape (4,)");
  CHECK(invalid_argument([&] { return ag::gradient(x); }) ==
        "gradient: needs an axis: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::gradient(x, ones({2}), {.axis = 1}); }) ==
        "gradient: the spacing is a number, or a vector along the axis: it has shape (2,), the "
        "operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::gradient(x, 1, {.axis = 1, .edge_order = 3}); }) ==
        "gradient: the order at the edges is 1 or 2, not 3");
  CHECK(invalid_argument([&] { return ag::gradient(x, 1, {.axis = 0, .edge_order = 2}); }) ==
        "gradient: axis 0 needs 3 elements: the operand has shape (2, 3)");
  CHECK(invalid_argument([&] { return ag::convolve(x, ones({4})); }) ==
        "convolve: takes two vectors, not empty: a has shape (2, 3), v has shape (4,)");
  CHECK(invalid_argument([&] { return ag::vander(x); }) ==
        "vander: takes a vector, and a number of powers that is not negative: x has shape (2, 3), "
        "the number is 6");
  CHECK(invalid_argument([&] { return ag::polyval(x, V(1)); }) ==
        "polyval: p is a vector: it has shape (2, 3)");
}

TEST_CASE("ellipses of einsum", "[errors][errors_of_numpy]") {
  const ag::Trace trace;
  const V x = ones({2, 3});
  CHECK(invalid_argument([&] { return ag::einsum("..i->i", {x}); }) ==
        "einsum: subscripts \"..i->i\": an ellipsis has three dots");
  CHECK(invalid_argument([&] { return ag::einsum("...i...->i", {x}); }) ==
        "einsum: subscripts \"...i...->i\": an operand has two ellipses");
  CHECK(invalid_argument([&] { return ag::einsum("...i->i", {x}); }) ==
        "einsum: subscripts \"...i->i\": the output needs an ellipsis, too");
  CHECK(invalid_argument([&] {
          return ag::einsum("...i,...i->...", {x, ones({4, 3})});
        }) == "einsum: subscripts \"...i,...i->...\": '...' is 2 in one place and 4 in another");
}
