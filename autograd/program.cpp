#include "autograd/program.hpp"

#include <cstdlib>
#include <stdexcept>

namespace autograd {

template <class T>
typename Program<T>::Place Program<T>::array(View<const T> array) {
  if (arrays_ == Walk::max_arrays) throw std::logic_error("program: too many arrays");
  data_[arrays_] = const_cast<T*>(array.data);
  layouts_[arrays_] = array.layout;
  return static_cast<Place>(arrays_++);
}

template <class T>
typename Program<T>::Place Program<T>::step(const Kernel<T>& kernel, const Fold<T>* fold, Place out,
                                            Places in) {
  if (steps_ == max_steps) throw std::logic_error("program: too many steps");
  list_[steps_] = {&kernel, fold, out, static_cast<std::uint8_t>(in.size()), {}};
  std::copy(in.begin(), in.end(), list_[steps_].in);
  return static_cast<Place>(first_row + steps_++);
}

/// Walks the arrays of a program.
template <class T>
class Runner {
 public:
  Runner(const Walk& walk, const Program<T>& program);
  void run();

 private:
  using Place = typename Program<T>::Place;
  using Step = typename Program<T>::Step;

  /// What a step adds up along the innermost axis: in double, over all tiles.
  struct Total {
    T* at;  ///< null before the first tile
    double value;
  };

  static bool is_row(Place place) { return place >= Program<T>::first_row; }
  static bool is_copy(const Step& s) { return s.kernel == &Builtin<T>::copy; }
  static bool is_sum(const Step& s) { return s.fold == &Builtin<T>::sum; }
  bool contiguous(Place array) const { return walk_.step(array) == 1 || walk_.length() == 1; }
  using Function = typename Kernel<T>::Function;
  bool has_array(const Step& s) const { return s.out != Program<T>::no_array; }
  bool reduces(const Step& s) const {
    return s.fold != nullptr && walk_.step(s.out) == 0 && walk_.length() > 1;
  }

  bool spreads(const Step& s) const;
  Function direct(const Step& s, bool spread) const;
  Index longest_tile(const Step& s, bool spread, bool direct) const;
  void for_outer(Index from, Index length);
  void tile(T* const* at, Index from, Index length);
  const T* fetch(Place place, const T* x, Index length);
  const T* results(int step, const T* const* in, Index length);
  const T* put(int step, T* out, const T* const* in, Index length);
  void accumulate(int step, T* out, const T* const* in, Index length);
  void finish(Total& total) {
    if (total.at != nullptr) *total.at = static_cast<T>(total.value);
  }
  T* buffer(int i) { return buffers_ + i * tile_length; }

  static Arena& scratch() {
    thread_local Arena arena;
    return arena;
  }

