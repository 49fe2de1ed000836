#include <algorithm>
#include <memory>
#include <utility>

#include "optim/base/linalg.hpp"
#include "optim/terms/common.hpp"

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

/// Solves (1 + c w) z = x + c w y, with both sides divided by max(1, c): no c is too large.
template <class T>
class Pull {
 public:
  explicit Pull(T c) : unit_(1 / std::max(T(1), c)), share_(std::min(T(1), c)) {}

  /// z, for the product w y.
  T operator()(T x, T w, T wy) const { return (unit_ * x + share_ * wy) / (unit_ + share_ * w); }

 private:
  T unit_, share_;
};

/// x = (x + c w y) / (1 + c w).
template <class T>
void move_towards(T* x, auto y, auto w, T c, std::size_t n) {
  const Pull<T> pull(c);
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) x[i] = pull(x[i], w[i], w[i] * y[i]);
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
    detail::set_shape(gradient, x.shape());
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
    detail::set_shape(image_, shape);
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
    detail::set_shape(squares_, image_.shape());
    const std::size_t repeated = squares_.size() / std::max<std::size_t>(1, w.size());
    for (std::size_t i = 0; i < squares_.size(); ++i) {
      const T weight = w.data()[i / repeated];
      squares_.data()[i] = weight * weight;
    }
  }

  /// Of each row of a matrix.
  void weigh(Array& rows) const {
    if (f_->weights.size() == 0) return;
    const std::size_t n = rows.size() / rows.shape(0);
    for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] *= f_->weights.data()[i / n];
  }

  /// w A = U diag(s) V^T.
  void factor() {
    Array weighted = f_->A;
    weigh(weighted);
    factors_ = detail::svd(weighted);
  }

  /// U^T w y.
  void turn_y(std::size_t columns) {
    turned_y_ = xt::zeros<T>({factors_.s.size(), columns});
    if (f_->y.size() == 0) return;
    Array weighted = f_->y;
    weigh(weighted);
    multiply(scratch_.arena, turned_y_, factors_.U, true, weighted);
  }

  void prepare_solving() {
    if (f_->weights.size() != 0 && !weights_of_rows()) {
      fail("norm_l2",
           "the proximal operator with A needs one weight for each row: weights has shape {}, A x "
           "has shape {}",
           shape_text(f_->weights), shape_text(image_));
    }
    if (factors_.s.dimension() == 0) factor();
    const std::size_t columns = image_.dimension() == 2 ? image_.shape(1) : 1;
    if (turned_y_.size() != factors_.s.size() * columns) turn_y(columns);
  }

  /// (I + c A^T w^2 A) z = x + c A^T w^2 y. With t = V^T x, which is all that A sees of x:
  /// z = x + V ((t + c s U^T w y) / (1 + c s^2) - t).
  void solve(Array& x, T c) {
    prepare_solving();
    const std::size_t count = turned_y_.shape(0), columns = turned_y_.shape(1);
    const Pull<T> pull(c);
    detail::set_shape(inner_, turned_y_.shape());
    detail::set_shape(correction_, x.shape());
    multiply(scratch_.arena, inner_, factors_.Vt, false, x);
    for (std::size_t i = 0; i < count; ++i) {
      const T s = factors_.s.data()[i];
      T* t = inner_.data() + i * columns;
      const T* y = turned_y_.data() + i * columns;
      for (std::size_t j = 0; j < columns; ++j) t[j] = pull(t[j], s * s, s * y[j]) - t[j];
    }
    multiply(scratch_.arena, correction_, factors_.Vt, true, inner_);
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] += correction_.data()[i];
  }

  std::shared_ptr<const NormL2<T>> f_;
  Scratch scratch_;
  bool fitted_ = false;
  typename Array::shape_type shape_;        // of x
  Array image_;                             // of the shape of A x
  Array squares_ = detail::not_given<T>();  // of the weights, of the shape of A x
  detail::Svd<T> factors_;
  Array turned_y_ = detail::not_given<T>(), inner_, correction_;
};

}  // namespace

template <Scalar T>
Term<T> norm_l2(NormL2<T> options) {
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

template Term<float> norm_l2(NormL2<float>);
template Term<double> norm_l2(NormL2<double>);

}  // namespace optim
