/// The tape: a list of nodes in the order in which operations were called, and the memory of their
/// values.
#pragma once

#include <bit>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/base/layout_cache.hpp"
#include "autograd/base/plain_list.hpp"
#include "autograd/detail/scope.hpp"
#include "autograd/tape/node.hpp"
#include "autograd/var.hpp"

namespace autograd {

/// One tape for each thread and number type.
template <class T>
class Tape {
 public:
  /// The tape of this thread, made when it is first asked for. Throws std::logic_error if the
  /// thread is ending and has destroyed it.
  static Tape& current() { return here_ != nullptr ? *here_ : first_here(); }
  /// The tape of this thread, or null if there is none.
  static Tape* current_if_any() { return here_; }

  /// The node of a Var, whose value may be lazy. Throws std::logic_error naming `op` for a stale
  /// or foreign Var.
  Node<T>& node(const char* op, const Var<T>& x) {
    if (x.tape_ != this || x.id_ >= nodes_.size() || nodes_[x.id_].epoch != x.epoch_) {
      refuse(op, x);
    }
    return nodes_[x.id_];
  }
  /// The value of a node, computed now if it is lazy.
  View<T> value(NodeId id) {
    if (nodes_[id].lazy()) compute(id);
    return {nodes_[id].data, nodes_[id].layout};
  }
  /// The value of a node for one use: a fusable one that is not costly is computed in memory of
  /// `gradients`, which the caller gives back, and stays lazy.
  View<T> value_for_once(NodeId id);
  View<T> value(const char* op, const Var<T>& x) {
    node(op, x);
    return value(x.id_);
  }
  NodeId id(const char* op, const Var<T>& x) {
    node(op, x);
    return x.id_;
  }
  Node<T>& operator[](NodeId id) { return nodes_[id]; }
  const Node<T>& operator[](NodeId id) const { return nodes_[id]; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }

  Var<T> var(NodeId id) {
    Var<T> x;
    x.tape_ = this;
    x.id_ = id;
    x.epoch_ = nodes_[id].epoch;
    return x;
  }

  /// Throws std::logic_error naming `op` when Vars cannot be made.
  void require_open(const char* op) const;

  /// Appends a node whose value is in memory of its own.
  Var<T> push(const Op<T>& op, View<T> array, std::span<const NodeId> inputs,
              void* attributes = nullptr) {
    Node<T>& node = append(op, array, attributes);
    for (NodeId input : inputs) {
      node.inputs[node.count++] = input;
      node.active |= nodes_[input].active;
    }
    return var(node.root);
  }
  Var<T> push(const Op<T>& op, View<T> array, std::initializer_list<NodeId> inputs,
              void* attributes = nullptr) {
    return push(op, array, std::span(inputs.begin(), inputs.size()), attributes);
  }
  /// Appends a lazy node that fused loops compute; or returns one that was made from the same
  /// inputs by the same operation a little earlier.
  Var<T> push_fusable(const Op<T>& op, const Layout* layout, int cost,
                      std::span<const NodeId> inputs, void* attributes = nullptr) {
    return push_lazy(op, layout, State::fusable, cost, inputs, attributes);
  }
  /// Appends a lazy node that Op::compute computes.
  Var<T> push_apart(const Op<T>& op, const Layout* layout, std::span<const NodeId> inputs,
                    void* attributes) {
    return push_lazy(op, layout, State::apart, 0, inputs, attributes);
  }
  /// Makes the last node lazy, whose memory has not been filled: a reduction of a large array, or
  /// another small result. The reductions are computed first.
  void make_small(bool reduces_large) {
    (reduces_large ? lazy_reductions_ : lazy_small_).push_back(size() - 1);
    nodes_.back().state = State::small;
  }
  /// Notes that the value of a lazy node is in `memory`; until the scope ends, if the node belongs
  /// to an outer one. `set_lazy` takes that back.
  void set_computed(NodeId id, View<T> memory);
  void set_lazy(NodeId id, State state) {
    nodes_[id].data = nullptr;
    nodes_[id].state = state;
  }
  /// Appends a node with any number of inputs, whose attributes begin with them.
  Var<T> push_many(const Op<T>& op, View<T> array, ManyInputs* attributes);
  /// The same for an array that joins others when it is needed.
  Var<T> push_joined(const Op<T>& op, const Layout* layout, ManyInputs* attributes) {
    const Var<T> result = push_many(op, {nullptr, layout}, attributes);
    nodes_.back().state = State::apart;
    return result;
  }
  /// Appends a view of the memory of `input`.
  Var<T> push_view(const Op<T>& op, View<T> array, NodeId input);

