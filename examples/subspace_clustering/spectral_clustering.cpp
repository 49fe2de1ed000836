#include "examples/subspace_clustering/spectral_clustering.hpp"

#include <algorithm>
#include <autograd/autograd.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "examples/support/random.hpp"

namespace examples {
namespace {

namespace ag = autograd;
using Array = xt::xarray<double>;
using Var = ag::Var<double>;

/// (1 + D^-1/2 A D^-1/2) / 2, whose eigenvalues are within [0, 1].
Array normalised(const Array& A) {
  const std::size_t n = A.shape(0);
  std::vector<double> scale(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double degree = std::accumulate(A.data() + i * n, A.data() + (i + 1) * n, 0.0);
    if (degree > 0) scale[i] = 1 / std::sqrt(degree);
  }
  Array S = A;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) S(i, j) = ((i == j) + scale[i] * A(i, j) * scale[j]) / 2;
  }
  return S;
}

double dot_of_columns(const Array& Q, std::size_t a, std::size_t b) {
  double sum = 0;
  for (std::size_t i = 0; i < Q.shape(0); ++i) sum += Q(i, a) * Q(i, b);
  return sum;
}

/// Gram and Schmidt.
void orthonormalise_columns(Array& Q) {
  for (std::size_t a = 0; a < Q.shape(1); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double part = dot_of_columns(Q, a, b);
      for (std::size_t i = 0; i < Q.shape(0); ++i) Q(i, a) -= part * Q(i, b);
    }
    const double norm = std::sqrt(dot_of_columns(Q, a, a));
    for (std::size_t i = 0; i < Q.shape(0); ++i) Q(i, a) /= norm;
  }
}

/// An orthonormal basis of the space of the leading eigenvectors of a symmetric matrix with
/// eigenvalues >= 0, by orthogonal iteration.
Array leading_eigenvectors(const Array& S, std::size_t count, Random& random) {
  const auto multiply = ag::evaluate([&](const Var& Q) { return ag::matmul(ag::borrow(S), Q); });
  Array Q = random.normal<double>({S.shape(0), count});
  for (int step = 0; step < 500; ++step) {
    Q = multiply(Q);
    orthonormalise_columns(Q);
  }
  return Q;
}

void scale_rows_to_length_1(Array& Q) {
  const std::size_t width = Q.shape(1);
  for (std::size_t i = 0; i < Q.shape(0); ++i) {
    double* row = Q.data() + i * width;
    const double norm = std::sqrt(std::inner_product(row, row + width, row, 0.0));
    if (norm > 0) std::for_each(row, row + width, [norm](double& q) { q /= norm; });
  }
}

double squared_distance(const double* a, const double* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// One run of Lloyd's algorithm on the rows of a matrix.
class Lloyd {
 public:
  Lloyd(const Array& points, std::size_t count, Random& random)
      : points_(points), width_(points.shape(1)), labels_(points.shape(0), 0) {
    Labels order(points.shape(0));
    std::iota(order.begin(), order.end(), std::size_t{0});
    centres_ = xt::zeros<double>({count, width_});
    for (std::size_t c = 0; c < count; ++c) {  // different points
      std::swap(order[c], order[c + random.below(order.size() - c)]);
      std::copy_n(point(order[c]), width_, centre(c));
    }
    for (int step = 0; step < 100 && assign(); ++step) move_centres();
  }

  const Labels& labels() const { return labels_; }
  double inertia() const { return inertia_; }

 private:
  const double* point(std::size_t i) const { return points_.data() + i * width_; }
  double* centre(std::size_t c) { return centres_.data() + c * width_; }

  std::size_t nearest(std::size_t i, double& distance) {
    std::size_t best = 0;
    distance = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < centres_.shape(0); ++c) {
      const double d = squared_distance(point(i), centre(c), width_);
      if (d >= distance) continue;
      distance = d;
      best = c;
    }
    return best;
  }

  /// Labels all points; true when that lowered the inertia.
  bool assign() {
    const double before = inertia_;
    inertia_ = 0;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      double distance;
      labels_[i] = nearest(i, distance);
      inertia_ += distance;
    }
    return inertia_ < before;
  }

  /// To the means of their points; a centre without points stays.
  void move_centres() {
    std::vector<double> size(centres_.shape(0), 0);
    for (const std::size_t label : labels_) ++size[label];
    for (std::size_t c = 0; c < size.size(); ++c) {
      if (size[c] > 0) std::fill_n(centre(c), width_, 0.0);
    }
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const std::size_t c = labels_[i];
      for (std::size_t j = 0; j < width_; ++j) centre(c)[j] += point(i)[j] / size[c];
    }
  }

  const Array& points_;
  std::size_t width_;
  Array centres_;
  Labels labels_;
  double inertia_ = std::numeric_limits<double>::infinity();
};

}  // namespace

Labels k_means(const Array& points, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Labels labels;
  double inertia = std::numeric_limits<double>::infinity();
  for (int start = 0; start < 20; ++start) {
    const Lloyd run(points, count, random);
    if (run.inertia() >= inertia) continue;
    inertia = run.inertia();
    labels = run.labels();
  }
  return labels;
}

Labels spectral_clustering(const Array& affinity, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Array Q = leading_eigenvectors(normalised(affinity), count, random);
  scale_rows_to_length_1(Q);
  return k_means(Q, count, seed);
}

double clustering_accuracy(const Labels& labels, const Labels& truth, std::size_t count) {
  xt::xarray<std::size_t> together = xt::zeros<std::size_t>({count, count});
  for (std::size_t i = 0; i < labels.size(); ++i) ++together(labels[i], truth[i]);
  Labels name(count);
  std::iota(name.begin(), name.end(), std::size_t{0});
  std::size_t best = 0;
  do {
    std::size_t right = 0;
    for (std::size_t c = 0; c < count; ++c) right += together(c, name[c]);
    best = std::max(best, right);
  } while (std::next_permutation(name.begin(), name.end()));
  return static_cast<double>(best) / static_cast<double>(labels.size());
}

}  // namespace examples
