/// Cross-correlation and its adjoints, row by row: each row is a weighted sum of rows, with one
/// term for each place of the kernel.
#include <algorithm>

#include "autograd/conv/block.hpp"
#include "autograd/loops/weighted_rows.hpp"

namespace autograd::conv {
namespace {

template <class T>
T inner_product(const T* a, const T* b, Index n) {
  using Batch = xsimd::batch<T>;
  constexpr Index lanes = Batch::size;
  Batch sums[4] = {Batch(T(0)), Batch(T(0)), Batch(T(0)), Batch(T(0))};
  const auto product = [&](Index i, const Batch& sum) {
    return xsimd::fma(Batch::load_unaligned(a + i), Batch::load_unaligned(b + i), sum);
  };
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    for (int k = 0; k < 4; ++k) sums[k] = product(i + k * lanes, sums[k]);
  }
  for (; i + lanes <= n; i += lanes) sums[0] = product(i, sums[0]);
  T total = sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < n; ++i) total += a[i] * b[i];
  return total;
}

/// Makes row i of the result: a term for each channel and place of the kernel that meets the image.
template <class T>
void make_result_row(const Block<T>& b, const Row<T>& row, Index filter, Index i, bool add) {
  const Axis& rows = b.c.rows;
  std::size_t count = 0;
  for (Index channel = 0; channel < b.c.channels; ++channel) {
    for (Index u = 0; u < rows.kernel; ++u) {
      const Index down = i * rows.stride + u - rows.before;
      if (down < 0 || down >= rows.image) continue;
      const T* in = b.image_row(channel, down);
      const T* kernel = b.kernel_row(filter, channel, u);
      for (Index v = 0; v < b.c.columns.kernel; ++v) {
        const Span& s = b.spans[v];
        if (s.count == 0) continue;
        row.terms[count++] = {in + s.image, kernel[v], s.result, s.result + s.count};
      }
    }
  }
  add_terms(b.result_row(filter, i), row, count, add);
}

/// Makes row i of the gradient of the image: a term for each filter and place of the kernel through
/// which a row of the result has met that row.
template <class T>
void make_image_row(const Block<T>& b, const Row<T>& row, Index channel, Index i, bool add) {
  const Axis& rows = b.c.rows;
  std::size_t count = 0;
  for (Index filter = 0; filter < b.c.filters; ++filter) {
    for (Index u = 0; u < rows.kernel; ++u) {
      const Index down = i + rows.before - u;
      if (down < 0 || down % rows.stride != 0 || down / rows.stride >= rows.result) continue;
      const T* in = b.result_row(filter, down / rows.stride);
      const T* kernel = b.kernel_row(filter, channel, u);
      for (Index v = 0; v < b.c.columns.kernel; ++v) {
        const Span& s = b.spans[v];
        if (s.count == 0) continue;
        row.terms[count++] = {in + s.result, kernel[v], s.image, s.image + s.count};
      }
    }
  }
  add_terms(b.image_row(channel, i), row, count, add);
}

/// Memory for the terms of a row of the result or the image, and the elements that all terms reach.
template <class T>
Row<T> row_of(Arena& scratch, const Block<T>& b, Role role) {
  const ConvProblem& c = b.c;
  const bool forward = role == Role::result;
  const Index terms = (forward ? c.channels : c.filters) * c.rows.kernel * c.columns.kernel;
  const Index length = forward ? c.columns.result : c.columns.image;
  Row<T> row{length, 0, length, scratch.take<Term<T>>(static_cast<std::size_t>(terms))};
  for (Index v = 0; v < c.columns.kernel; ++v) {
    const Index first = forward ? b.spans[v].result : b.spans[v].image;
    if (b.spans[v].count == 0) continue;
    row.from = std::max(row.from, first);
    row.to = std::min(row.to, first + b.spans[v].count);
  }
  return row;
}

/// Adds the gradient by one kernel: for each of its places the inner product of the result with the
/// part of the image that the place meets. Rows are summed in T, and these sums in double.
template <class T>
void add_kernel(const Block<T>& b, double* totals, Index filter, Index channel) {
  const Axis &rows = b.c.rows, &columns = b.c.columns;
  std::fill_n(totals, rows.kernel * columns.kernel, 0.0);
  for (Index i = 0; i < rows.result; ++i) {
    const T* result = b.result_row(filter, i);
    for (Index u = 0; u < rows.kernel; ++u) {
      const Index row = i * rows.stride + u - rows.before;
      if (row < 0 || row >= rows.image) continue;
      const T* image = b.image_row(channel, row);
      for (Index v = 0; v < columns.kernel; ++v) {
        const Span& s = b.spans[v];
        totals[u * columns.kernel + v] +=
            inner_product(result + s.result, image + s.image, s.count);
      }
    }
  }
  T* kernel = b.kernel_row(filter, channel, 0);
  for (Index i = 0; i < rows.kernel * columns.kernel; ++i) kernel[i] += static_cast<T>(totals[i]);
}

}  // namespace

template <class T>
void direct(Arena& scratch, const Block<T>& b, Role role, bool add) {
  const ConvProblem& c = b.c;
  const ArenaScope memory(scratch);
  if (role == Role::kernel) {
    auto* totals = scratch.take<double>(static_cast<std::size_t>(c.rows.kernel * c.columns.kernel));
    for (Index i = 0; i < c.filters * c.channels; ++i) {
      add_kernel(b, totals, i / c.channels, i % c.channels);
    }
    return;
  }
  const bool forward = role == Role::result;
  const Row<T> row = row_of(scratch, b, role);
  for (Index plane = 0; plane < (forward ? c.filters : c.channels); ++plane) {
    for (Index i = 0; i < (forward ? c.rows.result : c.rows.image); ++i) {
      if (forward) {
        make_result_row(b, row, plane, i, add);
      } else {
        make_image_row(b, row, plane, i, add);
      }
    }
  }
}

template void direct<float>(Arena&, const Block<float>&, Role, bool);
template void direct<double>(Arena&, const Block<double>&, Role, bool);

}  // namespace autograd::conv
