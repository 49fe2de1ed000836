#pragma once

#include <concepts>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

/// The final figures of a program, in order: one JSON object of numbers, lists of numbers, truths
/// and texts.
///
///     JsonObject figures;
///     figures.add("height", image.height()).add("psnr", psnr);
///     figures.write("figures.json");
///
/// Numbers are written with the fewest digits that read back equal; those that JSON cannot express
/// (NaN, infinities) are null.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, double value);
  JsonObject& add(std::string_view key, bool value);
  JsonObject& add(std::string_view key, std::string_view value);
  JsonObject& add(std::string_view key, const char* value) {
    return add(key, std::string_view(value));
  }
  JsonObject& add(std::string_view key, std::integral auto value) {
    return add_literal(key, std::to_string(value));
  }
  JsonObject& add(std::string_view key, std::span<const double> values);

  std::string text() const;

  /// Writes the whole object or nothing; throws InputError when that fails.
  void write(const std::filesystem::path& path) const;

 private:
  JsonObject& add_literal(std::string_view key, std::string literal);

  std::vector<std::pair<std::string, std::string>> entries_;  // key, literal
};

/// A JSON string: in quotes, with everything escaped that JSON asks for, and in valid UTF-8.
std::string json_string(std::string_view text);

}  // namespace examples
