/// `Var`: the array that remembers how it was computed.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <type_traits>

#include "autograd/detail/api.hpp"
#include "autograd/detail/shape.hpp"
#include "autograd/xtensor.hpp"

#define AUTOGRAD_ONE_BOOL                                                                     \
  "autograd: one bool stands where a mask or a number is expected; == and != of two xtensor " \
  "arrays give one bool: write xt::equal(a, b) or xt::not_equal(a, b) for a mask, and "       \
  "Var(flag) where one bool is meant"

namespace AUTOGRAD_API autograd {

template <class T>
class Tape;

/// The namespace of Var. Argument-dependent lookup searches the namespace of a type, and of the
/// functions of autograd only the operators, and those that <cmath> has too, are found here
/// (ops.hpp). So `using std::sin; sin(x)` means the right thing in code for double and Var alike,
/// and a function of the user's own, such as `V sigmoid(const V& x)`, is not ambiguous beside ours.
namespace core {
template <class T>
class Var;
}
using core::Var;

/// The number types that can be differentiated.
template <class T>
concept Scalar = std::same_as<T, float> || std::same_as<T, double>;

/// Any number, which becomes a constant.
template <class S>
concept Number = std::is_arithmetic_v<S>;

/// Any xtensor container or expression.
template <class E>
concept Expression = xt::is_xexpression<std::remove_cvref_t<E>>::value;

/// Expressions that can become a constant of type T: same type, or integers and booleans.
template <class E, class T>
concept ExpressionOf = Expression<E> &&
    (std::same_as<typename std::remove_cvref_t<E>::value_type, T> ||
     std::integral<typename std::remove_cvref_t<E>::value_type>);

/// Containers whose elements lie in memory and can be pointed at.
template <class E, class T>
concept ContainerOf = Expression<E> && std::same_as<typename E::value_type, T> &&
    requires(const E& e) {
  { e.data() } -> std::convertible_to<const T*>;
  e.strides();
  e.data_offset();
};

namespace detail {

/// Appends a constant of the given shape to this thread's tape and returns its memory, which the
/// caller fills, row-major.
template <class T>
T* new_constant(std::span<const Index> shape, Var<T>& result, const char* op = "Var");

/// Makes a constant of rank 0.
template <class T>
Var<T> number(T value);

/// Makes a constant that shows memory of the user.
template <class T>
Var<T> borrowed(const T* data, std::span<const Index> shape, std::span<const Index> strides);

template <class E>
Dims shape_of(const E& e) {
  Dims shape;
  for (auto extent : e.shape()) shape.push(static_cast<Index>(extent));
  return shape;
}

template <class E>
Dims strides_of(const E& e) {
  Dims strides;
  for (auto step : e.strides()) strides.push(static_cast<Index>(step));
  return strides;
}

}  // namespace detail

/// An immutable array of rank 0 to 16 on this thread's tape. A handle of 16 bytes, cheap to copy;
/// `x = x + y` and `x += y` make the handle stand for a new array, and change no array. So `row` in
/// `for (auto row : x) row *= 2` is a name of its own: x stays as it is. Assignment to what has no
/// name, such as x[0] or view(x, ...), does not compile: `set` and `add_at` stand for it.
///
/// Vars live inside a transform (`grad`, `value_and_grad`, ...) or a `Trace`. Used later, or on
/// another thread, they throw std::logic_error.
template <class T>
class [[nodiscard]] core::Var {
  static_assert(Scalar<T>, "Var holds float or double; convert other arrays with xt::cast");

 public:
  using value_type = T;

  /// A Var that stands for nothing. `sum += x` makes it x, and `sum -= x` makes it -x, as if it
  /// were 0; any other use throws std::logic_error.
  Var() = default;
  Var(const Var&) = default;
  Var& operator=(const Var&) & = default;

  /// A constant of rank 0.
  template <Number S>
  Var(S value) : Var(detail::number(static_cast<T>(value))) {
    static_assert(!std::same_as<S, bool>, AUTOGRAD_ONE_BOOL);
  }
  /// A constant of 1 or 0. It must be written as Var(flag), since one bool is often a mistake.
  template <Number S>
  requires std::same_as<S, bool>
  explicit Var(S flag) : Var(detail::number(flag ? T(1) : T(0))) {}

  /// A constant: the elements are copied, so that the array may change or die at once.
  template <ExpressionOf<T> E>
  Var(const E& array) {
    const Dims shape = detail::shape_of(array);
    T* data = detail::new_constant(std::span<const Index>(shape), *this);
    if (element_count(shape) == 0) return;  // xtensor's iterators would start at a null pointer
    if (shape.size() == 0) {
      *data = static_cast<T>(array());  // the iterators of xtensor 0.27 ask for a last axis
      return;
    }
    std::copy(array.template begin<xt::layout_type::row_major>(),
              array.template end<xt::layout_type::row_major>(), data);
  }

