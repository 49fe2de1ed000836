#pragma once

#include <autograd/xtensor.hpp>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace examples {

/// Random numbers that are the same with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}

  /// In [0, 1).
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// With mean 0 and deviation 1, by Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  /// 0 .. count - 1.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }

  template <class T>
  xt::xarray<T> normal(const std::vector<std::size_t>& shape) {
    xt::xarray<T> x = xt::xarray<T>::from_shape(shape);
    for (T& value : x) value = static_cast<T>(normal());
    return x;
  }

 private:
  std::mt19937_64 bits_;
};

}  // namespace examples
