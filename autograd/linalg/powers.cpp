/// Powers and exponentials of matrices, and products of many.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "autograd/linalg/factors.hpp"

namespace autograd::linalg {
namespace {

T norm_of(const T* a, Index n) {
  T largest = 0;
  for (Index column = 0; column < n; ++column) {
    T sum = 0;
    for (Index row = 0; row < n; ++row) sum += std::abs(a[row * n + column]);
    largest = std::max(largest, sum);
  }
  return largest;
}

/// The largest norm of order 1 of all matrices that are finite.
T largest_norm(const V& a) {
  const ArenaScope memory(tape().gradients);
  const T* rows = rows_of(tape().gradients, tape().value("expm", a));
  const Index n = a.shape(-1), count = count_of(batch_of(a.shape()));
  T largest = 0;
  for (Index i = 0; i < count; ++i, rows += n * n) {
    if (all_finite(rows, n * n)) largest = std::max(largest, norm_of(rows, n));
  }
  return largest;
}

/// The coefficients of the numerator of a Pade approximant of exp.
struct Approximant {
  double largest;  ///< norm of a matrix for which it is exact to the last digits
  std::span<const double> b;
};
constexpr double b3[] = {120, 60, 12, 1};
constexpr double b5[] = {30240, 15120, 3360, 420, 30, 1};
constexpr double b7[] = {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1};
constexpr double b9[] = {17643225600, 8821612800, 2075673600, 302702400, 30270240,
                         2162160,     110880,     3960,       90,        1};
constexpr double b13[] = {64764752532480000,
                          32382376266240000,
                          7771770303897600,
                          1187353796428800,
                          129060195264000,
                          10559470521600,
                          670442572800,
                          33522128640,
                          1323241920,
                          40840800,
                          960960,
                          16380,
                          182,
                          1};
constexpr std::array<Approximant, 5> approximants = {{{1.495585217958292e-2, b3},
                                                      {2.539398330063230e-1, b5},
                                                      {9.504178996162932e-1, b7},
                                                      {2.097847961257068, b9},
                                                      {5.371920351148152, b13}}};

/// The approximant at a: (q(-a))^-1 q(a), where the odd powers of q are a times those of a^2.
V approximate(const V& a, std::span<const double> b) {
  const V square = matmul(a, a), one = identity_like(a);
  V power = square, odd = T(b[1]) * one + T(b[3]) * square, even = T(b[0]) * one + T(b[2]) * square;
  for (std::size_t i = 4; i < b.size(); i += 2) {
    power = matmul(power, square);
    even = even + T(b[i]) * power;
    odd = odd + T(b[i + 1]) * power;
  }
  odd = matmul(a, odd);
  return solve(even - odd, even + odd);
}

/// Where the product of matrices i to j is best divided, and how much it costs.
class Order {
 public:
  explicit Order(const std::vector<Index>& extents)
      : n_(extents.size() - 1), costs_(n_ * n_, 0), last_(n_ * n_, 0) {
    for (std::size_t length = 2; length <= n_; ++length) {
      for (std::size_t i = 0; i + length <= n_; ++i) find(extents, i, i + length - 1);
    }
  }
  std::size_t last_of_left(std::size_t i, std::size_t j) const { return last_[i * n_ + j]; }

 private:
  void find(const std::vector<Index>& extents, std::size_t i, std::size_t j) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t k = i; k < j; ++k) {
      const double cost = costs_[i * n_ + k] + costs_[(k + 1) * n_ + j] +
                          double(extents[i]) * double(extents[k + 1]) * double(extents[j + 1]);
      if (cost >= best) continue;
      best = cost;
      last_[i * n_ + j] = k;
    }
    costs_[i * n_ + j] = best;
  }

  std::size_t n_;
  std::vector<double> costs_;
  std::vector<std::size_t> last_;
};

V inverse(const char* op, const V& a) {
  const Factors<T>* factors = factors_of(op, a);
  factors->require_regular(op);
  return inverse_by(factors, a);
}

V product(std::span<const V> matrices, const Order& order, std::size_t i, std::size_t j) {
  if (i == j) return matrices[i];
  const std::size_t k = order.last_of_left(i, j);
  return matmul(product(matrices, order, i, k), product(matrices, order, k + 1, j));
}

/// Throws unless the first and the last operand are vectors or matrices, and the others matrices.
void check_operands(std::span<const V> arrays) {
  if (arrays.size() < 2) fail("multi_dot", "at least two arrays are needed, got {}", arrays.size());
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const bool at_end = i == 0 || i + 1 == arrays.size();
    if (arrays[i].dimension() == 2 || (at_end && arrays[i].dimension() == 1)) continue;
    fail(
        "multi_dot",
        "operands are matrices, the first and the last one may be vectors: operand {} has shape {}",
        i, to_string(arrays[i].shape()));
  }
}

}  // namespace

V matrix_power(const V& a, Index n) {
  check_square("matrix_power", a);
  if (n == 0) return broadcast_to(identity_like(a), a.shape());
  V factor = n < 0 ? inverse("matrix_power", a) : a;
  auto rest = n < 0 ? -static_cast<std::size_t>(n) : static_cast<std::size_t>(n);
  for (; rest % 2 == 0; rest /= 2) factor = matmul(factor, factor);
  V result = factor;
  while (rest /= 2) {
    factor = matmul(factor, factor);
    if (rest % 2 == 1) result = matmul(result, factor);
  }
  return result;
}

V multi_dot(std::span<const V> arrays) {
  check_operands(arrays);
  std::vector<V> matrices(arrays.begin(), arrays.end());
  const bool row = matrices.front().dimension() == 1, column = matrices.back().dimension() == 1;
  if (row) matrices.front() = expand_dims(matrices.front(), 0);
  if (column) matrices.back() = expand_dims(matrices.back(), 1);
  std::vector<Index> extents = {matrices.front().shape(0)};
  for (const V& each : matrices) extents.push_back(each.shape(1));
  V result = product(matrices, Order(extents), 0, matrices.size() - 1);
  if (column) result = squeeze(result, -1);
  return row ? squeeze(result, 0) : result;
}
V multi_dot(std::initializer_list<V> arrays) {
  return multi_dot(std::span<const V>(arrays.begin(), arrays.size()));
}

V expm(const V& a) {
  check_square("expm", a);
  const T norm = largest_norm(a);
  const auto fits = [&](const Approximant& each) { return norm <= T(each.largest); };
  const auto chosen = std::ranges::find_if(approximants, fits);
  if (chosen != approximants.end()) return approximate(a, chosen->b);
  const Approximant& best = approximants.back();
  const int halvings =
      std::isfinite(norm) ? static_cast<int>(std::ceil(std::log2(double(norm) / best.largest))) : 0;
  V result = approximate(a * T(std::ldexp(1.0, -halvings)), best.b);
  for (int i = 0; i < halvings; ++i) result = matmul(result, result);
  return result;
}

}  // namespace autograd::linalg
