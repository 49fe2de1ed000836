#include "autograd/loops.hpp"

#include <cmath>
#include <cstring>

namespace autograd {
namespace {

/// The iteration space, innermost axis first; operand 0 is the output.
struct Walk {
  int rank;
  int operands;
  Index shape[max_rank];
  Index stride[max_operands + 1][max_rank];

  void insert(int at, Index extent, const Index* strides) {
    for (int i = rank++; i > at; --i) move(i, i - 1);
    shape[at] = extent;
    for (int k = 0; k < operands; ++k) stride[k][at] = strides[k];
  }
  void move(int to, int from) {
    shape[to] = shape[from];
    for (int k = 0; k < operands; ++k) stride[k][to] = stride[k][from];
  }
  Index distance(int axis) const {
    Index total = 0;
    for (int k = 0; k < operands; ++k) total += std::abs(stride[k][axis]);
    return total;
  }
  bool continues(int outer, int inner) const {
    for (int k = 0; k < operands; ++k) {
      if (stride[k][outer] != stride[k][inner] * shape[inner]) return false;
    }
    return true;
  }
  /// Joins axes that all operands walk as one.
  void coalesce() {
    int kept = 0;
    for (int axis = 1; axis < rank; ++axis) {
      if (continues(axis, kept)) {
        shape[kept] *= shape[axis];
      } else {
        move(++kept, axis);
      }
    }
    rank = rank == 0 ? 0 : kept + 1;
  }
};

Index aligned_stride(const Layout& layout, int from_end) {
  const int axis = layout.rank - from_end;
  return axis < 0 || layout.shape[axis] == 1 ? 0 : layout.strides[axis];
}

/// Orders the axes by the distance in memory, nearest innermost.
template <class T>
void plan(Walk& walk, std::span<const Index> shape, const Layout& out,
          std::span<const View<const T>> in) {
  walk.rank = 0;
  walk.operands = static_cast<int>(in.size()) + 1;
  for (int from_end = 1; from_end <= static_cast<int>(shape.size()); ++from_end) {
    const Index extent = shape[shape.size() - from_end];
    if (extent == 1) continue;
    Index strides[max_operands + 1];
    strides[0] = aligned_stride(out, from_end);
    Index distance = std::abs(strides[0]);
    for (std::size_t k = 0; k < in.size(); ++k) {
      strides[k + 1] = aligned_stride(*in[k].layout, from_end);
      distance += std::abs(strides[k + 1]);
    }
    int at = walk.rank;
    while (at > 0 && walk.distance(at - 1) > distance) --at;
    walk.insert(at, extent, strides);
  }
  walk.coalesce();
}

/// What happens to a tile of results.
template <class T>
struct Job {
  const Kernel<T>& kernel;
  const Fold<T>* fold;  ///< missing: results are stored

  bool is_copy() const { return &kernel == &Builtin<T>::copy; }
  bool is_sum() const { return fold == &Builtin<T>::sum; }
};

template <class T>
class Runner {
 public:
  Runner(const Walk& walk, const Job<T>& job, T* out, std::span<const View<const T>> in)
      : walk_(walk), job_(job) {
    at_[0] = out;
    for (std::size_t k = 0; k < in.size(); ++k) at_[k + 1] = const_cast<T*>(in[k].data);
    spreads_ = job.kernel.spread != 0 && step(0) == 1 && (job.fold == nullptr || job.is_sum());
    for (int k = 0; k < walk.operands; ++k) {
      buffered_ |= step(k) != 1 && n() > 1;
      spreads_ &= k == 0 || step(k) == (job.kernel.spread >> (k - 1) & 1 ? 0 : 1);
    }
    buffered_ &= !spreads_;
  }

  void run() {
    if (reduces()) {
      for_outer(0, n());
    } else {
      const Index length = buffered_ ? tile_length : n();
      for (Index from = 0; from < n(); from += length) {
        for_outer(from, std::min(length, n() - from));
      }
    }
  }

 private:
  Index n() const { return walk_.rank == 0 ? 1 : walk_.shape[0]; }
  Index step(int k) const { return walk_.rank == 0 ? 0 : walk_.stride[k][0]; }
  bool reduces() const { return job_.fold != nullptr && step(0) == 0 && n() > 1; }

