#pragma once

#include <cstddef>
#include <vector>

#include "examples/support/image.hpp"

namespace examples {

/// Pictures of matrices, magnified by a whole number so that single elements can be seen.

/// The gray picture of a matrix: elements at `low` are black, at `high` white, linear between. With
/// `low` above `high` large elements are dark, as ink on paper; with equal limits all is gray.
Image heat_map(const xt::xarray<double>& matrix, double low, double high);

/// The pattern of the elements that are not zero: black on white. Where a side has more elements
/// than `max_side`, neighbours share a pixel, which is black when any of them is not zero.
Image spy(const xt::xarray<double>& matrix, std::size_t max_side = 1000);

/// Patches of equal shape (height, width) as a grid, row by row, `columns` in a row, with white
/// gaps of `gap` pixels (before magnification). With `normalise` each patch goes from black, its
/// smallest element, to white, its largest; otherwise 0 is black and 1 white.
Image tiles(const std::vector<xt::xarray<float>>& patches, std::size_t columns, std::size_t gap,
            bool normalise);

/// The picture magnified by the least whole number that makes its longer side 512 pixels or more.
Image visible(const Image& image);

}  // namespace examples
