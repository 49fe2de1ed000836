#pragma once

#include <stdexcept>

namespace examples {

/// What the user handed in cannot be used: a file, a size, a number. The message is one line that
/// names the thing and says why; `run_main` prints it and ends the program with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace examples
