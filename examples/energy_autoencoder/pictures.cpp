#include "examples/energy_autoencoder/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "examples/support/matrix_image.hpp"

namespace examples {

template <class T>
std::vector<double> column_norms(const xt::xarray<T>& a) {
  std::vector<double> squares(a.shape(1), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    squares[i % a.shape(1)] += static_cast<double>(a.data()[i]) * static_cast<double>(a.data()[i]);
  }
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

template <class T>
std::size_t count_nonzero(const xt::xarray<T>& a, double precision) {
  const auto nonzero = [=](T value) { return std::abs(static_cast<double>(value)) > precision; };
  return static_cast<std::size_t>(std::count_if(a.data(), a.data() + a.size(), nonzero));
}

template <class T>
std::size_t atoms_used(const xt::xarray<T>& Z) {
  std::size_t used = 0;
  for (std::size_t k = 0; k < Z.shape(0); ++k) {
    const T* row = Z.data() + k * Z.shape(1);
    used += std::any_of(row, row + Z.shape(1), [](T z) { return z != 0; });
  }
  return used;
}

template <class T>
double similarity(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a.data()[i]), y = static_cast<double>(b.data()[i]);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab == 0 ? 0 : ab / std::sqrt(aa * bb);
}

template <class T>
Image spy_above(const xt::xarray<T>& a, double precision) {
  xt::xarray<double> above = xt::cast<double>(a);
  for (double& value : above.storage()) value = std::abs(value) > precision;
  return spy(above);
}

template <class T>
Image atoms_picture(const xt::xarray<T>& D, std::size_t side) {
  std::vector<xt::xarray<float>> patches;
  for (std::size_t k = 0; k < D.shape(1); ++k) {
    xt::xarray<float> patch = xt::xarray<float>::from_shape({side, side});
    for (std::size_t p = 0; p < patch.size(); ++p) patch.data()[p] = static_cast<float>(D(p, k));
    patches.push_back(std::move(patch));
  }
  const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(patches.size())));
  return tiles(patches, columns, 1, true);
}

template <class T>
Image matrices(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  const double limit = std::max(xt::amax(xt::abs(a))(), xt::amax(xt::abs(b))());
  return side_by_side(
      {heat_map(xt::cast<double>(a), -limit, limit), heat_map(xt::cast<double>(b), -limit, limit)},
      16);
}

template <class T>
Image from_patches(const xt::xarray<T>& patches, std::size_t side, std::size_t across) {
  const std::size_t down = patches.shape(1) / across;
  Image result{xt::xarray<float>::from_shape({down * side, across * side})};
  for (std::size_t k = 0; k < patches.shape(1); ++k) {
    for (std::size_t p = 0; p < patches.shape(0); ++p) {
      result.pixels(k / across * side + p / side, k % across * side + p % side) =
          static_cast<float>(patches(p, k));
    }
  }
  return result;
}

#define EXAMPLES_PICTURES(T)                                              \
  template std::vector<double> column_norms(const xt::xarray<T>&);        \
  template std::size_t count_nonzero(const xt::xarray<T>&, double);       \
  template std::size_t atoms_used(const xt::xarray<T>&);                  \
  template double similarity(const xt::xarray<T>&, const xt::xarray<T>&); \
  template Image spy_above(const xt::xarray<T>&, double);                 \
  template Image atoms_picture(const xt::xarray<T>&, std::size_t);        \
  template Image matrices(const xt::xarray<T>&, const xt::xarray<T>&);    \
  template Image from_patches(const xt::xarray<T>&, std::size_t, std::size_t);
EXAMPLES_PICTURES(float)
EXAMPLES_PICTURES(double)
#undef EXAMPLES_PICTURES

}  // namespace examples
