/// The fields of a struct without names: how many there are, and references to them. Details of
/// containers.hpp.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "autograd/detail/api.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// Converts to whatever a field may be, to find out how many there are.
struct AnyField {
  template <class A>
  operator A() const;
};

template <class S, std::size_t... i>
constexpr bool takes_fields(std::index_sequence<i...>) {
  return requires { S{(static_cast<void>(i), AnyField{})...}; };
}
constexpr std::size_t most_fields = 16;
template <class S, std::size_t n = most_fields + 1>
constexpr std::size_t count_fields() {
  if constexpr (n == 0 || takes_fields<S>(std::make_index_sequence<n>())) {
    return n;
  } else {
    return count_fields<S, n - 1>();
  }
}

/// References to the fields of a struct.
template <class S>
auto fields(S& s) {
  constexpr std::size_t n = count_fields<std::remove_const_t<S>>();
  static_assert(n <= most_fields, "autograd: structs of arrays have at most 16 fields; nest them");
#define AUTOGRAD_FIELDS(count, ...) \
  if constexpr (n == count) {       \
    auto& [__VA_ARGS__] = s;        \
    return std::tie(__VA_ARGS__);   \
  } else
  AUTOGRAD_FIELDS(1, a)
  AUTOGRAD_FIELDS(2, a, b)
  AUTOGRAD_FIELDS(3, a, b, c)
  AUTOGRAD_FIELDS(4, a, b, c, d)
  AUTOGRAD_FIELDS(5, a, b, c, d, e)
  AUTOGRAD_FIELDS(6, a, b, c, d, e, f)
  AUTOGRAD_FIELDS(7, a, b, c, d, e, f, g)
  AUTOGRAD_FIELDS(8, a, b, c, d, e, f, g, h)
  AUTOGRAD_FIELDS(9, a, b, c, d, e, f, g, h, i)
  AUTOGRAD_FIELDS(10, a, b, c, d, e, f, g, h, i, j)
  AUTOGRAD_FIELDS(11, a, b, c, d, e, f, g, h, i, j, k)
  AUTOGRAD_FIELDS(12, a, b, c, d, e, f, g, h, i, j, k, l)
  AUTOGRAD_FIELDS(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  AUTOGRAD_FIELDS(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
  AUTOGRAD_FIELDS(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
  AUTOGRAD_FIELDS(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q) { return std::tie(); }
#undef AUTOGRAD_FIELDS
}
template <class S>
using FieldsOf = decltype(fields(std::declval<S&>()));

}  // namespace detail
}  // namespace autograd
