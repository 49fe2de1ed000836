/// Runs fused loops. For fused_loop.cpp.
#pragma once

#include "autograd/loops/fused_loop.hpp"

namespace autograd {

/// Walks the arrays of a fused loop.
template <class T>
class LoopExecutor {
 public:
  /// The arrays of the fused loop begin at `data`. What a step reduces to one number for the whole
  /// space goes to totals[step], if there are totals, beginning with the neutral element of the
  /// reduction.
  LoopExecutor(const IterationSpace& space, const FusedLoop<T>& loop, T* const* data,
               double* totals);
  void run();

 private:
  using Operand = typename FusedLoop<T>::Operand;
  using Step = typename FusedLoop<T>::Step;
  using Function = typename Kernel<T>::Function;
  static constexpr Operand first_row = FusedLoop<T>::first_row;

  /// How a step runs.
  struct Way {
    Function function = nullptr;  ///< stores a row of results, or works on the array itself
    T (*sum)(const T* const* in, Index n) = nullptr;  ///< of the results
    typename Pairs<T>::AddBoth add_both = nullptr;    ///< for all three steps, as below
    typename Pairs<T>::AddNeighbours add_neighbours = nullptr;
    bool direct = false;   ///< on the array
    bool reduces = false;  ///< to one number, along the innermost axis
    bool apart = false;    ///< reads elements of arrays that are not neighbours, where they are
    int steps = 1;         ///< that run as one: a row is added, and subtracted in another place; or
                           ///< a row is made, and that is done with it
    bool totals = false;   ///< that number is one for the whole loop, and goes to the totals
    T* total_of = nullptr;  ///< which number; null before the first tile
    double total = 0;
  };

  static bool is_row(Operand operand) { return operand >= first_row; }
  static bool is_copy(const Step& s) { return s.kernel == &Builtin<T>::copy; }
  static bool is_sum(const Step& s) { return s.reduction == &Builtin<T>::sum; }
  static bool has_array(const Step& s) { return s.out != FusedLoop<T>::no_array; }
  bool contiguous(Operand array) const { return space_.step(array) == 1 || space_.length() == 1; }

  bool lies(const Step& s, Index by, bool numbers) const;
  void prepare(int step);
  void prepare_kernel(const Step& s, Way& way);
  bool adds_and_subtracts(int step, Operand row) const;
  bool is_read_later(int step) const;
  bool adds_to_pair(int step);
  Index longest_tile(const Step& s, const Way& way) const;
  void for_outer(Index from, auto each);
  bool runs_alone() const;
  void run_alone(T* const* at, Index length);
  void tile(T* const* at, Index from, Index length);
  [[gnu::always_inline]] void step(int i, auto now, Index length);
  void add_to_pair(int i, auto now, const T* const* in, Index length);
  const T* around(const Step& s, T* row, auto now, Index length);
  const T* fetch(int array, const T* x, Index length);
  const T* put(int step, T* out, const T* const* in, Index length);
  const T* results(int step, const T* const* in, Index length);
  void accumulate(int step, T* out, const T* const* in, Index length);
  void finish(int step);
  T* buffer(int i) { return buffers_ + i * tile_length; }

  static Arena& scratch() {
    thread_local Arena arena;
    return arena;
  }

  const IterationSpace& space_;
  const FusedLoop<T>& loop_;
  T* const* data_;
  double* totals_;
  const ArenaScope memory_{scratch()};
  T* buffers_;    ///< rows of results of the steps, then gathered arrays
  Index tile_;    ///< length of a tile
  Way* ways_;     ///< of all steps: made for those that there are
  bool by_rows_;  ///< tile after tile along a row, and not all first tiles, then all second ones
  bool
      gathers_[IterationSpace::max_arrays];  ///< some step needs the array as a row, and it is none
  const T* gathered_[IterationSpace::max_arrays];  ///< the numbers that fill the buffers of arrays
  const T* operand_[first_row + FusedLoop<T>::max_steps];  ///< where operands of this tile are
};

}  // namespace autograd
