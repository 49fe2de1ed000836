#include "examples/support/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace examples {

void warn(std::string_view text) {
  std::fputs(fmt::format("warning: {}\n", one_line(text)).c_str(), stderr);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace examples
