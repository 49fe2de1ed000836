#include "autograd/linalg/batch.hpp"

#include "autograd/base/error.hpp"

namespace autograd::linalg {

Dims with_axes_behind(std::span<const Index> batch, std::initializer_list<Index> axes) {
  Dims shape(batch);
  for (Index extent : axes) shape.push(extent);
  return shape;
}

Numbers::Numbers(Arena& arena, std::span<const Index> own, std::span<const Index> batch)
    : layout_(make_layout(arena, batch, broadcast_strides(*make_row_major(arena, own), batch))) {}

std::string which(std::span<const Index> batch, Index matrix) {
  if (batch.empty()) return "the matrix";
  Dims place(batch);
  for (int axis = place.size(); axis-- > 0;) {
    place[axis] = matrix % batch[static_cast<std::size_t>(axis)];
    matrix /= batch[static_cast<std::size_t>(axis)];
  }
  const std::string number = batch.size() == 1 ? std::to_string(place[0]) : to_string(place);
  return "matrix " + number + " of the stack";
}

void refuse_singular(const char* op, std::span<const Index> batch, Index matrix) {
  fail<std::runtime_error>(op, "{} is singular", which(batch, matrix));
}

void refuse_to_converge(const char* op, std::span<const Index> batch, Index matrix) {
  fail<std::runtime_error>(op, "LAPACK did not converge for {}", which(batch, matrix));
}

}  // namespace autograd::linalg
