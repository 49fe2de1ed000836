#include "autograd/loops/loops.hpp"

#include <algorithm>

#include "autograd/loops/fused_loop.hpp"
#include "autograd/loops/parallel_for.hpp"
#include "autograd/threads.hpp"

namespace autograd {
namespace {

/// Copies a matrix whose rows lie in memory as the columns of the other, or adds it: block by
/// block, so that every line of memory is used whole. Returns false if the arrays do not lie so.
template <class T>
bool transpose(const IterationSpace& space, T* out, const T* in, bool add) {
  if (space.rank != 2) return false;
  const auto& to = space.stride[0];
  const auto& from = space.stride[1];
  for (const int row : {0, 1}) {
    const int column = 1 - row;
    if (to[column] != 1 || from[row] != 1 || to[row] == 0) continue;
    transpose_matrix(out, to[row], in, from[column], space.shape[row], space.shape[column], add);
    return true;
  }
  return false;
}

/// Runs a flat loop as one call of the kernel. Returns false if some operands are single numbers
/// and the kernel does not take exactly these as they are.
template <class T>
bool run_at_once(const IterationSpace& space, T* out, std::span<const View<const T>> in,
                 const Kernel<T>& kernel, bool add) {
  const Index n = space.shape[0];
  if (space.stride[0][0] != 1 && n > 1) return false;
  const T* at[max_operands];
  unsigned scalars = 0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    at[k] = in[k].data;
    if (space.stride[k + 1][0] != 1 && n > 1) scalars |= 1u << k;
  }
  if (scalars != 0 && scalars != kernel.scalar_operands) return false;
  const auto function = scalars != 0 ? (add ? kernel.add_with_scalars : kernel.store_with_scalars)
                                     : (add ? kernel.add : kernel.store);
  function(out, at, n);
  return true;
}

/// Runs the kernel as a fused loop of one step. It is kept out of line, so that `map`, which for
/// most loops is one call of a kernel, does not have the kilobytes of a FusedLoop in its frame.
template <class T>
[[gnu::noinline]] void run(std::span<const Index> shape, const IterationSpace& space, View<T> out,
                           std::span<const View<const T>> in, const Kernel<T>& kernel, bool add) {
  FusedLoop<T> loop(shape);
  const auto to = loop.array(out);
  typename FusedLoop<T>::Operand operands[max_operands];
  for (std::size_t k = 0; k < in.size(); ++k) operands[k] = loop.array(in[k]);
  const std::span<const typename FusedLoop<T>::Operand> from(operands, in.size());
  if (add) {
    loop.accumulate(to, kernel, from);
  } else {
    loop.store(to, kernel, from);
  }
  loop.run(space);
}

template <class T>
void map(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
         const Kernel<T>& kernel, bool add) {
  const Index size = element_count(shape);
  if (size == 0) return;
  const Layout* layouts[max_operands + 1] = {out.layout};
  for (std::size_t k = 0; k < in.size(); ++k) layouts[k + 1] = in[k].layout;
  const std::span<const Layout* const> arrays(layouts, in.size() + 1);
  IterationSpace space;
  if (plan_flat(space, size, arrays)) {
    const bool divides = size >= 2 * grain && num_threads() > 1;
    if (!divides && run_at_once(space, out.data, in, kernel, add)) return;
  } else {
    plan(space, shape, arrays);
  }
  const bool is_copy = &kernel == &Builtin<T>::copy;
  if (is_copy && transpose(space, out.data, in[0].data, add)) return;
  run(shape, space, out, in, kernel, add);
}

}  // namespace

template <class T>
void map_store(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
               const Kernel<T>& kernel) {
  if (out.layout->size != element_count(shape)) {
    fill(out, T(0));
    return map_add(shape, out, in, kernel);
  }
  map<T>(shape, out, in, kernel, false);
}

template <class T>
void map_add(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
             const Kernel<T>& kernel) {
  map<T>(shape, out, in, kernel, true);
}

template <class T>
void copy(View<T> out, View<const T> in) {
  map_store<T>(out.layout->dims(), out, {&in, 1}, Builtin<T>::copy);
}

template <class T>
void accumulate(View<T> out, View<const T> in) {
  if (in.layout->size == 0) return;
  const Layout& larger = out.layout->size < in.layout->size ? *in.layout : *out.layout;
  map_add<T>(larger.dims(), out, {&in, 1}, Builtin<T>::copy);
}

template <class T>
void fill(View<T> out, T value) {
  if (out.layout->dense) {
    std::fill_n(out.data, out.layout->size, value);
  } else {
    copy<T>(out, {&value, &scalar_layout});
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                                               \
  template void map_store<T>(std::span<const Index>, View<T>, std::span<const View<const T>>, \
                             const Kernel<T>&);                                               \
  template void map_add<T>(std::span<const Index>, View<T>, std::span<const View<const T>>,   \
                           const Kernel<T>&);                                                 \
  template void copy<T>(View<T>, View<const T>);                                              \
  template void accumulate<T>(View<T>, View<const T>);                                        \
  template void fill<T>(View<T>, T)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
