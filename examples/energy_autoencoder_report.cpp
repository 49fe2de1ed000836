#include "examples/energy_autoencoder_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "examples/data/files.hpp"
#include "examples/support/matrix_image.hpp"
#include "examples/support/report.hpp"
#include "examples/support/timer.hpp"

namespace examples {
namespace {

/// Rounding in float may leave a norm this far above 1.
constexpr double norm_tolerance = 1e-5;

template <class T>
std::vector<double> column_norms(const xt::xarray<T>& a) {
  std::vector<double> squares(a.shape(1), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    squares[i % a.shape(1)] += static_cast<double>(a.data()[i]) * static_cast<double>(a.data()[i]);
  }
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

template <class T>
double nonzero_fraction(const xt::xarray<T>& a) {
  const auto zeros = std::count(a.data(), a.data() + a.size(), T(0));
  return 1 - static_cast<double>(zeros) / static_cast<double>(a.size());
}

/// Every column of D as a square picture, on a grid.
template <class T>
Image atoms(const xt::xarray<T>& D, std::size_t side) {
  std::vector<xt::xarray<float>> patches;
  for (std::size_t k = 0; k < D.shape(1); ++k) {
    xt::xarray<float> patch = xt::xarray<float>::from_shape({side, side});
    for (std::size_t p = 0; p < patch.size(); ++p) patch.data()[p] = static_cast<float>(D(p, k));
    patches.push_back(std::move(patch));
  }
  const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(patches.size())));
  return visible(tiles(patches, columns, 1, true));
}

/// The patches D Z, back in their places.
template <class T>
Image reconstruction(const Autoencoder<T>& model, const Image& image, std::size_t side) {
  const xt::xarray<T> DZ = autograd::evaluate(
      [](const auto& D, const auto& Z) { return autograd::matmul(D, Z); })(model.D(), model.Z());
  const std::size_t across = image.width() / side, down = image.height() / side;
  Image result{xt::xarray<float>::from_shape({down * side, across * side})};
  for (std::size_t k = 0; k < DZ.shape(1); ++k) {
    for (std::size_t p = 0; p < DZ.shape(0); ++p) {
      result.pixels(k / across * side + p / side, k % across * side + p % side) =
          static_cast<float>(DZ(p, k));
    }
  }
  return result;
}

/// The cosine of the angle between two matrices of equal shape: 1 if they are alike.
template <class T>
double similarity(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a.data()[i]), y = static_cast<double>(b.data()[i]);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

/// The part of the picture that the patches cover.
Image covered(const Image& image, const Image& like) {
  return {xt::view(image.pixels, xt::range(0, like.height()), xt::range(0, like.width()))};
}

template <class T>
Image matrix(const xt::xarray<T>& a, double limit) {
  return visible(heat_map(xt::cast<double>(a), -limit, limit));
}

Series over_iterations(std::string name, const std::vector<double>& values) {
  return {std::move(name), counting(values.size()), values};
}

void append(std::vector<double>& history, const std::vector<double>& values) {
  history.insert(history.end(), values.begin(), values.end());
}

}  // namespace

Image energy_image(const EnergyOptions& options) {
  return to_gray(options.image.empty() ? decode_image(textiles_png(), "textiles")
                                       : read_image(options.image));
}

template <class T>
EnergyReport<T>::EnergyReport(const EnergyOptions& options, const Image& image,
                              const Autoencoder<T>& model)
    : options_(options), image_(image), model_(model), progress_("learning", options.model.outer) {
  fmt::print("N = {} samples of dimension n = {} (patches of {} x {}), m = {} atoms\n",
             model.X().shape(1), model.X().shape(0), options.patch, options.patch, options.atoms);
}

template <class T>
void EnergyReport<T>::inner(const std::function<optim::Result<T>()>& minimize, char unknown) {
  optim::Result<T> result;
  seconds_ += seconds_of([&] { result = minimize(); });
  inner_iterations_ += result.iterations;
  const auto& terms = result.objectives;
  if (unknown == 'Z') append(prior_of_codes_, terms[1]);
  append(unknown == 'Z'   ? data_of_codes_
         : unknown == 'D' ? data_of_dictionary_
                          : data_of_encoder_,
         terms[0]);
}

template <class T>
void EnergyReport<T>::outer() {
  objectives_.push_back(model_.objective());
  if (progress_.due()) {
    progress_.update(objectives_.size(), fmt::format("objective {:.1f}", objectives_.back()));
  }
}

