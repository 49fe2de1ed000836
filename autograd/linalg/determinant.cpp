/// Determinants, from the factors of matrices.
#include <cmath>
#include <limits>

#include "autograd/linalg/factors.hpp"
#include "autograd/ops/record.hpp"

namespace autograd::linalg {
namespace {

struct ByFactors {
  const Factors<T>* factors;
};

/// a^-T, which is the inverse itself where no derivatives of it follow and it is symmetric: then it
/// lies in memory as gradients do.
V transposed_inverse(VjpContext<T>& context, const Factors<T>& factors) {
  factors.require_regular(context.op().name);
  const V inverse = inverse_by(&factors, context.x(0));
  return factors.all_definite && !context.records() ? inverse : transposed(inverse);
}

/// The derivative of log |det a| is a^-T, and that of det a is det a times as much.
void vjp_slogdet(VjpContext<T>& context) {
  const auto& by = context.attributes<ByFactors>();
  context.add(0, for_each_matrix(context.g) * transposed_inverse(context, *by.factors));
}
void vjp_det(VjpContext<T>& context) {
  const auto& by = context.attributes<ByFactors>();
  const V scale = for_each_matrix(context.g * context.y());
  context.add(0, scale * transposed_inverse(context, *by.factors));
}
constexpr Op<T> slogdet_op{"slogdet", nullptr, vjp_slogdet};
constexpr Op<T> det_op{"det", nullptr, vjp_det};

/// The factors of the determinant of matrix i: the diagonal of its factors, with a sign for each
/// interchange of rows, and twice for those of Cholesky.
template <class Use>
void for_each_factor(const Factors<T>& f, Index i, const Use& use) {
  const T* const matrix = f.matrix(i);
  const int* const pivots = f.pivots_of(i);
  for (Index k = 0; k < f.n; ++k) {
    const T each = matrix[k * f.n + k];
    if (f.definite[i]) {
      use(each * each);
    } else {
      use(pivots[k] == k + 1 ? each : -each);
    }
  }
}

/// The product with its exponent apart, so that only the result can overflow or underflow.
T product_of_any(const Factors<T>& f, Index i) {
  T mantissa = 1;
  long exponent = 0;
  for_each_factor(f, i, [&](T each) {
    int more = 0;
    mantissa = std::frexp(mantissa * each, &more);
    exponent += more;
  });
  return std::scalbln(mantissa, exponent);
}
T product(const Factors<T>& f, Index i) {
  T result = 1;
  bool normal = true;
  for_each_factor(f, i, [&](T each) {
    result *= each;
    const T size = std::abs(result);
    normal &= size >= std::numeric_limits<T>::min() && size <= std::numeric_limits<T>::max();
  });
  return normal ? result : product_of_any(f, i);
}
T log_of_product(const Factors<T>& f, Index i) {
  T result = 0;
  for_each_factor(f, i, [&](T each) { result += std::log(std::abs(each)); });
  return result;
}
T sign_of_product(const Factors<T>& f, Index i) {
  T result = 1;
  for_each_factor(f, i, [&](T each) { result *= each > 0 ? 1 : each < 0 ? -1 : each; });
  return result;
}

/// A number for each matrix.
V numbers(const Op<T>& op, const Factors<T>* factors, const V& a,
          T (*number)(const Factors<T>&, Index)) {
  const auto compute = [&](View<T> y) {
    for (Index i = 0; i < factors->count; ++i) y.data[i] = number(*factors, i);
  };
  const Layout* layout = tape().row_major(factors->batch(), op.name);
  return record(op, layout, keep(ByFactors{factors}), compute, a);
}

}  // namespace

V det(const V& a) {
  check_square("det", a);
  return numbers(det_op, factors_of("det", a), a, product);
}

Slogdet<V> slogdet(const V& a) {
  check_square("slogdet", a);
  const Factors<T>* factors = factors_of("slogdet", a);
  const V sign = numbers(slogdet_op, factors, a, sign_of_product);
  tape().deactivate(sign);
  return {sign, numbers(slogdet_op, factors, a, log_of_product)};
}

}  // namespace autograd::linalg
