#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace examples {

/// What every example takes.
struct CommonOptions {
  std::filesystem::path out;   // folder of pictures, plots and tables
  std::filesystem::path json;  // file of the final figures; empty: none
  std::uint64_t seed = 0;
  bool quick = false;
};

/// The command line of an example. Each call below describes one option; the target's value at that
/// moment is its default, which `--help` shows. Names begin with dashes, or not for a positional
/// argument ("IMAGE").
///
///     CommandLine line("inpaint", "Restores a photograph.");
///     line.count("--iterations", iterations, {0, 1'000'000}, "steps of gradient descent");
///     line.parse(argc, argv);
class CommandLine {
 public:
  template <class T>
  struct Range {
    T from, to;
  };

  CommandLine(std::string program, std::string purpose);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  void file(const std::string& name, std::filesystem::path& target, const std::string& help);
  void number(const std::string& name, double& target, Range<double> range,
              const std::string& help);
  void count(const std::string& name, std::uint64_t& target, Range<std::uint64_t> range,
             const std::string& help);
  void choice(const std::string& name, std::string& target, std::vector<std::string> choices,
              const std::string& help);
  void flag(const std::string& name, bool& target, const std::string& help);

  /// Two options that contradict each other, and one that makes no sense without another.
  void exclude(const std::string& one, const std::string& other);
  void require(const std::string& one, const std::string& needed);

  /// True when the option stood on the parsed command line.
  bool given(const std::string& name) const;

  /// Fills the targets, makes the folder of --out and checks that --json can be written. Throws
  /// InputError for bad input and EarlyExit after showing `--help`.
  void parse(int argc, const char* const* argv);

  const CommonOptions& common() const { return common_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  CommonOptions common_;
};

/// Thrown when everything has been said and the program should end.
struct EarlyExit {
  int code = 0;
};

/// Runs the body of `main` and turns exceptions into one line "<program>: <what and why>" on the
/// standard error stream and an exit code: 2 for bad input (InputError), 1 for everything else.
int run_main(const std::string& program, const std::function<int()>& body);

}  // namespace examples
