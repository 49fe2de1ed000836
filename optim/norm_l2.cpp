#include <algorithm>
#include <memory>

#include "optim/linalg.hpp"
#include "optim/terms.hpp"

namespace optim {
namespace {

using autograd::Arena;
using autograd::fail;
using detail::multiply;
using detail::shape_text;
using detail::with_elements;

/// Memory for multiplying that copies do not share.
struct Scratch {
  Scratch() = default;
  Scratch(const Scratch&) {}

  Arena arena;
};

/// sum w (x - y)^2.
template <class T>
double weighted_squares(const T* x, auto y, auto w, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += w[i] * (x[i] - y[i]) * (x[i] - y[i]);
  return total;
}

/// The same; writes factor * w (x - y), which may replace x.
template <class T>
double weighted_squares(T* out, T factor, const T* x, auto y, auto w, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) {
    const T d = x[i] - y[i], weighted = w[i] * d;
    total += d * weighted;
    out[i] = factor * weighted;
  }
  return total;
}

/// x = (x + c w y) / (1 + c w).
template <class T>
void move_towards(T* x, auto y, auto w, T c, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) x[i] = (x[i] + c * w[i] * y[i]) / (1 + c * w[i]);
}

template <Scalar T>
class LeastSquares {
 public:
  using Array = xt::xarray<T>;

  explicit LeastSquares(std::shared_ptr<const NormL2<T>> options) : f_(std::move(options)) {}

  T value(const Array& x) {
    const T* image = image_of(x);
    const double total = with_y_and_weights(
        [&](auto y, auto w) { return weighted_squares(image, y, w, image_.size()); });
    return f_->lambda * static_cast<T>(total);
  }

  T value_and_gradient(Array& gradient, const Array& x) {
    const T* image = image_of(x);
    gradient.resize(x.shape());
    T* out = has_matrix() ? image_.data() : gradient.data();
    const double total = with_y_and_weights([&](auto y, auto w) {
      return weighted_squares(out, 2 * f_->lambda, image, y, w, image_.size());
    });
    if (has_matrix()) multiply(scratch_.arena, gradient, f_->A, true, image_);
    return f_->lambda * static_cast<T>(total);
  }

  void prox(Array& x, T step) {
    fit(x);
    const T c = 2 * f_->lambda * step;
    if (has_matrix()) return solve(x, c);
    with_y_and_weights([&](auto y, auto w) { move_towards(x.data(), y, w, c, x.size()); });
  }

 private:
  bool has_matrix() const { return f_->A.size() != 0; }

  template <class F>
  auto with_y_and_weights(F f) {
    return with_elements(f_->y, T(0), [&](auto y) {
      return with_elements(squares_, T(1), [&](auto w) { return f(y, w); });
    });
  }

  /// A x.
  const T* image_of(const Array& x) {
    fit(x);
    if (!has_matrix()) return x.data();
    multiply(scratch_.arena, image_, f_->A, false, x);
    return image_.data();
  }

  /// Checks shapes and gets ready for those of x.
  void fit(const Array& x) {
    if (fitted_ && x.shape() == shape_) return;
    auto shape = x.shape();
    if (has_matrix()) {
      if (x.dimension() < 1 || x.dimension() > 2 || x.shape(0) != f_->A.shape(1)) {
        fail("norm_l2", "A does not fit: A has shape {}, x has shape {}", shape_text(f_->A),
             shape_text(x));
      }
      shape[0] = f_->A.shape(0);
    }
    fitted_ = false;
    image_.resize(shape);
    check_y();
    square_weights();
    shape_ = x.shape();
    fitted_ = true;
  }

  void check_y() const {
    if (f_->y.size() == 0 || f_->y.shape() == image_.shape()) return;
    fail("norm_l2", "y does not fit: y has shape {}, A x has shape {}", shape_text(f_->y),
         shape_text(image_));
  }

  bool weights_of_rows() const {
    const auto& shape = f_->weights.shape();
    const bool column = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
    return column && shape[0] == (image_.dimension() == 0 ? 1 : image_.shape(0));
  }

