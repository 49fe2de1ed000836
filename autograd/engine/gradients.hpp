/// The gradients that a raw sweep has gathered so far: one for each node from the first to the last
/// of the sweep.
#pragma once

#include <algorithm>

#include "autograd/tape/tape.hpp"

namespace autograd {

/// A contribution that is not computed yet: that of a consumer to the gradient of its input number
/// `input`. The lazy terms of one gradient form a list.
struct LazyTerm {
  NodeId consumer;
  int input;
  const LazyTerm* next;
  int cost;     ///< the arrays and steps of a loop that computes this term and those after it
  bool costly;  ///< whether one of these terms takes longer than going through memory
};

/// The gradient of one node, as far as the sweep has come: the sum of `data` and of the lazy terms.
///
///   state    data              alias        lazy    what adding a contribution does
///   empty    null              null         null    stores it
///   owned    own buffer        null         null    adds it to the buffer
///   aliased  another gradient  its layout   null    copies the other gradient, then adds
///   lazy     null or aliased   null or set  terms   computes the terms, then adds
///
/// An alias saves the copy where the contribution of a consumer is its own gradient as it is, as
/// for x + y; it may have another layout than the node, and must not be written. Lazy terms save
/// arrays: the fused loop that finally adds to something in memory computes them on the way.
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
  void set_terms(const LazyTerm* first) { lazy_ = first; }

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

/// The nodes that will read a gradient. A sweep visits nodes from the last to the first.
class Readers {
 public:
  /// Whoever reads the gradients of targets after the sweep.
  static constexpr NodeId caller = ~NodeId{0};

  /// Those that have been visited are forgotten.
  void add(NodeId reader, NodeId visited) {
    if (reader == caller) {
      others_ = 0;
      return;
    }
    if (std::count(list_, list_ + count_, reader) > 0) return;
    const auto is_past = [&](NodeId id) { return id > visited; };
    count_ = static_cast<int>(std::remove_if(list_, list_ + count_, is_past) - list_);
    if (count_ < most) {
      list_[count_++] = reader;
    } else {
      others_ = std::min(others_, reader);
    }
  }
  /// The node has read it, perhaps before its turn.
  void remove(NodeId reader) {
    count_ = static_cast<int>(std::remove(list_, list_ + count_, reader) - list_);
  }
  /// Whether some may still read it while `visited` is visited.
  bool remain(NodeId visited) const {
    const auto will_read = [&](NodeId id) { return id <= visited; };
    return will_read(others_) || std::any_of(list_, list_ + count_, will_read);
  }

 private:
  static constexpr int most = 4;
  NodeId list_[most] = {};
  int count_ = 0;
  NodeId others_ = ~NodeId{0};  ///< the one visited last of those that the list cannot hold
};

/// Buffers of gradients that have been passed on, for those of nodes that come later in the sweep:
/// they are in the cache, and need no new memory.
template <class T>
class Buffers {
 public:
  explicit Buffers(Arena& arena) : list_(arena.take<Buffer>(most)) {}
  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  void put(T* data, Index size, const Readers& readers) {
    if (count_ == most) std::shift_left(list_, list_ + count_--, 1);
    list_[count_++] = {data, size, readers};
  }
  void add_reader(const T* data, NodeId reader, NodeId visited) {
    for (Buffer& each : std::span(list_, count_)) {
      if (data >= each.data && data < each.data + each.size) each.readers.add(reader, visited);
    }
  }
  void remove_reader(NodeId reader) {
    for (Buffer& each : std::span(list_, count_)) each.readers.remove(reader);
  }
  /// The youngest buffer of that size that nobody reads any more; null if there is none.
  T* take(Index size, NodeId visited) {
    for (std::size_t i = count_; i-- > 0;) {
      if (list_[i].size != size || list_[i].readers.remain(visited)) continue;
      T* const data = list_[i].data;
      std::shift_left(list_ + i, list_ + count_--, 1);
      return data;
    }
    return nullptr;
  }

 private:
  struct Buffer {
    T* data;
    Index size;
    Readers readers;
  };
  static constexpr std::size_t most = 32;  ///< the oldest are forgotten
  Buffer* list_;
  std::size_t count_ = 0;
};

/// All gradients of a sweep. The gradient of a number is kept in a row of numbers, unless the
/// number is an element of an array (its root is another node). Any other gradient has a slot,
/// which is initialised when it is first asked for. A number gets a slot, which shows its place in
/// the row, only if somebody treats it as an array: in a long computation with numbers hardly any
/// does, and of each node only a byte is cleared before the sweep.
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

  /// Whether the node has received a contribution, or its slot has been asked for.
  bool seen(NodeId id) const { return kept_[id - first_] != Kept::none; }
  bool is_number(NodeId id) const { return kept_[id - first_] == Kept::number; }
  T number(NodeId id) const { return numbers_[id - first_]; }

  /// Adds to the gradient of a number that is its own root. Returns false if it has a slot.
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
