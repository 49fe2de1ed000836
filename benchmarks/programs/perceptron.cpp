/// A multilayer perceptron: products, tanh and softmax cross-entropy in single precision.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optim/optim.hpp>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<float>;
using Array = xt::xarray<float>;
using Labels = xt::xarray<ag::Index>;

constexpr int inputs = 784, hidden = 128, classes = 10;

struct Batch {
  explicit Batch(int size)
      : size(size),
        images(numbers<float>({static_cast<std::size_t>(size), inputs}, 0, 1, 5)),
        labels(Labels::from_shape({static_cast<std::size_t>(size)})),
        one_hot(xt::zeros<float>({size, classes})) {
    for (int i = 0; i < size; ++i) {
      labels(i) = (7 * i + i / 3) % classes;
      one_hot(i, labels(i)) = 1;
    }
  }
  int size;
  Array images;
  Labels labels;
  Array one_hot;
};

using Shared = std::shared_ptr<const Batch>;

V logits_of(const V& x, const V& W1, const V& b1, const V& W2, const V& b2) {
  return ag::matmul(ag::tanh(ag::matmul(x, W1) + b1), W2) + b2;
}

/// Both sweeps by hand. Arguments and gradients are W1, b1, W2 and b2.
class ByHand {
 public:
  explicit ByHand(Shared batch)
      : batch_(std::move(batch)),
        n_(batch_->size),
        h_(static_cast<std::size_t>(n_ * hidden)),
        slope_(h_.size()),
        logits_(static_cast<std::size_t>(n_ * classes)) {}

  float operator()(const Pointers<const float, 4>& at, const Pointers<float, 4>& gradients) {
    const auto [W1, b1, W2, b2] = at;
    forward(W1, b1, W2, b2);
    const float loss = cross_entropy();
    backward(W2, gradients);
    return loss;
  }

 private:
  void forward(const float* W1, const float* b1, const float* W2, const float* b2) {
    gemm(n_, hidden, inputs, 1, {batch_->images.data(), inputs}, {W1, hidden}, 0, h_.data());
    for (int i = 0; i < n_; ++i) {
      float* row = h_.data() + i * hidden;
      const auto activation = [](auto z, auto b) { return xsimd::tanh(z + b); };
      map(hidden, row, activation, row, b1);
    }
    for (int i = 0; i < n_; ++i) std::copy_n(b2, classes, logits_.data() + i * classes);
    gemm(n_, classes, hidden, 1, {h_.data(), hidden}, {W2, classes}, 1, logits_.data());
  }

  /// Returns the loss and replaces the logits by its derivatives: (softmax - one hot) / n.
  float cross_entropy() {
    const float correct = shift_logits();
    map(
        logits_.size(), logits_.data(), [](auto x) { return xsimd::exp(x); }, logits_.data());
    float logarithms = 0;
    for (int i = 0; i < n_; ++i) {
      float* row = logits_.data() + i * classes;
      const float total = std::accumulate(row, row + classes, 0.0f);
      logarithms += std::log(total);
      for (int c = 0; c < classes; ++c) row[c] /= total * n_;
      row[batch_->labels(i)] -= 1.0f / n_;
    }
    return (logarithms - correct) / n_;
  }

  /// Subtracts the largest logit of each sample; returns the sum of the correct ones.
  float shift_logits() {
    float correct = 0;
    for (int i = 0; i < n_; ++i) {
      float* row = logits_.data() + i * classes;
      const float largest = *std::max_element(row, row + classes);
      for (int c = 0; c < classes; ++c) row[c] -= largest;
      correct += row[batch_->labels(i)];
    }
    return correct;
  }

  void backward(const float* W2, const Pointers<float, 4>& gradients) {
    const auto [W1, b1, W2_gradient, b2] = gradients;
    gemm(hidden, classes, n_, 1, {h_.data(), hidden, true}, {logits_.data(), classes}, 0,
         W2_gradient);
    gemm(n_, hidden, classes, 1, {logits_.data(), classes}, {W2, classes, true}, 0, slope_.data());
    const auto through_tanh = [](auto g, auto h) { return g * (1.0f - h * h); };
    map(h_.size(), slope_.data(), through_tanh, slope_.data(), h_.data());
    gemm(inputs, hidden, n_, 1, {batch_->images.data(), inputs, true}, {slope_.data(), hidden}, 0,
         W1);
    std::fill_n(b1, hidden, 0.0f);
    std::fill_n(b2, classes, 0.0f);
    add_rows(n_, hidden, slope_.data(), b1);
    add_rows(n_, classes, logits_.data(), b2);
  }

  Shared batch_;
  int n_;
  std::vector<float> h_, slope_, logits_;
};

Arrays<float, 4> weights() {
  return {numbers<float>({inputs, hidden}, -0.05, 0.05, 6), numbers<float>({hidden}, -0.1, 0.1, 7),
          numbers<float>({hidden, classes}, -0.1, 0.1, 8), numbers<float>({classes}, -0.1, 0.1, 9)};
}

void add(Workloads& to, int size) {
  const Shared batch = std::make_shared<Batch>(size);
  const auto one_hot = [batch](const V& W1, const V& b1, const V& W2, const V& b2) {
    const V logits = logits_of(ag::borrow(batch->images), W1, b1, W2, b2);
    return optim::cross_entropy(ag::borrow(batch->one_hot), logits);
  };
  const auto labels = [batch](const V& W1, const V& b1, const V& W2, const V& b2) {
    const V logits = logits_of(ag::borrow(batch->images), W1, b1, W2, b2);
    return optim::sparse_cross_entropy(batch->labels, logits);
  };
  const std::string name = "perceptron, batch " + std::to_string(size);
  to.push_back(workload<float>(name + ", one-hot labels", weights(), one_hot, ByHand(batch)));
  to.push_back(workload<float>(name + ", integer labels", weights(), labels, ByHand(batch)));
}

}  // namespace

Workloads perceptrons() {
  Workloads workloads;
  for (const int size : {32, 512}) add(workloads, size);
  return workloads;
}

}  // namespace benchmarks
