#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// The text of a table as UTF-8 without a byte order mark; UTF-16 with such a mark is converted.
/// Throws InputError("<name>: ..."), which says what the file is and what to do, when it is no
/// text.
std::string table_text(std::string_view bytes, const std::string& name);

inline constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text);

/// Where the first of `stops` stands outside of double quotes; npos: nowhere. Quotes begin at the
/// front of a field only: 5" is no quotation. `closed` tells whether every quotation ends.
std::size_t find_unquoted(std::string_view text, std::string_view stops, bool* closed = nullptr);

/// Splits a line at a separator, ' ' standing for any number of blanks, into trimmed fields without
/// their quotes. Empty fields at the end do not count: spreadsheets write them.
std::vector<std::string_view> split_fields(std::string_view line, char separator);

/// A line of a table is what ends with a line end (of any kind) outside of quotes.
class TableLines {
 public:
  TableLines(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  /// The next line without its comment. False at the end of the text; throws InputError when a
  /// quotation does not end.
  bool next(std::string_view& line);

  /// The number of the line in the file.
  std::size_t number() const { return number_; }

 private:
  void remove(std::size_t size);

  std::string_view rest_;
  const std::string& name_;
  std::size_t number_ = 0;
  std::size_t line_ends_ = 0;  // before the rest
};

}  // namespace examples