  /// The layout that Vars share whose values are computed; null where they do not. Null as well for
  /// those that are stale or foreign.
  template <class... X>
  const Layout* common_layout(const Var<T>& x, const X&... others) const {
    const Layout* layout = computed_layout(x);
    return ((computed_layout(others) == layout) && ...) ? layout : nullptr;
  }
  const T* computed_value(const Var<T>& x) const { return nodes_[x.id_].data; }
  /// Appends the result of such Vars: what push does, with less to ask.
  template <class... X>
  Var<T> push_alike(const Op<T>& op, View<T> array, bool active, const X&... inputs) {
    Node<T>& node = nodes_.emplace_back();
    node.op = &op;
    node.data = array.data;
    node.layout = array.layout;
    ((node.inputs[node.count++] = inputs.id_), ...);
    node.active = active;
    node.root = size() - 1;
    node.epoch = epoch_;
    return var(node.root);
  }
  template <class... X>
  Var<T> push_number(const Op<T>& op, T value, bool active, const X&... inputs) {
    T* data = arena.take<T>(1);
    *data = value;
    return push_alike(op, {data, &scalar_layout}, active, inputs...);
  }
  bool is_active(const Var<T>& x) const { return nodes_[x.id_].active; }

  /// A constant of rank 0. One that was made a little earlier is used again, since formulas in
  /// loops repeat their numbers.
  Var<T> number(T value) {
    NodeId& made = numbers_[slot_of(value)];
    if (made < size() && is_number(nodes_[made], value)) return var(made);
    made = size();
    T* data = arena.take<T>(1);
    *data = value;
    return push(constant_op<T>, {data, &scalar_layout}, {});
  }

  // As make_row_major, make_layout and make_like, but row-major layouts that were made lately are
  // used again.

  const Layout* row_major(std::span<const Index> shape, const char* op) {
    return shape.empty() ? &scalar_layout : layouts_.row_major(arena, epoch_, shape, op);
  }
  const Layout* layout(std::span<const Index> shape, std::span<const Index> strides,
                       const char* op) {
    return is_row_major(shape, strides) ? row_major(shape, op)
                                        : make_layout(arena, shape, strides, op);
  }
  const Layout* layout_like(std::span<const Index> shape, const Layout& model, const char* op) {
    return model.row_major || model.repeats ? row_major(shape, op)
                                            : make_like(arena, shape, model, op);
  }

  /// Memory for a new array, the result of `op`.
  View<T> allocate(const char* op, const Layout* layout) {
    return autograd::allocate<T>(op, arena, layout);
  }

  /// An array in memory of the user. A container without elements may have a null pointer, to which
  /// offsets must not be added: it is replaced by a place in the arena.
  View<T> foreign(const char* op, const T* data, std::span<const Index> shape,
                  std::span<const Index> strides) {
    return {data == nullptr ? arena.take<T>(0) : const_cast<T*>(data), layout(shape, strides, op)};
  }

  /// Marks an argument, so that nodes which depend on it are active.
  void activate(const Var<T>& x) {
    nodes_[x.id_].active = true;
    ++active_arguments_;
  }
  /// The number of arguments that were marked in this scope and those around it.
  std::size_t active_arguments() const { return active_arguments_; }
  /// Marks a result whose derivative is zero everywhere.
  void deactivate(const Var<T>& x) { nodes_[x.id_].active = false; }
  /// Keeps something alive until the scope ends.
  void keep(std::shared_ptr<const void> thing) { kept_.push_back(std::move(thing)); }

  /// Gives back memory that is not in use.
  void release();

  std::uint32_t scope_start() const { return scope_start_; }
  bool open() const { return innermost_ != nullptr; }

  Arena arena;                      ///< values, layouts, attributes
  Arena gradients;                  ///< what the sweeps need
  bool throw_on_nonfinite = false;  ///< throw at the first NaN or infinity
  bool has_kinks = false;  ///< products may find results that have a smooth square (Op::product)
  /// Elementwise operations are lazy if they have at least `fuse_from` results, in rows of at least
  /// `fuse_rows_from`: shorter rows would make tiles of a few elements.
  Index fuse_from = 4096;
  Index fuse_rows_from = 64;

