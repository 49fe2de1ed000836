#include "autograd/engine/rows.hpp"

#include <algorithm>

namespace autograd {

namespace {

bool is_number(const Layout& layout) { return layout.rank == 0 || layout.repeats; }

/// The layout of results of numbers, which may be broadcast, and short rows that lie alike; null
/// for all others.
template <class T>
const Layout* layout_of_rows(const Tape<T>& tape, const NodeId* ids, int count) {
  const Layout *layout = nullptr, *broadcast = nullptr;
  for (int i = 0; i < count; ++i) {
    const Node<T>& node = tape[ids[i]];
    if (node.lazy()) return nullptr;
    const Layout*& same_kind = is_number(*node.layout) ? broadcast : layout;
    if (node.layout->rank == 0 || node.layout == same_kind) continue;
    if (same_kind != nullptr) return nullptr;
    same_kind = node.layout;
  }
  if (layout == nullptr || layout->size > tile_length || !tape.is_flat(*layout)) return nullptr;
  return broadcast == nullptr || same(broadcast->dims(), layout->dims()) ? layout : nullptr;
}

/// The inputs of a node as rows of equal length, for which numbers are repeated.
template <class T>
class Rows {
 public:
  Rows(const Tape<T>& tape, const NodeId* ids, int count, const Layout* layout) {
    for (int i = 0; i < count; ++i) {
      const Node<T>& node = tape[ids[i]];
      rows_[i] = node.layout == layout ? node.data : repeated_[i];
      if (node.layout != layout) std::fill_n(repeated_[i], layout->size, *node.data);
    }
  }
  operator const T* const*() const { return rows_; }

 private:
  const T* rows_[3];
  T repeated_[3][tile_length];
};

/// Adds all results to the gradient of a number.
template <class T>
void give_sum(RawSweep<T>& sweep, NodeId number, const Kernel<T>& kernel, const T* const* in,
              Index size) {
  T results[tile_length];
  kernel.store(results, in, size);
  const T* const row = results;
  sweep.give(number, Builtin<T>::copy.sum(&row, size));
}

}  // namespace

template <class T>
std::optional<View<T>> apply_to_rows(Tape<T>& tape, const MapOp<T>& op, const NodeId* ids) {
  const Layout* layout = layout_of_rows(tape, ids, op.arity);
  if (layout == nullptr) return {};
  const View<T> y = tape.allocate(op.name, layout);
  op.value.store(y.data, Rows<T>(tape, ids, op.arity, layout), layout->size);
  return y;
}

template <class T>
bool vjp_raw_of_rows(RawSweep<T>& sweep, const MapOp<T>& op, NodeId id) {
  const Tape<T>& tape = sweep.tape();
  const Node<T>& node = tape[id];
  const View<const T> g = sweep.gradient(id);
  const Layout* layout = layout_of_rows(tape, node.inputs, op.arity);
  if (layout == nullptr || node.layout != layout || g.layout != layout || node.lazy()) return false;
  const Rows<T> rows(tape, node.inputs, op.arity, layout);
  const T* all[5] = {g.data};
  std::copy_n(+rows, op.arity, all + 1);
  all[op.arity + 1] = node.data;
  for (int i = 0; i < op.arity; ++i) {
    const Rule<T>& rule = op.rules[i];
    const NodeId input = node.inputs[i];
    if (!rule.exists || !sweep.wants(input)) continue;
    const T* in[5];
    select(rule.reads, all, in);
    if (is_number(*tape[input].layout)) {
      give_sum(sweep, input, rule.kernel, in, layout->size);
    } else if (!rule.identity || !sweep.alias_first(input, g)) {
      const auto [to, fresh] = sweep.destination(input);
      (fresh ? rule.kernel.store : rule.kernel.add)(to.data, in, layout->size);
    }
  }
  return true;
}

#define AUTOGRAD_INSTANTIATE(T)                                                               \
  template std::optional<View<T>> apply_to_rows<T>(Tape<T>&, const MapOp<T>&, const NodeId*); \
  template bool vjp_raw_of_rows<T>(RawSweep<T>&, const MapOp<T>&, NodeId)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
