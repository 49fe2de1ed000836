#include "optim/terms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "optim/base/linalg.hpp"
#include "optim/terms/common.hpp"

namespace optim {
namespace {

using autograd::fail;
using detail::shape_text;
using detail::with_elements;

// ---- L1

template <class T>
double weighted_distance(const T* x, auto y, auto w, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += w[i] * std::abs(x[i] - y[i]);
  return total;
}

template <class T>
void soft_threshold(T* x, auto y, auto w, T threshold, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const T d = x[i] - y[i], t = threshold * w[i];
    x[i] = std::abs(d) <= t ? y[i] : x[i] - std::copysign(t, d);
  }
}

template <Scalar T>
void check_fits(const NormL1<T>& f, const xt::xarray<T>& x) {
  detail::check_fits("norm_l1", x, "weights", f.weights);
  detail::check_fits("norm_l1", x, "y", f.y);
}

template <Scalar T>
T value(const NormL1<T>& f, const xt::xarray<T>& x) {
  check_fits(f, x);
  const auto sum = [&](auto y, auto w) { return weighted_distance(x.data(), y, w, x.size()); };
  const double total = with_elements(f.y, T(0), [&](auto y) {
    return with_elements(f.weights, T(1), [&](auto w) { return sum(y, w); });
  });
  return f.lambda * static_cast<T>(total);
}

template <Scalar T>
void prox(const NormL1<T>& f, xt::xarray<T>& x, T step) {
  check_fits(f, x);
  const T threshold = f.lambda * step;
  with_elements(f.y, T(0), [&](auto y) {
    with_elements(f.weights, T(1),
                  [&](auto w) { soft_threshold(x.data(), y, w, threshold, x.size()); });
  });
}

// ---- L2,1

/// 1 + the largest number.
std::size_t count_groups(const xt::xarray<std::int64_t>& numbers) {
  std::size_t count = 0;
  for (std::int64_t number : numbers) {
    if (number < 0) fail("norm_l21", "numbers of groups begin with 0, got {}", number);
    count = std::max(count, static_cast<std::size_t>(number) + 1);
  }
  return count;
}

/// Calls f(element, group) for all; the groups are the columns.
template <class F>
void for_each_element(const detail::Blocks& blocks, F f) {
  for (std::size_t block = 0; block < blocks.count; ++block) {
    for (std::size_t row = 0; row < blocks.size; ++row) {
      const std::size_t first = (block * blocks.size + row) * blocks.step;
#pragma omp simd
      for (std::size_t j = 0; j < blocks.step; ++j) f(first + j, block * blocks.step + j);
    }
  }
}

template <Scalar T>
class GroupNorms {
 public:
  explicit GroupNorms(std::shared_ptr<const NormL21<T>> options)
      : f_(std::move(options)), count_(count_groups(f_->groups)) {}

  T value(const xt::xarray<T>& x) {
    measure(x);
    const double total = with_elements(f_->weights, T(1), [&](auto w) {
      double sum = 0;
      for (std::size_t g = 0; g < norms_.size(); ++g) sum += w[g] * norms_[g];
      return sum;
    });
    return static_cast<T>(f_->lambda * total);
  }

  void prox(xt::xarray<T>& x, T step) {
    measure(x);
    const double threshold = static_cast<double>(f_->lambda) * step;
    with_elements(f_->weights, T(1), [&](auto w) {
      for (std::size_t g = 0; g < norms_.size(); ++g) {
        const double t = threshold * w[g];
        norms_[g] = norms_[g] <= t ? 0 : 1 - t / norms_[g];
      }
    });
    visit(x, [values = x.data(), factors = norms_.data()](auto i, auto g) {
      values[i] = static_cast<T>(values[i] * factors[g]);
    });
  }

 private:
  void fit(const xt::xarray<T>& x) {
    detail::check_fits("norm_l21", x, "groups", f_->groups);
    if (f_->groups.size() == 0) {
      blocks_ = detail::blocks_along("norm_l21", x, f_->axis);
      count_ = blocks_.count * blocks_.step;
    }
    if (f_->weights.size() != 0 && f_->weights.size() != count_) {
      fail("norm_l21", "there are {} weights for {} groups", f_->weights.size(), count_);
    }
  }

