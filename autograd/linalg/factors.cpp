#include "autograd/linalg/factors.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "autograd/loops/lapack.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

constexpr Op<T> factor_op{"factor"};

/// Whether two nodes show the same elements of the same array.
bool show_the_same(const Node<T>& a, const Node<T>& b) {
  return a.root == b.root && a.data == b.data && a.data != nullptr &&
         same_layout(*a.layout, *b.layout);
}

/// The nodes that hold factors of matrices that were asked for lately, found by a few bits of the
/// matrix' root. An entry may name a node of a scope that has ended, so its epoch is compared with
/// that of the node which stands in its place today.
struct Entry {
  NodeId node = 0;
  std::uint32_t epoch = 0;
};
thread_local constinit Entry made_lately[8] = {};

Entry& entry_of(const Node<T>& a) { return made_lately[a.root % 8]; }

const Factors<T>* made_before(const Node<T>& a) {
  const Entry& entry = entry_of(a);
  if (entry.node >= tape().size()) return nullptr;
  const Node<T>& node = tape()[entry.node];
  const bool holds_factors = node.op == &factor_op && node.epoch == entry.epoch;
  if (!holds_factors || !show_the_same(tape()[node.inputs[0]], a)) return nullptr;
  return static_cast<const Factors<T>*>(node.attributes);
}

/// Whether a matrix equals its transpose and has a positive diagonal, compared in blocks that stay
/// in the first cache.
bool may_be_definite(const T* a, Index n) {
  for (Index i = 0; i < n; ++i) {
    if (!(a[i * n + i] > 0)) return false;
  }
  constexpr Index block = 32;
  for (Index top = 0; top < n; top += block) {
    for (Index left = 0; left <= top; left += block) {
      for (Index i = top; i < std::min(n, top + block); ++i) {
        for (Index j = left; j < std::min(i, left + block); ++j) {
          if (a[i * n + j] != a[j * n + i]) return false;
        }
      }
    }
  }
  return true;
}

/// Factors one matrix. Where an element is not finite, NaN stands for all factors, and goes from
/// there into all results.
void factor(Factors<T>& f, const T* a, Index i) {
  const Index n = f.n;
  T* const to = f.matrices + i * n * n;
  int* const pivots = f.pivots + i * n;
  f.definite[i] = false;
  if (!all_finite(a, n * n)) {
    std::fill_n(to, n * n, std::numeric_limits<T>::quiet_NaN());
    std::iota(pivots, pivots + n, 1);
  } else if (std::copy_n(a, n * n, to); may_be_definite(a, n) && lapack::factor_definite(n, to)) {
    f.definite[i] = true;
  } else if (std::copy_n(a, n * n, to); !lapack::factor(n, to, pivots) && f.singular < 0) {
    f.singular = i;
  }
  f.all_definite &= f.definite[i];
}

}  // namespace

const Factors<T>* factors_of(const char* op, const V& a) {
  const NodeId id = tape().id(op, a);
  const View<const T> value = tape().value(id);
  if (const Factors<T>* made = made_before(tape()[id])) return made;
  Arena& arena = tape().arena;
  const Layout* layout = tape().row_major(a.shape(), op);
  const View<T> matrices = tape().allocate(op, layout);
  const Index count = count_of(batch_of(layout->dims())), n = a.shape(-1);
  Factors<T>* factors = keep(Factors<T>{layout, n, count, matrices.data,
                                        arena.take<int>(static_cast<std::size_t>(count * n)),
                                        arena.take<bool>(static_cast<std::size_t>(count))});
  const ArenaScope memory(tape().gradients);
  const T* rows = rows_of(tape().gradients, value);
  for (Index i = 0; i < count; ++i) factor(*factors, rows + i * n * n, i);
  const V node = tape().push(factor_op, matrices, {id}, factors);
  tape().deactivate(node);
  const NodeId made = tape().id(op, node);
  entry_of(tape()[id]) = {made, tape()[made].epoch};
  return factors;
}

}  // namespace autograd::linalg
