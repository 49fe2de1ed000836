/// Second derivatives: Hessian times vector of a perceptron's loss, a whole Hessian.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

template <class T>
using V = ag::Var<T>;

constexpr int samples = 32, inputs = 784, hidden = 128, classes = 10;

/// Images, the number of their class in one-hot form, and parameters with a direction.
struct Data {
  xt::xarray<float> images = numbers<float>({samples, inputs}, 0, 1);
  xt::xarray<float> labels = xt::zeros<float>({samples, classes});
  xt::xarray<float> W1 = numbers<float>({inputs, hidden}, -0.1, 0.1, 2);
  xt::xarray<float> b1 = numbers<float>({hidden}, -0.1, 0.1, 3);
  xt::xarray<float> W2 = numbers<float>({hidden, classes}, -0.3, 0.3, 4);
  xt::xarray<float> b2 = numbers<float>({classes}, -0.1, 0.1, 5);
  xt::xarray<float> v1 = numbers<float>({inputs, hidden}, -1, 1, 6);
  xt::xarray<float> u1 = numbers<float>({hidden}, -1, 1, 7);
  xt::xarray<float> v2 = numbers<float>({hidden, classes}, -1, 1, 8);
  xt::xarray<float> u2 = numbers<float>({classes}, -1, 1, 9);

  Data() {
    for (std::size_t i = 0; i < samples; ++i) labels(i, i * 7 % classes) = 1;
  }
};

/// The mean cross-entropy of softmax(tanh(x W1 + b1) W2 + b2).
struct Loss {
  V<float> operator()(const V<float>& W1, const V<float>& b1, const V<float>& W2,
                      const V<float>& b2) const {
    const V<float> x = ag::borrow(data->images), labels = ag::borrow(data->labels);
    const V<float> scores = ag::matmul(ag::tanh(ag::matmul(x, W1) + b1), W2) + b2;
    return ag::mean(ag::logsumexp(scores, {.axis = 1}) - ag::sum(labels * scores, {.axis = 1}));
  }
  std::shared_ptr<const Data> data;
};

/// The gradient of the loss, differentiated in the direction: each line of forward and backward
/// pass with its derivative beside it, whose names begin with d.
class HvpByHand {
 public:
  explicit HvpByHand(std::shared_ptr<const Data> data) : p(std::move(data)) {}

  void operator()(float* to_W1, float* to_b1, float* to_W2, float* to_b2) {
    forward();
    for (int i = 0; i < samples; ++i) {
      softmax(&scores[i * classes], &dscores[i * classes], &p->labels(i, 0));
    }
    back_to_hidden();
    gemm(hidden, classes, samples, 1, {a.data(), hidden, true}, {dscores.data(), classes}, 0,
         to_W2);
    gemm(hidden, classes, samples, 1, {da.data(), hidden, true}, {scores.data(), classes}, 1,
         to_W2);
    gemm(inputs, hidden, samples, 1, {p->images.data(), inputs, true}, {dz.data(), hidden}, 0,
         to_W1);
    sum_rows(dscores.data(), classes, to_b2);
    sum_rows(dz.data(), hidden, to_b1);
  }

 private:
  using Batch = xsimd::batch<float>;

  static void sum_rows(const float* rows, int columns, float* to) {
    std::fill_n(to, columns, 0.0f);
    add_rows<float>(samples, columns, rows, to);
  }

  static void fill_rows(const xt::xarray<float>& row, std::vector<float>& rows) {
    for (int i = 0; i < samples; ++i) {
      std::copy_n(row.data(), row.size(), rows.data() + i * row.size());
    }
  }

  void forward() {
    fill_rows(p->b1, a);
    fill_rows(p->u1, da);
    gemm(samples, hidden, inputs, 1, {p->images.data(), inputs}, {p->W1.data(), hidden}, 1,
         a.data());
    gemm(samples, hidden, inputs, 1, {p->images.data(), inputs}, {p->v1.data(), hidden}, 1,
         da.data());
    for (std::size_t i = 0; i < a.size(); i += Batch::size) {
      const Batch y = xsimd::tanh(Batch::load_unaligned(&a[i]));
      y.store_unaligned(&a[i]);
      ((1.0f - y * y) * Batch::load_unaligned(&da[i])).store_unaligned(&da[i]);
    }
    fill_rows(p->b2, scores);
    fill_rows(p->u2, dscores);
    gemm(samples, classes, hidden, 1, {a.data(), hidden}, {p->W2.data(), classes}, 1,
         scores.data());
    gemm(samples, classes, hidden, 1, {da.data(), hidden}, {p->W2.data(), classes}, 1,
         dscores.data());
    gemm(samples, classes, hidden, 1, {a.data(), hidden}, {p->v2.data(), classes}, 1,
         dscores.data());
  }

