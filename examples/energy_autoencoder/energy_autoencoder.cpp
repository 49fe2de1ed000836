/// Energy auto-encoder: learns a dictionary D, an encoder E and sparse codes Z from the patches of
/// a picture. The gradients of the smooth terms come from autograd, the rest from optim's FISTA.

#include <algorithm>
#include <utility>

#include "examples/energy_autoencoder/report.hpp"
#include "examples/support/error.hpp"
#include "examples/support/random.hpp"

namespace {

using namespace examples;

EnergyOptions options(int argc, const char* const* argv) {
  EnergyOptions options;
  CommandLine line("energy_autoencoder", "Learns a sparse auto-encoder from a picture.");
  line.file("IMAGE", options.image, "PNG or JPEG; none: a picture of textiles");
  line.count("--patch", options.patch, {2, 64}, "side of the square patches, in pixels");
  line.count("--atoms", options.atoms, {1, 4096}, "columns of the dictionary");
  line.number("--lambda-d", options.model.lambda_d, {0, 1e6}, "weight of ||X - DZ||^2 / 2");
  line.number("--lambda-e", options.model.lambda_e, {0, 1e6}, "weight of ||Z - EX||^2 / 2");
  line.count("--outer", options.model.outer, {1, 10'000}, "rounds over Z, D and E");
  line.count("--inner", options.model.inner, {1, 1'000'000}, "iterations of each minimisation");
  line.number("--rtol", options.model.rtol, {0, 1}, "relative change that ends a minimisation");
  line.choice("--dtype", options.dtype, {"float", "double"}, "numbers to compute with");
  line.parse(argc, argv);
  options.common = line.common();
  if (options.common.quick) options.model.outer = std::min<std::uint64_t>(options.model.outer, 4);
  return options;
}

/// Each patch once, as a column of pixels, row by row.
template <class T>
xt::xarray<T> patches(const Image& image, std::size_t side) {
  const std::size_t down = image.height() / side, across = image.width() / side;
  if (down * across == 0) throw InputError("the picture is smaller than one patch");
  xt::xarray<T> X = xt::xarray<T>::from_shape({side * side, down * across});
  for (std::size_t k = 0; k < X.shape(1); ++k) {
    for (std::size_t p = 0; p < X.shape(0); ++p) {
      X(p, k) =
          static_cast<T>(image.pixels(k / across * side + p / side, k % across * side + p % side));
    }
  }
  return X;
}

template <class T>
Autoencoder<T> start(const Image& image, const EnergyOptions& options) {
  Random random(options.common.seed);
  xt::xarray<T> X = patches<T>(image, options.patch);
  const std::size_t n = X.shape(0), N = X.shape(1), m = options.atoms;
  auto Z = random.normal<T>({m, N}), D = random.normal<T>({n, m}), E = random.normal<T>({m, n});
  return {std::move(X), std::move(Z), std::move(D), std::move(E), options.model};
}

template <class T>
int learn(const EnergyOptions& options) {
  const Image image = energy_image(options);
  auto model = start<T>(image, options);
  EnergyReport<T> report(options, image, model);
  for (std::uint64_t k = 0; k < options.model.outer; ++k) {
    report.inner([&] { return model.minimize_over_codes(); }, 'Z');
    report.inner([&] { return model.minimize_over_dictionary(); }, 'D');
    report.inner([&] { return model.minimize_over_encoder(); }, 'E');
    report.outer();
  }
  return report.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("energy_autoencoder", [&] {
    const EnergyOptions given = options(argc, argv);
    return given.dtype == "float" ? learn<float>(given) : learn<double>(given);
  });
}
