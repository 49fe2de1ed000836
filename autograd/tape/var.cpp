#include "autograd/var.hpp"

#include <algorithm>
#include <ostream>
#include <type_traits>

#include "autograd/base/error.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/tape/tape.hpp"

namespace autograd {

template <class T>
T* detail::new_constant(std::span<const Index> shape, Var<T>& result, const char* op) {
  Tape<T>& tape = Tape<T>::current();
  tape.require_open(op);
  const View<T> array = tape.allocate(op, tape.row_major(shape, op));
  result = tape.push(constant_op<T>, array, {});
  return array.data;
}

template <class T>
Var<T> detail::number(T value) {
  Tape<T>& tape = Tape<T>::current();
  tape.require_open("Var");
  return tape.number(value);
}

template <class T>
Var<T> detail::borrowed(const T* data, std::span<const Index> shape,
                        std::span<const Index> strides) {
  Tape<T>& tape = Tape<T>::current();
  tape.require_open("borrow");
  return tape.push(constant_op<T>, tape.foreign("borrow", data, shape, strides), {});
}

template <class T>
std::span<const Index> Var<T>::shape() const {
  return Tape<T>::current().node("shape", *this).layout->dims();
}

template <class T>
Index Var<T>::shape(Index axis) const {
  return shape()[static_cast<std::size_t>(normalize_axis("shape", axis, shape()))];
}

template <class T>
T Var<T>::item() const {
  const Node<T>& node = Tape<T>::current().node("item", *this);
  if (node.layout->size != 1) {
    fail("item", "needs exactly one element: the Var has shape {}", to_string(node.layout->dims()));
  }
  return *Tape<T>::current().value(id_).data;
}

template <class T>
Var<T>::operator bool() const {
  const Node<T>& node = Tape<T>::current().node("bool", *this);
  if (node.layout->size != 1) {
    fail("bool",
         "only one element is true or false: the Var has shape {}; make one of many with any(...) "
         "or all(...)",
         to_string(node.layout->dims()));
  }
  return *Tape<T>::current().value(id_).data != T(0);
}

template <class T>
typename Var<T>::Window Var<T>::window() const {
  Tape<T>& tape = Tape<T>::current();
  const View<T> value = tape.value("value", *this);
  View<T> shown = value;
  if (!shown.layout->dense) {
    shown = tape.allocate("value", tape.row_major(value.layout->dims(), "value"));
    copy<T>(shown, value);
  }
  return {shown.data, static_cast<std::size_t>(shown.layout->size), shown.layout->dims(),
          shown.layout->steps()};
}

template <class T>
std::ostream& operator<<(std::ostream& out, const Var<T>& x) {
  constexpr Index shown = 20;
  Tape<T>& tape = Tape<T>::current();
  const View<T> value = tape.value("print", x);
  const Layout& layout = *value.layout;
  out << (std::is_same_v<T, float> ? "Var<float> " : "Var<double> ") << to_string(layout.dims())
      << " {";
  for (Index i = 0; i < std::min(shown, layout.size); ++i) {
    out << format("{}{:.6g}", i == 0 ? "" : ", ", value.data[offset_of(layout, i)]);
  }
  return out << (layout.size > shown ? ", ...}" : "}");
}

#define AUTOGRAD_INSTANTIATE(T)                                                                  \
  template T* detail::new_constant<T>(std::span<const Index>, Var<T>&, const char*);             \
  template Var<T> detail::number<T>(T);                                                          \
  template Var<T> detail::borrowed<T>(const T*, std::span<const Index>, std::span<const Index>); \
  template std::span<const Index> Var<T>::shape() const;                                         \
  template Index Var<T>::shape(Index) const;                                                     \
  template T Var<T>::item() const;                                                               \
  template Var<T>::operator bool() const;                                                        \
  template Var<T>::Window Var<T>::window() const;                                                \
  template std::ostream& operator<< <T>(std::ostream&, const Var<T>&)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
