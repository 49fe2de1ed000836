#include "examples/energy_autoencoder/model.hpp"

#include <algorithm>
#include <utility>

namespace examples {
namespace {

namespace ag = autograd;

template <class T>
using Var = ag::Var<T>;

template <class T>
xt::xarray<T> product(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return ag::evaluate([](const Var<T>& a, const Var<T>& b) { return ag::matmul(a, b); })(a, b);
}

/// a b^T.
template <class T>
xt::xarray<T> outer_product(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return ag::evaluate(
      [](const Var<T>& a, const Var<T>& b) { return ag::matmul(a, ag::transpose(b)); })(a, b);
}

template <class T>
double squared_norm(const xt::xarray<T>& a) {
  return ag::evaluate([](const Var<T>& a) { return ag::sum(ag::square(a)); })(a)();
}

/// The largest eigenvalue of a symmetric matrix with eigenvalues >= 0, and 1 % more: the power
/// method comes from below.
template <class T>
double largest_eigenvalue(const xt::xarray<T>& G) {
  if (squared_norm(G) == 0) return 0;
  const auto map = optim::linear_operator<T>(
      [&](const Var<T>& x) { return ag::matmul(ag::borrow(G), x); }, {G.shape(0)});
  return 1.01 * optim::operator_norm<T>(map, xt::ones<T>({G.shape(0)}));
}

/// weight/2 ||Y - M W||^2 as a function of M. With G = W W^T and B = Y W^T it is
/// weight/2 (<M G - 2 B, M> + ||Y||^2), whose cost does not grow with the number of samples.
template <class T>
optim::Term<T> residual_of_map(double weight, xt::xarray<T> G, xt::xarray<T> B, double YY) {
  return optim::smooth<T>(
      [weight = T(weight / 2), G = std::move(G), B = xt::xarray<T>(T(2) * B),
       YY = T(YY)](const Var<T>& M) {
        return weight * (ag::sum((ag::matmul(M, ag::borrow(G)) - ag::borrow(B)) * M) + YY);
      },
      "residual");
}

}  // namespace

template <class T>
Autoencoder<T>::Autoencoder(Array X, Array Z, Array D, Array E, const AutoencoderOptions& options)
    : options_(options),
      X_(std::move(X)),
      Z_(std::move(Z)),
      D_(std::move(D)),
      E_(std::move(E)),
      XXt_(outer_product(X_, X_)) {
  unit_columns_(D_);
  unit_columns_(E_);
}

/// FISTA from x, which it replaces unless the objective has risen. L: a Lipschitz constant of the
/// gradient, for which any larger number is one, too; so the step is never infinite.
template <class T>
auto Autoencoder<T>::minimize(const optim::Term<T>& smooth, const optim::Term<T>& other, double L,
                              Array& x) -> Result {
  Result result = optim::forward_backward<T>(smooth, other, x,
                                             {.step = 1 / std::max(L, 1e-30), .quadratic = true},
                                             {.rtol = options_.rtol, .maxit = options_.inner});
  const double before = result.objectives[0].front() + result.objectives[1].front();
  if (result.objective <= before) x = result.x;
  return result;
}

template <class T>
auto Autoencoder<T>::minimize_over_codes() -> Result {
  const T d = T(options_.lambda_d / 2), e = T(options_.lambda_e / 2);
  const Array EX = product(E_, X_);
  const auto smooth = optim::smooth<T>([&](const Var<T>& Z) {
    return d * ag::sum(ag::square(ag::matmul(ag::borrow(D_), Z) - ag::borrow(X_))) +
           e * ag::sum(ag::square(Z - ag::borrow(EX)));
  });
  const Array DtD = outer_product<T>(xt::transpose(D_), xt::transpose(D_));
  const double L = options_.lambda_e + options_.lambda_d * largest_eigenvalue(DtD);
  return minimize(smooth, optim::norm_l1<T>(), L, Z_);
}

/// weight/2 ||Y - M W||^2 by residual_of_map, where the columns of M have norms of at most 1.
template <class T>
auto Autoencoder<T>::minimize_over_map(double weight, const Array& G, Array B, double YY,
                                       Array& map) -> Result {
  const double L = weight * largest_eigenvalue(G);
  if (L == 0) return {};
  return minimize(residual_of_map(weight, G, std::move(B), YY), optim::indicator<T>(unit_columns_),
                  L, map);
}

template <class T>
auto Autoencoder<T>::minimize_over_dictionary() -> Result {
  return minimize_over_map(options_.lambda_d, outer_product(Z_, Z_), outer_product(X_, Z_),
                           squared_norm(X_), D_);
}

template <class T>
auto Autoencoder<T>::minimize_over_encoder() -> Result {
  return minimize_over_map(options_.lambda_e, XXt_, outer_product(Z_, X_), squared_norm(Z_), E_);
}

template <class T>
AutoencoderTerms Autoencoder<T>::terms() const {
  const xt::xarray<double> X = xt::cast<double>(X_), Z = xt::cast<double>(Z_);
  const xt::xarray<double> D = xt::cast<double>(D_), E = xt::cast<double>(E_);
  const xt::xarray<double> decoding = X - product(D, Z), encoding = Z - product(E, X);
  return {options_.lambda_d / 2 * squared_norm(decoding),
          options_.lambda_e / 2 * squared_norm(encoding), xt::sum(xt::abs(Z))()};
}

template class Autoencoder<float>;
template class Autoencoder<double>;

}  // namespace examples
