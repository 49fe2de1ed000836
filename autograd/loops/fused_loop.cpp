#include "autograd/loops/fused_loop.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <utility>

#include "autograd/loops/loop_executor.hpp"
#include "autograd/loops/parallel_for.hpp"
#include "autograd/threads.hpp"

namespace autograd {

template <class T>
typename FusedLoop<T>::Operand FusedLoop<T>::array(View<const T> array) {
  if (arrays_ == IterationSpace::max_arrays) throw std::logic_error("fused loop: too many arrays");
  writes_[arrays_] = false;
  data_[arrays_] = const_cast<T*>(array.data);
  layouts_[arrays_] = array.layout;
  return static_cast<Operand>(arrays_++);
}

template <class T>
typename FusedLoop<T>::Operand FusedLoop<T>::step(const Kernel<T>* kernel,
                                                  const Reduction<T>* reduction, Operand out,
                                                  Operands in, const Stencil* stencil) {
  if (steps_ == max_steps) throw std::logic_error("fused loop: too many steps");
  const auto count = static_cast<std::uint8_t>(in.size());
  list_[steps_] = {kernel, reduction, stencil, out, no_array, count, {}};
  std::copy(in.begin(), in.end(), list_[steps_].in);
  if (out != no_array) writes_[out] = true;
  in_order_ |= stencil != nullptr;
  return static_cast<Operand>(first_row + steps_++);
}

/// A division of an iteration space among threads: `count` blocks of `extent` places along one
/// axis, of which the last takes the rest. Blocks run at the same time without locks, so no two may
/// write to the same place (may_split). A number to which all blocks add is the exception: each
/// block has a total of its own, and these are added in order at the end (combine). The division
/// depends on the shape and the steps, not on the number of threads, and is made for one thread too
/// if there are such numbers: so the same additions are done in the same order, and results are the
/// same to the last bit.
struct Split {
  int axis = 0;
  Index extent = 0;
  int count = 1;