  /// Replaces the scores of one sample and their derivative by those of the cotangent.
  static void softmax(float* s, float* ds, const float* labels) {
    const float largest = *std::max_element(s, s + classes);
    float total = 0, slope = 0;
    for (int c = 0; c < classes; ++c) total += s[c] = std::exp(s[c] - largest);
    for (int c = 0; c < classes; ++c) slope += (s[c] /= total) * ds[c];
    for (int c = 0; c < classes; ++c) {
      ds[c] = s[c] * (ds[c] - slope) / samples;
      s[c] = (s[c] - labels[c]) / samples;
    }
  }

  void back_to_hidden() {
    gemm(samples, hidden, classes, 1, {scores.data(), classes}, {p->W2.data(), classes, true}, 0,
         g.data());
    gemm(samples, hidden, classes, 1, {dscores.data(), classes}, {p->W2.data(), classes, true}, 0,
         dz.data());
    gemm(samples, hidden, classes, 1, {scores.data(), classes}, {p->v2.data(), classes, true}, 1,
         dz.data());
    for (std::size_t i = 0; i < a.size(); ++i) {
      dz[i] = dz[i] * (1 - a[i] * a[i]) - 2 * a[i] * da[i] * g[i];
    }
  }

  std::shared_ptr<const Data> p;
  std::vector<float> a = std::vector<float>(samples * hidden), da = a, dz = a, g = a;
  std::vector<float> scores = std::vector<float>(samples * classes), dscores = scores;
};

Workload perceptron_hvp() {
  const auto data = std::make_shared<const Data>();
  const Loss loss{data};
  return comparison<float>(
      "Hessian-vector product, perceptron, batch 32", 4,
      [=] {
        const ag::Scope<float> scope;
        loss(data->W1, data->b1, data->W2, data->b2).item();
      },
      [=](Results<float>& r) {
        const Data& p = *data;
        std::tie(r[0], r[1], r[2], r[3]) =
            ag::hvp(loss)(p.W1, p.b1, p.W2, p.b2, p.v1, p.u1, p.v2, p.u2);
      },
      [=, hand = HvpByHand(data)](Results<float>& r) mutable {
        r[0].resize({inputs, hidden});
        r[1].resize({hidden});
        r[2].resize({hidden, classes});
        r[3].resize({classes});
        hand(r[0].data(), r[1].data(), r[2].data(), r[3].data());
      });
}

constexpr std::size_t variables = 50;

V<double> rosenbrock(const V<double>& x) {
  const V<double> a = ag::view(x, xt::range(0, variables - 1));
  const V<double> b = ag::view(x, xt::range(1, variables));
  return ag::sum(100.0 * ag::square(b - ag::square(a)) + ag::square(1.0 - a));
}

/// Three diagonals.
void rosenbrock_hessian(const double* x, double* H) {
  std::fill_n(H, variables * variables, 0.0);
  for (std::size_t i = 0; i + 1 < variables; ++i) {
    double* const diagonal = H + i * (variables + 1);
    diagonal[0] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
    diagonal[variables + 1] = 200;
    diagonal[1] = diagonal[variables] = -400 * x[i];
  }
}

/// A unit is an element of the Hessian.
template <class F>
Workload hessian_of_rosenbrock(const std::string& name, const F& hessian) {
  const xt::xarray<double> x = numbers<double>({variables});
  Workload result = comparison<double>(
      name, 1,
      [=] {
        const ag::Scope<double> scope;
        rosenbrock(V<double>(x)).item();
      },
      [=](Results<double>& results) { results[0] = hessian(x); },
      [=](Results<double>& results) {
        results[0].resize({variables, variables});
        rosenbrock_hessian(x.data(), results[0].data());
      });
  result.units = variables * variables;
  return result;
}

}  // namespace

Workloads second_order() {
  const ag::Sparsity band = ag::Sparsity::band(variables, 1);
  const auto by_colours = [=, values = ag::sparse_hessian(rosenbrock, band)](const auto& x) {
    return band.dense(values(x));
  };
  return {perceptron_hvp(),
          hessian_of_rosenbrock("Hessian, Rosenbrock in 50 dimensions", ag::hessian(rosenbrock)),
          hessian_of_rosenbrock("Hessian, Rosenbrock, three diagonals", by_colours)};
}

}  // namespace benchmarks
