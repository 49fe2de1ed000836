#include "autograd/fusion.hpp"

namespace autograd {

template <class T>
Fusion<T>::Fusion(Tape<T>& tape, std::span<const Index> shape)
    : program(shape), tape_(tape), sweep_(nullptr), size_(element_count(shape)) {}

template <class T>
Fusion<T>::Fusion(const Sweep<T>& sweep, std::span<const Index> shape)
    : program(shape), tape_(sweep.tape()), sweep_(&sweep), size_(element_count(shape)) {}

template <class T>
const typename Fusion<T>::Place* Fusion<T>::find(NodeId id, bool is_gradient) const {
  for (int i = 0; i < known_count_; ++i) {
    if (known_[i].id == id && known_[i].is_gradient == is_gradient) return &known_[i].place;
  }
  return nullptr;
}

template <class T>
typename Fusion<T>::Place Fusion<T>::remember(NodeId id, bool is_gradient, Place place) {
  known_[known_count_++] = {id, is_gradient, place};
  return place;
}

template <class T>
typename Fusion<T>::Place Fusion<T>::value(NodeId id) {
  if (const Place* known = find(id, false)) return *known;
  const Node<T>& node = tape_[id];
  if (node.postponed()) tape_.value(id);
  if (!node.pending()) return remember(id, false, program.array({node.data, node.layout}));
  if (map_op_of(node) != nullptr && map_op_of(node)->costly) return settle(id);
  return remember(id, false, node.op->step(*this, id, Program<T>::no_array));
}

template <class T>
typename Fusion<T>::Place Fusion<T>::settle(NodeId id) {
  const std::uint8_t weight = tape_[id].weight;
  const Place out = program.array(tape_.settle(id));
  stored_[stored_count_++] = {id, weight};
  return remember(id, false, tape_[id].op->step(*this, id, out));
}

template <class T>
typename Fusion<T>::Place Fusion<T>::gradient(NodeId id) {
  if (const Place* known = find(id, true)) return *known;
  const View<const T> settled = sweep_->gradient(id);
  int count = 0;
  Place sum[2];
  if (settled.data != nullptr) sum[count++] = program.array(settled);
  for (const Deferred* each = sweep_->deferred(id); each != nullptr; each = each->next) {
    sum[count++] = contribution(each->consumer, each->input);
    if (count == 2) sum[0] = program.row(Builtin<T>::plus, {sum, 2}), count = 1;
  }
  return remember(id, true, sum[0]);
}

template <class T>
typename Fusion<T>::Place Fusion<T>::restored(View<const T> view, const ReducedAxes* reduced) {
  return program.array(restore_axes(tape_.gradients, view, reduced));
}

/// The places that a rule reads.
template <class T>
int Fusion<T>::operands(NodeId id, unsigned reads, Place* in) {
  const Node<T>& node = tape_[id];
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  const int output = node.count + 1;
  int count = 0;
  for (int k = 0; reads >> k != 0; ++k) {
    if ((reads >> k & 1) == 0) continue;
    in[count++] = k == 0        ? (reduced ? restored(sweep_->gradient(id), reduced) : gradient(id))
                  : k == output ? (reduced ? restored(tape_.value(id), reduced) : value(id))
                                : value(node.inputs[k - 1]);
  }
  return count;
}

template <class T>
typename Fusion<T>::Place Fusion<T>::contribution(NodeId id, int i) {
  const Rule<T>& rule = map_op_of(tape_[id])->rules[i];
  Place in[max_operands];
  const int count = operands(id, rule.identity ? 1 : rule.reads, in);
  if (rule.identity) return in[0];
  return program.row(rule.kernel, {in, static_cast<std::size_t>(count)});
}

template <class T>
void Fusion<T>::put_contribution(View<T> out, bool fresh, NodeId id, int i) {
  const Rule<T>& rule = map_op_of(tape_[id])->rules[i];
  Place in[max_operands];
  const int count = operands(id, rule.identity ? 1 : rule.reads, in);
  put(out, fresh, rule.identity ? Builtin<T>::copy : rule.kernel,
      {in, static_cast<std::size_t>(count)});
}

template <class T>
void Fusion<T>::put(View<T> out, bool fresh, const Kernel<T>& kernel,
                    typename Program<T>::Places in) {
  const Place to = program.array(out);
  if (fresh && out.layout->size == size_) {
    program.store(to, kernel, in);
    return;
  }
  if (fresh) fill(out, T(0));
  program.fold(to, kernel, in);
}

template class Fusion<float>;
template class Fusion<double>;

}  // namespace autograd
