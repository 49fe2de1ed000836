/// Projections onto convex sets: each replaces an array by the nearest point (in the Euclidean
/// distance) of the set.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "optim/terms.hpp"

namespace optim {

/// Replaces x by the nearest point of a set. Any function of this form will do. Those below keep
/// scratch memory: copies may be used at the same time, one of them may not. They keep the shape of
/// x, whatever it is as far as nothing else is said, and take no heap memory once they have seen it
/// (but for positive_semidefinite). For an x of another shape or rank than they need they throw
/// std::invalid_argument, for an axis that x does not have std::out_of_range. A NaN stays where
/// each element is treated by itself; the others throw std::invalid_argument if an element is NaN
/// or infinite.
template <Scalar T>
using Projection = std::function<void(xt::xarray<T>& x)>;

/// low <= x <= high. Bounds may be infinite. Throws std::invalid_argument unless low <= high.
template <Scalar T>
Projection<T> box(T low, T high);
/// The same with bounds of the shape of x.
template <Scalar T>
Projection<T> box(xt::xarray<T> low, xt::xarray<T> high);

/// x >= 0.
template <Scalar T>
Projection<T> non_negative();

/// x >= 0 and sum x = total: of the whole array, or of each vector along the axis. Exact, by
/// sorting: Held, Wolfe, Crowder (1974); Duchi et al. (2008). The total is finite and >= 0. Vectors
/// without elements: std::invalid_argument.
template <Scalar T>
Projection<T> simplex(T total = 1, std::optional<int> axis = {});

/// low <= x <= high and sum x = total: of the whole array, or of each vector along the axis. Exact,
/// by sorting: Wang and Lu (2015). The total and low are finite; high may be infinite, which is the
/// simplex if low is 0. Throws std::invalid_argument unless low <= high, and for vectors that
/// cannot have this sum.
template <Scalar T>
Projection<T> capped_simplex(T total, T low, T high, std::optional<int> axis = {});

/// ||x||_2 <= radius: of the whole array, or of each vector along the axis (axis 0: columns of a
/// matrix). What lies inside stays as it is, to the bit. The radius is >= 0, infinity included.
template <Scalar T>
Projection<T> l2_ball(T radius = 1, std::optional<int> axis = {});

/// sum |x| <= radius, of the whole array. Duchi et al. (2008). What lies inside stays as it is, to
/// the bit. The radius is >= 0, infinity included.
template <Scalar T>
Projection<T> l1_ball(T radius = 1);

/// A x = b for x flattened in row order: A of shape (m, n), b of shape (m), x of n elements. Rows
/// of A that depend on others are accepted as long as a solution exists (up to the rounding of T);
/// otherwise std::invalid_argument. A is decomposed here, once.
template <Scalar T>
Projection<T> affine(const xt::xarray<T>& A, const xt::xarray<T>& b);

/// x = values where the mask is true (arrays of the shape of x).
template <Scalar T>
Projection<T> fixed(xt::xarray<bool> mask, xt::xarray<T> values);

/// The main diagonal of a matrix, square or not, is 0.
template <Scalar T>
Projection<T> zero_diagonal();

/// A square matrix becomes symmetric with eigenvalues >= 0: its symmetric part without the negative
/// eigenvalues. Higham (1988).
template <Scalar T>
Projection<T> positive_semidefinite();

struct DykstraOptions {
  /// Ends when all sets together move x by less in a round, relative to ||x||. Values below the
  /// rounding of T are taken as that.
  double tolerance = 1e-10;
  std::uint64_t maxit = 100000;  ///< rounds at most; at least 1
};

/// The nearest point of the intersection of all sets, by Dykstra's algorithm (Boyle and Dykstra,
/// 1986). The sum of squares of the moves is what ends it (Birgin and Raydan, 2005): x itself may
/// stand still for rounds and go on later, the longer the farther the start is from the sets. The
/// last set holds best. No sets: x stays as it is.
///
/// Throws std::runtime_error, with x where the last round led, when it has not converged after
/// `maxit` rounds; so it is where the sets have no point in common. Throws std::invalid_argument
/// for options out of range, an empty function, and elements of x that are NaN or infinite.
template <Scalar T>
Projection<T> intersection(std::vector<Projection<T>> projections,
                           const DykstraOptions& options = {});

/// The indicator of a set as a term of an objective: its proximal operator is the projection. Its
/// value is 0 everywhere, as in pyunlocbox, not infinite outside of the set: solvers evaluate it at
/// x0, and most also at iterates that only approach the set. Where all terms are indicators the
/// objective is always 0, and `xtol` ends the solver.
template <Scalar T>
Term<T> indicator(Projection<T> projection, std::string name = "indicator");

}  // namespace optim
