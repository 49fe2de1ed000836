#include "autograd/transforms.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/containers.hpp"
#include "autograd/engine/recorded_sweep.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/transforms/traced_call.hpp"

namespace autograd::detail {
namespace {

template <class T>
constexpr Op<T> array_argument_op{"argument"};

template <class T>
void vjp_raw_argument(RawSweep<T>& sweep, NodeId id) {
  const NodeId input = sweep.tape()[id].inputs[0];
  if (sweep.wants(input)) sweep.add_alias(input, sweep.gradient(id));
}
template <class T>
void vjp_recorded_argument(VjpContext<T>& context) {
  context.add(0, context.g);
}
template <class T>
constexpr Op<T> stand_in_op{"argument", vjp_raw_argument<T>, vjp_recorded_argument<T>};

/// Copies an array that does not fill its memory: gradients have the layout of their argument,
/// which must be dense for that.
template <class T>
[[gnu::noinline]] View<T> dense_copy(const View<T>& array) {
  Tape<T>& tape = Tape<T>::current();
  const View<T> copied =
      tape.allocate("argument", tape.row_major(array.layout->dims(), "argument"));
  copy<T>(copied, array);
  return copied;
}

}  // namespace

void refuse_structure(const char* name, const char* what) {
  fail(name, "{} is a container of another size, or with other keys, than that it belongs to",
       what);
}

void refuse_vector(std::span<const Index> shape, Index expected) {
  fail("unflatten", "the vector has shape {}, expected shape ({},)", to_string(shape), expected);
}

void check_shape(const char* name, const char* what, std::span<const Index> shape,
                 std::span<const Index> expected) {
  if (same(shape, expected)) return;
  fail(name, "{} has shape {}, expected shape {}", what, to_string(shape), to_string(expected));
}

template <class T>
void check_result(const char* transform, const Var<T>& y) {
  Tape<T>::current().node(transform, y);
}

namespace {

template <class T>
void check_scalar(const TracedCall<T>& of) {
  if (of.y.size() == 1) return;
  fail(of.transform,
       "function must return a scalar, got shape {}. Use jacobian(f), or sum(...) the result",
       to_string(of.y.shape()));
}

}  // namespace

template <class T>
Var<T> argument(const T* data, std::span<const Index> shape, std::span<const Index> strides) {
  Tape<T>& tape = Tape<T>::current();
  View<T> array = tape.foreign("argument", data, shape, strides);
  if (!array.layout->dense) array = dense_copy(array);
  const Var<T> x = tape.push(array_argument_op<T>, array, {});
  tape.activate(x);
  return x;
}

template <class T>
Var<T> stand_in(const Var<T>& x) {
  Tape<T>& tape = Tape<T>::current();
  const NodeId id = tape.id("argument", x);
  View<T> array = tape.value(id);
  if (!array.layout->dense) array = dense_copy(array);
  return tape.push(stand_in_op<T>, array, {id});
}

template <class T>
Var<T> argument(const Var<T>& x) {
  const Var<T> alias = stand_in(x);
  Tape<T>::current().activate(alias);
  return alias;
}

template <class T>
void prepare_vjp(const TracedCall<T>& of) {
  Tape<T>& tape = Tape<T>::current();
  const NodeId y = tape.id(of.transform, of.y);
  RawSweep<T> sweep(of.transform, tape, y, ids_of(of));
  tape.value(y);
  compute_values(sweep, y);
}

namespace {

template <class T>
void check_cotangent(const TracedCall<T>& of, const Var<T>& g) {
  check_shape(of.transform, "the cotangent", g.shape(), of.y.shape());
}

}  // namespace

template <class T>
void raw_vjp(const TracedCall<T>& of, const Var<T>& g, std::span<T* const> out) {
  check_cotangent(of, g);
  Tape<T>& tape = Tape<T>::current();
  const std::span<const NodeId> ids = ids_of(of);
  const NodeId first = *std::ranges::min_element(ids);
  RawSweep<T> sweep(of.transform, tape, tape.id(of.transform, of.y), ids, first);
  sweep.run(tape.value(of.transform, g));
  for (std::size_t i = 0; i < ids.size(); ++i) write(out[i], sweep.gradient(ids[i]));
}

template <class T>
void recorded_vjp(const TracedCall<T>& of, const Var<T>& g, std::span<Var<T>> out) {
  check_cotangent(of, g);
  Tape<T>& tape = Tape<T>::current();
  recorded_sweep<T>(tape, tape.id(of.transform, of.y), g, ids_of(of), out);
}

namespace {

/// Whether `a` points into the `b_size` elements from b on.
template <class T>
bool overlap(const T* a, const T* b, Index b_size) {
  return !std::less<>()(a, b) && std::less<>()(a, b + b_size);
}

/// The arrays of the caller into which the sweep may add the gradients, so that these are not
/// copied at the end; null where it may not. It may if the array is laid out as the argument and
/// shares no memory with an argument, which the sweep still reads.
template <class T>
std::span<T* const> output_buffers(Tape<T>& tape, std::span<const NodeId> ids,
                                   std::span<T* const> out) {
  T** output_buffers = tape.arena.template take<T*>(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Layout& layout = *tape[ids[i]].layout;
    bool free = layout.row_major && layout.rank > 0;  // numbers are written at the end
    for (NodeId id : ids) {
      const Node<T>& argument = tape[id];
      free &= !overlap<T>(out[i], argument.data, argument.layout->size) &&
              !overlap<T>(argument.data, out[i], layout.size);
    }
    output_buffers[i] = free ? out[i] : nullptr;
  }
  return {output_buffers, out.size()};
}

}  // namespace

/// Runs the raw sweep from y with the cotangent 1. What it could not put at `out` is copied at the
/// end.
template <class T>
void raw_gradients(const TracedCall<T>& of, std::span<T* const> out) {
  check_scalar(of);
  Tape<T>& tape = Tape<T>::current();
  const std::span<const NodeId> ids = ids_of(of);
  const NodeId y = tape.id(of.transform, of.y);
  RawSweep<T> sweep(of.transform, tape, y, ids);
  const T one = 1;
  const auto buffers = output_buffers<T>(tape, ids, out);
  const bool overwrites = std::ranges::count(buffers, nullptr) > 0;
  if (overwrites) tape.value(y);  // reads the arguments, over which gradients will be written
  sweep.run({&one, &scalar_layout}, buffers);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const View<const T> g = sweep.gradient(ids[i]);
    if (g.data == nullptr || g.data != out[i]) write(out[i], g);
  }
}

