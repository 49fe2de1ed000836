#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "optim/base/momentum.hpp"
#include "optim/terms/common.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::shape_text;

/// An axis along which differences are taken. Loops go over the rows of an array (vectors along its
/// last axis): `rows` lie between neighbours along this axis, none if it is the last.
struct Axis {
  std::size_t rows, stride, extent;

  /// How many elements of a row have a next one along this axis: the first ones.
  std::size_t with_next(std::size_t row, std::size_t width) const {
    if (rows == 0) return width - 1;
    return row / rows % extent + 1 < extent ? width : 0;
  }
  /// How many have none before: again the first ones.
  std::size_t without_previous(std::size_t row, std::size_t width) const {
    if (rows == 0) return 1;
    return row / rows % extent > 0 ? 0 : width;
  }
};

/// out[j] += weight * (x[j + 1] - x[j]), where neighbours along the axis are meant.
template <class T>
void add_difference(T* out, T weight, const T* x, const Axis& axis, std::size_t row,
                    std::size_t width) {
  const std::size_t count = axis.with_next(row, width), stride = axis.stride;
#pragma omp simd
  for (std::size_t j = 0; j < count; ++j) out[j] += weight * (x[j + stride] - x[j]);
}

/// Subtracts the adjoint: out[j] -= p[j - 1] - p[j]. p is 0 where there is no next element.
template <class T>
void subtract_adjoint(T* out, const T* p, const Axis& axis, std::size_t row, std::size_t width) {
  using Index = std::ptrdiff_t;  // the place before may lie in another row: below 0
  const auto first = static_cast<Index>(axis.without_previous(row, width));
  const auto end = static_cast<Index>(width), stride = static_cast<Index>(axis.stride);
#pragma omp simd
  for (Index j = 0; j < first; ++j) out[j] += p[j];
#pragma omp simd
  for (Index j = first; j < end; ++j) out[j] += p[j] - p[j - stride];
}

template <class T>
void add_squares(T* out, const T* x, std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) out[j] += x[j] * x[j];
}

/// Squared norms become factors that bring vectors into the ball of this radius.
template <class T>
void norms_to_factors(T* x, T radius, std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) x[j] = radius / std::max(radius, std::sqrt(x[j]));
}

/// p = factor * r; r = p + momentum * (p - former p).
template <class T>
void scale_and_extrapolate(T* p, T* r, const T* factor, T momentum, std::size_t n) {
#pragma omp simd
  for (std::size_t j = 0; j < n; ++j) {
    const T scaled = factor[j] * r[j];
    r[j] = scaled + momentum * (scaled - p[j]);
    p[j] = scaled;
  }
}

/// x = row. Returns the sum of squares of the change.
template <class T>
double replace(T* x, const T* row, std::size_t n) {
  double change = 0;
#pragma omp simd reduction(+ : change)
  for (std::size_t j = 0; j < n; ++j) {
    const T d = row[j] - x[j];
    change += d * d;
    x[j] = row[j];
  }
  return change;
}

/// sum (x - mean of x)^2.
template <class T>
double squared_contrast(const T* x, std::size_t n) {
  const double mean = std::accumulate(x, x + n, 0.0) / static_cast<double>(n);
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t j = 0; j < n; ++j) total += (x[j] - mean) * (x[j] - mean);
  return total;
}

template <Scalar T>
class TotalVariation {
 public:
  using Array = xt::xarray<T>;

  explicit TotalVariation(const NormTV<T>& options) : options_(options) {}

  T value(const Array& x) {
    fit(x);
    double total = 0;
    for (std::size_t row = 0; row < rows_; ++row) {
      std::fill(squares_.begin(), squares_.end(), T(0));
      for (const Axis& axis : axes_) {
        std::fill(row_.begin(), row_.end(), T(0));
        add_difference(row_.data(), T(1), x.data() + row * width_, axis, row, width_);
        add_squares(squares_.data(), row_.data(), width_);
      }
      for (T square : squares_) total += std::sqrt(square);
    }
    return options_.lambda * static_cast<T>(total);
  }

