#include "autograd/base/error.hpp"

#include <fmt/format.h>

namespace autograd::detail {

std::string formatted(fmt::string_view text, fmt::format_args arguments) {
  return fmt::vformat(text, arguments);
}

}  // namespace autograd::detail
