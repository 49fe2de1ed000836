#pragma once

#include <autograd/xtensor.hpp>
#include <cstdint>
#include <vector>

namespace examples {

/// The cluster of each point, 0 .. count - 1.
using Labels = std::vector<std::size_t>;

/// Clusters n points by their affinities, a symmetric matrix of shape (n, n) with elements >= 0:
/// k-means of the rows, scaled to length 1, of the leading eigenvectors of D^-1/2 A D^-1/2, D being
/// the sums of rows. Ng, Jordan, Weiss (2001). 1 <= count <= n.
Labels spectral_clustering(const xt::xarray<double>& affinity, std::size_t count,
                           std::uint64_t seed);

/// The labels of least inertia from several random starts of Lloyd's algorithm; rows of the matrix
/// are points.
Labels k_means(const xt::xarray<double>& points, std::size_t count, std::uint64_t seed);

/// The part of the points whose labels agree with the truth when clusters may be renamed: the
/// largest over all permutations of 0 .. count - 1.
double clustering_accuracy(const Labels& labels, const Labels& truth, std::size_t count);

}  // namespace examples
