#include "autograd/engine/raw_sweep.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <stdexcept>
#include <utility>

#include "autograd/base/error.hpp"
#include "autograd/engine/fusion.hpp"
#include "autograd/engine/views.hpp"
#include "autograd/tape/finite.hpp"

namespace autograd {

/// If the targets are all the arguments that there are, active nodes are those that depend on
/// targets, and no pass over the nodes is needed. Targets are different arguments, so it is enough
/// to count them.
template <class T>
Dependents<T> RawSweep<T>::dependents_on(Tape<T>& tape, std::span<const NodeId> targets,
                                         NodeId first, NodeId y) {
  const bool on_all = targets.size() == tape.active_arguments() &&
                      std::ranges::adjacent_find(targets, std::greater_equal()) == targets.end();
  return on_all ? Dependents<T>(tape, first, y) : Dependents<T>(tape, targets, first, y);
}

namespace {

/// Returns the first node of a sweep. Throws std::logic_error if a target comes before it: then a
/// scope that began after the targets is still open.
NodeId checked_start(const char* name, std::span<const NodeId> targets, NodeId first) {
  if (std::ranges::all_of(targets, [&](NodeId id) { return id >= first; })) return first;
  fail<std::logic_error>(name,
                         "a Trace or a vjp of make_vjp that was made inside the function has not "
                         "ended; it must not outlive the call");
}

}  // namespace

template <class T>
RawSweep<T>::RawSweep(const char* name, Tape<T>& tape, NodeId y, std::span<const NodeId> targets,
                      NodeId first)
    : name_(name),
      tape_(tape),
      memory_(tape.gradients),
      y_(y),
      dependents_(dependents_on(tape, targets, checked_start(name, targets, first), y)),
      targets_(targets),
      gradients_(tape.gradients, dependents_.first(), y),
      buffers_(tape.gradients) {
  refuse_outer_dependence(first);
  start_ = tape.gradients.mark();
}

/// The smallest number of elements of a gradient whose buffer is recycled.
constexpr Index smallest_recycled = 1024;

/// Walks the nodes backwards and runs the vjp of each that has received a gradient. A number whose
/// gradient is an entry in the row of numbers takes the short way: its rule is called with numbers.
/// For other nodes lazy terms are computed first, unless the operation can read its gradient tile
/// by tile (Op::step). Fused loops that are queued for the gradient of a node run when the walk
/// comes to that node, since now somebody needs it.
template <class T>
void RawSweep<T>::run(View<const T> g, std::span<T* const> outputs) {
  outputs_ = outputs;
  buffers_.clear();
  chunks_.clear();
  tape_.gradients.rewind(start_);
  gradients_.clear();
  if (!dependents_[y_]) return;
  visited_ = y_;
  if (tape_[y_].layout->rank == 0) {
    give(y_, *g.data);
  } else {
    add(y_, tape_[y_].layout->dims(), {&g, 1}, Builtin<T>::copy);
  }
  for (NodeId id = y_ + 1; id-- > dependents_.first();) {
    if (!chunks_.empty() && id == chunks_root_) run_chunks();
    if (!gradients_.seen(id)) continue;
    const Node<T>& node = tape_[id];
    if (gradients_.is_number(id) && node.op->vjp_number != nullptr && !node.lazy() &&
        !tape_.throw_on_nonfinite) {
      node.op->vjp_number(*this, node, gradients_.number(id));
      continue;
    }
    if (slot(id).empty()) continue;
    visited_ = id;
    readers_ = {};
    if (slot(id).lazy() && tape_[id].op->step == nullptr) materialise(id);
    run_vjp(id);
  }
}

template <class T>
void RawSweep<T>::run_vjp(NodeId id) {
  const Op<T>& op = *tape_[id].op;
  if (op.vjp_raw == nullptr && op.vjp_recorded == nullptr) return;
  if (op.vjp_raw != nullptr) {
    op.vjp_raw(*this, id);
  } else {
    vjp_by_rule(id);
  }
  if (tape_.throw_on_nonfinite) check_contributions(id);
  if (tape_[id].layout->size >= smallest_recycled) recycle(id);
}

/// Keeps the buffer of a gradient that will not be read again for a later node of its size, because
/// it is in the cache. Gradients of targets and arrays of the caller are not recycled.
template <class T>
void RawSweep<T>::recycle(NodeId id) {
  const Slot& s = slot(id);
  if (s.owned() && output_buffer(id) == nullptr && !is_target(id)) {
    buffers_.put(s.data(), tape_[id].layout->size, readers_);
  }
}

template <class T>
void RawSweep<T>::keep_for(NodeId reader, NodeId id) {
  if (id == visited_) readers_.add(reader, visited_);
  const Slot& s = slot(id);
  if (s.has_data()) buffers_.add_reader(s.data(), reader, visited_);
  for (const LazyTerm* each = s.terms(); each != nullptr; each = each->next) {
    keep_for(reader, each->consumer);
  }
}

template <class T>
T* RawSweep<T>::allocate_gradient(NodeId root) {
  if (T* given = output_buffer(root)) return given;
  const Layout* layout = tape_[root].layout;
  T* const used =
      layout->size < smallest_recycled ? nullptr : buffers_.take(layout->size, visited_);
  return used != nullptr ? used : allocate<T>(name_, tape_.gradients, layout).data;
}

template <class T>
void RawSweep<T>::refuse_outer_dependence(NodeId first) {
  const bool is_outer = y_ < first;
  if (!(is_outer ? tape_[y_].active : dependents_.on_earlier(y_))) return;
  fail<std::logic_error>(name_,
                         "the function uses a Var of an enclosing differentiation, but its "
                         "arguments are arrays, so the result would lose that dependence; pass "
                         "the arguments as Var, or use stop_gradient on the outer one");
}

template <class T>
void RawSweep<T>::check_contributions(NodeId id) const {
  for (NodeId input : tape_[id].in()) {
    const View<const T> g = gradient(tape_[input].root);
    if (g.data != nullptr) check_finite<T>(tape_[id].op->name, g, "the gradient of its input");
  }
}

/// Gives the gradient of a root a buffer of its own, to which one can add.
template <class T>
void RawSweep<T>::make_owned(NodeId root) {
  Slot& s = slot(root);
  if (s.lazy()) return materialise(root);
  if (s.owned()) return;
  const View<T> mine{allocate_gradient(root), tape_[root].layout};
  if (s.empty()) {
    fill(mine, T(0));
  } else {
    copy<T>(mine, {s.data(), s.alias()});
  }
  s.make_owned(mine.data);
  has_read(root);
}

template <class T>
void RawSweep<T>::materialise(NodeId id) {
  const Layout* layout = tape_[id].layout;
  const View<T> mine{allocate_gradient(id), layout};
  Fusion<T> fusion(*this, layout->dims());
  fusion.put_gradient(mine, id);
  fusion.run();
  slot(id).make_owned(mine.data);
  has_read(id);
}

/// If the gradient does not fit into the cache, the fused loop is queued until the gradient is
/// needed, and then runs in chunks together with the others.
template <class T>
void RawSweep<T>::run_in_chunks(NodeId root, const FusedLoop<T>& loop) {
  if (!loop.gains_by_chunks(tape_[root].layout->size)) return loop.run();
  keep_for(root, visited_);
  if (chunks_.full() || chunks_root_ != root) run_chunks();
  chunks_.add(new (tape_.gradients.template take<FusedLoop<T>>(1)) FusedLoop<T>(loop));
  chunks_root_ = root;
}

template <class T>
void RawSweep<T>::run_chunks() {
  if (!chunks_.empty()) chunks_.run(gradient(chunks_root_));
}

template <class T>
void RawSweep<T>::scale_gradient(NodeId id, typename Kernel<T>::Function kernel) {
  const View<const T> in[] = {gradient(id), tape_.value(id)};
  const Layout* layout = tape_[id].layout;
  T* scaled = allocate<T>(name_, tape_.gradients, layout).data;
  if (layout->size == 1) {
    const T* const numbers[] = {in[0].data, in[1].data};
    kernel(scaled, numbers, 1);
  } else {
    map_store<T>(layout->dims(), {scaled, layout}, in, {kernel, nullptr});
  }
  slot(id).clear();
  slot(id).show({scaled, layout});
}

/// Whether the gradient of a node may have lazy terms: it must be large, and no view. Its terms are
/// computed together when all have arrived, so that the gradient goes through memory once; or never
/// stored, if the vjp of the node reads its gradient tile by tile.
template <class T>
bool RawSweep<T>::may_be_lazy(NodeId id) const {
  const Node<T>& node = tape_[id];
  return node.root == id && node.layout->rank > 0 && tape_.fuses(*node.layout);
}

/// Adds the gradient of the consumer as an alias, if it is the contribution as it is, and the first
/// one.
template <class T>
bool RawSweep<T>::add_whole_alias(NodeId consumer, int i) {
  const Node<T>& node = tape_[consumer];
  const NodeId input = node.inputs[i];
  if (!map_op_of(node)->rules[i].identity || slot(consumer).lazy()) return false;
  if (slot(input).has_data() || tape_[input].root != input) return false;
  const auto* reduced = static_cast<const ReducedAxes*>(node.attributes);
  add_alias(input, restore_axes(tape_.gradients, gradient(consumer), reduced));
  return true;
}

/// The cost of the gradient of input i, if the contribution of the consumer is added lazily.
template <class T>
int RawSweep<T>::cost_with(NodeId consumer, int i) const {
  const Node<T>& node = tape_[consumer];
  const unsigned reads = map_op_of(node)->rules[i].reads;
  int cost = 2;
  for (const LazyTerm* other : {lazy_terms(consumer), lazy_terms(node.inputs[i])}) {
    cost += other != nullptr ? other->cost : 1;
  }
  for (int k = 0; k < node.count; ++k) {
    if (reads >> (k + 1) & 1) cost += cost_of(tape_[node.inputs[k]]);
  }
  return cost + (reads >> (node.count + 1) & 1 ? cost_of(node) : 0);
}

template <class T>
bool RawSweep<T>::add_lazily(NodeId consumer, int i) {
  if (add_whole_alias(consumer, i)) return true;
  const Node<T>& node = tape_[consumer];
  const NodeId input = node.inputs[i];
  const bool broadcasts =
      !map_op_of(node)->reduces && !same(node.layout->dims(), tape_[input].layout->dims());
  Slot& to = slot(input);
  if (broadcasts || !may_be_lazy(input) || (to.has_data() && to.alias() == nullptr)) return false;
  const int cost = cost_with(consumer, i);
  if (cost > max_lazy_gradient_cost) return false;
  const bool costly = map_op_of(node)->rules[i].costly || is_costly(consumer) || is_costly(input);
  auto* term = tape_.gradients.template take<LazyTerm>(1);
  *term = {consumer, i, to.terms(), cost, costly};
  to.set_terms(term);
  keep_for(input, consumer);
  return true;
}

/// The first contribution to a gradient is stored, later ones are added, which saves filling it
/// with zeros. If the first one goes to a view that shows one contiguous part of its root, zeros
/// are written around that part only.
template <class T>
typename RawSweep<T>::Destination RawSweep<T>::make_destination(NodeId input) {
  const Node<T>& node = tape_[input];
  const Node<T>& root = tape_[node.root];
  const Index size = node.layout->size, from = node.data - root.data;
  Slot& s = slot(node.root);
  const bool whole =
      size == root.layout->size && (input == node.root || is_injective(*node.layout));
  const bool fresh = s.empty() && (whole || (node.layout->row_major && size > 0));
  if (fresh) {
    s.make_owned(allocate_gradient(node.root));
    if (!whole) {
      std::fill_n(s.data(), from, T(0));
      std::fill(s.data() + from + size, s.data() + root.layout->size, T(0));
    }
  } else {
    make_owned(node.root);
  }
  return {{s.data() + from, node.layout}, fresh};
}

template <class T>
void RawSweep<T>::add(NodeId input, std::span<const Index> shape, std::span<const View<const T>> in,
                      const Kernel<T>& kernel) {
  const auto [view, fresh] = destination(input);
  if (fresh) {
    map_store(shape, view, in, kernel);
  } else {
    map_add(shape, view, in, kernel);
  }
}

template <class T>
void RawSweep<T>::show(NodeId input, View<const T> g) {
  slot(input).show(g);
  const bool recycles = !buffers_.empty() || tape_[visited_].layout->size >= smallest_recycled;
  if (!recycles) return;
  const NodeId reader = is_target(input) ? Readers::caller : input;
  readers_.add(reader, visited_);
  buffers_.add_reader(g.data, reader, visited_);
}

template <class T>
void RawSweep<T>::add_alias(NodeId input, View<const T> g) {
  const Node<T>& node = tape_[input];
  if (g.layout->size == 0 || node.layout->size == 0) return;
  Slot& s = slot(input);
  // A number for a short array is written out: what reads it next finds an array like others.
  const bool repeats = g.layout->size == 1 && node.layout->size > 1;
  if (node.root == input && s.empty() && repeats && node.layout->size <= tile_length) {
    return fill(destination(input).view, *g.data);
  }
  if (node.root == input && !s.has_data() && g.layout->size <= node.layout->size) {
    if (!same(g.layout->dims(), node.layout->dims())) {
      const Dims steps = broadcast_strides(*g.layout, node.layout->dims());
      g.layout = make_layout(tape_.gradients, node.layout->dims(), steps);
    }
    alias_first(input, g);
    return;
  }
  const Layout& larger = g.layout->size > node.layout->size ? *g.layout : *node.layout;
  add(input, larger.dims(), {&g, 1}, Builtin<T>::copy);
}

template <class T>
void RawSweep<T>::hand_over(NodeId consumer, NodeId input) {
  const Slot& to = slot(input);
  const bool takes = to.empty() && tape_[input].root == input && output_buffer(input) == nullptr;
  if (takes && same_layout(*tape_[consumer].layout, *tape_[input].layout)) {
    slot(input) = std::exchange(slot(consumer), {});
  } else {
    add_alias(input, gradient(consumer));
  }
}

template class RawSweep<float>;
template class RawSweep<double>;
}  // namespace autograd