  /// All positions of the outer axes, for `length` elements of the inner one.
  void for_outer(Index from, Index length) {
    T* at[max_operands + 1];
    for (int k = 0; k < walk_.operands; ++k) at[k] = at_[k] + from * step(k);
    Index count[max_rank] = {};
    while (true) {
      reduces() ? reduce(at, length) : tile_of(at, length);
      int axis = 1;
      for (; axis < walk_.rank; ++axis) {
        for (int k = 0; k < walk_.operands; ++k) at[k] += walk_.stride[k][axis];
        if (++count[axis] < walk_.shape[axis]) break;
        count[axis] = 0;
        for (int k = 0; k < walk_.operands; ++k) {
          at[k] -= walk_.stride[k][axis] * walk_.shape[axis];
        }
      }
      if (axis >= walk_.rank) return;
    }
  }

  /// A contiguous row of operand k.
  const T* row(int k, const T* x, Index length) {
    const Index by = step(k);
    if (by != 0 || length == 1) return gather(x, by, length, buffers_[k]);
    if (spread_[k] != x) {
      std::fill_n(buffers_[k], std::min(tile_length, n()), *x);
      spread_[k] = x;
    }
    return buffers_[k];
  }

  void rows(const T** in, T* const* at, Index from, Index length) {
    for (int k = 1; k < walk_.operands; ++k) in[k - 1] = row(k, at[k] + from * step(k), length);
  }

  /// The results of the kernel, as a contiguous row.
  const T* results(const T* const* in, Index length) {
    if (job_.is_copy()) return in[0];
    job_.kernel.store(buffers_[0], in, length);
    return buffers_[0];
  }

  void tile_of(T* const* at, Index length) {
    T* out = at[0];
    if (spreads_) {
      return (job_.fold == nullptr ? job_.kernel.store_spread : job_.kernel.add_spread)(out, at + 1,
                                                                                        length);
    }
    const T* in[max_operands];
    rows(in, at, 0, length);
    if (step(0) != 1 && length > 1) return put(out, results(in, length), length);
    if (job_.fold == nullptr) return job_.kernel.store(out, in, length);
    if (job_.is_sum()) return job_.kernel.add(out, in, length);
    for (Index i = 0; i < length; i += tile_length) {
      const Index part = std::min(tile_length, length - i);
      const T* shifted[max_operands];
      for (int k = 1; k < walk_.operands; ++k) shifted[k - 1] = in[k - 1] + i;
      job_.fold->merge(out + i, results(shifted, part), part);
    }
  }

  void put(T* out, const T* x, Index length) {
    const Index by = step(0);
    if (job_.fold == nullptr || job_.is_sum()) {
      return scatter(out, by, x, length, job_.fold != nullptr);
    }
    for (Index i = 0; i < length; ++i) job_.fold->merge(out + i * by, x + i, 1);
  }

  void reduce(T* const* at, Index length) {
    const T* in[max_operands];
    double total = *at[0];
    const bool fused = job_.is_sum() && job_.kernel.sum != nullptr;
    const Index part = buffered_inputs() || !(fused || job_.is_copy()) ? tile_length : longest_sum;
    for (Index from = 0; from < length; from += part) {
      const Index count = std::min(part, length - from);
      rows(in, at, from, count);
      total = fused ? total + job_.kernel.sum(in, count)
                    : job_.fold->tile(total, results(in, count), count);
    }
    *at[0] = static_cast<T>(total);
  }
  bool buffered_inputs() const {
    for (int k = 1; k < walk_.operands; ++k) {
      if (step(k) != 1) return true;
    }
    return false;
  }