  bool fuses(const Layout& layout) const {
    return layout.size >= fuse_from && !throw_on_nonfinite && row_length(layout) >= fuse_rows_from;
  }
  /// Whether kernels are applied to whole arrays at once. Larger ones may be fused, or divided
  /// among threads.
  bool is_flat(const Layout& layout) const {
    return layout.dense && layout.size < fuse_from && layout.size <= largest_flat &&
           !throw_on_nonfinite;
  }

 private:
  template <class>
  friend class Scope;

  static constexpr Index largest_flat = 4096;

  Tape() { here_ = this; }
  ~Tape() { here_ = nullptr; }
  static Tape& first_here();
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static std::size_t slot_of(T value) {
    return std::bit_cast<Bits>(value) * Bits(0x9E3779B97F4A7C15) >> (8 * sizeof(T) - 3);
  }
  bool is_number(const Node<T>& node, T value) const {
    return node.op == &constant_op<T> && node.layout == &scalar_layout && node.epoch == epoch_ &&
           std::bit_cast<Bits>(*node.data) == std::bit_cast<Bits>(value);
  }
  const Layout* computed_layout(const Var<T>& x) const {
    if (x.tape_ != this || x.id_ >= nodes_.size()) return nullptr;
    const Node<T>& node = nodes_[x.id_];
    return node.epoch == x.epoch_ && !node.lazy() ? node.layout : nullptr;
  }
  static std::uint32_t first_epoch();
  [[noreturn]] void refuse(const char* op, const Var<T>& x);
  void check_value(const Op<T>& op, View<T> array) const;
  Var<T> push_lazy(const Op<T>& op, const Layout* layout, State state, int cost,
                   std::span<const NodeId> inputs, void* attributes);
  void compute(NodeId id);  // engine/lazy.cpp
  void compute_fusable(NodeId id);
  void run_with_reductions(Fusion<T>& fusion, NodeId id);
  void compute_apart(NodeId id);
  void compute_small();
  void compute_small(NodeId id);
  std::span<NodeId> copy_of_reductions();
  void compute_reductions();
  void forget_computed_reductions();
  Tape& with_values();
  /// Appends a node without inputs. It is written in place, because building it elsewhere and
  /// copying it costs as much as a sine.
  Node<T>& append(const Op<T>& op, View<T> array, void* attributes) {
    if (throw_on_nonfinite && array.data != nullptr) check_value(op, array);
    Node<T>& node = nodes_.emplace_back();
    node.op = &op;
    node.data = array.data;
    node.layout = array.layout;
    node.attributes = attributes;
    node.root = size() - 1;
    node.epoch = epoch_;
    return node;
  }

  /// The tape of this thread, or null. A pointer has no destructor, so that it can be read while
  /// the thread ends. The TLS model makes reading it as cheap in position-independent code as
  /// elsewhere.
  [[gnu::tls_model("initial-exec")]] static inline thread_local constinit Tape* here_ = nullptr;

  PlainList<Node<T>> nodes_;
  /// Three small caches, so that what a formula repeats is made once: nodes of
  /// constants, lazy nodes, and row-major layouts. The place of an entry follows from a few bits
  /// of its key (the value of a constant, the last input, the shape), so finding one takes no
  /// search, and a new entry replaces the old one. Nothing is ever removed: an entry may name a
  /// node or a layout of a scope that has ended, whose place is taken by something else by now. So
  /// whoever finds an entry compares what it names today with all that is wanted, and its epoch
  /// with that of the scope.
  NodeId numbers_[8] = {};
  NodeId lazy_[8] = {};
  LayoutCache layouts_;
  std::vector<std::shared_ptr<const void>> kept_;
  /// Lazy values of outer scopes that are computed in memory of inner ones; and those that became
  /// lazy again when such a scope ended.
  std::vector<std::pair<NodeId, State>> computed_inside_;
  std::vector<NodeId> lazy_again_;
  std::vector<NodeId> lazy_reductions_;  ///< reductions of large arrays that are not computed
  std::vector<NodeId> lazy_small_;  ///< other small results that are not, in order of their ids
  std::uint32_t epoch_ = 0;
  std::uint32_t last_epoch_ = first_epoch();
  NodeId scope_start_ = 0;
  std::size_t active_arguments_ = 0;
  Scope<T>* innermost_ = nullptr;
};

}  // namespace autograd
