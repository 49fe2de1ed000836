/// Cross-correlation and its adjoints as products of matrices: filters x places of the kernel,
/// times places of the kernel x places of the result (the patches).
#include <algorithm>

#include "autograd/conv/block.hpp"
#include "autograd/loops/blas.hpp"

namespace autograd::conv {
namespace {

template <class T>
void add_row(T* __restrict out, Index out_step, const T* __restrict in, Index in_step, Index n) {
  if (out_step == 1 && in_step == 1) {
#pragma omp simd
    for (Index i = 0; i < n; ++i) out[i] += in[i];
    return;
  }
  for (Index i = 0; i < n; ++i) out[i * out_step] += in[i * in_step];
}

/// The number of elements of patches that are made at a time: they stay in the second cache.
constexpr Index patch_numbers = 1 << 17;

/// Makes the matrix of patches for `count` rows of the result. It has a row for each place of the
/// kernel and a column for each place of the result, and holds the element of the image that they
/// meet. Or adds such a matrix to the image, which is the adjoint.
template <class T>
void move_patches(const Block<T>& b, T* patches, Index first, Index count, bool to_image) {
  const Axis &rows = b.c.rows, &columns = b.c.columns;
  for (Index place = 0; place < b.c.channels * rows.kernel * columns.kernel; ++place) {
    const Index u = place / columns.kernel % rows.kernel;
    const Index channel = place / columns.kernel / rows.kernel;
    const Span& s = b.spans[place % columns.kernel];
    for (Index i = first; i < first + count; ++i, patches += columns.result) {
      if (!to_image) std::fill_n(patches, columns.result, T(0));
      const Index row = i * rows.stride + u - rows.before;
      if (row < 0 || row >= rows.image) continue;
      T *patch = patches + s.result, *image = b.image_row(channel, row) + s.image;
      if (to_image) {
        add_row(image, columns.stride, patch, 1, s.count);
      } else {
        add_row(patch, 1, image, columns.stride, s.count);
      }
    }
  }
}

template <class T>
View<T> matrix(Arena& scratch, T* data, Index rows, Index columns, Index row_step,
               Index column_step) {
  return {data, make_layout(scratch, Dims{rows, columns}, Dims{row_step, column_step})};
}

/// Computes the share of `count` rows of the result, a band, in the array of a role.
template <class T>
void multiply_band(Arena& scratch, const Block<T>& b, T* patches, Index first, Index count,
                   Role role, bool add) {
  const ArenaScope memory(scratch);
  const Index filters = b.c.filters, places = b.c.channels * b.c.rows.kernel * b.c.columns.kernel;
  const Index width = count * b.c.columns.result, plane = b.c.rows.result * b.c.columns.result;
  T* kernels = b.data[Role::kernel];
  const View<T> k = matrix(scratch, kernels, filters, places, places, 1);
  const View<T> p = matrix(scratch, patches, places, width, width, 1);
  const View<T> y = matrix(scratch, b.result_row(0, first), filters, width, plane, 1);
  if (role != Role::image) move_patches(b, patches, first, count, false);
  if (role == Role::result) multiply_matrices<T>(scratch, y, k, p, add);
  if (role == Role::kernel) {
    const View<T> turned = matrix(scratch, patches, width, places, 1, width);
    multiply_matrices<T>(scratch, k, y, turned, true);
  }
  if (role == Role::image) {
    const View<T> turned = matrix(scratch, kernels, places, filters, 1, places);
    multiply_matrices<T>(scratch, p, turned, y, false);
    move_patches(b, patches, first, count, true);
  }
}

}  // namespace

template <class T>
void im2col(Arena& scratch, const Block<T>& b, Role role, bool add) {
  const ArenaScope memory(scratch);
  const Axis &rows = b.c.rows, &columns = b.c.columns;
  const Index height = b.c.channels * rows.kernel * columns.kernel * columns.result;
  const Index most = std::clamp<Index>(patch_numbers / height, 1, rows.result);
  T* patches = scratch.take<T>(static_cast<std::size_t>(height * most));
  if (role == Role::image && !add) {
    std::fill_n(b.data[Role::image], b.c.channels * rows.image * columns.image, T(0));
  }
  for (Index first = 0; first < rows.result; first += most) {
    multiply_band(scratch, b, patches, first, std::min(most, rows.result - first), role, add);
  }
}

template void im2col<float>(Arena&, const Block<float>&, Role, bool);
template void im2col<double>(Arena&, const Block<double>&, Role, bool);

}  // namespace autograd::conv
