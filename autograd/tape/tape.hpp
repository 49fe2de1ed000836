/// The tape: a list of nodes in the order of their computation, and the memory that they use.
#pragma once

#include <bit>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/base/layout_cache.hpp"
#include "autograd/detail/scope.hpp"
#include "autograd/var.hpp"

namespace autograd {

using NodeId = std::uint32_t;

template <class T>
class RawSweep;
template <class T>
class VjpContext;
template <class T>
class Fusion;
template <class T>
struct Op;

/// Inputs of an operation that has more than three; its attributes begin with them.
struct ManyInputs {
  NodeId* ids;
  std::uint32_t count;
};

/// Where the value of a node is. What is lazy is computed when somebody reads it (engine/lazy.cpp).
///
///   state     memory  computed by                       examples
///   computed  yes     -                                 arguments, views, most small results
///   fusable   none    a fused loop over its shape, in   elementwise operations and correlations
///                     which it may be a step of many    with large results
///   apart     none    Op::compute, before any loop      `set`, the differences of a vector
///                     that reads it
///   small     yes     Tape::compute_small, with all     sums and norms of large arrays, and small
///                     others in the order of their ids  results of these
///
/// Small results have their memory from the beginning, so that inner scopes can compute them for
/// good. Other values that an inner scope computes are lazy again when it ends.
enum class State : std::uint8_t { computed, fusable, apart, small };

/// One array and the operation that made it.
template <class T>
struct Node {
  const Op<T>* op;
  T* data;
  const Layout* layout;
  void* attributes;  ///< what the operation needs to remember, in the arena
  NodeId inputs[3];
  std::uint8_t count;  ///< number of inputs, or `many`
  bool active;         ///< depends on an argument that is differentiated
  State state;
  std::uint8_t cost;    ///< of a fusable value: arrays and steps that a loop spends on it
  NodeId root;          ///< the node whose memory this one shows; itself unless it is a view
  std::uint32_t epoch;  ///< the scope that it belongs to

  static constexpr std::uint8_t many = 255;

  bool lazy() const { return state != State::computed; }
  std::span<const NodeId> in() const {
    if (count != many) return {inputs, count};
    const auto* list = static_cast<const ManyInputs*>(attributes);
    return {list->ids, list->count};
  }
};

/// What the engine knows of an operation besides its functions.
enum class Kind : std::uint8_t {
  general,
  map,         ///< a MapOp: elementwise, or a reduction whose derivative is elementwise
  difference,  ///< of the neighbours in a vector
  user,        ///< its rule is the user's: recordable or not, linear in its cotangent or not
};

/// What the sweeps need to know of an operation.
template <class T>
struct Op {
  const char* name;
  /// Adds to the gradients of the inputs, without recording. Where it is missing `vjp_recorded`
  /// serves.
  void (*vjp_raw)(RawSweep<T>& sweep, NodeId id) = nullptr;
  /// The rule in differentiable operations: gives each wanted input its contribution.
  void (*vjp_recorded)(VjpContext<T>& context) = nullptr;
  /// Where values may be fusable: the step of a fused loop that makes them, as a row or in the
  /// array `out`. Such operations take their gradients tile by tile.
  std::uint8_t (*step)(Fusion<T>& fusion, NodeId id, std::uint8_t out) = nullptr;
  /// For results r that have a kink where they are zero, while r^2 is smooth (abs, norm): the
  /// product (f r) (g r), computed from the inputs, so that its derivatives of every order are
  /// right. The factors are applied to the inputs, since r^2 may overflow; nothing if that is
  /// impossible. Factors that are null are 1.
  std::optional<Var<T>> (*product)(Tape<T>& tape, NodeId r, const Var<T>* f,
                                   const Var<T>* g) = nullptr;
  /// As vjp_raw, of a number made of numbers that are all computed; g is its gradient.
  void (*vjp_number)(RawSweep<T>& sweep, const Node<T>& node, T g) = nullptr;
  /// Where values may be lazy and not fusable (State::apart): writes that of a node to `out`.
  void (*compute)(Tape<T>& tape, NodeId id, View<T> out) = nullptr;
  Kind kind = Kind::general;
};

/// The operation of arrays that come from outside.
template <class T>
inline constexpr Op<T> constant_op{"constant"};

/// One tape for each thread and number type.
template <class T>
class Tape {
 public:
  /// That of this thread, made when it is first asked for. Throws std::logic_error when the thread
  /// has destroyed it already.
  static Tape& current() { return here_ != nullptr ? *here_ : first_here(); }
  /// That of this thread, if there is one.
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

