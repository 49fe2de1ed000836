#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace examples {

/// What the user handed in cannot be used: a file, a size, a number. The message is one line that
/// names the thing and says why; `run_main` prints it and ends the program with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Tells the user in one line of the standard error stream, "warning: <text>", what they should
/// know about a thing that is used all the same.
void warn(std::string_view text);

/// The text with its line ends replaced by spaces.
std::string one_line(std::string_view text);

}  // namespace examples
