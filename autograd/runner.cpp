#include "autograd/runner.hpp"

#include <cstdlib>

namespace autograd {

namespace {

/// Whether neighbours along the innermost axis are near each other in every array. Where they are
/// not, a line of memory that was brought for one tile serves the same tile of the next rows.
bool lies_in_rows(const Walk& walk) {
  for (int k = 0; k < walk.arrays; ++k) {
    if (std::abs(walk.step(k)) > 8) return false;
  }
  return true;
}

}  // namespace

template <class T>
Runner<T>::Runner(const Walk& walk, const Program<T>& program, T* const* data, double* totals)
    : walk_(walk), program_(program), data_(data), totals_(totals) {
  buffers_ = scratch().take<T>((program.steps_ + program.arrays_) * std::size_t(tile_length));
  tile_ = walk.length();
  by_rows_ = lies_in_rows(walk);
  std::fill_n(gathered_, program.arrays_, nullptr);
  std::fill_n(gathers_, program.arrays_, false);
  for (int i = 0; i < program.steps_; ++i) {
    const Step& s = program.list_[i];
    prepare(s, ways_[i]);
    tile_ = std::min(tile_, longest_tile(s, ways_[i]));
    by_rows_ |= ways_[i].reduces;
  }
  for (int i = 0; i + 1 < program.steps_; ++i) ways_[i].with_next = adds_difference(i);
}

/// Whether the kernel takes the numbers among its operands as they are.
template <class T>
bool Runner<T>::spreads(const Step& s, bool reduces) const {
  if (s.kernel->spread == 0 || reduces) return false;
  for (int k = 0; k < s.count; ++k) {
    const bool single = s.kernel->spread >> k & 1;
    if (is_row(s.in[k]) ? single : walk_.step(s.in[k]) != (single ? 0 : 1)) return false;
  }
  return true;
}

/// What a difference of neighbours gives back to them.
template <class T>
bool Runner<T>::adds_difference(int step) const {
  const Step &s = program_.list_[step], &next = program_.list_[step + 1];
  if (!is_sum(s) || !is_sum(next) || ways_[step].reduces || ways_[step + 1].reduces) return false;
  if (!is_copy(s) || next.kernel == nullptr || !next.kernel->negates) return false;
  return s.in[0] == next.in[0] && data_[s.out] - data_[next.out] == walk_.step(s.out) &&
         same_strides(walk_, s.out, next.out);
}

template <class T>
void Runner<T>::prepare(const Step& s, Way& way) {
  if (s.stencil != nullptr) {
    way = {};
    if (s.fold != nullptr && !is_row(s.in[0])) gathers_[s.in[0]] |= !contiguous(s.in[0]);
    return;
  }
  way.reduces = s.fold != nullptr && walk_.step(s.out) == 0 && walk_.length() > 1;
  way.direct =
      has_array(s) && contiguous(s.out) && !way.reduces && (s.fold == nullptr || is_sum(s));
  way.with_next = false;
  way.total_of = nullptr;
  const bool adds = way.direct && s.fold != nullptr, spread = spreads(s, way.reduces);
  way.function = spread ? (adds ? s.kernel->add_spread : s.kernel->store_spread)
                        : (adds ? s.kernel->add : s.kernel->store);
  for (int k = 0; k < s.count && !spread; ++k) {
    if (!is_row(s.in[k])) gathers_[s.in[k]] |= !contiguous(s.in[k]);
  }
}

/// What does not lie in memory as one row goes through the buffers.
template <class T>
Index Runner<T>::longest_tile(const Step& s, const Way& way) const {
  if (s.stencil != nullptr) return tile_length;
  for (int k = 0; k < s.count; ++k) {
    if (is_row(s.in[k]) || gathers_[s.in[k]]) return tile_length;
  }
  if (way.direct) return walk_.length();
  const bool sums = is_copy(s) || (is_sum(s) && s.kernel->sum != nullptr);
  return way.reduces && sums ? longest_sum : tile_length;
}

template <class T>
void Runner<T>::run() {
  const Index part = by_rows_ ? walk_.length() : tile_;
  for (Index from = 0; from < walk_.length(); from += part) {
    for_outer(from, std::min(part, walk_.length() - from));
  }
  for (int i = 0; i < program_.steps_; ++i) finish(i);
}

/// All positions of the outer axes, for `length` elements of the inner one.
template <class T>
void Runner<T>::for_outer(Index from, Index length) {
  T* at[Walk::max_arrays];
  for (int k = 0; k < walk_.arrays; ++k) at[k] = data_[k] + from * walk_.step(k);
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
  const auto now = [&](int array) { return at[array] + from * walk_.step(array); };
  for (int k = 0; k < walk_.arrays; ++k) {
    place_[k] = gathers_[k] ? fetch(k, now(k), length) : now(k);
  }
  for (int i = 0; i < program_.steps_; ++i) {
    const Step& s = program_.list_[i];
    if (s.stencil != nullptr) {
      place_[first_row + i] = around(s, buffer(i), now, length);
      continue;
    }
    if (ways_[i].with_next) {
      T* const before = now(program_.list_[++i].out);
      scatter_difference(before, walk_.step(s.out), place_[s.in[0]], length);
      continue;
    }
    const T* in[max_operands];
    for (int k = 0; k < s.count; ++k) in[k] = place_[s.in[k]];
    if (ways_[i].direct) {
      T* const out = now(s.out);
      ways_[i].function(out, in, length);
      place_[first_row + i] = out;
    } else {
      place_[first_row + i] =
          has_array(s) ? put(i, now(s.out), in, length) : results(i, in, length);
    }
  }
}

/// What stencils see are places of an array, not a row of it.
template <class T>
const T* Runner<T>::around(const Step& s, T* row, auto now, Index length) {
  const T* weights = now(s.in[1]);
  if (s.fold != nullptr) {
    spread_around(*s.stencil, now(s.out), place_[s.in[0]], weights, length);
    return nullptr;
  }
  T* out = has_array(s) ? now(s.out) : row;
  sum_around<T>(*s.stencil, out, now(s.in[0]), weights, length);
  return out;
}

/// A contiguous row of an array.
template <class T>
const T* Runner<T>::fetch(int array, const T* x, Index length) {
  if (length == 1) return x;
  T* row = buffer(program_.steps_ + array);
  const Index by = walk_.step(array);
  if (gathered_[array] == x && by == 0) return row;
  gathered_[array] = x;
  if (by != 0) return gather(x, by, length, row);
  std::fill_n(row, std::min(tile_length, walk_.length()), *x);
  return row;
}

/// The results of a step, as a contiguous row.
template <class T>
const T* Runner<T>::results(int step, const T* const* in, Index length) {
  if (is_copy(program_.list_[step])) return in[0];
  ways_[step].function(buffer(step), in, length);
  return buffer(step);
}

/// Brings results to an array where the kernel cannot.
template <class T>
const T* Runner<T>::put(int step, T* out, const T* const* in, Index length) {
  const Step& s = program_.list_[step];
  if (ways_[step].reduces) return accumulate(step, out, in, length), nullptr;
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

/// Puts a total where it belongs.
template <class T>
void Runner<T>::finish(int step) {
  const Way& way = ways_[step];
  if (way.total_of == nullptr) return;
  if (totals_ != nullptr && walk_.is_number(program_.list_[step].out)) {
    totals_[step] = way.total;
  } else {
    *way.total_of = static_cast<T>(way.total);
  }
}

template <class T>
void Runner<T>::accumulate(int step, T* out, const T* const* in, Index length) {
  const Step& s = program_.list_[step];
  Way& way = ways_[step];
  if (way.total_of != out) {
    finish(step);
    way.total_of = out;
    way.total = totals_ != nullptr && walk_.is_number(s.out) && is_sum(s) ? 0 : double(*out);
  }
  way.total = is_sum(s) && s.kernel->sum != nullptr
                  ? way.total + s.kernel->sum(in, length)
                  : s.fold->tile(way.total, results(step, in, length), length);
}

template class Runner<float>;
template class Runner<double>;

}  // namespace autograd
