/// Patterns of matrices, and the groups of rows that a sweep may compute together.
#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/sparsity.hpp"

namespace autograd {

Sparsity::Sparsity(Index rows, Index columns, std::vector<Place> places)
    : rows_(rows), columns_(columns), places_(std::move(places)) {
  if (rows < 0 || columns < 0) {
    fail("Sparsity", "a matrix cannot have {} rows and {} columns", rows, columns);
  }
  for (const auto& [row, column] : places_) {
    if (row >= 0 && row < rows && column >= 0 && column < columns) continue;
    fail<std::out_of_range>("Sparsity", "place ({}, {}) is outside of a {} x {} matrix", row,
                            column, rows, columns);
  }
  std::ranges::sort(places_);
  places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
}

namespace {

std::vector<Sparsity::Place> places_of(const xt::xarray<bool>& mask) {
  if (mask.dimension() != 2) {
    fail("Sparsity", "a mask must be a matrix, got shape {}", to_string(detail::shape_of(mask)));
  }
  std::vector<Sparsity::Place> places;
  for (Index i = 0; i < static_cast<Index>(mask.shape(0)); ++i) {
    for (Index j = 0; j < static_cast<Index>(mask.shape(1)); ++j) {
      if (mask(i, j)) places.push_back({i, j});
    }
  }
  return places;
}

}  // namespace

Sparsity::Sparsity(const xt::xarray<bool>& mask) : places_(places_of(mask)) {
  rows_ = static_cast<Index>(mask.shape(0));
  columns_ = static_cast<Index>(mask.shape(1));
}

Sparsity Sparsity::band(Index n, Index half_width) {
  std::vector<Place> places;
  for (Index i = 0; i < n; ++i) {
    const Index end = std::min(n, i + half_width + 1);
    for (Index j = std::max<Index>(0, i - half_width); j < end; ++j) places.push_back({i, j});
  }
  return Sparsity(n, n, std::move(places));
}

void Sparsity::check_count(std::span<const std::size_t> shape) const {
  if (shape.size() == 1 && shape[0] == places_.size()) return;
  fail("Sparsity", "dense takes a vector of {} values, one for each place, got shape {}",
       places_.size(), to_string(Dims(std::vector<Index>(shape.begin(), shape.end()))));
}

namespace detail {
namespace {

/// The columns of each row, as two lists: all columns, and where those of a row begin.
class Rows {
 public:
  Rows(Index count, const std::vector<Sparsity::Place>& sorted) : starts_(count + 1, 0) {
    for (const auto& [row, column] : sorted) {
      ++starts_[row + 1];
      columns_.push_back(column);
    }
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  }
  std::span<const Index> operator[](Index row) const {
    return std::span(columns_).subspan(starts_[row], starts_[row + 1] - starts_[row]);
  }

 private:
  std::vector<Index> starts_, columns_;
};

std::vector<Sparsity::Place> mirrored(std::vector<Sparsity::Place> places) {
  for (auto& place : places) std::swap(place[0], place[1]);
  std::ranges::sort(places);
  return places;
}

/// Gives each vertex in turn the first colour that forbid(vertex, mark) does not mark.
template <class Forbid>
Compression greedy(Index count, const Forbid& forbid) {
  Compression result;
  result.colour.assign(count, -1);
  std::vector<Index> marked(count + 1, -1);  // for each colour, the last vertex that marked it
  for (Index v = 0; v < count; ++v) {
    forbid(v, result.colour, [&](Index colour) {
      if (colour >= 0) marked[colour] = v;
    });
    Index& colour = result.colour[v] = 0;
    while (marked[colour] == v) ++colour;
    result.colours = std::max(result.colours, colour + 1);
  }
  return result;
}

}  // namespace

Compression compress_rows(const Sparsity& pattern) {
  const Rows columns_of(pattern.rows(), pattern.places());
  const Rows rows_of(pattern.columns(), mirrored(pattern.places()));
  Compression result =
      greedy(pattern.rows(), [&](Index row, const std::vector<Index>& colour, const auto& mark) {
        for (Index column : columns_of[row]) {
          for (Index other : rows_of[column]) mark(colour[other]);
        }
      });
  for (const auto& [row, column] : pattern.places()) {
    result.places.push_back(result.colour[row] * pattern.columns() + column);
  }
  return result;
}

Compression compress_columns(const Sparsity& pattern) {
  Compression result =
      compress_rows(Sparsity(pattern.columns(), pattern.rows(), mirrored(pattern.places())));
  result.places.clear();
  for (const auto& [row, column] : pattern.places()) {
    result.places.push_back(result.colour[column] * pattern.rows() + row);
  }
  return result;
}

namespace {

void check_symmetric(const Sparsity& pattern) {
  if (pattern.rows() != pattern.columns()) {
    fail("sparse_hessian", "the pattern must be square, got {} x {}", pattern.rows(),
         pattern.columns());
  }
  for (const auto& [row, column] : pattern.places()) {
    if (std::ranges::binary_search(pattern.places(), Sparsity::Place{column, row})) continue;
    fail("sparse_hessian",
         "the pattern is not symmetric: it has the place ({}, {}), but not ({}, {})", row, column,
         column, row);
  }
}

/// Colours the vertices of the graph of a symmetric matrix, in which an edge joins i and j where
/// the matrix has an element (i, j). Neighbours have different colours, and no path of four
/// vertices has only two. Then the edges between any two colours form stars. An edge is read at the
/// end that is not the centre of its star: the vertex there has no other neighbour of the centre's
/// colour, so that in the sum of the rows of that colour its element stands alone. Here v gets a
/// colour that no neighbour w has, and not that of a vertex x two steps away if v and x would close
/// a path of two colours over w: if w has no colour yet, or if x has another neighbour y with the
/// colour of w.
Compression star_colouring(Index count, const Rows& neighbours) {
  return greedy(count, [&](Index v, const std::vector<Index>& colour, const auto& mark) {
    for (Index w : neighbours[v]) {
      if (w == v) continue;
      mark(colour[w]);
      for (Index x : neighbours[w]) {
        if (x == v || x == w || colour[x] < 0) continue;
        const bool closes = colour[w] < 0 || std::ranges::any_of(neighbours[x], [&](Index y) {
                              return y != w && y != x && colour[y] == colour[w];
                            });
        if (closes) mark(colour[x]);
      }
    }
  });
}

/// Finds for each element (i, j) a sum in which it stands alone: the sum of the rows with the
/// colour of i, at column j, or the sum of the rows with the colour of j, at column i.
void place_symmetric(Compression& result, const Sparsity& pattern, const Rows& neighbours) {
  std::vector<Index> seen(result.colours * pattern.columns(), 0);
  for (Index j = 0; j < pattern.columns(); ++j) {
    for (Index i : neighbours[j]) ++seen[result.colour[i] * pattern.columns() + j];
  }
  for (const auto& [i, j] : pattern.places()) {
    const Index at = result.colour[i] * pattern.columns() + j;
    result.places.push_back(seen[at] == 1 ? at : result.colour[j] * pattern.columns() + i);
  }
}

}  // namespace

Compression compress_symmetric(const Sparsity& pattern) {
  check_symmetric(pattern);
  const Rows neighbours(pattern.rows(), pattern.places());
  Compression star = star_colouring(pattern.rows(), neighbours);
  Compression by_rows = compress_rows(pattern);
  if (by_rows.colours <= star.colours) return by_rows;
  place_symmetric(star, pattern, neighbours);
  return star;
}

}  // namespace detail
}  // namespace autograd
