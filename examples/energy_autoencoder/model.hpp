#pragma once

#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <vector>

namespace examples {

/// The numbers of the energy auto-encoder, named as in the document.
struct AutoencoderOptions {
  double lambda_d = 10, lambda_e = 10;  // weights of reconstruction and of encoding
  double rtol = 1e-3;                   // of the inner minimisations
  std::uint64_t outer = 20, inner = 200;
};

/// The terms of the objective below.
struct AutoencoderTerms {
  double decoding = 0;  // lambda_d/2 ||X - D Z||^2
  double encoding = 0;  // lambda_e/2 ||Z - E X||^2
  double prior = 0;     // ||Z||_1

  double sum() const { return decoding + encoding + prior; }
};

/// min over Z, D, E of
///   lambda_d/2 ||X - D Z||^2 + lambda_e/2 ||Z - E X||^2 + ||Z||_1
/// such that the columns of D and those of E have norms of at most 1. X holds a sample in each
/// column, Z their sparse codes; D is the dictionary and E the encoder.
template <class T>
class Autoencoder {
 public:
  using Array = xt::xarray<T>;
  using Result = optim::Result<T>;

  /// Starts from any Z, D and E; D and E are projected into their sets.
  Autoencoder(Array X, Array Z, Array D, Array E, const AutoencoderOptions& options);

  /// The convex minimisations over one matrix each; none ends with a larger objective. A smooth
  /// term that does not depend on D or E (its weight is 0, or the codes or the picture are) leaves
  /// nothing to do: the result has no iterations and no history then.
  Result minimize_over_codes();
  Result minimize_over_dictionary();
  Result minimize_over_encoder();

  AutoencoderTerms terms() const;

  const Array& X() const { return X_; }
  const Array& Z() const { return Z_; }
  const Array& D() const { return D_; }
  const Array& E() const { return E_; }

 private:
  Result minimize(const optim::Term<T>& smooth, const optim::Term<T>& other, double L, Array& x);
  Result minimize_over_map(double weight, const Array& G, Array B, double YY, Array& map);

  AutoencoderOptions options_;
  optim::Projection<T> unit_columns_ = optim::l2_ball<T>(1, 0);
  Array X_, Z_, D_, E_, XXt_;
};

}  // namespace examples
