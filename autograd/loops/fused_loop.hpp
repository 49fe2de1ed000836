/// Fused loops: kernels that run one after the other on each tile, while it is in the cache, so
/// that what a chain of elementwise operations reads and writes goes through memory once.
#pragma once

#include "autograd/loops/iteration_space.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/loops/stencil.hpp"

namespace autograd {

struct Split;
template <class T>
class Chunks;

/// A list of steps over a common shape. A step calls a kernel with operands: arrays in memory,
/// which broadcast to the shape, and rows, the results of earlier steps, which live as long as a
/// tile. Operands are numbers: below `first_row` that of an array, from there on that of a step.
/// For the gradient of norm(diff(x)), with g and the parts of x and of its gradient as arrays 0 to
/// 4:
///
///     array 3 +=, array 4 -=  rule of norm (0, 1, 2)
///
/// where the rule makes g * (x[i + 1] - x[i]), array 3 is gradient[i + 1], and array 4 gradient[i].
///
/// The list has fixed arrays of three kilobytes and lives on the stack or in an arena, as all that
/// loops need does: a warm gradient takes no heap memory. Only the entries in use are initialised.
template <class T>
class FusedLoop {
 public:
  using Operand = std::uint8_t;
  using Operands = std::span<const Operand>;
  static constexpr int max_steps = 64;
  static constexpr int max_values = IterationSpace::max_arrays + max_steps;

  static constexpr Operand no_array = 255;

  explicit FusedLoop(std::span<const Index> shape) : shape_(shape) {}

  /// Makes an operand of an array in memory.
  Operand array(View<const T> array);
  /// Adds a step that makes a row of kernel(in...).
  Operand row(const Kernel<T>& kernel, Operands in) { return store(no_array, kernel, in); }
  /// Adds a step that makes a row of kernel(in...) and stores it in the array `out`, which has the
  /// whole shape; `no_array` stands for none.
  Operand store(Operand out, const Kernel<T>& kernel, Operands in) {
    return step(&kernel, nullptr, out, in);
  }
  /// Adds a step that combines kernel(in...) into the array `out`, by default as a sum. The array
  /// broadcasts to the shape, and holds the neutral element or earlier results.
  void accumulate(Operand out, const Kernel<T>& kernel, Operands in,
                  const Reduction<T>& reduction = Builtin<T>::sum) {
    step(&kernel, &reduction, out, in);
  }
  /// Adds a step that adds kernel(in...) to the array `plus` and subtracts it from the array
  /// `minus`: the vjp of a difference. Both have the whole shape, and lie alike.
  void add_and_subtract(Operand plus, Operand minus, const Kernel<T>& kernel, Operands in) {
    step(&kernel, &Builtin<T>::sum, plus, in);
    list_[steps_ - 1].minus = minus;
    writes_[minus] = true;
  }
  /// Adds a step that makes a row of weighted sums around places in the array `x`, and may store it
  /// in the array `out`. `scatter_around` adds its adjoint, which adds to the array `out`. The
  /// places that a stencil sees are counted along the last axis of the fused loop. Along that axis
  /// x (or out) is contiguous and the weights do not change.
  Operand sum_around(const Stencil& stencil, Operand out, Operand x, Operand weights) {
    const Operand in[] = {x, weights};
    return step(nullptr, nullptr, out, in, &stencil);
  }
  void scatter_around(const Stencil& stencil, Operand out, Operand g, Operand weights) {
    const Operand in[] = {g, weights};
    step(nullptr, &Builtin<T>::sum, out, in, &stencil);
  }
  /// Whether this loop may run in chunks of an array of that size and gains by it: every step only
  /// adds to arrays in memory or makes a row, and the array has at least two chunks.
  bool gains_by_chunks(Index size) const;
  void run() const;
  /// Runs along an iteration space of the arrays that the caller has planned.
  void run(const IterationSpace& space) const;

 private:
  template <class>
  friend class LoopExecutor;
  friend class Chunks<T>;

  static constexpr Operand first_row = 64;

  struct Step {
    const Kernel<T>* kernel;
    const Reduction<T>* reduction;  ///< null if results are stored, and not combined
    const Stencil* stencil;         ///< null unless it stands in place of the kernel
    Operand out;
    Operand minus;  ///< the array from which results are subtracted, besides; mostly none
    std::uint8_t count;
    Operand in[max_operands];
  };

  bool reduces_to_number(const IterationSpace& space, int step) const {
    return list_[step].reduction != nullptr && space.is_number(list_[step].out);
  }
  IterationSpace space() const;
  int first_in(View<const T> memory) const;
  void run_between(IterationSpace space, int array, const T* from, const T* to) const;
  Index output_shift(const IterationSpace& space, int array) const;
  bool may_split(const IterationSpace& space, int axis) const;
  Split split(const IterationSpace& space) const;
  void run_block(const IterationSpace& space, const Split& split, int block, double* totals) const;
  void combine(const IterationSpace& space, int blocks, const double (*totals)[max_steps]) const;
  Operand step(const Kernel<T>* kernel, const Reduction<T>* reduction, Operand out, Operands in,
               const Stencil* stencil = nullptr);

  std::span<const Index> shape_;
  int arrays_ = 0;
  int steps_ = 0;
  bool in_order_ = false;  ///< axes must keep their order, because there are stencils
  bool writes_[IterationSpace::max_arrays];  ///< for each array, whether a step writes to it
  T* data_[IterationSpace::max_arrays];
  const Layout* layouts_[IterationSpace::max_arrays];
  Step list_[max_steps];
};

/// Fused loops that read parts of one large array, or add to them, and write by adding only. All of
/// them run for the first chunk of that array, then all for the second, and so on, so that the
/// array goes through memory once and not once for each loop. The order does not depend on the
/// number of threads.
template <class T>
class Chunks {
 public:
  static constexpr Index bytes = 1 << 18;  ///< the length of a chunk
  static constexpr std::size_t most = 8;   ///< the largest number of loops

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == most; }
  void clear() { count_ = 0; }
  void add(const FusedLoop<T>* loop) { loops_[count_++] = loop; }
  /// Runs the fused loops over the array that they share, and empties the list.
  void run(View<const T> shared);

 private:
  const FusedLoop<T>* loops_[most];
  std::size_t count_ = 0;
};

}  // namespace autograd
