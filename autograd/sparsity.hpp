/// Jacobians and Hessians of which most elements are known to be 0.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/check.hpp"
#include "autograd/detail/api.hpp"
#include "autograd/transforms.hpp"

namespace AUTOGRAD_API autograd {

/// The places of a matrix whose elements may differ from 0, in row-major order.
class Sparsity {
 public:
  using Place = std::array<Index, 2>;  ///< row and column

  /// Places in any order; repeated ones count once. Throws std::out_of_range for one outside of the
  /// matrix, std::invalid_argument for negative extents.
  Sparsity(Index rows, Index columns, std::vector<Place> places);
  /// The places at which a matrix of booleans is true. Throws std::invalid_argument for an array
  /// that is no matrix.
  explicit Sparsity(const xt::xarray<bool>& mask);
  /// The places of an n x n matrix with |row - column| <= half_width.
  static Sparsity band(Index n, Index half_width);

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  const std::vector<Place>& places() const { return places_; }

  /// The matrix that holds `values` at the places. Throws std::invalid_argument if there are not as
  /// many values as places.
  template <Scalar T>
  xt::xarray<T> dense(const xt::xarray<T>& values) const {
    check_count(values.shape());
    xt::xarray<T> matrix = xt::zeros<T>({rows_, columns_});
    for (std::size_t i = 0; i < places_.size(); ++i) {
      matrix.data()[places_[i][0] * columns_ + places_[i][1]] = values.data()[i];
    }
    return matrix;
  }

 private:
  void check_count(std::span<const std::size_t> shape) const;

  Index rows_;
  Index columns_;
  std::vector<Place> places_;
};

namespace detail {

/// A division of the rows of a sparse matrix into groups, the colours, such that each element of
/// the matrix stands alone in the sum of the rows of some colour.
struct Compression {
  std::vector<Index> colour;  ///< the group of each row
  Index colours = 0;
  std::vector<Index> places;  ///< where each element stands in the (colours, columns) sums
};

/// Divides the rows such that those of one colour have no column in common (Curtis, Powell and
/// Reid); or the columns, such that those of one colour have no row in common.
Compression compress_rows(const Sparsity& pattern);
Compression compress_columns(const Sparsity& pattern);
/// Divides the rows of a symmetric matrix, whose elements may also be read at their mirror image
/// (star colouring). Throws std::invalid_argument for other patterns.
Compression compress_symmetric(const Sparsity& pattern);

/// How a Jacobian is computed: by groups of rows, or of columns where these are clearly fewer.
struct SparsePlan {
  const char* transform;
  Sparsity pattern;
  Compression rows;
  Compression columns;  ///< not used if it has no colours
};

/// Throws std::invalid_argument if the Jacobian is not of the size of the pattern.
template <class T>
void raw_sparse(const SparsePlan& plan, const TracedCall<T>& of, T* values);
template <class T>
void recorded_sparse(const SparsePlan& plan, const TracedCall<T>& of, Var<T>& values);

template <class F, class A>
auto sparse_values(const SparsePlan& plan, const F& f, const A& x) {
  using T = CallScalarT<A>;
  const auto raw = [&](const TracedCall<T>& of, auto& results) {
    const Index count[] = {static_cast<Index>(plan.pattern.places().size())};
    raw_sparse<T>(plan, of, output_buffer(std::get<0>(results), count, plan.transform));
    return T(0);
  };
  const auto recorded = [&](const TracedCall<T>& of, std::span<Var<T>> out) {
    recorded_sparse<T>(plan, of, out[0]);
  };
  return differentiate<ArrayOf>(std::index_sequence<0>{}, plan.transform, f, raw, recorded, x)
      .second;
}

/// Throws std::runtime_error naming `check` if the product of the sparse matrix with v differs from
/// `product`, which is right.
template <class T>
void compare_products(const char* check, const Sparsity& pattern, const xt::xarray<T>& values,
                      const xt::xarray<T>& v, const xt::xarray<T>& product);

}  // namespace detail

/// sparse_jacobian(f, pattern)(x): the elements of the Jacobian at the places of the pattern, in
/// their order, as a vector; `pattern.dense` makes the matrix of it. Results and x count as vectors
/// in row-major order. Takes a sweep for each group of rows without a common column, or of columns
/// without a common row: 2 k + 1 for a band of half-width k, whatever its length.
///
/// Elements outside of the pattern must be 0: others are added to elements in it, unnoticed.
/// `check_sparse_jacobian` finds them. A pattern of another size than the Jacobian throws
/// std::invalid_argument.
template <class F>
[[nodiscard]] auto sparse_jacobian(F f, const Sparsity& pattern) {
  auto plan = std::make_shared<const detail::SparsePlan>(
      detail::SparsePlan{"sparse_jacobian", pattern, detail::compress_rows(pattern),
                         detail::compress_columns(pattern)});
  return detail::Transformed([f = std::move(f), plan = std::move(plan)](const auto& x) {
    return detail::sparse_values(*plan, f, x);
  });
}

/// sparse_hessian(f, pattern)(x): the same for the Hessian of a scalar function. The pattern must
/// be symmetric (std::invalid_argument); then an arrow, a diagonal with one full row and column,
/// takes two sweeps.
template <class F>
[[nodiscard]] auto sparse_hessian(F f, const Sparsity& pattern) {
  auto plan = std::make_shared<const detail::SparsePlan>(
      detail::SparsePlan{"sparse_hessian", pattern, detail::compress_symmetric(pattern), {}});
  return detail::Transformed([f = std::move(f), plan = std::move(plan)](const auto& x) {
    const auto slope = [&](const auto& at) {
      return detail::gradients<0>("sparse_hessian", f, at);
    };
    return detail::sparse_values(*plan, slope, x);
  });
}

/// Multiplies the Jacobian, and its elements in the pattern, by a random vector. Throws
/// std::runtime_error if the products differ by more than rounding: they do, almost surely, if the
/// Jacobian at x has elements outside of the pattern. At other points it may still have some.
template <class F, Scalar T>
void check_sparse_jacobian(const F& f, const Sparsity& pattern, const xt::xarray<T>& x,
                           std::uint64_t seed = 0) {
  const xt::xarray<T> v = detail::random_like(x, seed);
  detail::compare_products<T>("check_sparse_jacobian", pattern, sparse_jacobian(f, pattern)(x), v,
                              jvp(f)(x, v));
}

/// Checks a pattern for the Hessian of a scalar function, as check_sparse_jacobian does for
/// Jacobians.
template <class F, Scalar T>
void check_sparse_hessian(const F& f, const Sparsity& pattern, const xt::xarray<T>& x,
                          std::uint64_t seed = 0) {
  const xt::xarray<T> v = detail::random_like(x, seed);
  detail::compare_products<T>("check_sparse_hessian", pattern, sparse_hessian(f, pattern)(x), v,
                              hvp(f)(x, v));
}

}  // namespace autograd
