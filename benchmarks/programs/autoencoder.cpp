/// The smooth terms of the energy auto-encoder, by each of its matrices: products beside BLAS.
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "benchmarks/programs/by_hand.hpp"
#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

constexpr int n = 144, m = 200, N = 1764;  // pixels, codes, samples
constexpr int lambda = 10;

template <class T>
using V = ag::Var<T>;

/// X (n, N), Z (m, N), D (n, m), E (m, n) and E X.
template <class T>
struct Problem {
  xt::xarray<T> X = numbers<T>({n, N}, -1, 1, 1), Z = numbers<T>({m, N}, -1, 1, 2);
  xt::xarray<T> D = numbers<T>({n, m}, -0.1, 0.1, 3), E = numbers<T>({m, n}, -0.1, 0.1, 4);
  xt::xarray<T> EX = xt::zeros<T>({m, N});

  Problem() { gemm(m, N, n, T(1), {E.data(), n}, {X.data(), N}, T(0), EX.data()); }
};

template <class T>
using Shared = std::shared_ptr<const Problem<T>>;

/// lambda/2 ||residual||^2.
template <class T>
V<T> energy(const V<T>& residual) {
  return T(lambda / 2) * ag::sum(ag::square(residual));
}

template <class T>
V<T> decoding(const V<T>& D, const V<T>& Z, const Problem<T>& p) {
  return energy(ag::matmul(D, Z) - ag::borrow(p.X));
}

/// residual = scale (a - b), where all have N columns. Returns ||a - b||^2, summed row by row, so
/// that single precision suffices. The residual may lie where a lies.
template <class T>
T subtract(int rows, const T* a, const T* b, T scale, T* residual) {
  double total = 0;
  for (int i = 0; i < rows * N; i += N) {
    T row = 0;
#pragma omp simd reduction(+ : row)
    for (int j = i; j < i + N; ++j) {
      const T difference = a[j] - b[j];
      residual[j] = scale * difference;
      row += difference * difference;
    }
    total += row;
  }
  return static_cast<T>(total);
}

/// residual = lambda (a b - y), where y has the given number of rows and N columns.
template <class T>
T energy_by_hand(int rows, int inner, const T* a, const T* b, const T* y, T* residual) {
  gemm(rows, N, inner, T(1), {a, inner}, {b, N}, T(0), residual);
  return T(lambda / 2) * subtract(rows, residual, y, T(lambda), residual);
}

template <class T>
struct ByCodes {
  T operator()(const T* Z, T* gradient) {
    const T decoding = energy_by_hand(n, m, p->D.data(), Z, p->X.data(), residual.data());
    const T encoding = T(lambda / 2) * subtract(m, Z, p->EX.data(), T(lambda), gradient);
    gemm(m, N, n, T(1), {p->D.data(), m, true}, {residual.data(), N}, T(1), gradient);
    return decoding + encoding;
  }
  Shared<T> p;
  std::vector<T> residual = std::vector<T>(n * N);
};

template <class T>
struct ByDictionary {
  T operator()(const T* D, T* gradient) {
    const T value = energy_by_hand(n, m, D, p->Z.data(), p->X.data(), residual.data());
    gemm(n, m, N, T(1), {residual.data(), N}, {p->Z.data(), N, true}, T(0), gradient);
    return value;
  }
  Shared<T> p;
  std::vector<T> residual = std::vector<T>(n * N);
};

template <class T>
struct ByEncoder {
  T operator()(const T* E, T* gradient) {
    const T value = energy_by_hand(m, n, E, p->X.data(), p->Z.data(), residual.data());
    gemm(m, n, N, T(1), {residual.data(), N}, {p->X.data(), N, true}, T(0), gradient);
    return value;
  }
  Shared<T> p;
  std::vector<T> residual = std::vector<T>(m * N);
};

template <class T>
void add_terms(Workloads& to) {
  const Shared<T> p = std::make_shared<Problem<T>>();
  const std::string type = std::is_same_v<T, float> ? ", float" : ", double";
  const auto by_codes = [p](const V<T>& Z) {
    return decoding(ag::borrow(p->D), Z, *p) + energy(Z - ag::borrow(p->EX));
  };
  const auto by_dictionary = [p](const V<T>& D) { return decoding(D, ag::borrow(p->Z), *p); };
  const auto by_encoder = [p](const V<T>& E) {
    return energy(ag::borrow(p->Z) - ag::matmul(E, ag::borrow(p->X)));
  };
  to.push_back(workload<T>("auto-encoder by Z" + type, p->Z, by_codes, ByCodes<T>{p}));
  to.push_back(workload<T>("auto-encoder by D" + type, p->D, by_dictionary, ByDictionary<T>{p}));
  to.push_back(workload<T>("auto-encoder by E" + type, p->E, by_encoder, ByEncoder<T>{p}));
}

}  // namespace

Workloads autoencoders() {
  Workloads workloads;
  add_terms<double>(workloads);
  add_terms<float>(workloads);
  return workloads;
}

}  // namespace benchmarks
