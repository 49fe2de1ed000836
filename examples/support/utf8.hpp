#pragma once

#include <string>
#include <string_view>

namespace examples {

/// The text with every byte that is not part of a character in UTF-8 replaced by U+FFFD: names of
/// files may hold any bytes, a web page and JSON may not.
std::string valid_utf8(std::string_view text);

/// UTF-16 as UTF-8; what is no character becomes U+FFFD.
std::string utf8_from_utf16(std::string_view bytes, bool big_endian);

}  // namespace examples
