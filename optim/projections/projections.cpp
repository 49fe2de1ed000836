// Projections that treat each element, or each vector, by itself.
#include "optim/projections.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "optim/base/arrays.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::shape_text;
using detail::Strided;

template <class A, class B>
void check_shape(const char* op, const char* name, const A& x, const B& other) {
  if (x.shape() == other.shape()) return;
  fail(op, "shapes differ: x has shape {}, the {} have shape {}", shape_text(x), name,
       shape_text(other));
}

/// A NaN stays.
template <class T>
T clipped(T x, T low, T high) {
  return x < low ? low : x > high ? high : x;
}

template <class T>
void check_bounds(const xt::xarray<T>& low, const xt::xarray<T>& high) {
  if (low.shape() != high.shape()) {
    fail("box", "shapes differ: low has shape {}, high has shape {}", shape_text(low),
         shape_text(high));
  }
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (low.data()[i] <= high.data()[i]) continue;
    fail("box", "low must be at most high: element {} has low = {} and high = {}", i, low.data()[i],
         high.data()[i]);
  }
}

/// The elements are multiplied by a power of 2 first, so that no square overflows.
template <class T>
void project_onto_l2_ball(Strided<T> x, double radius) {
  double largest = 0, sum = 0;
  for (std::size_t i = 0; i < x.size; ++i) largest = std::max<double>(largest, std::abs(x[i]));
  const double scale = std::ldexp(1.0, -std::max(-1000, std::ilogb(largest)));
  for (std::size_t i = 0; i < x.size; ++i) sum += (x[i] * scale) * (x[i] * scale);
  const double norm = std::sqrt(sum);
  if (norm <= radius * scale) return;
  for (std::size_t i = 0; i < x.size; ++i) x[i] = static_cast<T>(x[i] * scale * (radius / norm));
}

}  // namespace

template <Scalar T>
Projection<T> box(T low, T high) {
  if (!(low <= high)) {
    fail("box", "low must be at most high, got low = {} and high = {}", low, high);
  }
  return [low, high](xt::xarray<T>& x) {
    for (T& element : x.storage()) element = clipped(element, low, high);
  };
}

template <Scalar T>
Projection<T> box(xt::xarray<T> low, xt::xarray<T> high) {
  check_bounds(low, high);
  return [low = std::move(low), high = std::move(high)](xt::xarray<T>& x) {
    check_shape("box", "bounds", x, low);
    T* element = x.data();
    for (std::size_t i = 0; i < x.size(); ++i) {
      element[i] = clipped(element[i], low.data()[i], high.data()[i]);
    }
  };
}

template <Scalar T>
Projection<T> non_negative() {
  return box(T(0), std::numeric_limits<T>::infinity());
}

template <Scalar T>
Projection<T> l2_ball(T radius, std::optional<int> axis) {
  if (!(radius >= 0)) fail("l2_ball", "the radius must be at least 0, got {}", radius);
  return [radius, axis](xt::xarray<T>& x) {
    detail::check_finite("l2_ball", "x", x);
    detail::for_each_vector("l2_ball", x, axis,
                            [&](Strided<T> vector) { project_onto_l2_ball(vector, radius); });
  };
}

template <Scalar T>
Projection<T> fixed(xt::xarray<bool> mask, xt::xarray<T> values) {
  if (mask.shape() != values.shape()) {
    fail("fixed", "shapes differ: the mask has shape {}, the values have shape {}",
         shape_text(mask), shape_text(values));
  }
  return [mask = std::move(mask), values = std::move(values)](xt::xarray<T>& x) {
    check_shape("fixed", "values", x, values);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (mask.data()[i]) x.data()[i] = values.data()[i];
    }
  };
}

template <Scalar T>
Projection<T> zero_diagonal() {
  return [](xt::xarray<T>& x) {
    if (x.dimension() != 2) {
      fail("zero_diagonal", "x must be a matrix: x has shape {}", shape_text(x));
    }
    for (std::size_t i = 0; i < std::min(x.shape(0), x.shape(1)); ++i) x(i, i) = 0;
  };
}

template <Scalar T>
Term<T> indicator(Projection<T> projection, std::string name) {
  if (!projection) fail("indicator", "the projection is empty");
  return {std::move(name),
          [](const xt::xarray<T>&) { return T(0); },
          {},
          [projection = std::move(projection)](xt::xarray<T>& x, T) { projection(x); }};
}

template Projection<float> box(float, float);
template Projection<double> box(double, double);
template Projection<float> box(xt::xarray<float>, xt::xarray<float>);
template Projection<double> box(xt::xarray<double>, xt::xarray<double>);
template Projection<float> non_negative();
template Projection<double> non_negative();
template Projection<float> l2_ball(float, std::optional<int>);
template Projection<double> l2_ball(double, std::optional<int>);
template Projection<float> fixed(xt::xarray<bool>, xt::xarray<float>);
template Projection<double> fixed(xt::xarray<bool>, xt::xarray<double>);
template Projection<float> zero_diagonal();
template Projection<double> zero_diagonal();
template Term<float> indicator(Projection<float>, std::string);
template Term<double> indicator(Projection<double>, std::string);

}  // namespace optim
