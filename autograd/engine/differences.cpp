#include "autograd/engine/differences.hpp"

#include <algorithm>

namespace autograd {
namespace {

/// x[1], ..., x[n] and x[0], ..., x[n - 1] of elements `by` apart, as contiguous rows.
template <class T>
struct Neighbours {
  T buffer[tile_length + 1];
  const T* operands[2];

  Neighbours(const T* x, Index by, Index n) {
    const T* row = gather(x, by, n + 1, buffer);
    operands[0] = row + 1;
    operands[1] = row;
  }
};

}  // namespace

template <class T>
T sum_of_differences(View<const T> x, const Kernel<T>& kernel) {
  const Kernel<T>& of_difference = *kernel.of_difference;
  const Index by = x.layout->strides[0], n = x.layout->size - 1;
  const Index longest = by == 1 || by == 2 ? longest_sum : tile_length;
  double total = 0;
  for (Index i = 0; i < n; i += longest) {
    const T* const at = x.data + i * by;
    const T* const operands[] = {at + by, at};
    const Index count = std::min(longest, n - i);
    total += by == 1   ? of_difference.sum(operands, count)
             : by == 2 ? of_difference.pairs->sum_every_other(operands, count)
                       : of_difference.sum(Neighbours<T>(at, by, count).operands, count);
  }
  return static_cast<T>(total);
}

template <class T>
bool vjp_raw_to_neighbours(RawSweep<T>& sweep, NodeId id) {
  Tape<T>& tape = sweep.tape();
  const NodeId difference = tape[id].inputs[0];
  const Kernel<T>* kernel = map_op_of(tape[id])->rules[0].kernel.of_difference;
  if (kernel == nullptr || !is_lazy_difference(tape[difference])) return false;
  const NodeId input = tape[difference].inputs[0];
  const View<const T> x = tape.value(input);
  const T* const g = sweep.gradient(id).data;
  const auto [to, fresh] = sweep.destination(input);
  if (fresh) fill(to, T(0));
  const Index by = x.layout->strides[0], n = x.layout->size - 1;
  if (by == 1 || by == 2) {
    const auto add = by == 1 ? kernel->pairs->neighbours : kernel->pairs->every_other;
    const T* const operands[] = {g, x.data + by, x.data};
    add(to.data + by, to.data, operands, n);
    return true;
  }
  for (Index i = 0; i < n; i += tile_length) {
    const Index count = std::min(tile_length, n - i);
    const Neighbours<T> neighbours(x.data + i * by, by, count);
    const T* const operands[] = {g, neighbours.operands[0], neighbours.operands[1]};
    T row[tile_length];
    kernel->store_with_scalars(row, operands, count);
    T* const at = to.data + i * by;
    scatter_difference(at + by, at, by, row, count);
  }
  return true;
}

#define AUTOGRAD_INSTANTIATE(T)                                      \
  template T sum_of_differences<T>(View<const T>, const Kernel<T>&); \
  template bool vjp_raw_to_neighbours<T>(RawSweep<T>&, NodeId)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
