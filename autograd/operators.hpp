/// Operators between Vars and xtensor arrays. xtensor's own operators would accept a Var too. These
/// are more specialised, so that the compiler prefers them and the result is a Var.
#pragma once

#include <concepts>

#include "autograd/detail/api.hpp"
#include "autograd/ops.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

template <class T, class E>
Var<T> operand(const E& e) {
  static_assert(ExpressionOf<E, T>,
                "autograd: an operator mixes float and double; convert the array with xt::cast");
  return Var<T>(e);
}

}  // namespace detail

#define AUTOGRAD_MIXED_OPERATOR(op)                                                    \
  template <Expression E, Scalar T>                                                    \
  Var<T> operator op(E&& a, Var<T> b) {                                                \
    return detail::operand<T>(a) op b;                                                 \
  }                                                                                    \
  template <Expression E, Scalar T>                                                    \
  Var<T> operator op(Var<T> a, E&& b) {                                                \
    return a op detail::operand<T>(b);                                                 \
  }                                                                                    \
  template <Scalar T, Scalar U>                                                        \
  requires(!std::same_as<T, U>) Var<T>                                                 \
  operator op(const Var<T>&, const Var<U>&) {                                          \
    static_assert(std::same_as<T, U>, "autograd: an operator mixes float and double"); \
    return {};                                                                         \
  }                                                                                    \
  namespace core {                                                                     \
  using autograd::operator op;                                                         \
  }
AUTOGRAD_MIXED_OPERATOR(+)
AUTOGRAD_MIXED_OPERATOR(-)
AUTOGRAD_MIXED_OPERATOR(*)
AUTOGRAD_MIXED_OPERATOR(/)
AUTOGRAD_MIXED_OPERATOR(<)
AUTOGRAD_MIXED_OPERATOR(<=)
AUTOGRAD_MIXED_OPERATOR(>)
AUTOGRAD_MIXED_OPERATOR(>=)
AUTOGRAD_MIXED_OPERATOR(==)
AUTOGRAD_MIXED_OPERATOR(!=)
#undef AUTOGRAD_MIXED_OPERATOR

}  // namespace autograd
