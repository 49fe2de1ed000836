/// Convex sets with their projections, and points of them that were found in another way.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optim/base/linalg.hpp>
#include <optim/projections.hpp>
#include <random>
#include <string>
#include <vector>

namespace projection_sets {

using Shape = std::vector<std::size_t>;

inline double uniform(double low, double high) {
  static std::mt19937 generator(5);
  return low + (high - low) * (generator() / 4294967295.0);
}

template <class T>
xt::xarray<T> random_array(const Shape& shape, double low, double high) {
  xt::xarray<T> x = xt::zeros<T>(shape);
  for (auto& element : x) element = static_cast<T>(uniform(low, high));
  return x;
}

template <class T>
double dot(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a.flat(i)) * b.flat(i);
  return sum;
}

template <class T>
double norm(const xt::xarray<T>& x) {
  return std::sqrt(dot<T>(x, x));
}

template <class T>
double l1_norm(const xt::xarray<T>& x) {
  return xt::sum<double>(xt::abs(x))();
}

template <class T>
struct Set {
  using Array = xt::xarray<T>;

  std::string name;
  Shape shape;
  optim::Projection<T> projection;
  std::function<Array()> point;                     ///< at random, not through the projection
  std::function<double(const Array& x)> violation;  ///< at most 0 in the set
};

/// Non-negative numbers whose sum is `total`.
inline std::vector<double> parts_of(double total, std::size_t count) {
  std::vector<double> parts(count);
  double sum = 0;
  for (double& part : parts) sum += part = -std::log(uniform(1e-6, 1));
  for (double& part : parts) part *= total / sum;
  return parts;
}

template <class T>
Set<T> box() {
  return {"box",
          {3, 4},
          optim::box<T>(-1, T(0.5)),
          [] {
            return random_array<T>({3, 4}, -1, 0.5);
          },
          [](const auto& x) { return std::max(-1 - xt::amin(x)(), xt::amax(x)() - T(0.5)); }};
}

template <class T>
Set<T> arrays_of_bounds() {
  return {"box of arrays",
          {3},
          optim::box<T>({-1, 2, 5}, {0, std::numeric_limits<T>::infinity(), 5}),
          [] {
            return xt::xarray<T>{T(uniform(-1, 0)), T(uniform(2, 9)), 5};
          },
          [](const auto& x) {
            return std::max({-1 - x(0), x(0), 2 - x(1), std::abs(x(2) - 5)});
          }};
}

template <class T>
Set<T> non_negative() {
  return {"non_negative",
          {6},
          optim::non_negative<T>(),
          [] { return random_array<T>({6}, 0, 3); },
          [](const auto& x) { return -xt::amin(x)(); }};
}

template <class T>
Set<T> simplex() {
  return {"simplex",
          {7},
          optim::simplex<T>(),
          [] {
            const xt::xarray<T> parts = xt::cast<T>(xt::adapt(parts_of(1, 7)));
            return parts;
          },
          [](const auto& x) {
            return std::max<double>(-xt::amin(x)(), std::abs(xt::sum<double>(x)() - 1));
          }};
}

template <class T>
Set<T> simplices_along_axis() {
  return {"simplex, axis 1",
          {2, 5, 3},
          optim::simplex<T>(2, 1),
          [] {
            xt::xarray<T> x = xt::zeros<T>({2, 5, 3});
            for (int i = 0; i < 2; ++i) {
              for (int k = 0; k < 3; ++k) {
                const auto parts = parts_of(2, 5);
                for (int j = 0; j < 5; ++j) x(i, j, k) = static_cast<T>(parts[j]);
              }
            }
            return x;
          },
          [](const auto& x) {
            const xt::xarray<double> sums = xt::sum<double>(x, {1});
            return std::max<double>(-xt::amin(x)(), xt::amax(xt::abs(sums - 2))());
          }};
}

template <class T>
Set<T> capped_simplex() {
  return {"capped_simplex",
          {4},
          optim::capped_simplex<T>(1, T(-0.5), 1),
          [] {
            // Between the middle of the set and a point of its border.
            xt::xarray<T> corner = {-0.5, T(uniform(0, 1)), 0.5, 0};
            corner(3) = 1 - corner(1);
            const xt::xarray<T> middle = {0.25, 0.25, 0.25, 0.25};
            const T share = static_cast<T>(uniform(0, 1));
            xt::xarray<T> x = share * corner + (1 - share) * middle;
            std::rotate(x.begin(), x.begin() + static_cast<int>(uniform(0, 4)), x.end());
            return x;
          },
          [](const auto& x) {
            const double total = xt::sum<double>(x)();
            return std::max<double>({-0.5 - xt::amin(x)(), xt::amax(x)() - 1, std::abs(total - 1)});
          }};
}

