#include "autograd/loops/loop_executor.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace autograd {

namespace {

/// Whether neighbours along the innermost axis are near each other in every array, and nearer than
/// those along the next axis. If they are not, a line of memory holds elements of several rows, and
/// the same tile of the next rows should follow while the line is in the cache.
bool lies_in_rows(const IterationSpace& space) {
  for (int k = 0; k < space.arrays; ++k) {
    const Index step = std::abs(space.step(k));
    const Index next = space.rank < 2 ? 0 : std::abs(space.stride[k][1]);
    if (step > 8 || (0 < next && next < step)) return false;
  }
  return true;
}

}  // namespace

template <class T>
LoopExecutor<T>::LoopExecutor(const IterationSpace& space, const FusedLoop<T>& loop, T* const* data,
                              double* totals)
    : space_(space), loop_(loop), data_(data), totals_(totals) {
  buffers_ = scratch().take<T>((loop.steps_ + loop.arrays_) * std::size_t(tile_length));
  tile_ = space.length();
  by_rows_ = lies_in_rows(space);
  std::fill_n(gathered_, loop.arrays_, nullptr);
  std::fill_n(gathers_, loop.arrays_, false);
  ways_ = scratch().take<Way>(static_cast<std::size_t>(loop.steps_));
  std::fill_n(ways_, loop.steps_, Way{});
  for (int i = 0; i < loop.steps_; ++i) {
    prepare(i);
    tile_ = std::min(tile_, longest_tile(loop.list_[i], ways_[i]));
    by_rows_ |= ways_[i].reduces;
  }
}

/// Whether the elements of all operands lie `by` apart along the innermost axis; if `numbers`,
/// those that the kernel takes as single numbers must be such.
template <class T>
bool LoopExecutor<T>::lies(const Step& s, Index by, bool numbers) const {
  if (numbers && s.kernel->scalar_operands == 0) return false;
  for (int k = 0; k < s.count; ++k) {
    const bool is_scalar = numbers && (s.kernel->scalar_operands >> k & 1);
    if (is_row(s.in[k]) ? is_scalar || by != 1 : space_.step(s.in[k]) != (is_scalar ? 0 : by))
      return false;
  }
  return true;
}

/// Chooses the form of the kernel, if there is one, that adds results to one array and subtracts
/// them from another without a row between.
template <class T>
void LoopExecutor<T>::prepare_pair(const Step& s, Way& way) const {
  if (s.kernel->pairs == nullptr) return;
  const Pairs<T>& pairs = *s.kernel->pairs;
  const Index by = space_.step(s.out), distance = data_[s.out] - data_[s.minus];
  if (by == 1 && std::abs(distance) >= space_.length()) {
    way.pair = lies(s, 1, true)    ? pairs.distant_with_scalars
               : lies(s, 1, false) ? pairs.distant
                                   : nullptr;
  } else if (distance == by && (by == 1 || by == 2) && lies(s, by, true)) {
    way.pair = by == 1 ? pairs.neighbours : pairs.every_other;
    way.every_other = by != 1;
  }
}

/// Decides how a step runs.
template <class T>
void LoopExecutor<T>::prepare(int step) {
  const Step& s = loop_.list_[step];
  Way& way = ways_[step];
  if (s.stencil != nullptr) {
    if (s.reduction != nullptr && !is_row(s.in[0])) gathers_[s.in[0]] |= !contiguous(s.in[0]);
  } else {
    if (has_pair(s)) prepare_pair(s, way);
    if (way.pair == nullptr) prepare_kernel(s, way);
  }
}

/// Chooses the functions of the kernel, and notes which operands must be gathered for them.
template <class T>
void LoopExecutor<T>::prepare_kernel(const Step& s, Way& way) {
  const Kernel<T>& kernel = *s.kernel;
  way.reduces = s.reduction != nullptr && space_.step(s.out) == 0 && space_.length() > 1;
  way.totals = way.reduces && totals_ != nullptr && space_.is_number(s.out);
  way.direct = has_array(s) && !has_pair(s) && contiguous(s.out) && !way.reduces &&
               (s.reduction == nullptr || is_sum(s));
  const bool with_scalars = lies(s, 1, true) && !way.reduces;
  if (way.reduces && is_sum(s)) {
    way.every_other =
        kernel.pairs != nullptr && kernel.pairs->sum_every_other != nullptr && lies(s, 2, false);
    way.sum = way.every_other ? kernel.pairs->sum_every_other : kernel.sum;
  }
  const bool adds = way.direct && s.reduction != nullptr;
  way.function = with_scalars ? (adds ? kernel.add_with_scalars : kernel.store_with_scalars)
                              : (adds ? kernel.add : kernel.store);
  for (int k = 0; k < s.count && !with_scalars && !way.every_other; ++k) {
    if (!is_row(s.in[k])) gathers_[s.in[k]] |= !contiguous(s.in[k]);
  }
}

