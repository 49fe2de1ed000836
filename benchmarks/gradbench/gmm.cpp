/// The log posterior of a mixture of Gaussians with a Wishart prior on their precisions.
#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

double log_gamma(double a, int d) {
  double total = 0.25 * d * (d - 1) * std::log(M_PI);
  for (int i = 0; i < d; ++i) total += std::lgamma(a - 0.5 * i);
  return total;
}

/// For each element of a lower triangular matrix its place among its d logarithms of the diagonal,
/// what is below it, column by column, and at last a 0.
xt::xarray<ag::Index> places(ag::Index d) {
  xt::xarray<ag::Index> result = d * (d + 1) / 2 * xt::ones<ag::Index>({d, d});
  ag::Index next = d;
  for (ag::Index column = 0; column < d; ++column) {
    result(column, column) = column;
    for (ag::Index row = column + 1; row < d; ++row) result(row, column) = next++;
  }
  return result;
}

struct Problem {
  int d, k, n, m;
  double gamma, constant;
  Array x, columns;              ///< points (n, d), and the same as (d, n)
  std::vector<Array> arguments;  ///< alpha, mu, q, l
  xt::xarray<ag::Index> triangle;

  explicit Problem(const json& in)
      : d(in["d"]),
        k(in["k"]),
        n(in["n"]),
        m(in["m"]),
        gamma(in["gamma"]),
        x(array(in["x"])),
        columns(xt::transpose(x)),
        triangle(places(d)) {
    for (const char* name : {"alpha", "mu", "q", "l"}) arguments.push_back(array(in[name]));
    arguments[3].reshape({k, d * (d - 1) / 2});
    const int freedom = d + m + 1;
    constant =
        -n * d * 0.5 * std::log(2 * M_PI) +
        k * (freedom * d * (std::log(gamma) - 0.5 * std::log(2)) - log_gamma(0.5 * freedom, d));
  }

  /// Q (x - mu) for all points at once is Q X - Q mu, in d rows of n numbers.
  V operator()(const V& alpha, const V& mu, const V& q, const V& l) const {
    const V X = ag::borrow(columns), diagonals = ag::exp(q), logs = ag::sum(q, {.axis = 1});
    const V zeros = xt::zeros<double>({k, 1});
    const V factors = ag::take(ag::concatenate({diagonals, l, zeros}, 1), triangle, 1);
    std::vector<V> terms;
    for (int i = 0; i < k; ++i) {
      const V Q = factors[i], centre = ag::matmul(Q, mu[i]);
      const V y = ag::matmul(Q, X) - ag::expand_dims(centre, 1);
      terms.push_back(alpha[i] + logs[i] - 0.5 * ag::sum(ag::square(y), {.axis = 0}));
    }
    const V likelihood =
        ag::sum(ag::logsumexp(ag::stack(terms), {.axis = 0})) - n * ag::logsumexp(alpha);
    const V squares = ag::sum(ag::square(diagonals)) + ag::sum(ag::square(l));
    return likelihood - 0.5 * gamma * gamma * squares + m * ag::sum(logs) + constant;
  }

  double by_hand(const std::vector<Array>& a) const {
    const double *alpha = a[0].data(), *mu = a[1].data(), *q = a[2].data(), *l = a[3].data();
    const int below = d * (d - 1) / 2;
    std::vector<double> diagonal(k * d), logs(k), y(d), centred(d), terms(k);
    double squares = 0, total = constant;
    for (int i = 0; i < k * d; ++i) {
      diagonal[i] = std::exp(q[i]);
      logs[i / d] += q[i];
      squares += diagonal[i] * diagonal[i];
    }
    for (int i = 0; i < k * below; ++i) squares += l[i] * l[i];
    for (int point = 0; point < n; ++point) {
      for (int i = 0; i < k; ++i) {
        for (int j = 0; j < d; ++j) centred[j] = x.data()[point * d + j] - mu[i * d + j];
        for (int j = 0; j < d; ++j) y[j] = diagonal[i * d + j] * centred[j];
        const double* next = l + i * below;
        for (int column = 0; column < d; ++column) {
          for (int row = column + 1; row < d; ++row) y[row] += *next++ * centred[column];
        }
        double norm = 0;
        for (int j = 0; j < d; ++j) norm += y[j] * y[j];
        terms[i] = alpha[i] + logs[i] - 0.5 * norm;
      }
      total += log_sum_exp(terms.data());
    }
    total -= n * log_sum_exp(alpha) + 0.5 * gamma * gamma * squares;
    for (double log : logs) total += m * log;
    return total;
  }

  double log_sum_exp(const double* x) const {
    const double largest = *std::max_element(x, x + k);
    double total = 0;
    for (int i = 0; i < k; ++i) total += std::exp(x[i] - largest);
    return std::log(total) + largest;
  }

  double objective() const { return by_hand(arguments); }

  std::vector<Array> gradient() const {
    const auto [alpha, mu, q, l] =
        ag::grad(*this)(arguments[0], arguments[1], arguments[2], arguments[3]);
    return {alpha, mu, q, l};
  }

  double check() const {
    const auto& a = arguments;
    const double value = ag::value_and_grad(*this)(a[0], a[1], a[2], a[3]).first;
    const auto f = [this](const std::vector<Array>& at) { return by_hand(at); };
    return std::max(relative_error(value, by_hand(a)), gradient_error(f, a, gradient()));
  }
};

json by_name(const std::vector<Array>& g) {
  return {{"alpha", lists(g[0])}, {"mu", lists(g[1])}, {"q", lists(g[2])}, {"l", lists(g[3])}};
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {{"objective", reader(&Problem::objective)},
              {"jacobian", reader(&Problem::gradient, by_name)},
              {"check", reader(&Problem::check)}});
}
