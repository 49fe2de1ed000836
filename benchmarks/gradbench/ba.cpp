/// Bundle adjustment: how the errors of the pixels in which cameras see points change with cameras
/// and points. The Jacobian is sparse; each observation has a block of 2 x 15.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

constexpr std::size_t camera = 11, block = camera + 3 + 1;

/// The errors (2, p) of p observations, from arrays that have a row for each parameter: of the
/// rotation, the centre, the focal length, the principal point, the distortion, the point and its
/// weight. Rows are long, and no observation knows of another.
template <class T>
std::array<T, 2> errors(const std::array<T, block>& x, const std::array<T, 2>& pixel) {
  using std::sqrt, std::sin, std::cos;
  const T moved[] = {x[11] - x[3], x[12] - x[4], x[13] - x[5]};
  const T angle = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
  const T axis[] = {x[0] / angle, x[1] / angle, x[2] / angle};
  const T cosine = cos(angle), sine = sin(angle);
  const T along = (axis[0] * moved[0] + axis[1] * moved[1] + axis[2] * moved[2]) * (1 - cosine);
  std::array<T, 3> seen;
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    const T cross = axis[j] * moved[k] - axis[k] * moved[j];
    seen[i] = moved[i] * cosine + cross * sine + axis[i] * along;
  }
  const T u = seen[0] / seen[2], v = seen[1] / seen[2], square = u * u + v * v;
  const T stretch = 1 + x[9] * square + x[10] * square * square;
  return {x[14] * (u * stretch * x[6] + x[7] - pixel[0]),
          x[14] * (v * stretch * x[6] + x[8] - pixel[1])};
}

struct Problem {
  std::size_t n, m, p;
  Array cameras, points, weights, pixels;

  /// The suite repeats one camera, point, weight and pixel.
  explicit Problem(const json& in)
      : n(in["n"]),
        m(in["m"]),
        p(in["p"]),
        cameras(rows(n, in["cam"])),
        points(rows(m, in["x"])),
        weights(in["w"].get<double>() * xt::ones<double>({p})),
        pixels(rows(p, in["feat"])) {}

  static Array rows(std::size_t count, const json& row) {
    return xt::broadcast(array(row), {count, row.size()});
  }

  double parameter(std::size_t observation, std::size_t i) const {
    if (i < camera) return cameras(observation % n, i);
    return i < camera + 3 ? points(observation % m, i - camera) : weights(observation);
  }

  Array by_hand() const {
    Array result = Array::from_shape({p, std::size_t(2)});
    for (std::size_t i = 0; i < p; ++i) {
      std::array<double, block> x;
      for (std::size_t j = 0; j < block; ++j) x[j] = parameter(i, j);
      const auto [u, v] = errors<double>(x, {pixels(i, 0), pixels(i, 1)});
      result(i, 0) = u;
      result(i, 1) = v;
    }
    return result;
  }
  Array objective() const {
    return xt::concatenate(xt::xtuple(xt::flatten(by_hand()), 1 - weights * weights));
  }

  /// The blocks of some observations, (2, 15, count): one trace, and a cotangent for each error.
  std::array<Array, 2> blocks(std::size_t first, std::size_t count) const {
    Array x = Array::from_shape({block, count}), pixel = Array::from_shape({std::size_t(2), count});
    for (std::size_t j = 0; j < block; ++j) {
      for (std::size_t i = 0; i < count; ++i) x(j, i) = parameter(first + i, j);
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j : {0, 1}) pixel(j, i) = pixels(first + i, j);
    }
    const auto f = [&](const V& all) {
      std::array<V, block> rows;
      for (std::size_t j = 0; j < block; ++j) rows[j] = all[j];
      const V at = ag::borrow(pixel);
      const auto [u, v] = errors<V>(rows, {at[0], at[1]});
      return ag::stack({u, v});
    };
    const auto [value, vjp] = ag::make_vjp(f)(x);
    Array cotangent = xt::zeros<double>({std::size_t(2), count});
    std::array<Array, 2> result;
    for (std::size_t j : {0, 1}) {
      xt::row(cotangent, j) = 1;
      result[j] = vjp(cotangent);
      xt::row(cotangent, j) = 0;
    }
    return result;
  }

  struct Sparse {
    std::vector<int> rows, columns;
    std::vector<double> values;
  };

  /// Rows begin where `rows` says; observations are taken in parts that fit into the cache.
  Sparse jacobian() const {
    Sparse result;
    result.rows.reserve(3 * p + 1);
    result.columns.reserve((2 * block + 1) * p);
    result.values.reserve((2 * block + 1) * p);
    result.rows.push_back(0);
    constexpr std::size_t part = 1024;
    for (std::size_t first = 0; first < p; first += part) {
      const std::size_t count = std::min(part, p - first);
      const auto J = blocks(first, count);
      for (std::size_t i = 0; i < count; ++i) {
        for (const Array& row : J) append(result, first + i, row.data() + i, count);
      }
    }
    const Array slopes = ag::elementwise_grad([](const V& x) { return 1 - x * x; })(weights);
    for (std::size_t i = 0; i < p; ++i) {
      result.columns.push_back(static_cast<int>(camera * n + 3 * m + i));
      result.values.push_back(slopes(i));
      result.rows.push_back(static_cast<int>(result.values.size()));
    }
    return result;
  }

  void append(Sparse& to, std::size_t observation, const double* row, std::size_t stride) const {
    for (std::size_t j = 0; j < block; ++j) {
      const std::size_t column = j < camera       ? camera * (observation % n) + j
                                 : j < camera + 3 ? camera * n + 3 * (observation % m) + j - camera
                                                  : camera * n + 3 * m + observation;
      to.columns.push_back(static_cast<int>(column));
      to.values.push_back(row[j * stride]);
    }
    to.rows.push_back(static_cast<int>(to.values.size()));
  }

  /// The first observation's block times a direction, against differences by hand.
  double check() const {
    const Sparse J = jacobian();
    double worst = 0;
    for (std::size_t error : {0, 1}) {
      Array x = Array::from_shape({block}), gradient = x;
      for (std::size_t j = 0; j < block; ++j) {
        x(j) = parameter(p - 1, j);
        gradient(j) = J.values[(2 * (p - 1) + error) * block + j];
      }
      const auto f = [&](const std::vector<Array>& at) {
        std::array<double, block> parameters;
        std::copy(at[0].begin(), at[0].end(), parameters.begin());
        return errors<double>(parameters, {pixels(p - 1, 0), pixels(p - 1, 1)})[error];
      };
      worst = std::max(worst, gradient_error(f, {x}, {gradient}));
    }
    return std::max(worst, relative_error(J.values.back(), -2 * weights(p - 1)));
  }
};

json summary(const Array& errors) {
  const std::size_t p = errors.size() / 3;
  return {{"reproj_error", {{"elements", {errors(0), errors(1)}}, {"repeated", p}}},
          {"w_err", {{"element", errors(2 * p)}, {"repeated", p}}}};
}

/// The first 30 elements and the last of each list.
json excerpt(const Problem::Sparse& J) {
  const auto some = [](auto list) {
    const auto last = list.back();
    list.resize(std::min(list.size(), 2 * block));
    list.push_back(last);
    return list;
  };
  return {{"rows", some(J.rows)}, {"cols", some(J.columns)}, {"vals", some(J.values)}};
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {{"objective", reader(&Problem::objective, summary)},
              {"jacobian", reader(&Problem::jacobian, excerpt)},
              {"check", reader(&Problem::check)}});
}