  /// Appends a node that owns its memory.
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
  /// Appends a node without memory, whose value is computed when it is needed; or finds the one
  /// that was made lately from the same inputs.
  Var<T> push_fusable(const Op<T>& op, const Layout* layout, int cost,
                      std::span<const NodeId> inputs, void* attributes = nullptr) {
    return push_lazy(op, layout, State::fusable, cost, inputs, attributes);
  }
  Var<T> push_apart(const Op<T>& op, const Layout* layout, std::span<const NodeId> inputs,
                    void* attributes) {
    return push_lazy(op, layout, State::apart, 0, inputs, attributes);
  }
  /// Makes the last node lazy, whose memory is not filled yet. Reductions of large arrays are
  /// computed before the small results that are made of them.
  void make_small(bool reduces_large) {
    nodes_.back().state = State::small;
    (reduces_large ? lazy_reductions_ : lazy_small_).push_back(size() - 1);
  }
  /// The value of a lazy node is in `memory` from now on, or until the scope ends. And the
  /// converse.
  void set_computed(NodeId id, View<T> memory);
  void set_lazy(NodeId id, State state) {
    nodes_[id].data = nullptr;
    nodes_[id].state = state;
  }
  Var<T> push_many(const Op<T>& op, View<T> array, ManyInputs* attributes);
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

  /// A constant of rank 0. Formulas repeat their numbers: one that was made lately is used again.
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

  /// Memory of others. Containers without elements may point nowhere, from where not even the empty
  /// parts of an array can be pointed at: those get a place of the arena.
  View<T> foreign(const char* op, const T* data, std::span<const Index> shape,
                  std::span<const Index> strides) {
    return {data == nullptr ? arena.take<T>(0) : const_cast<T*>(data), layout(shape, strides, op)};
  }

  /// Marks an argument: what depends on it is differentiated.
  void activate(const Var<T>& x) {
    nodes_[x.id_].active = true;
    ++active_arguments_;
  }
  /// How many arguments were marked in this scope and those around it.
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
  bool has_roots = false;  ///< products may find results that have a smooth square (Op::product)
  /// Elementwise operations with this many results or more are computed when they are needed, if
  /// their rows are not too short: all steps would run in tiles of one row.
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
  void compute_apart(NodeId id);
  void compute_small();
  void compute_small(NodeId id);
  std::span<NodeId> copy_of_reductions();
  void compute_reductions();
  void forget_computed_reductions();
  Tape& with_values();
  /// The new node is written in place: building it elsewhere and copying costs as much as a sine.
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

  /// Of a type without a destructor, so that it can be looked at while the thread ends.
  /// The model of access makes it as cheap in position-independent code as elsewhere.
  [[gnu::tls_model("initial-exec")]] static inline thread_local constinit Tape* here_ = nullptr;

  std::vector<Node<T>> nodes_;
  NodeId numbers_[8] = {};  ///< nodes of constants made lately, by the bits of their values
  NodeId lazy_[8] = {};     ///< nodes left lazy lately, by their last input
  LayoutCache layouts_;
  std::vector<std::shared_ptr<const void>> kept_;
  /// Lazy values of outer scopes that were computed in memory of inner ones; and those that are
  /// lazy again, since that scope has ended.
  std::vector<std::pair<NodeId, State>> computed_inside_;
  std::vector<NodeId> lazy_again_;
  std::vector<NodeId> lazy_reductions_;  ///< of large arrays, small results
  std::vector<NodeId> lazy_small_;       ///< other small results, in the order of their ids
  std::uint32_t epoch_ = 0;
  std::uint32_t last_epoch_ = first_epoch();
  NodeId scope_start_ = 0;
  std::size_t active_arguments_ = 0;
  Scope<T>* innermost_ = nullptr;
};

}  // namespace autograd
