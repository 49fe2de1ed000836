/// Weighted sums of rows. A tile of the sum stays in registers while all rows are added to it, so
/// that the result goes through the cache once and not once for each row.
#pragma once

#include "autograd/base/layout.hpp"
#include "autograd/base/simd.hpp"

namespace autograd {

/// A row that takes part in a sum of rows: out[i] += weight * in[i - first], first <= i < end.
template <class T>
struct Term {
  const T* in;
  T weight;
  Index first, end;
};

/// `count` registers of neighbouring elements of the sum.
template <int count, class T>
struct Tile {
  using Batch = xsimd::batch<T>;
  static constexpr Index lanes = Batch::size, width = count * lanes;
  Batch part[count];

  Tile(const T* from, bool add) {
    for (int i = 0; i < count; ++i) {
      part[i] = add ? Batch::load_unaligned(from + i * lanes) : Batch(T(0));
    }
  }
  void sum(std::span<const Term<T>> terms, Index at) {
    for (const Term<T>& term : terms) {
      const T* in = term.in + (at - term.first);
      const Batch weight(term.weight);
      for (int i = 0; i < count; ++i) {
        part[i] = xsimd::fma(weight, Batch::load_unaligned(in + i * lanes), part[i]);
      }
    }
  }
  void store(T* to) const {
    for (int i = 0; i < count; ++i) part[i].store_unaligned(to + i * lanes);
  }
};

/// Adds the terms to elements that all of them reach, at least one tile. The last tile may overlap
/// the one before it, so it is loaded before anything is stored.
template <int count, class T>
void add_tiles(T* out, Index from, Index to, std::span<const Term<T>> terms, bool add) {
  constexpr Index width = Tile<count, T>::width;
  Tile<count, T> last(out + to - width, add);
  for (Index at = from; at + width < to; at += width) {
    Tile<count, T> tile(out + at, add);
    tile.sum(terms, at);
    tile.store(out + at);
  }
  last.sum(terms, to - width);
  last.store(out + to - width);
}

/// Adds the terms to elements that some of them may not reach, one by one.
template <class T>
void add_elements(T* out, Index from, Index to, std::span<const Term<T>> terms, bool add) {
  for (Index at = from; at < to; ++at) {
    T sum = add ? out[at] : 0;
    for (const Term<T>& term : terms) {
      if (at >= term.first && at < term.end) sum += term.weight * term.in[at - term.first];
    }
    out[at] = sum;
  }
}

/// A row of sums. All terms reach the elements from `from` to `to`.
template <class T>
struct Row {
  Index length, from, to;
  Term<T>* terms;
};

/// out[i] += the sum of all terms if `add`, otherwise out[i] = the sum. Takes the widest tiles that
/// fit.
template <class T>
void add_terms(T* out, const Row<T>& row, std::size_t count, bool add) {
  const std::span<const Term<T>> terms(row.terms, count);
  const Index from = row.from, to = row.to;
  if (to - from >= Tile<4, T>::width) {
    add_tiles<4>(out, from, to, terms, add);
  } else if (to - from >= Tile<2, T>::width) {
    add_tiles<2>(out, from, to, terms, add);
  } else if (to - from >= Tile<1, T>::width) {
    add_tiles<1>(out, from, to, terms, add);
  } else {
    return add_elements(out, 0, row.length, terms, add);
  }
  add_elements(out, 0, from, terms, add);
  add_elements(out, to, row.length, terms, add);
}

}  // namespace autograd
