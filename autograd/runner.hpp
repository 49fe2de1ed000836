/// Runs programs along walks. For program.cpp.
#pragma once

#include "autograd/program.hpp"

namespace autograd {

/// Walks the arrays of a program.
template <class T>
class Runner {
 public:
  /// The arrays of the program begin at `data`. What a step folds to one number for the whole walk
  /// goes to totals[step], if there are totals, beginning with the neutral element of the fold.
  Runner(const Walk& walk, const Program<T>& program, T* const* data, double* totals);
  void run();

 private:
  using Place = typename Program<T>::Place;
  using Step = typename Program<T>::Step;
  using Function = typename Kernel<T>::Function;
  static constexpr Place first_row = Program<T>::first_row;

  /// How a step runs.
  struct Way {
    Function function;  ///< stores a row of results, or works on the array itself
    bool direct;        ///< on the array
    bool reduces;       ///< to one number, along the innermost axis
    bool with_next;     ///< adds a row, and the next step subtracts it one place before
    T* total_of;        ///< which number; null before the first tile
    double total;
  };

  static bool is_row(Place place) { return place >= first_row; }
  static bool is_copy(const Step& s) { return s.kernel == &Builtin<T>::copy; }
  static bool is_sum(const Step& s) { return s.fold == &Builtin<T>::sum; }
  static bool has_array(const Step& s) { return s.out != Program<T>::no_array; }
  bool contiguous(Place array) const { return walk_.step(array) == 1 || walk_.length() == 1; }

  bool spreads(const Step& s, bool reduces) const;
  void prepare(const Step& s, Way& way);
  bool adds_difference(int step) const;
  Index longest_tile(const Step& s, const Way& way) const;
  void for_outer(Index from, Index length);
  void tile(T* const* at, Index from, Index length);
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

  const Walk& walk_;
  const Program<T>& program_;
  T* const* data_;
  double* totals_;
  const ArenaScope memory_{scratch()};
  T* buffers_;    ///< rows of results of the steps, then gathered arrays
  Index tile_;    ///< length of a tile
  bool by_rows_;  ///< tile after tile along a row, and not all first tiles, then all second ones
  Way ways_[Program<T>::max_steps];
  bool gathers_[Walk::max_arrays];       ///< some step needs the array as a row, and it is none
  const T* gathered_[Walk::max_arrays];  ///< the numbers that fill the buffers of arrays
  const T* place_[first_row + Program<T>::max_steps];  ///< where operands of this tile are
};

}  // namespace autograd
