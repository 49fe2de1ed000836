/// Kernels that run one after the other on each tile, while it is in the cache: what a chain of
/// elementwise operations reads and writes goes through memory once.
#pragma once

#include "autograd/loops.hpp"
#include "autograd/stencil.hpp"
#include "autograd/walk.hpp"

namespace autograd {

struct Split;

/// Programs over one large array take turns, part after part of that array: how large the parts
/// are, in bytes, and how many programs wait for each other.
inline constexpr Index bytes_of_turn = 1 << 18;
inline constexpr std::size_t most_in_turns = 8;

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
  /// Whether it may take turns over an array of that size, and gains by it: nothing is stored,
  /// arrays in memory are added to, and the array does not fit into the cache.
  bool takes_turns(Index size) const;
  void run() const;
  /// The same along a walk of the arrays that is known already.
  void run(const Walk& walk) const;

 private:
  template <class>
  friend class Runner;
  template <class U>
  friend void run_in_turns(std::span<const Program<U>* const> programs, View<const U> shared);

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

/// Runs programs that read, or add to, parts of `shared`, and write by adding only. They take
/// turns, part after part of that array, so that it goes through memory once. The order does not
/// depend on the number of threads.
template <class T>
void run_in_turns(std::span<const Program<T>* const> programs, View<const T> shared);

}  // namespace autograd
