#pragma once

#include <cstddef>
#include <vector>

namespace benchmarks {

/// The restoration objective and its gradient, written by hand: what an engineer without automatic
/// differentiation would write, and the yardstick that the engine is measured against.
///
///     objective(x) = sum over rows and columns v of |diff(v)| + |diff(v[0::2])| + |diff(v[1::2])|
///
/// with Euclidean norms, whose derivative at zero is zero. One thread; memory is taken by the
/// constructor only. Pictures are contiguous and row-major.
template <class T>
class InpaintByHand {
 public:
  InpaintByHand(std::size_t height, std::size_t width);

  /// Writes the gradient at `x` to `gradient` (height * width numbers each); returns the objective.
  T value_and_gradient(const T* x, T* gradient);

 private:
  /// One number per row or column for each of the three differences: first the sums of squares,
  /// then the inverse norms. `skip[0]` belongs to v[0::2], `skip[1]` to v[1::2].
  struct Norms {
    std::vector<T> step;
    std::vector<T> skip[2];

    explicit Norms(std::size_t count);
    void clear();
    T invert();
  };

  void accumulate_row(const T* x, std::size_t row);
  void accumulate_columns(const T* x, std::size_t row);
  void across_columns(const T* x, std::size_t row, T* g);
  void along_row(const T* x, std::size_t row, T* g);

  std::size_t height_;
  std::size_t width_;
  Norms rows_;
  Norms columns_;
};

extern template class InpaintByHand<float>;
extern template class InpaintByHand<double>;

}  // namespace benchmarks
