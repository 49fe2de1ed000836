#include "autograd/engine/fusion.hpp"

#include "autograd/engine/differences.hpp"

namespace autograd {

template <class T>
Fusion<T>::Fusion(Tape<T>& tape, std::span<const Index> shape)
    : loop(shape), tape_(tape), sweep_(nullptr), size_(element_count(shape)) {}

template <class T>
Fusion<T>::Fusion(const RawSweep<T>& sweep, std::span<const Index> shape)
    : loop(shape), tape_(sweep.tape()), sweep_(&sweep), size_(element_count(shape)) {}

template <class T>
const typename Fusion<T>::Operand* Fusion<T>::find(NodeId id, bool is_gradient) const {
  for (int i = 0; i < known_count_; ++i) {
    if (known_[i].id == id && known_[i].is_gradient == is_gradient) return &known_[i].operand;
  }
  return nullptr;
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::remember(NodeId id, bool is_gradient, Operand operand) {
  known_[known_count_++] = {id, is_gradient, operand};
  return operand;
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::value(NodeId id) {
  if (const Operand* known = find(id, false)) return *known;
  const Node<T>& node = tape_[id];
  if (node.state != State::fusable) return remember(id, false, loop.array(tape_.value(id)));
  if (map_op_of(node) != nullptr && map_op_of(node)->costly) return materialise(id);
  return remember(id, false, node.op->step(*this, id, FusedLoop<T>::no_array));
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::operand(NodeId id) {
  Node<T>& node = tape_[id];
  if (sweep_ != nullptr || !node.joins() || find(id, false) != nullptr) return value(id);
  if (node.read_again()) return value(id);
  const View<T> y = allocate<T>(node.op->name, tape_.gradients, node.layout);
  node.op->compute(tape_, id, y);
  return remember(id, false, loop.array(y));
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::materialise(NodeId id) {
  const View<T> memory = tape_.allocate(tape_[id].op->name, tape_[id].layout);
  const Operand out = loop.array(memory);
  tape_.set_computed(id, memory);
  stored_[stored_count_++] = id;
  return remember(id, false, tape_[id].op->step(*this, id, out));
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::gradient(NodeId id) {
  if (const Operand* known = find(id, true)) return *known;
  const View<const T> computed = sweep_->gradient(id);
  int count = 0;
  Operand sum[2];
  if (computed.data != nullptr) sum[count++] = loop.array(computed);
  for (const LazyTerm* each = sweep_->lazy_terms(id); each != nullptr; each = each->next) {
    sum[count++] = contribution(each->consumer, each->input);
    if (count == 2) sum[0] = loop.row(Builtin<T>::plus, {sum, 2}), count = 1;
  }
  return remember(id, true, sum[0]);
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::restored(View<const T> view, const ReducedAxes* reduced) {
  return loop.array(restore_axes(tape_.gradients, view, reduced));
}

/// Whether a value is fusable, and no step of the loop has made a row of it yet.
template <class T>
bool Fusion<T>::without_row(NodeId id) const {
  const MapOp<T>* op = tape_[id].state == State::fusable ? map_op_of(tape_[id]) : nullptr;
  return op != nullptr && !op->costly && find(id, false) == nullptr;
}

/// Reads the last operand of a call. A lazy difference is read as its two parts if the kernel has a
/// form for that, so that no row of differences is made.
template <class T>
void Fusion<T>::read_last(Call& call, NodeId id) {
  const bool as_parts =
      call.kernel->of_difference != nullptr && without_row(id) && map_op_of(tape_[id])->subtracts;
  if (!as_parts) return call.read(value(id));
  call.kernel = call.kernel->of_difference;
  for (int i = 0; i < 2; ++i) call.read(value(tape_[id].inputs[i]));
}

/// The call of the rule of a node, with the operands that it reads: its gradient, its inputs and
/// its value, in this order.
template <class T>
typename Fusion<T>::Call Fusion<T>::call_of_rule(NodeId id, const Rule<T>& rule) {
  const Node<T>& node = tape_[id];
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  const int output = node.count + 1;
  const unsigned reads = rule.identity ? 1 : rule.reads;
  Call call{rule.identity ? &Builtin<T>::copy : &rule.kernel};
  for (int k = 0; reads >> k != 0; ++k) {
    if ((reads >> k & 1) == 0) continue;
    if (k == 0) {
      call.read(reduced ? restored(sweep_->gradient(id), reduced) : gradient(id));
    } else if (k == output) {
      call.read(reduced ? restored(tape_.value(id), reduced) : value(id));
    } else if (reads >> (k + 1) != 0) {
      call.read(value(node.inputs[k - 1]));
    } else {
      read_last(call, node.inputs[k - 1]);
    }
  }
  return call;
}

/// The call whose results are summed for the terms of x. If x is fusable and its kernel can sum,
/// the sum is made without a row of x.
template <class T>
typename Fusion<T>::Call Fusion<T>::call_of_sum(const Kernel<T>& terms, NodeId x) {
  const bool direct =
      &terms == &Builtin<T>::copy && without_row(x) && map_op_of(tape_[x])->value.sum != nullptr;
  Call call{direct ? &map_op_of(tape_[x])->value : &terms};
  if (!direct) return read_last(call, x), call;
  const int last = tape_[x].count - 1;
  for (int i = 0; i < last; ++i) call.read(value(tape_[x].inputs[i]));
  return read_last(call, tape_[x].inputs[last]), call;
}

template <class T>
void Fusion<T>::add_sum(View<T> out, const Kernel<T>& terms, NodeId x) {
  const Call call = call_of_sum(terms, x);
  loop.accumulate(loop.array(out), *call.kernel, call.operands());
}

template <class T>
typename Fusion<T>::Operand Fusion<T>::contribution(NodeId id, int i) {
  const Rule<T>& rule = map_op_of(tape_[id])->rules[i];
  const Call call = call_of_rule(id, rule);
  return rule.identity ? call.in[0] : loop.row(*call.kernel, call.operands());
}

template <class T>
void Fusion<T>::put_contribution(View<T> out, bool fresh, NodeId id, int i) {
  put(out, fresh, call_of_rule(id, map_op_of(tape_[id])->rules[i]));
}

/// The call whose results are the gradient of a node: that of a single lazy term, so that no row is
/// made of it, or a copy of the sum.
template <class T>
typename Fusion<T>::Call Fusion<T>::call_of_gradient(NodeId id) {
  const LazyTerm* term = sweep_->lazy_terms(id);
  const bool single =
      term != nullptr && term->next == nullptr && sweep_->gradient(id).data == nullptr;
  if (!single) return {&Builtin<T>::copy, 1, {gradient(id)}};
  return call_of_rule(term->consumer, map_op_of(tape_[term->consumer])->rules[term->input]);
}

template <class T>
void Fusion<T>::put_difference(View<T> plus, View<T> minus, NodeId id) {
  const Call call = call_of_gradient(id);
  const Operand to = loop.array(plus), from = loop.array(minus);
  loop.add_and_subtract(to, from, *call.kernel, call.operands());
}

template <class T>
void Fusion<T>::put(View<T> out, bool fresh, const Call& call) {
  const Operand to = loop.array(out);
  if (fresh && out.layout->size == size_) {
    loop.store(to, *call.kernel, call.operands());
    return;
  }
  if (fresh) fill(out, T(0));
  loop.accumulate(to, *call.kernel, call.operands());
}

template class Fusion<float>;
template class Fusion<double>;

}  // namespace autograd
