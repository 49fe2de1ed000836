#include "examples/support/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "examples/support/file.hpp"
#include "examples/support/utf8.hpp"

namespace examples {
namespace {

std::string escaped(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 ? fmt::format("\\u{:04x}", code) : std::string(1, c);
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : valid_utf8(text)) out += escaped(c);
  return out + '"';
}

JsonObject& JsonObject::add_literal(std::string_view key, std::string literal) {
  entries_.emplace_back(key, std::move(literal));
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, double value) {
  return add_literal(key, number(value));
}

JsonObject& JsonObject::add(std::string_view key, std::span<const double> values) {
  std::vector<std::string> literals;
  for (const double value : values) literals.push_back(number(value));
  return add_literal(key, fmt::format("[{}]", fmt::join(literals, ", ")));
}

JsonObject& JsonObject::add(std::string_view key, bool value) {
  return add_literal(key, value ? "true" : "false");
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  return add_literal(key, json_string(value));
}

std::string JsonObject::text() const {
  std::string out = "{";
  for (const auto& [key, literal] : entries_) {
    out += fmt::format("{}\n  {}: {}", out.size() == 1 ? "" : ",", json_string(key), literal);
  }
  return out + "\n}\n";
}

void JsonObject::write(const std::filesystem::path& path) const { write_file(path, text()); }

}  // namespace examples