  /// Extents of all axes; valid until the trace of the Var ends.
  std::span<const Index> shape() const;
  /// The extent of one axis; negative axes count from the end.
  Index shape(Index axis) const;
  Index dimension() const { return static_cast<Index>(shape().size()); }
  Index size() const { return element_count(shape()); }

  /// The elements, as an xtensor adaptor on the tape's memory: no copy unless the array is a
  /// strided view. Valid until the transform or Trace ends in which it is called.
  auto value() const {
    const Window w = window();
    xt::dynamic_shape<std::size_t> shape(w.shape.begin(), w.shape.end());
    xt::dynamic_shape<std::ptrdiff_t> strides(w.strides.begin(), w.strides.end());
    for (std::size_t i = 0; i < shape.size(); ++i) strides[i] = shape[i] == 1 ? 0 : strides[i];
    return xt::adapt(w.data, w.size, xt::no_ownership(), shape, strides);
  }

  /// The value of a Var with exactly one element. Throws std::invalid_argument otherwise.
  T item() const;
  explicit operator T() const { return item(); }
  /// True when the only element is not zero: comparisons steer `if` and `while`. Throws
  /// std::invalid_argument for any other number of elements: `any` and `all` make one of many.
  explicit operator bool() const;

  /// Row i of the leading axis (a view); negative i counts from the end. It is const, since nothing
  /// that is assigned to it would reach the array.
  const Var operator[](Index i) const;
  template <std::same_as<bool> B>
  const Var operator[](B) const {
    static_assert(!std::same_as<B, bool>, AUTOGRAD_ONE_BOOL);
    return *this;
  }

  class Iterator;
  /// Iteration over the leading axis. Arrays in another order of memory (a transpose, say) are
  /// copied first, once, so that their rows are contiguous.
  Iterator begin() const;
  Iterator end() const;

  Var& operator+=(const Var& other) & { return *this = starts(other) ? other : *this + other; }
  Var& operator-=(const Var& other) & { return *this = starts(other) ? -other : *this - other; }
  Var& operator*=(const Var& other) & { return *this = *this * other; }
  Var& operator/=(const Var& other) & { return *this = *this / other; }

// Assignment to temporaries is a template, so that only its use is an error, and one in words.
#define AUTOGRAD_ONLY_OF_NAMES(op)                                                         \
  template <class E>                                                                       \
  void operator op(const E&) const&& {                                                     \
    static_assert(                                                                         \
        !std::same_as<E, E>,                                                               \
        "autograd: only a variable can be assigned to: x[i] and view(x, ...) show x, and " \
        "assigning to them would change nothing; write x = ag::set(x, i, value) or x = "   \
        "ag::add_at(x, i, value)");                                                        \
  }
  AUTOGRAD_ONLY_OF_NAMES(=)
  AUTOGRAD_ONLY_OF_NAMES(+=)
  AUTOGRAD_ONLY_OF_NAMES(-=)
  AUTOGRAD_ONLY_OF_NAMES(*=)
  AUTOGRAD_ONLY_OF_NAMES(/=)
#undef AUTOGRAD_ONLY_OF_NAMES

 private:
  friend class Tape<T>;

  /// Whether this stands for nothing yet, and `other` for something.
  bool starts(const Var& other) const { return tape_ == nullptr && other.tape_ != nullptr; }

  struct Window {
    const T* data;
    std::size_t size;
    std::span<const Index> shape;
    std::span<const Index> strides;
  };
  Window window() const;

  Tape<T>* tape_ = nullptr;
  std::uint32_t id_ = 0;
  std::uint32_t epoch_ = 0;
};

/// The iterator over rows. Rows are const, so that `for (auto&& row : x) row *= 2`, which would not
/// change x, does not compile.
template <class T>
class core::Var<T>::Iterator {
 public:
  using value_type = Var;
  using difference_type = Index;

  Iterator() = default;
  Iterator(const Var& array, Index row) : array_(array), row_(row) {}
  const Var operator*() const { return array_[row_]; }
  Iterator& operator++() { return ++row_, *this; }
  Iterator operator++(int) {
    Iterator old = *this;
    ++row_;
    return old;
  }
  bool operator==(const Iterator& other) const { return row_ == other.row_; }

 private:
  Var array_;
  Index row_ = 0;
};

/// `a` as a constant without copying it. The caller promises that `a` neither changes nor dies
/// before the outermost transform or Trace around it has ended: operations may read it until then.
template <class E>
requires ContainerOf<E, typename E::value_type> Var<typename E::value_type> borrow(const E& a) {
  return detail::borrowed(a.data() + a.data_offset(), std::span<const Index>(detail::shape_of(a)),
                          std::span<const Index>(detail::strides_of(a)));
}
template <Expression E>
void borrow(const E&& a) = delete;

/// "Var<float> (2,) {1, 2}". Long arrays are shortened.
template <class T>
std::ostream& operator<<(std::ostream& out, const Var<T>& x);

namespace core {
using autograd::operator<<;
}

}  // namespace autograd
