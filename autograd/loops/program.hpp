/// Kernels that run one after the other on each tile, while it is in the cache: what a chain of
/// elementwise operations reads and writes goes through memory once.
#pragma once

#include "autograd/loops/loops.hpp"
#include "autograd/loops/stencil.hpp"
#include "autograd/loops/walk.hpp"

namespace autograd {

struct Split;
template <class T>
class Chunks;

/// A list of steps over a common shape. Steps read and write places: arrays in memory, which
/// broadcast to the shape, and rows, which live as long as a tile.
template <class T>
class Program {
 public:
  using Place = std::uint8_t;
  using Places = std::span<const Place>;
  static constexpr int max_steps = 64;
  static constexpr int max_places = Walk::max_arrays + max_steps;

  static constexpr Place no_array = 255;

  explicit Program(std::span<const Index> shape) : shape_(shape) {}

  Place array(View<const T> array);
  /// A row of kernel(in...).
  Place row(const Kernel<T>& kernel, Places in) { return store(no_array, kernel, in); }
  /// The same, which is also stored in the array `out` of the whole shape, if there is one.
  Place store(Place out, const Kernel<T>& kernel, Places in) {
    return step(&kernel, nullptr, out, in);
  }
  /// Combines kernel(in...) into the array `out`, which holds the neutral element or earlier
  /// results; by default it is added.
  void fold(Place out, const Kernel<T>& kernel, Places in, const Fold<T>& fold = Builtin<T>::sum) {
    step(&kernel, &fold, out, in);
  }
  /// A row of sums around places in the array `x`, which may also be stored in the array `out`; and
  /// the adjoint, which adds to the array `out`. The places that a stencil sees are counted along
  /// the last axis of the program, where x (or out) is contiguous, and weights are the same.
  Place sum_around(const Stencil& stencil, Place out, Place x, Place weights) {
    const Place in[] = {x, weights};
    return step(nullptr, nullptr, out, in, &stencil);
  }
  void spread_around(const Stencil& stencil, Place out, Place g, Place weights) {
    const Place in[] = {g, weights};
    step(nullptr, &Builtin<T>::sum, out, in, &stencil);
  }
  /// Whether it may run in chunks of an array of that size, and gains by it: nothing is stored,
  /// arrays in memory are added to, and the array does not fit into the cache.
  bool gains_by_chunks(Index size) const;
  void run() const;
  /// The same along a walk of the arrays that is known already.
  void run(const Walk& walk) const;

 private:
  template <class>
  friend class Runner;
  friend class Chunks<T>;

  static constexpr Place first_row = 64;

  struct Step {
    const Kernel<T>* kernel;
    const Fold<T>* fold;     ///< missing: results are stored
    const Stencil* stencil;  ///< instead of a kernel
    Place out;
    std::uint8_t count;
    Place in[max_operands];
  };

  bool folds_to_number(const Walk& walk, int step) const {
    return list_[step].fold != nullptr && walk.is_number(list_[step].out);
  }
  Walk walk() const;
  int first_in(View<const T> memory) const;
  void run_between(Walk walk, int array, const T* from, const T* to) const;
  Index slack(const Walk& walk, int step) const;
  bool may_split(const Walk& walk, int axis) const;
  Split split(const Walk& walk) const;
  void run_block(const Walk& walk, const Split& split, int block, double* totals) const;
  void combine(const Walk& walk, int blocks, const double (*totals)[max_steps]) const;
  Place step(const Kernel<T>* kernel, const Fold<T>* fold, Place out, Places in,
             const Stencil* stencil = nullptr);

  std::span<const Index> shape_;
  int arrays_ = 0;
  int steps_ = 0;
  bool in_order_ = false;  ///< axes must be walked as they are: there are stencils
  T* data_[Walk::max_arrays];
  const Layout* layouts_[Walk::max_arrays];
  Step list_[max_steps];
};

/// Programs that read, or add to, parts of one large array, and write by adding only. Each of them
/// runs for the first chunk of that array, then each for the second, and so on, so that the array
/// goes through memory once. The order does not depend on the number of threads.
template <class T>
class Chunks {
 public:
  static constexpr Index bytes = 1 << 18;  ///< of one chunk
  static constexpr std::size_t most = 8;   ///< programs

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == most; }
  void clear() { count_ = 0; }
  void add(const Program<T>* program) { programs_[count_++] = program; }
  /// Runs the programs over the array that they share, and forgets them.
  void run(View<const T> shared);

 private:
  const Program<T>* programs_[most];
  std::size_t count_ = 0;
};

}  // namespace autograd
