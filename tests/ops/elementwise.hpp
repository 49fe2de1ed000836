/// The elementwise functions that are computed many elements at a time, each with what it should
/// give: the rows of the table for them (op_cases.hpp) are made of these, and so are the tests of
/// accuracy, of special values and of derivatives there. A function of ops.inc that is missing here
/// fails the suite (test_special_values.cpp).
#pragma once

#include <vector>

#include "tests/ops/op_cases.hpp"

namespace op_cases {

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
  Exact (*first)(Exact x);    ///< its derivative,
  Exact (*second)(Exact x);   ///< and the derivative of that
  Input input;                ///< the arguments of its rows in the table
  std::vector<Range> ranges;  ///< where its accuracy is measured
};

template <class T>
struct Binary {
  const char* name;
  ag::Var<T> (*f)(const ag::Var<T>& a, const ag::Var<T>& b);
  Exact (*exact)(Exact a, Exact b);
  Input a, b;
  Range range_a, range_b;
};

template <class T>
const std::vector<Unary<T>>& unary();
template <class T>
const std::vector<Binary<T>>& binary();

}  // namespace op_cases
