#include "tests/ops/special_values.hpp"

#include <cmath>
#include <limits>

namespace special_values {
template <class T>
const std::vector<T>& numbers() {
  using Limits = std::numeric_limits<T>;
  static const std::vector<T> all = [] {
    std::vector<T> result;
    for (const double x :
         {0.0,   1e-30, 1e-8,   1e-4,  0.1,   0.5,   0.9,   1.0,   1.5,   2.0,   3.0,   4.0,
          5.0,   7.5,   10.0,   19.0,  25.0,  50.0,  87.0,  88.0,  88.5,  88.7,  89.0,  89.5,
          100.0, 103.0, 104.0,  128.0, 300.0, 708.0, 709.0, 709.7, 709.8, 710.0, 710.5, 711.0,
          745.0, 746.0, 1024.0, 1e4,   1e6,   1e9,   1e15,  1e20,  1e30}) {
      result.push_back(static_cast<T>(x));
    }
    const T more[] = {Limits::denorm_min(),
                      100 * Limits::denorm_min(),
                      Limits::min() / 2,
                      Limits::min(),
                      2 * Limits::min(),
                      Limits::epsilon(),
                      1 - Limits::epsilon() / 2,
                      1 + Limits::epsilon(),
                      std::sqrt(Limits::max()),
                      Limits::max() / 2,
                      Limits::max(),
                      Limits::infinity(),
                      Limits::quiet_NaN()};
    result.insert(result.end(), std::begin(more), std::end(more));
    for (std::size_t i = result.size(); i-- > 0;) result.push_back(-result[i]);
    return result;
  }();
  return all;
}

template const std::vector<float>& numbers();
template const std::vector<double>& numbers();

}  // namespace special_values
