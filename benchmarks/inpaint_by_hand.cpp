#include "benchmarks/inpaint_by_hand.hpp"

#include <algorithm>
#include <cmath>

// Two passes over the picture: the first sums the squares of all differences, the second writes
// the gradient. Both walk along rows, also for what belongs to the columns, and their loops are
// plain enough for the compiler's vectoriser.

namespace benchmarks {
namespace {

/// Independent partial sums, so that a sum can be vectorised without reordering.
constexpr std::size_t lanes = 16;

template <class T>
T square(T value) {
  return value * value;
}

/// Sums of squared differences x[j + distance] - x[j] over even and over odd j.
template <class T>
struct EvenOdd {
  T even = 0;
  T odd = 0;
};

template <class T>
EvenOdd<T> squared_differences(const T* x, std::size_t width, std::size_t distance) {
  if (width <= distance) return {};
  T sums[lanes] = {};
  const std::size_t count = width - distance;
  const std::size_t whole = count - count % lanes;
  for (std::size_t j = 0; j < whole; j += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += square(x[j + k + distance] - x[j + k]);
  }
  for (std::size_t j = whole; j < count; ++j) sums[j - whole] += square(x[j + distance] - x[j]);
  EvenOdd<T> total;
  for (std::size_t k = 0; k < lanes; k += 2) {
    total.even += sums[k];
    total.odd += sums[k + 1];
  }
  return total;
}

/// Replaces the sums of squares by inverse norms, zero for a norm of zero; returns the sum of the
/// norms.
template <class T>
T invert_norms(std::vector<T>& sums) {
  T total = 0;
  for (T& sum : sums) {
    const T norm = std::sqrt(sum);
    total += norm;
    sum = norm > 0 ? 1 / norm : T(0);
  }
  return total;
}

}  // namespace

template <class T>
InpaintByHand<T>::Norms::Norms(std::size_t count)
    : step(count), skip{std::vector<T>(count), std::vector<T>(count)} {}

template <class T>
void InpaintByHand<T>::Norms::clear() {
  for (auto* sums : {&step, &skip[0], &skip[1]}) std::fill(sums->begin(), sums->end(), T(0));
}

template <class T>
T InpaintByHand<T>::Norms::invert() {
  return invert_norms(step) + invert_norms(skip[0]) + invert_norms(skip[1]);
}

template <class T>
InpaintByHand<T>::InpaintByHand(std::size_t height, std::size_t width)
    : height_(height), width_(width), rows_(height), columns_(width) {}

template <class T>
void InpaintByHand<T>::accumulate_row(const T* x, std::size_t row) {
  const EvenOdd<T> step = squared_differences(x, width_, 1);
  const EvenOdd<T> skip = squared_differences(x, width_, 2);
  rows_.step[row] = step.even + step.odd;
  rows_.skip[0][row] = skip.even;
  rows_.skip[1][row] = skip.odd;
}

/// Adds this row's differences to the next row and to the one after it, for every column.
template <class T>
void InpaintByHand<T>::accumulate_columns(const T* x, std::size_t row) {
  const T* next = row + 1 < height_ ? x + width_ : x;  // itself: a difference of zero
  const T* second = row + 2 < height_ ? x + 2 * width_ : x;
  T* step = columns_.step.data();
  T* skip = columns_.skip[row % 2].data();
  for (std::size_t j = 0; j < width_; ++j) {
    step[j] += square(next[j] - x[j]);
    skip[j] += square(second[j] - x[j]);
  }
}

/// Writes the part of the gradient that comes from the column norms.
template <class T>
void InpaintByHand<T>::across_columns(const T* x, std::size_t row, T* g) {
  const T* next = row + 1 < height_ ? x + width_ : x;
  const T* second = row + 2 < height_ ? x + 2 * width_ : x;
  const T* last = row >= 1 ? x - width_ : x;
  const T* last_but_one = row >= 2 ? x - 2 * width_ : x;
  const T* step = columns_.step.data();
  const T* skip = columns_.skip[row % 2].data();
  for (std::size_t j = 0; j < width_; ++j) {
    g[j] = step[j] * ((x[j] - last[j]) - (next[j] - x[j])) +
           skip[j] * ((x[j] - last_but_one[j]) - (second[j] - x[j]));
  }
}

/// Adds the part that comes from the norms of this row.
template <class T>
void InpaintByHand<T>::along_row(const T* x, std::size_t row, T* g) {
  const std::size_t n = width_;
  const T step = rows_.step[row];
  const T skip[2] = {rows_.skip[0][row], rows_.skip[1][row]};
  const auto border = [&](std::size_t j) {
    const T left = j >= 1 ? x[j] - x[j - 1] : T(0), right = j + 1 < n ? x[j + 1] - x[j] : T(0);
    const T left2 = j >= 2 ? x[j] - x[j - 2] : T(0), right2 = j + 2 < n ? x[j + 2] - x[j] : T(0);
    g[j] += step * (left - right) + skip[j % 2] * (left2 - right2);
  };
  const auto inner = [&](std::size_t j, T weight) {
    g[j] += step * ((x[j] - x[j - 1]) - (x[j + 1] - x[j])) +
            weight * ((x[j] - x[j - 2]) - (x[j + 2] - x[j]));
  };
  T weights[lanes];
  for (std::size_t k = 0; k < lanes; ++k) weights[k] = skip[k % 2];
  std::size_t j = 0;
  for (; j < std::min<std::size_t>(2, n); ++j) border(j);
  for (; j + 2 + lanes <= n; j += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) inner(j + k, weights[k]);
  }
  for (; j < n; ++j) border(j);
}

template <class T>
T InpaintByHand<T>::value_and_gradient(const T* x, T* gradient) {
  columns_.clear();
  for (std::size_t row = 0; row < height_; ++row) {
    accumulate_row(x + row * width_, row);
    accumulate_columns(x + row * width_, row);
  }
  const T value = rows_.invert() + columns_.invert();
  for (std::size_t row = 0; row < height_; ++row) {
    across_columns(x + row * width_, row, gradient + row * width_);
    along_row(x + row * width_, row, gradient + row * width_);
  }
  return value;
}

template class InpaintByHand<float>;
template class InpaintByHand<double>;

}  // namespace benchmarks