  const Walk& walk_;
  const Job<T>& job_;
  bool buffered_ = false;  ///< some operand is not contiguous
  bool spreads_ = false;   ///< the kernel takes the scalars among its operands as they are
  T* at_[max_operands + 1];
  const T* spread_[max_operands + 1] = {};  ///< the scalars that fill the buffers
  alignas(64) T buffers_[max_operands + 1][tile_length];
};

/// One flat loop, where all arrays lie in memory alike or are scalars.
template <class T>
bool plan_flat(Walk& walk, Index size, const Layout& out, std::span<const View<const T>> in) {
  const Layout* common = out.size == 1 && size != 1 ? nullptr : &out;
  for (const auto& view : in) {
    if (view.layout->size == 1) continue;
    if (common == nullptr) common = view.layout;
    if (view.layout != common && !same_layout(*view.layout, *common)) return false;
  }
  if (common == nullptr || !common->dense || common->size != size) return false;
  walk.operands = static_cast<int>(in.size()) + 1;
  walk.rank = 1;
  walk.shape[0] = size;
  walk.stride[0][0] = out.size == 1 ? 0 : 1;
  for (std::size_t k = 0; k < in.size(); ++k) {
    walk.stride[k + 1][0] = in[k].layout->size == 1 ? 0 : 1;
  }
  return true;
}

/// True after copying a matrix whose rows lie in memory as the columns of the other: block by
/// block, so that every line of memory is used whole.
template <class T>
bool transpose(const Walk& walk, const Job<T>& job, T* out, const T* in) {
  if (!job.is_copy() || walk.rank != 2 || (job.fold != nullptr && !job.is_sum())) return false;
  const auto& to = walk.stride[0];
  const auto& from = walk.stride[1];
  for (const int row : {0, 1}) {
    const int column = 1 - row;
    if (to[column] != 1 || from[row] != 1 || to[row] == 0) continue;
    transpose_matrix(out, to[row], in, from[column], walk.shape[row], walk.shape[column],
                     job.fold != nullptr);
    return true;
  }
  return false;
}

/// One call of the kernel for a flat loop, unless there are scalars that the kernel does not take
/// as they are.
template <class T>
bool run_at_once(const Walk& walk, const Job<T>& job, T* out, std::span<const View<const T>> in) {
  const Index n = walk.shape[0];
  if ((job.fold != nullptr && !job.is_sum()) || (walk.stride[0][0] != 1 && n > 1)) {
    return false;
  }
  const T* at[max_operands];
  unsigned spread = 0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    at[k] = in[k].data;
    if (walk.stride[k + 1][0] != 1 && n > 1) spread |= 1u << k;
  }
  if (spread != 0 && spread != job.kernel.spread) return false;
  const bool stores = job.fold == nullptr;
  const auto function = spread != 0 ? (stores ? job.kernel.store_spread : job.kernel.add_spread)
                                    : (stores ? job.kernel.store : job.kernel.add);
  function(out, at, n);
  return true;
}

template <class T>
void map(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
         const Job<T>& job) {
  const Index size = element_count(shape);
  if (size == 0) return;
  Walk walk;
  if (plan_flat(walk, size, *out.layout, in)) {
    if (run_at_once(walk, job, out.data, in)) return;
  } else {
    plan(walk, shape, *out.layout, in);
  }
  if (transpose(walk, job, out.data, in[0].data)) return;
  Runner<T>(walk, job, out.data, in).run();
}

}  // namespace

template <class T>
void map_store(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
               const Kernel<T>& kernel) {
  if (out.layout->size != element_count(shape)) {
    fill(out, T(0));
    return map_add(shape, out, in, kernel);
  }
  map<T>(shape, out, in, {kernel, nullptr});
}

template <class T>
void map_add(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
             const Kernel<T>& kernel) {
  map<T>(shape, out, in, {kernel, &Builtin<T>::sum});
}

template <class T>
void map_fold(std::span<const Index> shape, View<T> out, std::span<const View<const T>> in,
              const Kernel<T>& kernel, const Fold<T>& fold) {
  map<T>(shape, out, in, {kernel, &fold});
}

template <class T>
void copy(View<T> out, View<const T> in) {
  map_store<T>(out.layout->dims(), out, {&in, 1}, Builtin<T>::copy);
}

template <class T>
void accumulate(View<T> out, View<const T> in) {
  if (in.layout->size == 0) return;
  const Layout& larger = out.layout->size < in.layout->size ? *in.layout : *out.layout;
  map_add<T>(larger.dims(), out, {&in, 1}, Builtin<T>::copy);
}

template <class T>
void fill(View<T> out, T value) {
  if (out.layout->dense) {
    std::fill_n(out.data, out.layout->size, value);
  } else {
    copy<T>(out, {&value, &scalar_layout});
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                                               \
  template void map_store<T>(std::span<const Index>, View<T>, std::span<const View<const T>>, \
                             const Kernel<T>&);                                               \
  template void map_add<T>(std::span<const Index>, View<T>, std::span<const View<const T>>,   \
                           const Kernel<T>&);                                                 \
  template void map_fold<T>(std::span<const Index>, View<T>, std::span<const View<const T>>,  \
                            const Kernel<T>&, const Fold<T>&);                                \
  template void copy<T>(View<T>, View<const T>);                                              \
  template void accumulate<T>(View<T>, View<const T>);                                        \
  template void fill<T>(View<T>, T)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd
