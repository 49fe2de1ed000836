/// Subspace clustering: its objective and the lower bound, the points, and the clusters.

#include <algorithm>
#include <cmath>
#include <string>

#include "examples/subspace_clustering/data.hpp"
#include "examples/subspace_clustering/objective.hpp"
#include "examples/subspace_clustering/spectral_clustering.hpp"
#include "examples/support/error.hpp"
#include "examples/support/random.hpp"
#include "tests/examples/image_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace examples;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Array = xt::xarray<double>;

/// The sums of the question, column by column.
double by_columns(const Array& X, const Array& C, double lambda) {
  const std::size_t d = X.shape(0), n = X.shape(1);
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double squares = 0;
    for (std::size_t j = 0; j < n; ++j) squares += C(j, i) * C(j, i);
    total += lambda * std::sqrt(squares);
    for (std::size_t row = 0; row < d; ++row) {
      double residual = X(row, i);
      for (std::size_t j = 0; j < n; ++j) residual -= X(row, j) * C(j, i);
      total += residual * residual;
    }
  }
  return total;
}

/// The message of the InputError for a file of points.
std::string error_of(const std::string& csv, std::uint64_t clusters) {
  const image_files::TemporaryFolder folder;
  SubspaceOptions options;
  options.data = folder / "X.csv";
  options.subspaces = clusters;
  image_files::write(options.data, {csv.begin(), csv.end()});
  try {
    points_of(options);
  } catch (const InputError& error) {
    const std::string text = error.what();
    return text.substr(text.find("X.csv"));
  }
  return "fine";
}

/// True when both name the same clusters, by whatever numbers.
bool same_clusters(const Labels& a, const Labels& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if ((a[i] == a[j]) != (b[i] == b[j])) return false;
    }
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("the objective is the sum over columns", "[examples][subspace_clustering]") {
  Random random(1);
  const SubspaceProblem problem{random.normal<double>({4, 6}), 0.7};
  const Array C = random.normal<double>({6, 6});
  CHECK_THAT(problem.value(C), WithinRel(by_columns(problem.X, C, 0.7), 1e-13));
}

TEST_CASE("at C = 0 the gradient is that of the fit, -2 X^T X", "[examples][subspace_clustering]") {
  const SubspaceProblem problem{{{1, 2}, {0, 3}}, 5};
  const Array gradient = autograd::grad([&](const SubspaceProblem::Var& C) {
    return problem.objective(C);
  })(Array(xt::zeros<double>({2, 2})));
  CHECK(expect::difference(gradient, {{-2, -4}, {-4, -26}}) == "");
}

// Two points 2 and 1 on a line: (2 - c)^2 + |c| is least for c = 1.5, and (1 - 2 c)^2 + |c| for
// c = 0.375.
TEST_CASE("the lower bound is the optimum at the optimal C, no more elsewhere",
          "[examples][subspace_clustering]") {
  const SubspaceProblem problem{{{2, 1}}, 1};
  const Array C{{0, 0.375}, {1.5, 0}};
  CHECK_THAT(problem.value(C), WithinAbs(2.1875, 1e-14));
  CHECK_THAT(problem.lower_bound(C), WithinAbs(2.1875, 1e-14));
  Random random(2);
  for (int trial = 0; trial < 100; ++trial) {
    const double a = random.normal(), b = random.normal();
    CHECK(problem.lower_bound({{0, a}, {b, 0}}) <= 2.1875 + 1e-14);
  }
}

