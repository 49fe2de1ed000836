/// THE table: one row for each operation and each shape situation that matters. It drives the tests
/// (test_ops.cpp, test_op_layouts.cpp) and the benchmarks (benchmarks/ops.cpp). An operation of
/// ops.inc without a row fails the suite. The rows of elementwise functions are made of those of
/// elementwise.hpp.
#pragma once

#include <autograd/autograd.hpp>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/ops/op_reference.hpp"

namespace op_cases {

namespace ag = autograd;

/// What an argument of a row is filled with.
struct Input {
  enum Kind {
    distinct,      ///< numbers from low to high, no two of them close
    off_zero,      ///< the same, at a distance from zero
    off_integers,  ///< the same, at a distance from integers
    off_halves,    ///< the same, at a distance from the middle of integers
    digits         ///< whole numbers from low to high, many of them equal
  };
  Shape shape;
  double low = -2, high = 2;
  Kind kind = distinct;
  bool constant = false;  ///< not differentiated by
};

template <class T>
using Function = std::function<ag::Var<T>(std::span<const ag::Var<T>>)>;

struct Row {
  std::string op;
  std::string situation;
  std::vector<Input> inputs;
  Function<float> in_float;
  Function<double> in_double;
  Reference reference;     ///< computes the value with plain loops
  int order = 2;           ///< up to which derivatives are checked; 0: they must be zero
  bool fixed = false;      ///< other extents than these make no sense
  bool allocates = false;  ///< takes heap memory (a list, an array of indices) in each call

  template <class T>
  const Function<T>& function() const {
    if constexpr (std::is_same_v<T, float>) {
      return in_float;
    } else {
      return in_double;
    }
  }
  std::string name() const { return op + ' ' + situation; }

  // Setting what differs from the default.
  Row& constant() { return order = 0, *this; }
  Row& up_to(int most) { return order = most, *this; }
  Row& of_fixed_size() { return fixed = true, *this; }
  Row& takes_heap() { return allocates = true, *this; }
};

/// All rows.
const std::vector<Row>& rows();

/// The arguments of a row, always the same; `scale` multiplies all extents but 0 and 1. Each number
/// is one of type float.
std::vector<Array> arguments(const Row& row, Index scale = 1);

// ---- for the families -------------------------------------------------------------------------

inline Input in(const Shape& shape, double low = -2, double high = 2) { return {shape, low, high}; }
inline Input off_zero(const Shape& shape) { return {shape, -2, 2, Input::off_zero}; }
inline Input off_integers(const Shape& shape, double low, double high) {
  return {shape, low, high, Input::off_integers};
}
inline Input off_halves(const Shape& shape, double low, double high) {
  return {shape, low, high, Input::off_halves};
}
inline Input digits(const Shape& shape, double low = -1, double high = 1) {
  return {shape, low, high, Input::digits};
}
inline Input constant(Input input) {
  input.constant = true;
  return input;
}
inline Input mask(const Shape& shape) { return constant(digits(shape, 0, 1)); }

template <class T, class F>
ag::Var<T> call(const F& f, std::span<const ag::Var<T>> x) {
  using V = ag::Var<T>;
  if constexpr (std::is_invocable_v<F, V>) {
    return f(x[0]);
  } else if constexpr (std::is_invocable_v<F, V, V>) {
    return f(x[0], x[1]);
  } else {
    return f(x[0], x[1], x[2]);
  }
}

class Table {
 public:
  /// A row for the function f of one, two or three Vars of either type.
  template <class F>
  Row& add(const std::string& op, const std::string& situation, const std::vector<Input>& inputs,
           const F& f, const Reference& reference) {
    const auto of = [&f]<class T>(T) -> Function<T> {
      return [f](std::span<const ag::Var<T>> x) { return call<T>(f, x); };
    };
    return rows.emplace_back(Row{op, situation, inputs, of(0.0f), of(0.0), reference});
  }

  std::vector<Row> rows;
};

void add_unary(Table& table);
void add_binary(Table& table);
void add_comparisons(Table& table);
void add_reductions(Table& table);
void add_statistics(Table& table);
void add_norms(Table& table);
void add_shapes(Table& table);
void add_joining(Table& table);
void add_elements(Table& table);
void add_changes(Table& table);
void add_products(Table& table);
void add_conv(Table& table);
void add_linalg(Table& table);
void add_decompositions(Table& table);
void add_elementwise(Table& table);
void add_indexing(Table& table);
void add_order(Table& table);
void add_averages(Table& table);
void add_arranging(Table& table);
void add_sequences(Table& table);

}  // namespace op_cases