  void prox(Array& x, T step) {
    fit(x);
    const T radius = options_.lambda * step;
    if (radius == 0 || x.size() == 0) return;
    const double contrast = start(x);
    detail::Momentum momentum;
    for (std::uint64_t i = 0; i < options_.maxit; ++i) {
      update_dual(x, radius, static_cast<T>(momentum.next()));
      const double change = update_x(x, extrapolated_);
      if (!(change > options_.tolerance * options_.tolerance * contrast)) break;
    }
    update_x(x, dual_);
  }

 private:
  /// Checks x and gets ready for its shape.
  void fit(const Array& x) {
    const std::size_t rank = x.dimension(), d = static_cast<std::size_t>(options_.dimensions);
    if (rank < d) {
      fail("norm_tv", "x must have at least {} axes: x has shape {}", d, shape_text(x));
    }
    width_ = x.shape(rank - 1);
    rows_ = width_ == 0 ? 0 : x.size() / width_;
    axes_.assign(1, {0, 1, width_});
    std::size_t rows = 1;
    for (std::size_t axis = rank - 1; axis-- > rank - d;) {
      axes_.push_back({rows, rows * width_, x.shape(axis)});
      rows *= x.shape(axis);
    }
    image_size_ = rows * width_;
    row_.resize(width_);
    squares_.resize(width_);
  }

  /// The dual variable and its extrapolation, one component for each axis, begin with 0. Returns
  /// the sum of squares of what in x differs from the mean of its image.
  double start(const Array& x) {
    noisy_.assign(x.data(), x.data() + x.size());
    dual_.assign(axes_.size() * x.size(), T(0));
    extrapolated_.assign(axes_.size() * x.size(), T(0));
    double total = 0;
    for (std::size_t at = 0; at < x.size(); at += image_size_) {
      total += squared_contrast(x.data() + at, image_size_);
    }
    return total;
  }

  /// x = noisy - adjoint of differences of p. Returns the sum of squares of the change.
  double update_x(Array& x, const std::vector<T>& p) {
    double change = 0;
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t at = row * width_;
      std::copy_n(noisy_.data() + at, width_, row_.data());
      for (std::size_t i = 0; i < axes_.size(); ++i) {
        subtract_adjoint(row_.data(), p.data() + i * x.size() + at, axes_[i], row, width_);
      }
      change += replace(x.data() + at, row_.data(), width_);
    }
    return change;
  }

  /// A gradient step from the extrapolated dual variable, projected onto balls.
  void update_dual(const Array& x, T radius, T momentum) {
    const T step = T(1) / static_cast<T>(4 * options_.dimensions);
    for (std::size_t row = 0; row < rows_; ++row) {
      std::fill(squares_.begin(), squares_.end(), T(0));
      for (std::size_t i = 0; i < axes_.size(); ++i) {
        T* r = extrapolated_.data() + i * x.size() + row * width_;
        add_difference(r, step, x.data() + row * width_, axes_[i], row, width_);
        add_squares(squares_.data(), r, width_);
      }
      norms_to_factors(squares_.data(), radius, width_);
      for (std::size_t i = 0; i < axes_.size(); ++i) {
        const std::size_t at = i * x.size() + row * width_;
        scale_and_extrapolate(dual_.data() + at, extrapolated_.data() + at, squares_.data(),
                              momentum, width_);
      }
    }
  }

  NormTV<T> options_;
  std::size_t width_ = 0, rows_ = 0, image_size_ = 0;
  std::vector<Axis> axes_;
  std::vector<T> noisy_, dual_, extrapolated_;
  std::vector<T> row_, squares_;  // of one row
};

}  // namespace

template <Scalar T>
Term<T> norm_tv(NormTV<T> options) {
  detail::check_lambda("norm_tv", options.lambda);
  if (options.dimensions != 2 && options.dimensions != 3) {
    fail("norm_tv", "dimensions must be 2 or 3, got {}", options.dimensions);
  }
  if (!(options.tolerance >= 0)) {
    fail("norm_tv", "tolerance must not be negative, got {}", options.tolerance);
  }
  if (options.maxit == 0) fail("norm_tv", "maxit must be positive, got 0");
  TotalVariation<T> f(options);
  return {"norm_tv",
          [f](const xt::xarray<T>& x) mutable { return f.value(x); },
          {},
          [f](xt::xarray<T>& x, T step) mutable { f.prox(x, step); }};
}

template Term<float> norm_tv(NormTV<float>);
template Term<double> norm_tv(NormTV<double>);

}  // namespace optim