template <class T>
Set<T> l2_ball() {
  return {"l2_ball",
          {2, 3},
          optim::l2_ball<T>(),
          [] {
            xt::xarray<T> x = random_array<T>({2, 3}, -1, 1);
            x *= static_cast<T>(uniform(0, 1) / norm(x));
            return x;
          },
          [](const auto& x) { return norm(x) - 1; }};
}

template <class T>
Set<T> columns_in_l2_ball() {
  return {"l2_ball, axis 0",
          {2, 3},
          optim::l2_ball<T>(2, 0),
          [] {
            xt::xarray<T> x = random_array<T>({2, 3}, -1, 1);
            for (int j = 0; j < 3; ++j) {
              const double factor = 2 * uniform(0, 1) / std::hypot(x(0, j), x(1, j));
              x(0, j) *= factor, x(1, j) *= factor;
            }
            return x;
          },
          [](const auto& x) {
            double largest = 0;
            for (int j = 0; j < 3; ++j) {
              largest = std::max<double>(largest, std::hypot(x(0, j), x(1, j)));
            }
            return largest - 2;
          }};
}

template <class T>
Set<T> l1_ball() {
  return {"l1_ball",
          {6},
          optim::l1_ball<T>(2),
          [] {
            xt::xarray<T> x = xt::cast<T>(xt::adapt(parts_of(2 * uniform(0, 1), 6)));
            for (auto& element : x) element *= uniform(-1, 1) < 0 ? -1 : 1;
            return x;
          },
          [](const auto& x) { return l1_norm(x) - 2; }};
}

/// x_0 + 2 x_2 - x_3 = 1, x_1 + x_2 + 3 x_3 = -2, and the sum of the two.
template <class T>
Set<T> affine() {
  return {"affine",
          {2, 2},
          optim::affine<T>({{1, 0, 2, -1}, {0, 1, 1, 3}, {1, 1, 3, 2}}, {1, -2, -1}),
          [] {
            xt::xarray<T> x = random_array<T>({2, 2}, -2, 2);
            x(0, 0) = 1 - 2 * x(1, 0) + x(1, 1);
            x(0, 1) = -2 - x(1, 0) - 3 * x(1, 1);
            return x;
          },
          [](const auto& x) {
            return std::max(std::abs(x(0, 0) + 2 * x(1, 0) - x(1, 1) - 1),
                            std::abs(x(0, 1) + x(1, 0) + 3 * x(1, 1) + 2));
          }};
}

template <class T>
Set<T> fixed() {
  return {"fixed",
          {2, 2},
          optim::fixed<T>({{true, false}, {false, true}}, {{1, 2}, {3, 4}}),
          [] {
            return xt::xarray<T>{{1, T(uniform(-2, 2))}, {T(uniform(-2, 2)), 4}};
          },
          [](const auto& x) { return std::max(std::abs(x(0, 0) - 1), std::abs(x(1, 1) - 4)); }};
}

template <class T>
Set<T> zero_diagonal() {
  return {"zero_diagonal",
          {2, 3},
          optim::zero_diagonal<T>(),
          [] {
            xt::xarray<T> x = random_array<T>({2, 3}, -2, 2);
            x(0, 0) = x(1, 1) = 0;
            return x;
          },
          [](const auto& x) { return std::max(std::abs(x(0, 0)), std::abs(x(1, 1))); }};
}

template <class T>
Set<T> positive_semidefinite() {
  return {"positive_semidefinite",
          {4, 4},
          optim::positive_semidefinite<T>(),
          [] {
            const xt::xarray<T> G = random_array<T>({4, 2}, -1, 1), Gt = xt::transpose(G);
            return optim::detail::matmul(G, Gt);
          },
          [](const xt::xarray<T>& x) {
            const double asymmetry = xt::amax(xt::abs(x - xt::transpose(x)))();
            return std::max<double>(asymmetry, -optim::detail::eigh(x).values(0));
          }};
}

template <class T>
std::vector<Set<T>> all() {
  return {capped_simplex<T>(),       box<T>(),     arrays_of_bounds<T>(),
          non_negative<T>(),         simplex<T>(), l2_ball<T>(),
          simplices_along_axis<T>(), l1_ball<T>(), affine<T>(),
          columns_in_l2_ball<T>(),   fixed<T>(),   zero_diagonal<T>(),
          positive_semidefinite<T>()};
}

}  // namespace projection_sets