/// The longest tile with which a step can deal: a whole row if it works on arrays as they are, the
/// longest sum in T if it sums them, and the length of a buffer otherwise.
template <class T>
Index LoopExecutor<T>::longest_tile(const Step& s, const Way& way) const {
  if (s.stencil != nullptr) return tile_length;
  for (int k = 0; k < s.count; ++k) {
    if (is_row(s.in[k]) || (gathers_[s.in[k]] && !way.every_other)) return tile_length;
  }
  const bool copies_to_pair = has_pair(s) && is_copy(s) && contiguous(s.out);
  if (way.direct || way.pair != nullptr || copies_to_pair) return space_.length();
  return way.sum != nullptr || (way.reduces && is_copy(s)) ? longest_sum : tile_length;
}

namespace {

/// The length of the next tile of a row of which `rest` elements are left. No tile has a single
/// element, unless the row does: kernels compute it as a number, and it would differ from the
/// others in the last digit.
Index next_tile(Index longest, Index rest) {
  return rest == longest + 1 ? longest - 1 : std::min(longest, rest);
}

}  // namespace

template <class T>
void LoopExecutor<T>::run() {
  const Index part = by_rows_ ? space_.length() : tile_;
  const bool alone = runs_alone();
  for (Index from = 0; from < space_.length();) {
    const Index length = next_tile(part, space_.length() - from);
    if (alone && length <= tile_) {
      for_outer(from, [&](T* const* at) { run_alone(at, length); });
    } else {
      for_outer(from, [&](T* const* at) { run_tiles(at, length); });
    }
    from += length;
  }
  for (int i = 0; i < loop_.steps_; ++i) finish(i);
}

/// Calls each(at) for all positions of the outer axes, where the arrays are at `at`, at the place
/// `from` of the innermost axis.
template <class T>
void LoopExecutor<T>::for_outer(Index from, auto each) {
  T* at[IterationSpace::max_arrays];
  for (int k = 0; k < space_.arrays; ++k) at[k] = data_[k] + from * space_.step(k);
  Index count[max_rank] = {};
  while (true) {
    each(at);
    int axis = 1;
    for (; axis < space_.rank; ++axis) {
      for (int k = 0; k < space_.arrays; ++k) at[k] += space_.stride[k][axis];
      if (++count[axis] < space_.shape[axis]) break;
      count[axis] = 0;
      for (int k = 0; k < space_.arrays; ++k) at[k] -= space_.stride[k][axis] * space_.shape[axis];
    }
    if (axis >= space_.rank) return;
  }
}

/// Whether the whole loop is calls of one kernel with the arrays as they are. Then each position
/// takes one call, and nothing is prepared for the tile.
template <class T>
bool LoopExecutor<T>::runs_alone() const {
  const Way& way = ways_[0];
  return loop_.steps_ == 1 && loop_.list_[0].stencil == nullptr &&
         (way.direct || way.pair != nullptr || way.sum != nullptr) &&
         std::none_of(gathers_, gathers_ + loop_.arrays_, std::identity());
}

template <class T>
void LoopExecutor<T>::run_alone(T* const* at, Index length) {
  const Step& s = loop_.list_[0];
  const T* in[max_operands];
  for (int k = 0; k < s.count; ++k) in[k] = at[s.in[k]];
  if (ways_[0].pair != nullptr) {
    ways_[0].pair(at[s.out], at[s.minus], in, length);
  } else if (ways_[0].direct) {
    ways_[0].function(at[s.out], in, length);
  } else {
    accumulate(0, at[s.out], in, length);
  }
}

/// Runs a step on a tile, where now(array) is the place of an array: as `prepare` has decided, with
/// a stencil, on two arrays, on its array, or through a buffer.
template <class T>
inline void LoopExecutor<T>::step(int i, auto now, Index length) {
  const Step& s = loop_.list_[i];
  const Way& way = ways_[i];
  if (s.stencil != nullptr) {
    operand_[first_row + i] = around(s, buffer(i), now, length);
    return;
  }
  const T* in[max_operands];
  for (int k = 0; k < s.count; ++k) in[k] = way.every_other ? now(s.in[k]) : operand_[s.in[k]];
  if (way.pair != nullptr) {
    way.pair(now(s.out), now(s.minus), in, length);
  } else if (has_pair(s)) {
    scatter_difference(now(s.out), now(s.minus), space_.step(s.out), results(i, in, length),
                       length);
  } else if (way.direct) {
    T* const out = now(s.out);
    way.function(out, in, length);
    operand_[first_row + i] = out;
  } else {
    operand_[first_row + i] =
        has_array(s) ? put(i, now(s.out), in, length) : results(i, in, length);
  }
}