  void square_weights() {
    const Array& w = f_->weights;
    if (w.size() == 0) return;
    if (w.shape() != image_.shape() && !weights_of_rows()) {
      fail("norm_l2",
           "weights do not fit: weights has shape {}, A x has shape {}; expected this shape or one "
           "weight for each row",
           shape_text(w), shape_text(image_));
    }
    squares_.resize(image_.shape());
    const std::size_t repeated = squares_.size() / std::max<std::size_t>(1, w.size());
    for (std::size_t i = 0; i < squares_.size(); ++i) {
      const T weight = w.data()[i / repeated];
      squares_.data()[i] = weight * weight;
    }
  }

  /// w A = U diag(root) Vt, and A^T w^2 y.
  void factor() {
    Array weighted = f_->A;
    const std::size_t n = weighted.shape(1);
    if (f_->weights.size() != 0) {
      for (std::size_t i = 0; i < weighted.size(); ++i) {
        weighted.data()[i] *= f_->weights.data()[i / n];
      }
    }
    factors_ = detail::svd(weighted);
  }

  void project_y(const Array& x) {
    pulled_y_.resize(x.shape());
    Array weighted_y = f_->y;
    for (std::size_t i = 0; i < weighted_y.size() && squares_.size() != 0; ++i) {
      weighted_y.data()[i] *= squares_.data()[i];
    }
    multiply(scratch_.arena, pulled_y_, f_->A, true, weighted_y);
  }

  void prepare_solving(const Array& x) {
    if (f_->weights.size() != 0 && !weights_of_rows()) {
      fail("norm_l2",
           "the proximal operator with A needs one weight for each row: weights has shape {}, A x "
           "has shape {}",
           shape_text(f_->weights), shape_text(image_));
    }
    if (factors_.s.dimension() == 0) factor();
    if (f_->y.size() != 0 && pulled_y_.shape() != x.shape()) project_y(x);
  }

  /// (I + c A^T w^2 A) z = q, q = x + c A^T w^2 y: z = q - V diag(c s^2 / (1 + c s^2)) V^T q.
  void solve(Array& x, T c) {
    prepare_solving(x);
    if (f_->y.size() != 0) {
      for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] += c * pulled_y_.data()[i];
    }
    const std::size_t k = x.dimension() == 2 ? x.shape(1) : 1, count = factors_.s.size();
    inner_.resize({count, k});
    correction_.resize(x.shape());
    multiply(scratch_.arena, inner_, factors_.Vt, false, x);
    for (std::size_t i = 0; i < count; ++i) {
      const T s = factors_.s.data()[i], share = c * s * s / (1 + c * s * s);
      T* row = inner_.data() + i * k;
      for (std::size_t j = 0; j < k; ++j) row[j] *= share;
    }
    multiply(scratch_.arena, correction_, factors_.Vt, true, inner_);
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] -= correction_.data()[i];
  }

  std::shared_ptr<const NormL2<T>> f_;
  Scratch scratch_;
  bool fitted_ = false;
  typename Array::shape_type shape_;        // of x
  Array image_;                             // of the shape of A x
  Array squares_ = detail::not_given<T>();  // of the weights, of the shape of A x
  detail::Svd<T> factors_;
  Array pulled_y_, inner_, correction_;
};

}  // namespace

template <Scalar T>
Function<T> norm_l2(NormL2<T> options) {
  detail::check_lambda("norm_l2", options.lambda);
  if (options.A.size() != 0 && options.A.dimension() != 2) {
    fail("norm_l2", "A must be a matrix: A has shape {}", shape_text(options.A));
  }
  detail::check_finite("norm_l2", "A", options.A);
  detail::check_finite("norm_l2", "y", options.y);
  detail::check_finite("norm_l2", "weights", options.weights);
  LeastSquares<T> f(std::make_shared<const NormL2<T>>(std::move(options)));
  return {"norm_l2", [f](const xt::xarray<T>& x) mutable { return f.value(x); },
          [f](xt::xarray<T>& gradient, const xt::xarray<T>& x) mutable {
            return f.value_and_gradient(gradient, x);
          },
          [f](xt::xarray<T>& x, T step) mutable { f.prox(x, step); }};
}

template Function<float> norm_l2(NormL2<float>);
template Function<double> norm_l2(NormL2<double>);

}  // namespace optim
