#include "autograd/tape/tape.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/memory.hpp"
#include "autograd/tape/finite.hpp"

namespace autograd {

namespace {

/// Reserves memory for `count` elements, in steps that grow as those of push_back do.
template <class E>
void reserve(std::vector<E>& list, std::size_t count) {
  if (count > list.capacity()) list.reserve(std::max(count, 2 * list.capacity()));
}

}  // namespace

template <class T>
Tape<T>& Tape<T>::first_here() {
  static thread_local constinit bool made = false;
  if (made) {
    fail<std::logic_error>("Tape",
                           "the thread is ending and its tape is gone; destructors of static and "
                           "thread_local objects and functions given to atexit cannot "
                           "differentiate");
  }
  thread_local Tape tape;
  made = true;
  return tape;
}

template <class T>
void Tape<T>::refuse(const char* op, const Var<T>& x) {
  if (x.tape_ == nullptr) fail<std::logic_error>(op, "the Var is empty (default constructed)");
  if (x.tape_ != this) {
    fail<std::logic_error>(op, "Var %{} belongs to another thread; a Var stays on its thread",
                           x.id_);
  }
  fail<std::logic_error>(op,
                         "Var %{} belongs to a trace that has ended; do not keep Vars after the "
                         "transform returns",
                         x.id_);
}

template <class T>
void Tape<T>::require_open(const char* op) const {
  if (open()) return;
  fail<std::logic_error>(op,
                         "no trace is open; Vars live inside a transform such as grad(f)(x) or "
                         "evaluate(f)(x), or after autograd::Trace trace;");
}

/// The first epoch of a tape. Each tape counts from another number: the tape of a new thread may
/// lie where that of an ended thread lay, and must not take the Vars of that one for its own.
template <class T>
std::uint32_t Tape<T>::first_epoch() {
  static std::atomic<std::uint32_t> tapes = 0;
  return tapes.fetch_add(1) * 0x9E3779B9u;
}

template <class T>
void Tape<T>::check_value(const Op<T>& op, View<T> array) const {
  if (&op == &constant_op<T>) return;  // not an operation, and perhaps not filled yet
  check_finite<T>(op.name, View<const T>(array));
}

template <class T>
Var<T> Tape<T>::push_lazy(const Op<T>& op, const Layout* layout, State state, int cost,
                          std::span<const NodeId> inputs, void* attributes) {
  NodeId& made = lazy_[inputs.back() % 8];
  const bool again = attributes == nullptr && made < size() && nodes_[made].op == &op &&
                     nodes_[made].epoch == epoch_ && std::ranges::equal(nodes_[made].in(), inputs);
  if (again) return var(made);
  made = size();
  Node<T>& node = append(op, {nullptr, layout}, attributes);
  node.state = state;
  node.cost = static_cast<std::uint8_t>(cost);
  node.count = static_cast<std::uint8_t>(inputs.size());
  std::copy(inputs.begin(), inputs.end(), node.inputs);
  for (NodeId input : inputs) node.active |= nodes_[input].active;
  return var(size() - 1);
}

template <class T>
void Tape<T>::set_computed(NodeId id, View<T> memory) {
  Node<T>& node = nodes_[id];
  if (id < scope_start_) {
    // ~Scope will append that many to lazy_again_, and must not throw.
    reserve(lazy_again_, lazy_again_.size() + computed_inside_.size() + 1);
    computed_inside_.push_back({id, node.state});
  }
  node.data = memory.data;
  node.state = State::computed;
}

template <class T>
Var<T> Tape<T>::push_many(const Op<T>& op, View<T> array, ManyInputs* attributes) {
  Node<T>& node = append(op, array, attributes);
  node.count = Node<T>::many;
  for (NodeId input : node.in()) node.active |= nodes_[input].active;
  return var(size() - 1);
}

template <class T>
Var<T> Tape<T>::push_view(const Op<T>& op, View<T> array, NodeId input) {
  // Without data it is not checked: results were when they were computed, and constants may hold
  // what is not finite.
  Node<T>& node = append(op, {nullptr, array.layout}, nullptr);
  node.data = array.data;
  node.count = 1;
  node.inputs[0] = input;
  node.active = nodes_[input].active;
  node.root = nodes_[input].root;
  return var(size() - 1);
}

/// Computes lazy values for good that an inner scope has computed in its own memory. Called before
/// another scope opens, because that is likely to read the same values: so none is computed more
/// than twice.
template <class T>
Tape<T>& Tape<T>::with_values() {
  for (; !lazy_again_.empty(); lazy_again_.pop_back()) {
    if (lazy_again_.back() < size()) value(lazy_again_.back());
  }
  return *this;
}

template <class T>
void Tape<T>::release() {
  arena.release();
  gradients.release();
  nodes_.shrink_to_fit();
}

void empty_cache() {
  if (auto* tape = Tape<float>::current_if_any()) tape->release();
  if (auto* tape = Tape<double>::current_if_any()) tape->release();
}

template <class T>
Scope<T>::Scope() : Scope(Tape<T>::current()) {}

template <class T>
Scope<T>::Scope(Tape<T>& tape)
    : tape_(tape.with_values()),
      block_(tape.arena.mark().block),
      used_(tape.arena.mark().used),
      kept_(tape.kept_.size()),
      computed_inside_(tape.computed_inside_.size()),
      size_(tape.size()),
      outer_start_(tape.scope_start_),
      outer_arguments_(tape.active_arguments_),
      outer_epoch_(tape.epoch_),
      outer_(tape.innermost_) {
  tape_.scope_start_ = size_;
  tape_.epoch_ = ++tape_.last_epoch_;
  tape_.innermost_ = this;
}

/// Takes the tape back to where it was. Values of outer scopes that were computed in memory of this
/// one become lazy again. The conditions at the beginning are there because users may hold traces
/// in static objects and on the heap: such a scope may end after the tape, or after a scope around
/// it.
template <class T>
Scope<T>::~Scope() {
  if (Tape<T>::current_if_any() != &tape_) return;  // the tape has ended before a static Trace
  const Scope* open = tape_.innermost_;
  while (open != nullptr && open != this) open = open->outer_;
  if (open == nullptr) return;  // a scope around this one has ended, and this one with it
  tape_.innermost_ = outer_;
  if (outer_ == nullptr) tape_.has_kinks = false;
  tape_.epoch_ = outer_epoch_;
  tape_.scope_start_ = outer_start_;
  tape_.active_arguments_ = outer_arguments_;
  tape_.nodes_.shorten(size_);
  tape_.kept_.resize(kept_);
  auto& computed = tape_.computed_inside_;
  for (; computed.size() > computed_inside_; computed.pop_back()) {
    const auto [id, state] = computed.back();
    if (id >= size_) continue;  // a node of a scope that ends with this one
    tape_.set_lazy(id, state);
    tape_.lazy_again_.push_back(id);
  }
  for (auto* list : {&tape_.lazy_reductions_, &tape_.lazy_small_}) {
    while (!list->empty() && list->back() >= size_) list->pop_back();
  }
  tape_.arena.rewind({block_, used_});
}

template class Tape<float>;
template class Tape<double>;
template class Scope<float>;
template class Scope<double>;

}  // namespace autograd