  Index from(int block) const { return block * extent; }
  Index extent_of(int block, Index whole) const {
    return block + 1 < count ? extent : whole - from(block);
  }
};

namespace {

constexpr int most_blocks = 64;

/// The lowest and the highest offset of an element of an array.
std::pair<Index, Index> range_of(const IterationSpace& space, int array) {
  Index low = 0, high = 0;
  for (int axis = 0; axis < space.rank; ++axis) {
    const Index far = space.stride[array][axis] * (space.shape[axis] - 1);
    (far < 0 ? low : high) += far;
  }
  return {low, high};
}

/// Whether blocks along an axis write to places of their own, even if steps also write the same
/// places shifted by `output_shift`. That is so if a step along the axis, and along any axis of
/// larger stride, leads beyond everything that the axes of smaller strides reach. If the elements
/// of a row are two apart, a row must also lie in one block with what is between its elements:
/// kernels write that again, unchanged.
bool writes_disjoint_blocks(const IterationSpace& space, int array, int axis, Index output_shift) {
  const auto stride = [&](int i) { return std::abs(space.stride[array][i]); };
  if (stride(axis) == 0 || (stride(0) == 2 && stride(axis) < 2)) return false;
  for (int i = 0; i < space.rank; ++i) {
    if (stride(i) < stride(axis)) continue;
    Index reach = output_shift;
    for (int j = 0; j < space.rank; ++j) {
      if (j != i && stride(j) <= stride(i)) reach += stride(j) * (space.shape[j] - 1);
    }
    if (stride(i) <= reach) return false;
  }
  return true;
}

}  // namespace

/// The largest distance by which steps write the places of an array shifted: through another array
/// in the same memory, such as the other part of a difference, or around each place. 0 if there is
/// no such step, -1 if one writes in another pattern.
template <class T>
Index FusedLoop<T>::output_shift(const IterationSpace& space, int array) const {
  const auto [low, high] = range_of(space, array);
  Index shift = 0;
  for (const Step& s : std::span(list_, static_cast<std::size_t>(steps_))) {
    if (s.out == array && s.stencil != nullptr && s.reduction != nullptr) {
      shift = std::max(shift, s.stencil->reach());
    }
  }
  for (int other = 0; other < arrays_; ++other) {
    if (other == array || !writes_[other]) continue;
    const auto [other_low, other_high] = range_of(space, other);
    const std::less_equal<const T*> before;
    const bool overlap = before(data_[array] + low, data_[other] + other_high) &&
                         before(data_[other] + other_low, data_[array] + high);
    if (!overlap) continue;
    if (!same_strides(space, array, other)) return -1;
    shift = std::max(shift, std::abs(data_[array] - data_[other]));
  }
  return shift;
}

template <class T>
bool FusedLoop<T>::may_split(const IterationSpace& space, int axis) const {
  for (int k = 0; k < arrays_; ++k) {
    if (!writes_[k] || space.is_number(k)) continue;
    const Index shift = output_shift(space, k);
    if (shift < 0 || !writes_disjoint_blocks(space, k, axis, shift)) return false;
  }
  return true;
}

/// Chooses the outermost axis that can be divided. A loop that is short stays whole; so does one
/// that sums nothing to a number, if there is one thread.
template <class T>
Split FusedLoop<T>::split(const IterationSpace& space) const {
  Index work = 0;
  bool sums = false;
  for (int i = 0; i < steps_; ++i) {
    work += list_[i].minus == no_array ? 1 : 3;  // a row, which is added and subtracted
    sums |= reduces_to_number(space, i);
  }
  work *= element_count({space.shape, static_cast<std::size_t>(space.rank)});
  if (work < 2 * grain || (!sums && num_threads() == 1)) return {};
  const Index blocks = std::min<Index>(most_blocks, work / grain);
  for (int axis = space.rank - 1; axis >= 0; --axis) {
    const Index unit = axis == 0 ? longest_sum : 1, places = space.shape[axis];
    const Index extent = (places + blocks * unit - 1) / (blocks * unit) * unit;
    if (places < 2 * extent || !may_split(space, axis)) continue;
    return {axis, extent, static_cast<int>(places / extent)};
  }
  return {};
}

template <class T>
void FusedLoop<T>::run_block(const IterationSpace& space, const Split& split, int block,
                             double* totals) const {
  IterationSpace part = space;
  part.shape[split.axis] = split.extent_of(block, space.shape[split.axis]);
  T* data[IterationSpace::max_arrays];
  for (int k = 0; k < arrays_; ++k) {
    data[k] = data_[k] + split.from(block) * space.stride[k][split.axis];
  }
  LoopExecutor<T>(part, *this, data, totals).run();
}

/// Combines the totals of the blocks, in their order, into the numbers to which the steps reduce.
template <class T>
void FusedLoop<T>::combine(const IterationSpace& space, int blocks,
                           const double (*totals)[max_steps]) const {
  for (int i = 0; i < steps_; ++i) {
    if (!reduces_to_number(space, i)) continue;
    const Step& s = list_[i];
    double total = *data_[s.out];
    for (int block = 0; block < blocks; ++block) {
      const T part = static_cast<T>(totals[block][i]);
      total = s.reduction == &Builtin<T>::sum ? total + totals[block][i]
                                              : s.reduction->tile(total, &part, 1);
    }
    *data_[s.out] = static_cast<T>(total);
  }
}

template <class T>
void FusedLoop<T>::run(const IterationSpace& space) const {
  const Split parts = split(space);
  if (parts.count == 1) return LoopExecutor<T>(space, *this, data_, nullptr).run();
  double totals[most_blocks][max_steps];
  parallel_for(parts.count, [&](int block) { run_block(space, parts, block, totals[block]); });
  combine(space, parts.count, totals);
}

template <class T>
IterationSpace FusedLoop<T>::space() const {
  IterationSpace space;
  const std::span<const Layout* const> layouts(layouts_, static_cast<std::size_t>(arrays_));
  if (in_order_ || !plan_flat(space, element_count(shape_), layouts)) {
    plan(space, shape_, layouts, in_order_);
  }
  return space;
}

template <class T>
void FusedLoop<T>::run() const {
  if (element_count(shape_) > 0) run(space());
}

template <class T>
bool FusedLoop<T>::gains_by_chunks(Index size) const {
  if (size * Index(sizeof(T)) < 2 * Chunks<T>::bytes) return false;
  return std::all_of(list_, list_ + steps_, [](const Step& s) {
    return s.out == no_array || s.reduction == &Builtin<T>::sum;
  });
}

/// The number of the first array of the loop that begins inside of that memory.
template <class T>
int FusedLoop<T>::first_in(View<const T> memory) const {
  const std::less<const T*> before;
  const auto begins_there = [&](const T* data) {
    return !before(data, memory.data) && before(data, memory.data + memory.layout->size);
  };
  return static_cast<int>(std::find_if(data_, data_ + arrays_, begins_there) - data_);
}

/// Runs the part of the loop, along its outermost axis, for which the array's position lies between
/// `from` and `to`. A loop whose outermost axis does not move in the array runs whole in the chunk
/// in which the array begins. The first and the last element of a row stay with their neighbours,
/// since kernels compute a row of one element in another way.
template <class T>
void FusedLoop<T>::run_between(IterationSpace space, int array, const T* from, const T* to) const {
  const int axis = space.rank - 1;
  const Index step = space.rank == 0 ? 0 : space.stride[array][axis];
  FusedLoop part = *this;
  if (step > 0) {
    const Index extent = space.shape[axis];
    const auto place_of = [&](const T* at) {
      const auto place = std::clamp<Index>((at - data_[array] + step - 1) / step, 0, extent);
      if (axis > 0 || place == extent) return place;
      return place == 1 ? 0 : place == extent - 1 && place > 0 ? extent : place;
    };
    const Index first = place_of(from);
    space.shape[axis] = place_of(to) - first;
    for (int k = 0; k < arrays_; ++k) part.data_[k] += first * space.stride[k][axis];
    if (space.shape[axis] == 0) return;
  } else if (data_[array] < from || data_[array] >= to) {
    return;
  }
  part.run(space);
}

template <class T>
void Chunks<T>::run(View<const T> shared) {
  constexpr Index length = bytes / Index(sizeof(T));
  for (Index i = 0; i < shared.layout->size; i += length) {
    const T* from = shared.data + i;
    const T* to = shared.data + std::min(shared.layout->size, i + length);
    for (const FusedLoop<T>* each : std::span(loops_, count_)) {
      each->run_between(each->space(), each->first_in(shared), from, to);
    }
  }
  count_ = 0;
}

template class FusedLoop<float>;
template class FusedLoop<double>;
template class Chunks<float>;
template class Chunks<double>;

}  // namespace autograd
