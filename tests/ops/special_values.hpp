/// The functions that are computed many elements at a time, beside what they should give.
#pragma once

#include <autograd/autograd.hpp>
#include <vector>

namespace special_values {

namespace ag = autograd;
using Exact = long double;

/// From where to where a function is tried; logarithmically when low is positive.
struct Range {
  double low, high;
};

template <class T>
struct Unary {
  const char* name;
  ag::Var<T> (*f)(const ag::Var<T>& x);
  Exact (*exact)(Exact x);
  std::vector<Range> ranges;
};

template <class T>
struct Binary {
  const char* name;
  ag::Var<T> (*f)(const ag::Var<T>& a, const ag::Var<T>& b);
  Exact (*exact)(Exact a, Exact b);
  Range a, b;
};

template <class T>
const std::vector<Unary<T>>& unary();
template <class T>
const std::vector<Binary<T>>& binary();

/// Zeros, infinities, NaN, subnormal numbers, the ends of the ranges of functions, all with both
/// signs.
template <class T>
const std::vector<T>& numbers();

}  // namespace special_values
