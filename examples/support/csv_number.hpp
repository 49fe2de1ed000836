#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace examples {

/// A number with a decimal point. What is too small for a double becomes 0, what is too large is no
/// number; NaN and infinities are numbers here.
std::optional<double> parse_number(std::string_view field);

/// The field with its comma replaced by a point; unchanged in effect, that is no number, where it
/// has both or two commas.
std::string with_point(std::string_view field);

/// Whether a field is a number, or was perhaps meant as one: 1.234,5 or 1e400 or (7).
bool seems_number(std::string_view field);

/// Whether a field may be a whole number in groups of three digits: 1,234 or -12,345,678.
bool seems_grouped(std::string_view field, char mark);

}  // namespace examples