template <class T>
void recorded_gradients(const TracedCall<T>& of, std::span<Var<T>> out) {
  check_scalar(of);
  Tape<T>& tape = Tape<T>::current();
  const Var<T> one = reshape(Var<T>(1), of.y.shape());
  recorded_sweep<T>(tape, tape.id(of.transform, of.y), one, ids_of(of), out);
}

template <class T>
void read(const Var<T>& x, T* out) {
  write<T>(out, Tape<T>::current().value("value", x));
}

template <class T>
T only_element(const char* transform, const Var<T>& y) {
  if (y.size() != 1) {
    fail(transform,
         "a function of numbers must return one element, got shape {}. Use jacobian(f), or arrays "
         "as arguments",
         to_string(y.shape()));
  }
  return y.item();
}

template <class T>
Var<T> product_sum(const char* transform, const char* what, const Var<T>& a, const Var<T>& b) {
  check_shape(transform, what, b.shape(), a.shape());
  return sum(a * b);
}

template <class T>
Var<T> forward_derivative(const TracedCall<T>& of, std::span<const Var<T>> directions,
                          bool record) {
  Tape<T>& tape = Tape<T>::current();
  const Var<T> u = argument(irregular<T>(of.y.shape()));
  std::vector<Var<T>> gradients(of.arguments.size());
  recorded_sweep<T>(tape, tape.id(of.transform, of.y), u, ids_of(of), gradients);
  Var<T> total;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Var<T> product = product_sum(of.transform, "the vector", gradients[i], directions[i]);
    total = i == 0 ? product : total + product;
  }
  const TracedCall<T> slope{of.transform, total, {&u, 1}};
  Var<T> result;
  if (record) {
    recorded_gradients<T>(slope, {&result, 1});
  } else {
    T* const out[] = {new_constant(u.shape(), result)};
    raw_gradients<T>(slope, out);
  }
  return result;
}

#define AUTOGRAD_INSTANTIATE(T)                                                           \
  template Var<T> argument<T>(const T*, std::span<const Index>, std::span<const Index>);  \
  template Var<T> stand_in<T>(const Var<T>&);                                             \
  template Var<T> argument<T>(const Var<T>&);                                             \
  template void check_result<T>(const char*, const Var<T>&);                              \
  template void raw_gradients<T>(const TracedCall<T>&, std::span<T* const>);              \
  template void recorded_gradients<T>(const TracedCall<T>&, std::span<Var<T>>);           \
  template void prepare_vjp<T>(const TracedCall<T>&);                                     \
  template void raw_vjp<T>(const TracedCall<T>&, const Var<T>&, std::span<T* const>);     \
  template void recorded_vjp<T>(const TracedCall<T>&, const Var<T>&, std::span<Var<T>>);  \
  template void read<T>(const Var<T>&, T*);                                               \
  template T only_element<T>(const char*, const Var<T>&);                                 \
  template Var<T> product_sum<T>(const char*, const char*, const Var<T>&, const Var<T>&); \
  template Var<T> forward_derivative<T>(const TracedCall<T>&, std::span<const Var<T>>, bool)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd::detail
