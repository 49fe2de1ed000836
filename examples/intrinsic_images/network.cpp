#include "examples/intrinsic_images/network.hpp"

#include <cmath>
#include <tuple>

#include "examples/support/random.hpp"

namespace examples {
namespace {

namespace ag = autograd;

template <class T>
xt::xarray<T> random_kernel(std::size_t filters, std::size_t channels, std::size_t side,
                            Random& random) {
  auto kernel = random.normal<T>({filters, channels, side, side});
  kernel *= static_cast<T>(std::sqrt(2.0 / static_cast<double>(channels * side * side)));
  return kernel;
}

template <class T>
xt::xarray<T> zero_bias(std::size_t filters) {
  return xt::zeros<T>({filters, std::size_t{1}, std::size_t{1}});
}

template <class T>
ag::Var<T> convolution(const ag::Var<T>& x, const ag::Var<T>& kernel, const ag::Var<T>& bias) {
  return ag::correlate2d(x, kernel, {.padding = ag::Padding::same}) + bias;
}

/// Every pixel as a square of pixels.
template <class T>
ag::Var<T> enlarged(const ag::Var<T>& x) {
  return ag::repeat(ag::repeat(x, coarseness, -1), coarseness, -2);
}

/// How bright a picture is as a whole says nothing.
template <class T>
ag::Var<T> centred(const ag::Var<T>& x) {
  return x - ag::mean(x, {.axis = {1, 2, 3}, .keepdims = true});
}

}  // namespace

template <class T>
Weights<xt::xarray<T>> initial_weights(std::uint64_t seed, std::size_t filters) {
  Random random(seed);
  const auto k1 = random_kernel<T>(filters, 3, 3, random);
  const auto k2 = random_kernel<T>(filters, filters, 3, random);
  const auto k3 = random_kernel<T>(filters, filters, 5, random);
  const auto k4 = random_kernel<T>(filters, filters, 5, random);
  const auto k5 = random_kernel<T>(1, 2 * filters, 5, random);
  const auto b = zero_bias<T>(filters);
  return {k1, b, k2, b, k3, b, k4, b, k5, zero_bias<T>(1)};
}

template <class T>
ag::Var<T> predict(const ag::Var<T>& log_input, const Weights<ag::Var<T>>& w) {
  const auto& [k1, b1, k2, b2, k3, b3, k4, b4, k5, b5] = w;
  const auto fine1 = ag::relu(convolution(centred(log_input), k1, b1));
  const auto fine2 = ag::relu(convolution(fine1, k2, b2));
  const auto coarse1 = ag::relu(convolution(ag::avg_pool2d(fine2, coarseness), k3, b3));
  const auto coarse2 = ag::relu(convolution(coarse1, k4, b4));
  const auto both = ag::concatenate({fine2, enlarged(coarse2)}, 1);
  const auto log_shading = convolution(both, k5, b5);
  return log_input - log_shading;
}

template <class T>
xt::xarray<T> prediction(const xt::xarray<T>& log_input, const Weights<xt::xarray<T>>& w) {
  const auto network = [&](const auto&... weights) { return predict<T>(log_input, {weights...}); };
  return std::apply(ag::evaluate(network), w);
}

#define EXAMPLES_NETWORK(T)                                                    \
  template Weights<xt::xarray<T>> initial_weights(std::uint64_t, std::size_t); \
  template ag::Var<T> predict(const ag::Var<T>&, const Weights<ag::Var<T>>&);  \
  template xt::xarray<T> prediction(const xt::xarray<T>&, const Weights<xt::xarray<T>>&);
EXAMPLES_NETWORK(float)
EXAMPLES_NETWORK(double)
#undef EXAMPLES_NETWORK

}  // namespace examples
