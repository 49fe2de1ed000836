#include "examples/support/csv_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "examples/support/error.hpp"
#include "examples/support/utf8.hpp"

namespace examples {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view beginning;
  std::string_view what;
};

constexpr std::array kinds{
    Kind{"PK\x03\x04", "an Excel or LibreOffice workbook (or another ZIP archive): save it as CSV"},
    Kind{"\xD0\xCF\x11\xE0", "an old Excel workbook: save it as CSV"},
    Kind{"\x1F\x8B", "compressed by gzip: unpack it first"},
    Kind{"%PDF", "a PDF: export the table as CSV"},
    Kind{"\x93NUMPY", "an array of NumPy: write it with numpy.savetxt"},
    Kind{"\x89HDF", "an HDF5 file: export the table as CSV"},
    Kind{"PAR1", "a Parquet file: export the table as CSV"},
    Kind{"\xFF\xFE\0\0"sv, "a text in UTF-32: save it as UTF-8"},
    Kind{"\0\0\xFE\xFF"sv, "a text in UTF-32: save it as UTF-8"},
};

std::string decoded(std::string_view bytes) {
  constexpr std::string_view utf8_mark = "\xEF\xBB\xBF", little = "\xFF\xFE", big = "\xFE\xFF";
  if (bytes.starts_with(utf8_mark)) return std::string(bytes.substr(utf8_mark.size()));
  if (bytes.starts_with(little)) return utf8_from_utf16(bytes.substr(2), false);
  if (bytes.starts_with(big)) return utf8_from_utf16(bytes.substr(2), true);
  return std::string(bytes);
}

/// How long the text is that a spreadsheet shows at this # instead of a result (#N/A, #DIV/0!,
/// #NAME?) or where there is no room (###); 0: it is a comment. Rows must not vanish because of it.
std::size_t cell_error_size(std::string_view line, std::size_t hash) {
  constexpr std::string_view separators = ",;\t";
  const std::size_t end = std::min(line.find_first_of(",;\t \r\n\"", hash), line.size());
  const std::string_view text = line.substr(hash, end - hash);
  const bool behind = hash > 0 && separators.find(line[hash - 1]) != separators.npos;
  const bool before = end < line.size() && separators.find(line[end]) != separators.npos;
  const bool no_room = text.find_first_not_of('#') == text.npos && text.size() > 1;
  constexpr std::string_view capitals = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_!?";
  const bool name =
      text.find_first_not_of(capitals) == text.npos && (text.back() == '!' || text.back() == '?');
  const bool missing = text == "#N/A" || text == "#NV" || text == "#N/D";
  return name || missing || (no_room && (behind || before)) ? text.size() : 0;
}

}  // namespace

std::string table_text(std::string_view bytes, const std::string& name) {
  for (const Kind& kind : kinds) {
    if (bytes.starts_with(kind.beginning)) {
      throw InputError(fmt::format("{}: is {}", name, kind.what));
    }
  }
  std::string text = decoded(bytes);
  if (text.find('\0') == text.npos) return text;
  throw InputError(name +
                   ": holds zero bytes: no table of text, or one in UTF-16 without its mark; "
                   "save it as CSV in UTF-8");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::size_t find_unquoted(std::string_view text, std::string_view stops, bool* closed) {
  // A quote that follows a quote opens the quotation again: "" stands for a quote inside of it.
  constexpr std::string_view before_field = ",;|\t \r\n\"";
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted && (i == 0 || before_field.find(text[i - 1]) != before_field.npos);
    } else if (!quoted && stops.find(text[i]) != stops.npos) {
      break;
    }
  }
  if (closed != nullptr) *closed = !quoted;
  return i < text.size() ? i : text.npos;
}

std::vector<std::string_view> split_fields(std::string_view line, char separator) {
  const std::string_view stops = separator == ' ' ? blanks : std::string_view(&separator, 1);
  std::vector<std::string_view> fields;
  if (separator == ' ') line = trimmed(line);
  while (true) {
    const std::size_t end = find_unquoted(line, stops);
    std::string_view field = trimmed(line.substr(0, end));
    if (field.size() > 1 && field.front() == '"' && field.back() == '"') {
      field = trimmed(field.substr(1, field.size() - 2));
    }
    fields.push_back(field);
    if (end == line.npos) break;
    line.remove_prefix(end + 1);
    if (separator == ' ') line = trimmed(line);
  }
  while (!fields.empty() && fields.back().empty()) fields.pop_back();
  return fields;
}

bool TableLines::next(std::string_view& line) {
  if (rest_.empty()) return false;
  number_ = 1 + line_ends_;
  bool closed = true;
  const auto stop_from = [&](std::size_t from) {
    const std::size_t stop = find_unquoted(rest_.substr(from), "\r\n#", &closed);
    return stop == rest_.npos ? rest_.size() : from + stop;
  };
  std::size_t end = stop_from(0);
  while (end < rest_.size() && rest_[end] == '#') {
    const std::size_t error = cell_error_size(rest_, end);
    if (error == 0) break;
    end = stop_from(end + error);
  }
  if (!closed) throw InputError(fmt::format("{}: line {}: a quotation has no end", name_, number_));
  line = rest_.substr(0, end);
  remove(std::min(rest_.find_first_of("\r\n", end), rest_.size()));
  return true;
}

/// Takes the line off the text, with its end: LF, CR LF or CR. Quoted line ends count too.
void TableLines::remove(std::size_t size) {
  if (rest_.substr(size, 2) == "\r\n") ++size;
  size = std::min(size + 1, rest_.size());
  for (std::size_t i = 0; i < size; ++i) {
    const bool pair = rest_[i] == '\r' && rest_.substr(i, 2) == "\r\n";
    if (!pair && (rest_[i] == '\r' || rest_[i] == '\n')) ++line_ends_;
  }
  rest_.remove_prefix(size);
}

}  // namespace examples