/// Runs all steps on the tile of `length` elements that begins `from` elements after the arrays at
/// `at`.
template <class T>
void LoopExecutor<T>::tile(T* const* at, Index from, Index length) {
  const auto now = [&](int array) { return at[array] + from * space_.step(array); };
  for (int k = 0; k < space_.arrays; ++k) {
    operand_[k] = gathers_[k] ? fetch(k, now(k), length) : now(k);
  }
  for (int i = 0; i < loop_.steps_; ++i) step(i, now, length);
}

/// Runs all steps on a row, tile by tile.
template <class T>
void LoopExecutor<T>::run_tiles(T* const* at, Index length) {
  for (Index from = 0; from < length;) {
    const Index count = next_tile(tile_, length - from);
    tile(at, from, count);
    from += count;
  }
}

/// Runs a step with a stencil, which reads the places around its elements in the array itself.
template <class T>
const T* LoopExecutor<T>::around(const Step& s, T* row, auto now, Index length) {
  const T* weights = now(s.in[1]);
  if (s.reduction != nullptr) {
    scatter_around(*s.stencil, now(s.out), operand_[s.in[0]], weights, length);
    return nullptr;
  }
  T* out = has_array(s) ? now(s.out) : row;
  sum_around<T>(*s.stencil, out, now(s.in[0]), weights, length);
  return out;
}

/// Returns a tile of an array as a contiguous row, in a buffer. A number that is broadcast along
/// the row fills the buffer once and not for each tile.
template <class T>
const T* LoopExecutor<T>::fetch(int array, const T* x, Index length) {
  if (length == 1) return x;
  T* row = buffer(loop_.steps_ + array);
  const Index by = space_.step(array);
  if (gathered_[array] == x && by == 0) return row;
  gathered_[array] = x;
  if (by != 0) return gather(x, by, length, row);
  std::fill_n(row, std::min(tile_length, space_.length()), *x);
  return row;
}

/// Returns the results of a step as a contiguous row. A copy needs no buffer: its operand is the
/// row.
template <class T>
const T* LoopExecutor<T>::results(int step, const T* const* in, Index length) {
  if (is_copy(loop_.list_[step])) return in[0];
  ways_[step].function(buffer(step), in, length);
  return buffer(step);
}

/// Brings the results of a step to its array if the kernel cannot: if they are reduced, scattered,
/// or combined otherwise than by addition.
template <class T>
const T* LoopExecutor<T>::put(int step, T* out, const T* const* in, Index length) {
  const Step& s = loop_.list_[step];
  if (ways_[step].reduces) return accumulate(step, out, in, length), nullptr;
  const Index by = space_.step(s.out);
  const T* x = results(step, in, length);
  if (s.reduction == nullptr || is_sum(s)) {
    scatter(out, by, x, length, s.reduction != nullptr);
  } else if (by == 1) {
    s.reduction->merge(out, x, length);
  } else {
    for (Index i = 0; i < length; ++i) s.reduction->merge(out + i * by, x + i, 1);
  }
  return x;
}

/// Stores the total that a step has accumulated for one number, before it begins with another one.
template <class T>
void LoopExecutor<T>::finish(int step) {
  const Way& way = ways_[step];
  if (way.total_of == nullptr) return;
  if (way.totals) {
    totals_[step] = way.total;
  } else {
    *way.total_of = static_cast<T>(way.total);
  }
}

/// Accumulates a tile of results into one number, in double. The number stays in `way.total` as
/// long as tiles go to the same one.
template <class T>
void LoopExecutor<T>::accumulate(int step, T* out, const T* const* in, Index length) {
  const Step& s = loop_.list_[step];
  Way& way = ways_[step];
  if (way.total_of != out) {
    finish(step);
    way.total_of = out;
    way.total = way.totals && is_sum(s) ? 0 : double(*out);
  }
  way.total = way.sum != nullptr ? way.total + way.sum(in, length)
                                 : s.reduction->tile(way.total, results(step, in, length), length);
}

template class LoopExecutor<float>;
template class LoopExecutor<double>;

}  // namespace autograd
