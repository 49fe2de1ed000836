/// The executor of fused loops, for fused_loop.cpp.
#pragma once

#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// Runs a fused loop along an iteration space. Before the walk it decides for each step how it runs
/// (Way): on the arrays as they are, or on contiguous rows in buffers, to which strided operands
/// are gathered. It also decides how long a tile may be: the whole row if nothing passes through a
/// buffer. Then it walks the outer axes, and for each position runs all steps on one tile after the
/// other. Deciding first makes the walk cheap: a tile costs little more than the calls of its
/// kernels.
template <class T>
class LoopExecutor {
 public:
  /// The arrays of the fused loop begin at `data`. If there are totals, a step that reduces the
  /// whole space to one number leaves it in totals[step] instead of its array.
  LoopExecutor(const IterationSpace& space, const FusedLoop<T>& loop, T* const* data,
               double* totals);
  void run();

 private:
  using Operand = typename FusedLoop<T>::Operand;
  using Step = typename FusedLoop<T>::Step;
  using Function = typename Kernel<T>::Function;
  static constexpr Operand first_row = FusedLoop<T>::first_row;

  /// How a step runs. The functions are those of its kernel that fit; null if they are not used.
  struct Way {
    Function function = nullptr;  ///< stores a row of results, or works on the array itself
    T (*sum)(const T* const* in, Index n) = nullptr;  ///< returns the sum of the results
    typename Pairs<T>::Function pair = nullptr;  ///< adds results to one array, subtracts from one
    bool direct = false;                         ///< results go to the array, without a buffer
    bool reduces = false;      ///< results along the innermost axis become one number
    bool every_other = false;  ///< operands are read where they lie, as every other element
    bool totals = false;       ///< the number is one for the whole loop, and goes to the totals
    T* total_of = nullptr;     ///< the number that `total` is for; null before the first tile
    double total = 0;          ///< what has been accumulated for that number
  };

  static bool is_row(Operand operand) { return operand >= first_row; }
  static bool is_copy(const Step& s) { return s.kernel == &Builtin<T>::copy; }
  static bool is_sum(const Step& s) { return s.reduction == &Builtin<T>::sum; }
  static bool has_array(const Step& s) { return s.out != FusedLoop<T>::no_array; }
  static bool has_pair(const Step& s) { return s.minus != FusedLoop<T>::no_array; }
  bool contiguous(Operand array) const { return space_.step(array) == 1 || space_.length() == 1; }

  bool lies(const Step& s, Index by, bool numbers) const;
  void prepare(int step);
  void prepare_kernel(const Step& s, Way& way);
  void prepare_pair(const Step& s, Way& way) const;
  Index longest_tile(const Step& s, const Way& way) const;
  void for_outer(Index from, auto each);
  bool runs_alone() const;
  void run_alone(T* const* at, Index length);
  void tile(T* const* at, Index from, Index length);
  void run_tiles(T* const* at, Index length);
  [[gnu::always_inline]] void step(int i, auto now, Index length);
  const T* around(const Step& s, T* row, auto now, Index length);
  const T* fetch(int array, const T* x, Index length);
  const T* put(int step, T* out, const T* const* in, Index length);
  const T* results(int step, const T* const* in, Index length);
  void accumulate(int step, T* out, const T* const* in, Index length);
  void finish(int step);
  T* buffer(int i) { return buffers_ + i * tile_length; }

  /// Memory for buffers, one arena for each thread, since blocks run on several.
  static Arena& scratch() {
    thread_local Arena arena;
    return arena;
  }

  const IterationSpace& space_;
  const FusedLoop<T>& loop_;
  T* const* data_;
  double* totals_;
  const ArenaScope memory_{scratch()};
  T* buffers_;  ///< rows of results of the steps, then gathered arrays
  Index tile_;  ///< length of a tile
  Way* ways_;   ///< one for each step
  /// Whether tiles follow each other along a row; otherwise the first tiles of all rows come first.
  bool by_rows_;
  /// For each array, whether some step needs it as a contiguous row, which it is not.
  bool gathers_[IterationSpace::max_arrays];
  /// For each array, the place from which its buffer was filled last.
  const T* gathered_[IterationSpace::max_arrays];
  const T* operand_[first_row + FusedLoop<T>::max_steps];  ///< the rows of this tile, by operand
};

}  // namespace autograd
