#pragma once

#include <autograd/xtensor.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "examples/support/command_line.hpp"
#include "examples/support/image.hpp"

namespace examples {

/// What the command line of inpaint says.
struct InpaintOptions {
  std::filesystem::path image;     // empty: the embedded ginkgo leaf
  std::filesystem::path known;     // empty: the program corrupts the picture itself
  std::filesystem::path original;  // empty: unknown, if the picture came corrupted
  double corrupt = 0.9;
  std::uint64_t downsample = 1;
  std::uint64_t iterations = 500;
  std::string form = "rows";
  std::string dtype = "float";
  bool color = false;
  CommonOptions common;
};

InpaintOptions inpaint_options(int argc, const char* const* argv);

/// A picture of which some pixels are right and the others are to be found.
struct InpaintProblem {
  std::string name;
  Image corrupted;
  xt::xarray<bool> known;      // (height, width)
  std::optional<Image> truth;  // where there is one to compare with
};

/// Reads the pictures that the options name; throws InputError when one is unusable or when they
/// do not fit together.
InpaintProblem inpaint_problem(const InpaintOptions& options);

/// Keeps every pixel with the probability 1 - `part`; the others become black or white, each with
/// probability one half.
InpaintProblem corrupt(std::string name, Image truth, double part, std::uint64_t seed);

}  // namespace examples
