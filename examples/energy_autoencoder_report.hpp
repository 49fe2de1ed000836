#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "examples/energy_autoencoder_model.hpp"
#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"
#include "examples/support/progress.hpp"

namespace examples {

/// What the command line of energy_autoencoder says.
struct EnergyOptions {
  std::filesystem::path image;  // empty: the embedded textiles
  std::uint64_t patch = 12;
  std::uint64_t atoms = 200;
  AutoencoderOptions model;
  std::string dtype = "float";
  CommonOptions common;
};

/// The picture, gray.
Image energy_image(const EnergyOptions& options);

/// Watches the learning and shows in the end what was learned.
template <class T>
class EnergyReport {
 public:
  EnergyReport(const EnergyOptions& options, const Image& image, const Autoencoder<T>& model);

  /// Runs one of the convex minimisations, over `unknown` (Z, D or E), and times it.
  void inner(const std::function<optim::Result<T>()>& minimize, char unknown);

  /// After each round over Z, D and E.
  void outer();

  /// Writes everything; the exit code of the program.
  int finish();

 private:
  EnergyOptions options_;
  Image image_;
  const Autoencoder<T>& model_;
  Progress progress_;

  std::vector<double> objectives_;  // after each round
  // The terms within the minimisations, one after the other.
  std::vector<double> data_of_codes_, prior_of_codes_, data_of_dictionary_, data_of_encoder_;
  std::size_t inner_iterations_ = 0;
  double seconds_ = 0;
};

}  // namespace examples
