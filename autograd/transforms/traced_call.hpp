/// Functions that the transforms which run sweeps share.
#pragma once

#include <optional>
#include <vector>

#include "autograd/detail/call.hpp"
#include "autograd/engine/raw_sweep.hpp"

namespace autograd::detail {

/// The nodes of the arguments, in memory of the tape. Throws std::logic_error if one is stale.
template <class T>
std::span<NodeId> ids_of(const TracedCall<T>& of);

/// Copies an array to `out`, row-major. An array without data, the gradient of an argument on which
/// y does not depend, is written as zeros.
template <class T>
void write(T* out, View<const T> from);

/// Computes the lazy values that sweeps from y read, before several sweeps would each compute them.
template <class T>
void compute_values(RawSweep<T>& sweep, NodeId y);

/// A vector u of numbers between 1 and 2 that hardly ever cancel in sums, at which J^T u is
/// recorded to be differentiated by u. It is linear in u, so any u would do; but where a cotangent
/// is 0, rules drop a derivative that is not finite, and with it the derivative by u.
template <class T>
Var<T> irregular(std::span<const Index> shape);

/// A variable u of the shape of y and J^T u for each argument.
template <class T>
struct Transposed {
  Var<T> u;
  std::vector<Var<T>> g;
};

/// Records J^T u if that, followed by `columns` sweeps, takes less time than `rows` sweeps, and if
/// the result is finite; otherwise nothing. A derivative that is not finite depends on the order of
/// multiplications (0 times infinity is NaN in a matrix product, while elementwise rules give 0 for
/// a cotangent of 0), and must be that of the sweeps by rows.
template <class T>
std::optional<Transposed<T>> transposed(const TracedCall<T>& of, Index rows, Index columns);

/// Whether no element is NaN or infinite.
template <class T>
bool all_finite(const T* x, Index size);
template <class T>
bool all_finite(const Var<T>& x);

}  // namespace autograd::detail
