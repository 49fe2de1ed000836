#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "examples/energy_autoencoder/model.hpp"
#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"
#include "examples/support/progress.hpp"
#include "examples/support/report.hpp"

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

/// What was learned, in numbers.
struct EnergyFigures {
  AutoencoderTerms terms;
  double data_of_codes;            // decoding + encoding after the last minimisation over Z
  double encoding_error;           // ||Z - EX|| / ||Z||; 0 where Z = 0
  std::size_t nonzeros;            // of Z
  std::size_t atoms_used;          // by at least one sample
  double atom_norm, encoder_norm;  // the largest
  double similarity;               // of E and the transposed D
  Image original, rebuilt;         // the part of the picture that patches cover, and DZ
  double psnr;                     // of the latter
};

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

  /// The minimisations over one of the matrices, one after the other.
  struct Inner {
    std::size_t iterations = 0;
    std::vector<double> data, prior;  // terms of the objective, before and after each iteration
  };

  void print(const EnergyFigures& figures) const;
  void add_plots(Report& report) const;
  void add_pictures(Report& report, const EnergyFigures& figures) const;
  void add_figures(Report& report, const EnergyFigures& figures) const;
  EnergyFigures figures() const;

  std::vector<double> objectives_;  // after each round
  Inner codes_, dictionary_, encoder_;
  double seconds_ = 0;
};

}  // namespace examples
