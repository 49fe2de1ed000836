/// What a tape holds: nodes, the operations that made them, and whether their values are computed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "autograd/base/layout.hpp"
#include "autograd/var.hpp"

namespace autograd {

template <class T>
class Tape;
using NodeId = std::uint32_t;

template <class T>
class RawSweep;
template <class T>
class VjpContext;
template <class T>
class Fusion;
template <class T>
struct Factors;
template <class T>
struct Op;

/// The inputs of a node that has more than three. Its attributes begin with them.
struct ManyInputs {
  NodeId* ids;
  std::uint32_t count;
};

/// Whether the value of a node is computed, and by what it will be. Lazy values are computed when
/// something reads them (engine/lazy.cpp).
///
///   state     memory  computed by                       examples
///   computed  yes     -                                 arguments, views, most small results
///   fusable   none    a fused loop over its shape, in   elementwise operations and correlations
///                     which it may be a step of many    with large results
///   apart     none    Op::compute, before any loop      `set`, the differences of a vector,
///                     that reads it                     large arrays that are joined, products
///                                                       of matrices in a recorded gradient
///   small     yes     Tape::compute_small, with all     sums and norms of large arrays, and small
///                     others in the order of their ids  results of these
///
/// Small results have memory from the beginning, so that one which an inner scope computes is
/// computed for good. Other values that an inner scope computes lie in its memory, and are lazy
/// again when it ends.
enum class State : std::uint8_t { computed, fusable, apart, small };

/// One array and the operation that made it: 56 bytes. For numbers, nodes are most of what a sweep
/// reads.
template <class T>
struct Node {
  const Op<T>* op;
  T* data;
  const Layout* layout;
  void* attributes;  ///< data of the operation's own, in the arena
  NodeId inputs[3];
  std::uint8_t count;  ///< number of inputs, or `many`
  bool active;         ///< depends on an argument that is differentiated
  State state;
  std::uint8_t cost : 7;  ///< for a fusable value, the arrays and steps that a loop spends on it
  bool read_once : 1;     ///< see read_again
  NodeId root;            ///< the node whose memory this one shows; itself unless it is a view
  std::uint32_t epoch;    ///< the scope that it belongs to

  static constexpr std::uint8_t many = 255;

  bool lazy() const { return state != State::computed; }
  /// False for the first reader, which need not keep what it computes: there may be no other.
  bool read_again() {
    const bool again = read_once;
    read_once = true;
    return again;
  }
  /// An array that lazily joins others, which are computed.
  bool joins() const { return state == State::apart && count == many; }
  std::span<const NodeId> in() const {
    if (count != many) return {inputs, count};
    const auto* list = static_cast<const ManyInputs*>(attributes);
    return {list->ids, list->count};
  }
};

/// The kinds of operations that the engine treats in a special way.
enum class Kind : std::uint8_t {
  general,
  map,         ///< a MapOp: elementwise, or a reduction whose derivative is elementwise
  difference,  ///< the differences of neighbours in a vector
  product,     ///< a product of matrices
  user,        ///< its rule is the user's: recordable or not, linear in its cotangent or not
};

/// An operation: its functions for both sweeps, and for laziness. Operations are constant objects,
/// whose addresses tell them apart; custom ones are made when they are called, and kept by the
/// tape.
template <class T>
struct Op {
  const char* name;
  /// Adds contributions to the gradients of the inputs, without recording. If it is null,
  /// `vjp_recorded` serves for both sweeps.
  void (*vjp_raw)(RawSweep<T>& sweep, NodeId id) = nullptr;
  /// The rule in operations on Vars: gives each wanted input its contribution.
  void (*vjp_recorded)(VjpContext<T>& context) = nullptr;
  /// If values may be fusable: adds the step of a fused loop that makes one, as a row or in the
  /// array `out`. Such operations can also read their gradients tile by tile.
  std::uint8_t (*step)(Fusion<T>& fusion, NodeId id, std::uint8_t out) = nullptr;
  /// For results r that have a kink where they are zero, while r^2 is smooth (abs, norm): the
  /// product (f r) (g r), computed from the inputs, so that its derivatives of every order are
  /// right. The factors are applied to the inputs, since r^2 may overflow; nothing if that is
  /// impossible.
  std::optional<Var<T>> (*product)(Tape<T>& tape, NodeId r, const Factors<T>& f,
                                   const Factors<T>& g) = nullptr;
  /// vjp_raw for a number made of numbers, all of them computed; g is its gradient.
  void (*vjp_number)(RawSweep<T>& sweep, const Node<T>& node, T g) = nullptr;
  /// If values may be lazy and not fusable (State::apart): writes the value of a node to `out`.
  void (*compute)(Tape<T>& tape, NodeId id, View<T> out) = nullptr;
  Kind kind = Kind::general;
};

/// The operation of arrays that come from outside.
template <class T>
inline constexpr Op<T> constant_op{"constant"};

}  // namespace autograd
