/// What a restored photograph should have little of: roughness. Twice the same function, and the
/// same as this Python:
///
///     def err_func(x):
///         score = 0
///         for row in x:
///             score += norm(diff(row)) + norm(diff(row[0::2])) + norm(diff(row[1::2]))
///         for row in x.T:
///             score += norm(diff(row)) + norm(diff(row[0::2])) + norm(diff(row[1::2]))
///         return score
#pragma once

#include <autograd/autograd.hpp>

namespace examples {

namespace ag = autograd;
using namespace xt::placeholders;  // _ in slices

/// Differences between neighbours, and between every other pixel.
template <class T>
ag::Var<T> roughness_of_row(const ag::Var<T>& row) {
  return ag::norm(ag::diff(row)) + ag::norm(ag::diff(ag::view(row, xt::range(0, _, 2)))) +
         ag::norm(ag::diff(ag::view(row, xt::range(1, _, 2))));
}

/// Row by row, as above.
template <class T>
ag::Var<T> err_func_by_rows(const ag::Var<T>& x) {
  ag::Var<T> score = 0;
  for (auto row : x) score += roughness_of_row(row);
  for (auto row : ag::transpose(x)) score += roughness_of_row(row);
  return score;
}

/// The roughness of all rows at once.
template <class T>
ag::Var<T> roughness_of_rows(const ag::Var<T>& x) {
  const auto row_norms = [](const ag::Var<T>& y) { return ag::sum(ag::norm(y, {.axis = 1})); };
  return row_norms(ag::diff(x)) + row_norms(ag::diff(ag::view(x, xt::all(), xt::range(0, _, 2)))) +
         row_norms(ag::diff(ag::view(x, xt::all(), xt::range(1, _, 2))));
}

/// The same number with a dozen operations on the whole picture instead of thousands on its rows.
template <class T>
ag::Var<T> err_func_whole(const ag::Var<T>& x) {
  return roughness_of_rows(x) + roughness_of_rows(ag::transpose(x));
}

}  // namespace examples