template <class T>
int EnergyReport<T>::finish() {
  const std::vector<double> atom_norms = column_norms(model_.D());
  const std::vector<double> encoder_norms = column_norms(model_.E());
  const double nonzero = nonzero_fraction(model_.Z());
  const double atom = largest(atom_norms), encoder = largest(encoder_norms);
  const Image rebuilt = reconstruction(model_, image_, options_.patch);
  const Image original = covered(image_, rebuilt);
  const double decibels = psnr(rebuilt, original);
  const bool honoured = atom <= 1 + norm_tolerance && encoder <= 1 + norm_tolerance;
  const bool falling = std::is_sorted(objectives_.rbegin(), objectives_.rend());

  fmt::print("objective  {:.2f} after {} rounds, {} inner iterations, {:.2f} s\n",
             objectives_.back(), objectives_.size(), inner_iterations_, seconds_);
  fmt::print("codes      {:.1f} % of Z is not zero\n", 100 * nonzero);
  fmt::print("norms      of atoms at most {:.6f}, of the encoder's columns {:.6f}: {}\n", atom,
             encoder, honoured ? "constraints honoured" : "CONSTRAINTS VIOLATED");

  Report report(options_.common, "Energy auto-encoder",
                "Learns a dictionary D, an encoder E and sparse codes Z from the patches X of a "
                "picture: lambda_d/2 ||X - DZ||^2 + lambda_e/2 ||Z - EX||^2 + ||Z||_1 falls while "
                "Z, D and E take turns, each minimised by FISTA with gradients of autograd.");
  report.plot("inner",
              {"Sub-problems",
               "inner iteration",
               "objective",
               false,
               true,
               {over_iterations("Z: data term", data_of_codes_),
                over_iterations("Z: prior term", prior_of_codes_),
                over_iterations("D: data term", data_of_dictionary_),
                over_iterations("E: data term", data_of_encoder_)}},
              "The terms within the minimisations over Z, D and E.");
  report.plot("outer",
              {"Whole objective",
               "round",
               "objective",
               false,
               true,
               {over_iterations("objective", objectives_)}},
              "The whole objective after each round over Z, D and E.");
  report.plot("norms",
              {"Norms",
               "column",
               "norm",
               false,
               true,
               {{"atoms", counting(atom_norms.size()), atom_norms, Draw::points},
                {"encoder", counting(encoder_norms.size()), encoder_norms, Draw::points}}},
              "Norms of the columns of D (atoms) and of E: none above 1.");
  report.picture("codes.png", spy(xt::cast<double>(model_.Z())),
                 fmt::format("Z, a column for each sample: {:.1f} % is not zero.", 100 * nonzero));
  report.picture("atoms.png", atoms(model_.D(), options_.patch),
                 "The atoms, each from black (smallest) to white (largest).");
  const double limit = std::max(xt::amax(xt::abs(model_.D()))(), xt::amax(xt::abs(model_.E()))());
  const xt::xarray<T> transposed = xt::transpose(model_.D());
  const double alike = similarity(model_.E(), transposed);
  report.picture("encoder.png",
                 side_by_side({matrix(model_.E(), limit), matrix(transposed, limit)}, 16),
                 fmt::format("The encoder E (left) beside the transposed dictionary (right): "
                             "similarity {:.2f}, where 1 is alike.",
                             alike));
  report.picture("reconstruction.png", side_by_side({original, rebuilt}, 8),
                 fmt::format("The picture and its reconstruction DZ: {:.1f} dB.", decibels));
  report.figure("objective_final", objectives_.back(), "the whole objective in the end");
  report.figures("objectives", objectives_, "after each round");
  report.figure("nonzero_fraction", nonzero, "part of Z that is not zero");
  report.figure("inner_iterations", inner_iterations_, "FISTA iterations in all");
  report.figure("max_atom_norm", atom, "largest norm of a column of D; at most 1");
  report.figure("max_encoder_norm", encoder, "largest norm of a column of E; at most 1");
  report.figure("similarity", alike, "cosine of the angle between E and the transposed D");
  report.figure("psnr", decibels, "of the reconstruction, in dB");
  report.figure("seconds", seconds_, "spent in the minimisations");
  report.expect(falling, "the objective never rises from one round to the next");
  report.expect(honoured, "the columns of D and E have norms of at most 1");
  return report.finish();
}

template class EnergyReport<float>;
template class EnergyReport<double>;

}  // namespace examples