  const Walk& walk_;
  const Program<T>& program_;
  const ArenaScope memory_{scratch()};
  T* buffers_;  ///< rows of results of the steps, then gathered arrays
  Index tile_;  ///< length of a tile
  bool by_rows_;  ///< tile after tile along a row, and not all first tiles, then all second ones
  bool spreads_[Program<T>::max_steps];     ///< single numbers are taken as they are
  Function direct_[Program<T>::max_steps];  ///< where results go straight to an array
  Total totals_[Program<T>::max_steps];
  const T* rows_[Program<T>::max_steps];
  const T* gathered_[Walk::max_arrays];  ///< what the buffers of the arrays show
};

/// Whether neighbours along the innermost axis are near each other in every array. Where they are
/// not, a line of memory that was brought for one tile serves the same tile of the next rows.
bool lies_in_rows(const Walk& walk) {
  for (int k = 0; k < walk.arrays; ++k) {
    if (std::abs(walk.step(k)) > 8) return false;
  }
  return true;
}

template <class T>
Runner<T>::Runner(const Walk& walk, const Program<T>& program) : walk_(walk), program_(program) {
  const auto rows = static_cast<std::size_t>(program.steps_ + program.arrays_);
  buffers_ = scratch().take<T>(rows * tile_length);
  tile_ = walk.length();
  by_rows_ = lies_in_rows(walk);
  for (int i = 0; i < program.steps_; ++i) {
    const Step& s = program.list_[i];
    spreads_[i] = spreads(s);
    direct_[i] = direct(s, spreads_[i]);
    totals_[i].at = nullptr;
    tile_ = std::min(tile_, longest_tile(s, spreads_[i], direct_[i] != nullptr));
    by_rows_ |= reduces(s);
  }
  std::fill_n(gathered_, program.arrays_, nullptr);
}

/// Whether the kernel takes the numbers among its operands as they are.
template <class T>
bool Runner<T>::spreads(const Step& s) const {
  if (s.kernel->spread == 0 || reduces(s)) return false;
  for (int k = 0; k < s.count; ++k) {
    const bool single = s.kernel->spread >> k & 1;
    if (is_row(s.in[k]) ? single : walk_.step(s.in[k]) != (single ? 0 : 1)) return false;
  }
  return true;
}

template <class T>
typename Kernel<T>::Function Runner<T>::direct(const Step& s, bool spread) const {
  if (!has_array(s) || !contiguous(s.out) || reduces(s)) return nullptr;
  if (s.fold == nullptr) return spread ? s.kernel->store_spread : s.kernel->store;
  if (!is_sum(s)) return nullptr;
  return spread ? s.kernel->add_spread : s.kernel->add;
}

/// What does not lie in memory as one row goes through the buffers.
template <class T>
Index Runner<T>::longest_tile(const Step& s, bool spread, bool direct) const {
  for (int k = 0; k < s.count && !spread; ++k) {
    if (is_row(s.in[k]) || !contiguous(s.in[k])) return tile_length;
  }
  if (direct) return walk_.length();
  const bool sums = has_array(s) && reduces(s) && is_sum(s) && s.kernel->sum != nullptr;
  return sums || (has_array(s) && reduces(s) && is_copy(s)) ? longest_sum : tile_length;
}

template <class T>
void Runner<T>::run() {
  const Index part = by_rows_ ? walk_.length() : tile_;
  for (Index from = 0; from < walk_.length(); from += part) {
    for_outer(from, std::min(part, walk_.length() - from));
  }
  for (int i = 0; i < program_.steps_; ++i) finish(totals_[i]);
}

/// All positions of the outer axes, for `length` elements of the inner one.
template <class T>
void Runner<T>::for_outer(Index from, Index length) {
  T* at[Walk::max_arrays];
  for (int k = 0; k < walk_.arrays; ++k) at[k] = program_.data_[k] + from * walk_.step(k);
  Index count[max_rank] = {};
  while (true) {
    for (Index i = 0; i < length; i += tile_) tile(at, i, std::min(tile_, length - i));
    int axis = 1;
    for (; axis < walk_.rank; ++axis) {
      for (int k = 0; k < walk_.arrays; ++k) at[k] += walk_.stride[k][axis];
      if (++count[axis] < walk_.shape[axis]) break;
      count[axis] = 0;
      for (int k = 0; k < walk_.arrays; ++k) at[k] -= walk_.stride[k][axis] * walk_.shape[axis];
    }
    if (axis >= walk_.rank) return;
  }
}

template <class T>
void Runner<T>::tile(T* const* at, Index from, Index length) {
  T* now[Walk::max_arrays];
  for (int k = 0; k < walk_.arrays; ++k) now[k] = at[k] + from * walk_.step(k);
  for (int i = 0; i < program_.steps_; ++i) {
    const Step& s = program_.list_[i];
    const T* in[max_operands];
    for (int k = 0; k < s.count; ++k) {
      const Place p = s.in[k];
      in[k] = is_row(p)     ? rows_[p - Program<T>::first_row]
              : spreads_[i] ? now[p]
                            : fetch(p, now[p], length);
    }
    if (direct_[i] != nullptr) {
      direct_[i](now[s.out], in, length);
      rows_[i] = now[s.out];
    } else {
      rows_[i] = has_array(s) ? put(i, now[s.out], in, length) : results(i, in, length);
    }
  }
}

/// A contiguous row of an array.
template <class T>
const T* Runner<T>::fetch(Place array, const T* x, Index length) {
  if (contiguous(array) || length == 1) return x;
  T* row = buffer(program_.steps_ + array);
  if (gathered_[array] == x) return row;
  gathered_[array] = x;
  const Index by = walk_.step(array);
  if (by != 0) return gather(x, by, length, row);
  std::fill_n(row, std::min(tile_length, walk_.length()), *x);
  return row;
}

/// The results of a step, as a contiguous row.
template <class T>
const T* Runner<T>::results(int step, const T* const* in, Index length) {
  const Step& s = program_.list_[step];
  if (is_copy(s)) return in[0];
  (spreads_[step] ? s.kernel->store_spread : s.kernel->store)(buffer(step), in, length);
  return buffer(step);
}

template <class T>
const T* Runner<T>::put(int step, T* out, const T* const* in, Index length) {
  const Step& s = program_.list_[step];
  if (reduces(s)) return accumulate(step, out, in, length), nullptr;
  const Index by = walk_.step(s.out);
  const T* x = results(step, in, length);
  if (s.fold == nullptr || is_sum(s)) {
    scatter(out, by, x, length, s.fold != nullptr);
  } else if (by == 1) {
    s.fold->merge(out, x, length);
  } else {
    for (Index i = 0; i < length; ++i) s.fold->merge(out + i * by, x + i, 1);
  }
  return x;
}

template <class T>
void Runner<T>::accumulate(int step, T* out, const T* const* in, Index length) {
  const Step& s = program_.list_[step];
  Total& total = totals_[step];
  if (total.at != out) {
    finish(total);
    total = {out, *out};
  }
  total.value = is_sum(s) && s.kernel->sum != nullptr
                    ? total.value + s.kernel->sum(in, length)
                    : s.fold->tile(total.value, results(step, in, length), length);
}

template <class T>
void Program<T>::run() const {
  const Index size = element_count(shape_);
  if (size == 0) return;
  Walk walk;
  const std::span<const Layout* const> layouts(layouts_, static_cast<std::size_t>(arrays_));
  if (!plan_flat(walk, size, layouts)) plan(walk, shape_, layouts);
  run(walk);
}

template <class T>
void Program<T>::run(const Walk& walk) const {
  Runner<T>(walk, *this).run();
}

template class Program<float>;
template class Program<double>;

}  // namespace autograd