  /// Calls f(element, group) for all.
  template <class F>
  void visit(const xt::xarray<T>& x, F f) const {
    if (f_->groups.size() == 0) return for_each_element(blocks_, f);
    const std::int64_t* numbers = f_->groups.data();
    for (std::size_t i = 0; i < x.size(); ++i) f(i, static_cast<std::size_t>(numbers[i]));
  }

  void measure(const xt::xarray<T>& x) {
    fit(x);
    measure(x, 1);
    const auto infinite = [](double norm) { return std::isinf(norm); };
    if (std::any_of(norms_.begin(), norms_.end(), infinite)) measure(x, 0x1p-600);
  }

  /// By sums of squares of unit * x: with a small unit none overflows.
  void measure(const xt::xarray<T>& x, double unit) {
    norms_.assign(count_, 0);
    visit(x, [unit, values = x.data(), sums = norms_.data()](auto i, auto g) {
      const double value = unit * values[i];
      sums[g] += value * value;
    });
    for (double& norm : norms_) norm = std::sqrt(norm) / unit;
  }

  std::shared_ptr<const NormL21<T>> f_;
  std::size_t count_;        // of groups
  detail::Blocks blocks_{};  // unless elements have numbers
  std::vector<double> norms_;
};

// ---- nuclear norm

/// False for a matrix with elements that are infinite or NaN, which has no decomposition.
template <Scalar T>
bool decomposable(const xt::xarray<T>& x) {
  if (x.dimension() != 2) fail("norm_nuclear", "x must be a matrix: x has shape {}", shape_text(x));
  return std::all_of(x.data(), x.data() + x.size(),
                     [](T element) { return std::isfinite(element); });
}

template <Scalar T>
T nuclear_norm(const xt::xarray<T>& x) {
  if (!decomposable(x)) return std::numeric_limits<T>::quiet_NaN();
  const xt::xarray<T> s = detail::svd(x).s;
  return std::accumulate(s.data(), s.data() + s.size(), T(0));
}

template <Scalar T>
void shrink_singular_values(xt::xarray<T>& x, T threshold) {
  if (!decomposable(x)) return x.fill(std::numeric_limits<T>::quiet_NaN());
  detail::Svd<T> by = detail::svd(x);
  const std::size_t columns = x.shape(1);
  for (std::size_t i = 0; i < by.s.size(); ++i) {
    const T s = std::max(by.s.data()[i] - threshold, T(0));
    T* row = by.Vt.data() + i * columns;
    std::transform(row, row + columns, row, [s](T v) { return s * v; });
  }
  x = detail::matmul(by.U, by.Vt);
}

}  // namespace

template <Scalar T>
Term<T> norm_l1(NormL1<T> options) {
  detail::check_lambda("norm_l1", options.lambda);
  detail::check_weights("norm_l1", options.weights);
  detail::check_finite("norm_l1", "y", options.y);
  const auto f = std::make_shared<const NormL1<T>>(std::move(options));
  return {"norm_l1",
          [f](const xt::xarray<T>& x) { return value(*f, x); },
          {},
          [f](xt::xarray<T>& x, T step) { prox(*f, x, step); }};
}

template <Scalar T>
Term<T> norm_l21(NormL21<T> options) {
  detail::check_lambda("norm_l21", options.lambda);
  detail::check_weights("norm_l21", options.weights);
  GroupNorms<T> f(std::make_shared<const NormL21<T>>(std::move(options)));
  return {"norm_l21",
          [f](const xt::xarray<T>& x) mutable { return f.value(x); },
          {},
          [f](xt::xarray<T>& x, T step) mutable { f.prox(x, step); }};
}

template <Scalar T>
Term<T> norm_nuclear(T lambda) {
  detail::check_lambda("norm_nuclear", lambda);
  return {"norm_nuclear",
          [lambda](const xt::xarray<T>& x) { return lambda * nuclear_norm(x); },
          {},
          [lambda](xt::xarray<T>& x, T step) { shrink_singular_values(x, lambda * step); }};
}

template Term<float> norm_l1(NormL1<float>);
template Term<double> norm_l1(NormL1<double>);
template Term<float> norm_l21(NormL21<float>);
template Term<double> norm_l21(NormL21<double>);
template Term<float> norm_nuclear(float);
template Term<double> norm_nuclear(double);

}  // namespace optim
