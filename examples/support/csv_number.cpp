#include "examples/support/csv_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>

namespace examples {
namespace {

/// What is too small for a double is 0 or the least number there is, not out of range.
std::optional<double> parse_tiny(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  return std::abs(value) < 1 ? std::optional(value) : std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string with_point(std::string_view field) {
  std::string text(field);
  const std::size_t comma = text.find(',');
  if (comma != text.npos && text.find('.') == text.npos) text[comma] = '.';
  return text;
}

std::optional<double> parse_number(std::string_view field) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  double value = 0;
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (stop != end || field.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return parse_tiny(std::string(field));
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

bool seems_number(std::string_view field) {
  if (parse_number(with_point(field))) return true;
  const auto number_begin = field.find_first_not_of("+-.,");
  if (number_begin != field.npos && is_digit(field[number_begin])) return true;
  return std::any_of(field.begin(), field.end(), is_digit) &&
         std::none_of(field.begin(), field.end(), is_letter);
}

bool seems_grouped(std::string_view field, char mark) {
  if (!field.empty() && (field[0] == '-' || field[0] == '+')) field.remove_prefix(1);
  const std::size_t first = std::min(field.find(mark), field.size());
  if (first < 1 || first > 3 || field[0] == '0' || (field.size() - first) % 4 != 0) return false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool at_mark = i >= first && (i - first) % 4 == 0;
    if (at_mark ? field[i] != mark : !is_digit(field[i])) return false;
  }
  return first < field.size();
}

}  // namespace examples
