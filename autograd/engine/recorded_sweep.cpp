#include "autograd/engine/recorded_sweep.hpp"

#include <algorithm>

#include "autograd/engine/dependents.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd {
namespace {

NodeId first_of(std::span<const NodeId> targets, NodeId y) {
  return targets.empty() ? y : *std::ranges::min_element(targets);
}

/// The recorded sweep. It calls the same rules as the raw sweep, with Vars, so that everything it
/// does lies on the tape. Vars cannot be changed, so contributions to the gradient of a root are
/// not added to a buffer: they are listed with their places, since each may belong to a view, and
/// are summed when the sweep comes to the root.
template <class T>
class RecordedSweep {
 public:
  RecordedSweep(Tape<T>& tape, NodeId y, std::span<const NodeId> targets)
      : tape_(tape), dependents_(tape, targets, first_of(targets, y), y) {
    parts_ = tape.gradients.template take<PlacedView<T>*>(y - dependents_.first() + 1);
    std::fill_n(parts_, y - dependents_.first() + 1, nullptr);
  }

  void run(const Var<T>& g);
  Var<T> gradient(NodeId id);
  bool wants(NodeId id) const { return dependents_[id]; }

  void add(NodeId input, const Var<T>& contribution) {
    const Node<T> node = tape_[input];
    const Var<T> part = sum_to(contribution, node.layout->dims());
    const Index offset = node.data - tape_[node.root].data;
    auto*& list = parts_[node.root - dependents_.first()];
    auto* entry = tape_.gradients.template take<PlacedView<T>>(1);
    *entry = {part, node.layout, offset, list};
    list = entry;
  }

 private:
  Tape<T>& tape_;
  Dependents<T> dependents_;
  PlacedView<T>** parts_;
};

template <class T>
class RecordedVjpContext final : public VjpContext<T> {
 public:
  RecordedVjpContext(Tape<T>& tape, RecordedSweep<T>& sweep, NodeId id, const Var<T>& g)
      : VjpContext<T>(tape, id, g), sweep_(sweep) {}

  bool records() const override { return true; }
  bool wants(int i) const override { return sweep_.wants(this->input(i)); }
  void add(int i, const Var<T>& contribution) override {
    if (wants(i)) sweep_.add(this->input(i), contribution);
  }

 private:
  RecordedSweep<T>& sweep_;
};

/// Sums the parts of the gradient of a root. Parts that have the layout of the root are added as
/// users would add them, so that the sum may be lazy; parts that belong to views need
/// `scatter_views`. The sum replaces the parts in the list, since the gradient of a target may be
/// asked for twice.
template <class T>
Var<T> RecordedSweep<T>::gradient(NodeId id) {
  const Layout* layout = tape_[id].layout;
  if (!dependents_[id]) return scatter_views<T>("gradient", layout, nullptr);
  auto*& list = parts_[id - dependents_.first()];
  if (list == nullptr) return scatter_views<T>("gradient", layout, nullptr);
  const auto is_whole = [&](const PlacedView<T>* part) { return part->layout == layout; };
  for (; list->next != nullptr && is_whole(list) && is_whole(list->next); list = list->next) {
    list->next->array = list->array + list->next->array;
  }
  if (list->next != nullptr || !is_whole(list)) {
    *list = {scatter_views<T>("gradient", layout, list), layout, 0, nullptr};
  }
  return list->array;
}

template <class T>
void RecordedSweep<T>::run(const Var<T>& g) {
  const NodeId last = dependents_.last();
  if (dependents_[last]) add(last, g);
  for (NodeId id = last + 1; id-- > dependents_.first();) {
    if (parts_[id - dependents_.first()] == nullptr || tape_[id].op->vjp_recorded == nullptr)
      continue;
    RecordedVjpContext<T> context(tape_, *this, id, gradient(id));
    tape_[id].op->vjp_recorded(context);
  }
}

}  // namespace

template <class T>
void recorded_sweep(Tape<T>& tape, NodeId y, const Var<T>& g, std::span<const NodeId> targets,
                    std::span<Var<T>> results) {
  const ArenaScope memory(tape.gradients);
  RecordedSweep<T> sweep(tape, y, targets);
  sweep.run(g);
  for (std::size_t i = 0; i < targets.size(); ++i) results[i] = sweep.gradient(targets[i]);
}

template void recorded_sweep<float>(Tape<float>&, NodeId, const Var<float>&,
                                    std::span<const NodeId>, std::span<Var<float>>);
template void recorded_sweep<double>(Tape<double>&, NodeId, const Var<double>&,
                                     std::span<const NodeId>, std::span<Var<double>>);

}  // namespace autograd
