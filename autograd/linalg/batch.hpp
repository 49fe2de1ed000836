/// The leading axes of stacks of matrices, and what messages say about one of the matrices.
#pragma once

#include <string>

#include "autograd/base/layout.hpp"

namespace autograd::linalg {

/// The leading axes of a stack.
inline std::span<const Index> batch_of(std::span<const Index> shape) {
  return shape.first(shape.size() - 2);
}
/// The number of matrices in a stack.
inline Index count_of(std::span<const Index> batch) { return element_count(batch); }
/// `batch` with more axes behind it.
Dims with_axes_behind(std::span<const Index> batch, std::initializer_list<Index> axes);

/// For the matrix at each place of `batch`, in row-major order, its number in a stack whose own
/// leading axes broadcast to that.
class Numbers {
 public:
  Numbers(Arena& arena, std::span<const Index> own, std::span<const Index> batch);
  Index operator()(Index place) const { return offset_of(*layout_, place); }

 private:
  const Layout* layout_;
};

/// "the matrix", or "matrix 3 of the stack", or "matrix (1, 2) of the stack".
std::string which(std::span<const Index> batch, Index matrix);
/// Throws std::runtime_error: "op: matrix 3 of the stack is singular".
[[noreturn]] void refuse_singular(const char* op, std::span<const Index> batch, Index matrix);
/// Throws std::runtime_error: "op: LAPACK did not converge for matrix 3 of the stack".
[[noreturn]] void refuse_to_converge(const char* op, std::span<const Index> batch, Index matrix);

}  // namespace autograd::linalg
