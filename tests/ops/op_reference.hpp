/// Values of operations by plain loops over all places: independent of the engine, slow, obvious.
#pragma once

#include <autograd/xtensor.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace op_cases {

using Index = std::ptrdiff_t;
using Shape = std::vector<Index>;
using Place = std::vector<Index>;
using Array = xt::xarray<double>;
using Reference = std::function<Array(const std::vector<Array>& x)>;

/// "(3, 4)"
std::string text(const Shape& shape);
Shape shape_of(const Array& a);
Index count(const Shape& shape);
Shape broadcast(const Shape& a, const Shape& b);

/// The array whose element at each place is f(place).
Array build(const Shape& shape, const std::function<double(const Place&)>& f);
/// The element at a place; axes are aligned at the end, those of extent 1 broadcast.
double at(const Array& a, const Place& place);

// ---- references -------------------------------------------------------------------------------

/// f at each element of arguments that broadcast.
Reference each(double (*f)(double));
Reference each(long double (*f)(long double));
Reference each(double (*f)(double, double));
Reference each(long double (*f)(long double, long double));
Reference each(double (*f)(double, double, double));

/// The element at each place of the result is the element of x[0] at from(place).
Reference moved(const Shape& shape, const std::function<Place(const Place&)>& from);
/// The elements in the same row-major order in another shape.
Reference reshaped(const Shape& shape);

/// The axes of a reduction (none: all of them; negative ones count from the end).
struct Axes {
  std::optional<std::vector<Index>> list = {};
  bool keepdims = false;
};
/// f of the elements that the axes join, in row-major order.
Reference reduced(const Axes& axes, const std::function<double(const std::vector<double>&)>& f);
/// The same for one axis, with a result as long as the axis: f changes the elements in place.
Reference along(Index axis, const std::function<void(std::vector<double>&)>& f);

/// The sum of products that subscripts name, such as "ij,jk->ik". A letter whose extent is 1 in
/// one argument broadcasts.
Reference contraction(const std::string& subscripts);

}  // namespace op_cases
