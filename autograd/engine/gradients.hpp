/// The gradients that a raw sweep has gathered so far, one for each node of a range.
#pragma once

#include <algorithm>

#include "autograd/tape/tape.hpp"

namespace autograd {

/// A term of a gradient that is not computed yet: what a consumer contributes to one of its inputs.
struct LazyTerm {
  NodeId consumer;
  int input;
  const LazyTerm* next;
  int cost;     ///< arrays and steps that a loop spends on it and on the terms after it
  bool costly;  ///< whether one of these takes longer than going through memory
};

/// The gradient of one node, as far as it is known. It is the sum of `data` and of the lazy terms.
///
///   state    data              alias        lazy    what adding does
///   empty    null              null         null    stores
///   owned    own buffer        null         null    adds to the buffer
///   aliased  another gradient  its layout   null    copies, then adds
///   lazy     null or aliased   null or set  terms   computes the terms, then adds
///
/// Aliases save copies where a gradient is that of the consumer as it is; they must not be written.
template <class T>
class GradientSlot {
 public:
  bool empty() const { return data_ == nullptr && lazy_ == nullptr; }
  bool owned() const { return data_ != nullptr && alias_ == nullptr && lazy_ == nullptr; }
  bool lazy() const { return lazy_ != nullptr; }
  bool has_data() const { return data_ != nullptr; }

  T* data() const { return data_; }
  const Layout* alias() const { return alias_; }
  const LazyTerm* terms() const { return lazy_; }

  void clear() { *this = {}; }
  void make_owned(T* buffer) { set(buffer, nullptr, nullptr); }
  void show(View<const T> gradient) { set(const_cast<T*>(gradient.data), gradient.layout, lazy_); }
  void add(const LazyTerm* first) { lazy_ = first; }

 private:
  void set(T* data, const Layout* alias, const LazyTerm* lazy) {
    data_ = data;
    alias_ = alias;
    lazy_ = lazy;
  }

  T* data_ = nullptr;
  const Layout* alias_ = nullptr;
  const LazyTerm* lazy_ = nullptr;
};

/// The gradient of a number that owns its memory is a number in a row of its own. Any other node
/// has a slot, which is made when it is first asked for: most nodes of a long computation with
/// numbers never need one.
template <class T>
class Gradients {
 public:
  using Slot = GradientSlot<T>;

  Gradients(Arena& arena, NodeId first, NodeId last)
      : first_(first),
        count_(last - first + 1),
        kept_(arena.take<Kept>(count_)),
        numbers_(arena.take<T>(count_)),
        slots_(arena.take<Slot>(count_)) {}

  void clear() { std::fill_n(kept_, count_, Kept::none); }

  /// False only for nodes to which nothing has been given.
  bool seen(NodeId id) const { return kept_[id - first_] != Kept::none; }
  bool is_number(NodeId id) const { return kept_[id - first_] == Kept::number; }
  T number(NodeId id) const { return numbers_[id - first_]; }

  /// Adds to the gradient of a number that owns its memory; false if that has a slot already.
  [[gnu::always_inline]] bool add_number(NodeId id, T value) {
    Kept& kept = kept_[id - first_];
    T& number = numbers_[id - first_];
    if (kept == Kept::slot) return false;
    number = kept == Kept::none ? value : number + value;
    kept = Kept::number;
    return true;
  }

  Slot& slot(NodeId id) const {
    Kept& kept = kept_[id - first_];
    Slot& slot = slots_[id - first_];
    if (kept != Kept::slot) {
      slot.clear();
      if (kept == Kept::number) slot.make_owned(&numbers_[id - first_]);
      kept = Kept::slot;
    }
    return slot;
  }

 private:
  enum class Kept : std::uint8_t { none, number, slot };
  NodeId first_;
  std::size_t count_;
  Kept* kept_;
  T* numbers_;
  Slot* slots_;
};

}  // namespace autograd
