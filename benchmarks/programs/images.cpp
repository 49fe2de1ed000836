/// The losses of images: scale-invariant L2 and the gradient loss with Prewitt's filter.
#include <algorithm>
#include <optim/optim.hpp>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<float>;
using Array = xt::xarray<float>;

constexpr int batch = 8, channels = 3, side = 256, inner = side - 2;
constexpr int pixels = side * side, sample = channels * pixels;
constexpr float lambda = 0.5f;

V loss(const V& y_true, const V& y_pred) {
  return optim::scale_invariant_l2(y_true, y_pred) + optim::gradient_l2(y_true, y_pred);
}

/// Prewitt's filters for each channel, first along the rows, then along the columns.
Array prewitt() {
  Array kernel = Array::from_shape({2 * channels, 1, 3, 3});
  for (int c = 0; c < channels; ++c) {
    for (int u = 0; u < 3; ++u) {
      for (int v = 0; v < 3; ++v) {
        kernel(2 * c, 0, u, v) = static_cast<float>(u - 1);
        kernel(2 * c + 1, 0, u, v) = static_cast<float>(v - 1);
      }
    }
  }
  return kernel;
}

/// The same from the operations of the engine, with the filters as a correlation.
V loss_by_correlation(const V& y_true, const V& y_pred, const Array& kernel) {
  const V y = y_true - y_pred;
  const ag::Reduce samples = {.axis = {1, 2, 3}};
  const V scale_invariant =
      ag::mean(ag::mean(ag::square(y), samples) - lambda * ag::square(ag::mean(y, samples)));
  const V slopes = ag::correlate2d(y, ag::borrow(kernel), {.groups = channels});
  return scale_invariant + 2 * ag::mean(ag::square(slopes));
}

/// Sums over a sample.
struct Sums {
  float sum = 0, squares = 0;
};

/// Sample by sample: the residual and its sums; then, row by row, the slopes (of which the last
/// three rows are kept) and the gradient. Pictures are read once, and the gradient is written once.
class ByHand {
 public:
  explicit ByHand(Array y_true) : y_true_(std::move(y_true)) {}

  float operator()(const float* y_pred, float* gradient) {
    double value = 0;
    for (int b = 0; b < batch; ++b) {
      const int at = b * sample;
      value += sample_loss(y_true_.data() + at, y_pred + at, gradient + at);
    }
    return static_cast<float>(value);
  }

 private:
  static constexpr float of_squares = 1.0f / (batch * sample);
  static constexpr float of_slopes = 1.0f / (batch * channels * inner * inner);

  double sample_loss(const float* y_true, const float* y_pred, float* gradient) {
    double sum = 0, squares = 0, slopes = 0;
    for (int i = 0; i < sample; i += side) {
      const Sums row = residual(y_true + i, y_pred + i, y_.data() + i);
      sum += row.sum;
      squares += row.squares;
    }
    const double mean = sum / sample;
    const float offset = lambda * static_cast<float>(mean);
    for (int c = 0; c < channels; ++c) {
      slopes += image_loss(y_.data() + c * pixels, offset, gradient + c * pixels);
    }
    return of_slopes * slopes + (squares / sample - lambda * mean * mean) / batch;
  }

  static Sums residual(const float* y_true, const float* y_pred, float* y) {
    float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum, squares)
    for (int j = 0; j < side; ++j) {
      y[j] = y_true[j] - y_pred[j];
      sum += y[j];
      squares += y[j] * y[j];
    }
    return {sum, squares};
  }

  /// The sum of squared slopes of one image; the gradient of all terms.
  double image_loss(const float* y, float offset, float* gradient) {
    double total = 0;
    for (auto* slopes : {down_, across_}) std::fill_n(slopes[0], 3 * width, 0.0f);
    for (int i = 0; i < side; ++i, y += side, gradient += side) {
      const int now = i % 3, last = (i + 2) % 3, first = (i + 1) % 3;
      if (i < inner) {
        total += row_of_slopes(y, down_[now], across_[now]);
      } else {
        std::fill_n(down_[now], width, 0.0f);
        std::fill_n(across_[now], width, 0.0f);
      }
      spread_down(down_[first], down_[now]);
      spread_across(across_[first], across_[last], across_[now]);
      write_gradient(y, offset, gradient);
    }
    return total;
  }

  /// Filters three rows of y. The slopes of column j stand at j + 2, between zeros.
  float row_of_slopes(const float* y, float* down, float* across) {
    const float *next = y + side, *second = y + 2 * side;
    for (int j = 0; j < side; ++j) {
      difference_[j] = second[j] - y[j];
      sum_[j] = y[j] + next[j] + second[j];
    }
    float total = 0;
#pragma omp simd reduction(+ : total)
    for (int j = 0; j < inner; ++j) {
      down[j + 2] = difference_[j] + difference_[j + 1] + difference_[j + 2];
      across[j + 2] = sum_[j + 2] - sum_[j];
      total += down[j + 2] * down[j + 2] + across[j + 2] * across[j + 2];
    }
    return total;
  }

  void spread_down(const float* first, const float* now) {
    for (int j = 0; j < width; ++j) spread_down_[j] = first[j] - now[j];
  }
  void spread_across(const float* first, const float* last, const float* now) {
    for (int j = 0; j < width; ++j) spread_across_[j] = first[j] + last[j] + now[j];
  }

  void write_gradient(const float* y, float offset, float* gradient) {
    const float *down = spread_down_, *across = spread_across_;
    for (int j = 0; j < side; ++j) {
      const float of_slope = down[j] + down[j + 1] + down[j + 2] + across[j] - across[j + 2];
      gradient[j] = -2 * (of_squares * (y[j] - offset) + of_slopes * of_slope);
    }
  }

  static constexpr int width = side + 2;
  Array y_true_;
  std::vector<float> y_ = std::vector<float>(sample);
  float down_[3][width], across_[3][width];          // rows i, i - 1 and i - 2, at i modulo 3
  float difference_[side], sum_[side];               // of y, along columns
  float spread_down_[width], spread_across_[width];  // of slopes, along columns
};

}  // namespace

Workloads image_losses() {
  const Array y_true = numbers<float>({batch, channels, side, side}, -1, 1, 10);
  const Array y_pred = numbers<float>({batch, channels, side, side}, -1, 1, 11);
  const auto of_optim = [y_true](const V& y_pred) { return loss(ag::borrow(y_true), y_pred); };
  const auto by_correlation = [y_true, kernel = prewitt()](const V& y_pred) {
    return loss_by_correlation(ag::borrow(y_true), y_pred, kernel);
  };
  const std::string name = "scale-invariant L2 + Prewitt";
  return {workload<float>(name + ", optim", y_pred, of_optim, ByHand(y_true)),
          workload<float>(name + ", correlate2d", y_pred, by_correlation, ByHand(y_true))};
}

}  // namespace benchmarks
