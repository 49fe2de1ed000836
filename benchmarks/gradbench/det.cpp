/// The determinant of a matrix by expansion along its rows: n! products, no minor computed once for
/// several uses.
#include <algorithm>
#include <numeric>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

/// All minors of a matrix of `size` columns that the expansion meets, level by level. Level m holds
/// size! / m! minors of m rows, whose columns are those of `columns`, an (m, size! / m!) array: its
/// rows are long. The minors without column j of all these follow each other in level m - 1.
/// Places from `size` on stand for elements with the opposite sign.
struct Levels {
  std::vector<xt::xarray<ag::Index>> columns;

  explicit Levels(ag::Index size) : columns(size + 1) {
    columns[size] = xt::expand_dims(xt::xarray<ag::Index>(xt::arange<ag::Index>(size)), 1);
    for (ag::Index m = size; m > 1; --m) {
      const xt::xarray<ag::Index>& from = columns[m];
      const std::size_t count = from.shape(1);
      columns[m - 1] = xt::xarray<ag::Index>::from_shape({std::size_t(m - 1), m * count});
      for (ag::Index without = 0; without < m; ++without) {
        for (ag::Index j = 0; j + 1 < m; ++j) {
          for (std::size_t i = 0; i < count; ++i) {
            columns[m - 1](j, without * count + i) = from(j + (j >= without), i);
          }
        }
      }
      for (ag::Index j = 1; j < m; j += 2) xt::row(columns[m], j) += size;
    }
  }
};

constexpr ag::Index most = 8;  ///< so many columns are expanded level by level

struct Problem {
  ag::Index size;
  Array matrix;
  Levels levels;

  explicit Problem(const json& input)
      : size(input["ell"]),
        matrix(xt::reshape_view(array(input["A"]), {size, size})),
        levels(std::min(size, most)) {}

  /// The minor of the last rows in the given columns, of which there are as many.
  V minor(const V& a, const std::vector<ag::Index>& columns) const {
    const ag::Index m = static_cast<ag::Index>(columns.size()), first = size - m;
    if (m <= most) {
      return by_levels(ag::take(ag::view(a, xt::range(first, size)), xt::adapt(columns), 1));
    }
    V total = 0;
    for (ag::Index j = 0; j < m; ++j) {
      std::vector<ag::Index> others = columns;
      others.erase(others.begin() + j);
      total += (j % 2 == 0 ? 1 : -1) * a[first][columns[j]] * minor(a, others);
    }
    return total;
  }

  V by_levels(const V& a) const {
    V minors = 1;
    for (ag::Index m = 1; m <= a.shape(0); ++m) {
      const V row = a[-m];
      const V factors = ag::take(ag::concatenate({row, -row}), levels.columns[m]);
      minors = m == 1 ? factors : factors * ag::reshape(minors, {m, -1});
      minors = ag::sum(minors, {.axis = 0});
    }
    return minors[0];
  }

  V operator()(const V& a) const {
    std::vector<ag::Index> columns(size);
    std::iota(columns.begin(), columns.end(), 0);
    return minor(a, columns);
  }

  static double by_hand(const double* a, ag::Index size, const ag::Index* columns, ag::Index m) {
    const double* const row = a + (size - m) * size;
    if (m == 1) return row[columns[0]];
    ag::Index others[16];
    std::copy_n(columns + 1, m - 1, others);
    double total = 0;
    for (ag::Index j = 0; j < m; ++j) {
      const double term = row[columns[j]] * by_hand(a, size, others, m - 1);
      total += j % 2 == 0 ? term : -term;
      others[j] = columns[j];
    }
    return total;
  }
  static double by_hand(const Array& a) {
    ag::Index columns[16];
    std::iota(columns, columns + 16, 0);
    const auto size = static_cast<ag::Index>(a.shape(0));
    return by_hand(a.data(), size, columns, size);
  }

  double primal() const { return by_hand(matrix); }
  Array gradient() const { return xt::flatten(ag::grad(*this)(matrix)); }
  double check() const {
    const auto f = [](const std::vector<Array>& at) { return by_hand(at[0]); };
    const auto [value, gradient] = ag::value_and_grad(*this)(matrix);
    return std::max(relative_error(value, primal()), gradient_error(f, {matrix}, {gradient}));
  }
};

}  // namespace

int main(int argc, char** argv) { return run_gradient<Problem>(argc, argv); }
