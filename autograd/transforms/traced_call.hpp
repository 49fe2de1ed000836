/// What the transforms that run sweeps share.
#pragma once

#include <optional>
#include <vector>

#include "autograd/detail/call.hpp"
#include "autograd/engine/raw_sweep.hpp"

namespace autograd::detail {

/// The nodes of the arguments, in memory of the tape. Throws std::logic_error if one is stale.
template <class T>
std::span<NodeId> ids_of(const TracedCall<T>& of);

/// Copies an array, row-major, to `out`: zeros where it has no data.
template <class T>
void write(T* out, View<const T> from);

/// Computes what repeated sweeps from y would compute each time.
template <class T>
void compute_values(RawSweep<T>& sweep, NodeId y);

/// A variable u of the shape of y and J^T u for each argument.
template <class T>
struct Transposed {
  Var<T> u;
  std::vector<Var<T>> g;
};

/// Records J^T u where `rows` sweeps take longer than that with `columns` sweeps after it, and
/// where it is finite. What is not finite depends on the order of multiplications (0 times infinity
/// is NaN in a matrix product, while elementwise rules give 0 for a cotangent of 0), so that it is
/// left to the rows.
template <class T>
std::optional<Transposed<T>> transposed(const TracedCall<T>& of, Index rows, Index columns);

template <class T>
bool all_finite(const T* x, Index size);
template <class T>
bool all_finite(const Var<T>& x);

}  // namespace autograd::detail