TEST_CASE("random points lie in their subspaces", "[examples][subspace_clustering]") {
  SubspaceOptions options;
  options.subspaces = 2;
  options.dimension = 1;
  options.ambient = 4;
  options.points = 5;
  options.noise = 0;
  const Points points = random_points(options);
  CHECK(points.truth == Labels{0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
  REQUIRE(points.X.shape() == Array::shape_type{4, 10});
  const Array& X = points.X;
  const auto parallel = [&](std::size_t a, std::size_t b) {
    double largest = 0;
    for (std::size_t i = 1; i < 4; ++i) {
      largest = std::max(largest, std::abs(X(i, a) * X(0, b) - X(0, a) * X(i, b)));
    }
    return largest < 1e-15;
  };
  for (std::size_t i = 0; i < 10; ++i) CHECK(parallel(i, 0) == (i < 5));
}

TEST_CASE("the noise has the length that is asked for", "[examples][subspace_clustering]") {
  SubspaceOptions options;
  options.noise = 0;
  const Points exact = random_points(options);
  options.noise = 0.5;
  const Points noisy = random_points(options);
  double squares = 0;
  for (std::size_t i = 0; i < exact.X.size(); ++i) {
    const double noise = noisy.X.flat(i) - exact.X.flat(i);
    squares += noise * noise;
  }
  CHECK_THAT(squares / 90, WithinRel(0.25, 0.1));
}

TEST_CASE("points that cannot be used", "[examples][subspace_clustering]") {
  CHECK(error_of("1,2,3\n4,5,6\n", 3) == "fine");
  CHECK(error_of("1\n2\n", 1) ==
        "X.csv: 2 x 1 numbers, where each column is a point; at least 2 points are needed");
  CHECK(error_of("1,2,3\n4,5,6\n", 4) ==
        "X.csv: 2 x 3 numbers, where each column is a point; 4 clusters need as many points");
  std::string long_line = "1";
  for (int i = 0; i < 2000; ++i) long_line += ",1";
  CHECK(error_of(long_line, 3) ==
        "X.csv: 1 x 2001 numbers, where each column is a point; at most 2000 points are allowed");
  CHECK(error_of("0,0\n0,0\n", 2) ==
        "X.csv: the largest number is 0; scale it to between 1e-10 and 1e10");
  CHECK(error_of("1e60,0\n", 2) ==
        "X.csv: the largest number is 1e+60; scale it to between 1e-10 and 1e10");
  CHECK(error_of("1,nan\n", 2) == "X.csv: line 1: 'nan' is not a finite number");
}

TEST_CASE("subspaces must fit into the space around them", "[examples][subspace_clustering]") {
  const image_files::TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const char* argv[] = {"subspace_clustering", "--out", out.c_str(), "--dimension", "31"};
  try {
    subspace_options(5, argv);
    FAIL("no InputError");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) ==
          "--dimension: subspaces of dimension 31 do not fit into 30 (--ambient)");
  }
}

TEST_CASE("clusters: accuracy does not depend on the names of clusters",
          "[examples][subspace_clustering]") {
  const Labels truth = {0, 0, 1, 1, 2, 2};
  CHECK(clustering_accuracy(truth, truth, 3) == 1);
  CHECK(clustering_accuracy({2, 2, 0, 0, 1, 1}, truth, 3) == 1);
  CHECK(clustering_accuracy({2, 2, 0, 1, 1, 1}, truth, 3) == 5.0 / 6);
  CHECK(clustering_accuracy({0, 0, 0, 0, 0, 0}, truth, 3) == 2.0 / 6);
  CHECK(clustering_accuracy({0, 1, 0, 1}, {0, 0, 1, 1}, 2) == 0.5);
}

TEST_CASE("clusters: k-means separates heaps of points", "[examples][subspace_clustering]") {
  const Array points{{0, 0}, {9, 9}, {0.1, 0}, {9, 9.2}, {0, 9}, {0.2, 0.1}, {0, 9.1}};
  CHECK(same_clusters(k_means(points, 3, 0), {0, 1, 0, 1, 2, 0, 2}));
  CHECK(same_clusters(k_means(points, 1, 0), {0, 0, 0, 0, 0, 0, 0}));
  CHECK(same_clusters(k_means(points, 7, 0), {0, 1, 2, 3, 4, 5, 6}));
}

// Rings: neighbours have affinity, points on opposite sides have none, so that rows of the matrix
// do not show the clusters by themselves.
TEST_CASE("clusters: spectral clustering finds what is connected",
          "[examples][subspace_clustering]") {
  const std::size_t n = 24;
  Array affinity = xt::zeros<double>({n, n});
  Labels truth(n);
  for (std::size_t i = 0; i < n; ++i) {
    truth[i] = i % 3;
    const std::size_t next = (i + 3) % n;  // of the same ring
    affinity(i, next) = affinity(next, i) = 1;
    affinity(i, (i + 1) % n) += 0.01;
    affinity((i + 1) % n, i) += 0.01;
  }
  CHECK(same_clusters(spectral_clustering(affinity, 3, 0), truth));
}

TEST_CASE("clusters: a point without affinities does not disturb the others",
          "[examples][subspace_clustering]") {
  const Array affinity{
      {0, 1, 0, 0, 0}, {1, 0, 0, 0, 0}, {0, 0, 0, 1, 0}, {0, 0, 1, 0, 0}, {0, 0, 0, 0, 0}};
  const Labels labels = spectral_clustering(affinity, 2, 0);
  CHECK(same_clusters({labels.begin(), labels.end() - 1}, {0, 0, 1, 1}));
}
