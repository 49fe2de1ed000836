#include "examples/support/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "examples/support/error.hpp"
#include "examples/support/file.hpp"

namespace examples {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

using Fields = std::vector<std::string_view>;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Takes the text up to the next of `separators` off the front of `rest`.
std::string_view take(std::string_view& rest, std::string_view separators) {
  const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

void split_at_blanks(std::string_view line, Fields& fields) {
  for (; !line.empty(); line = trimmed(line)) fields.push_back(take(line, blanks));
}

void split_at(char separator, std::string_view line, Fields& fields) {
  const auto count = std::count(line.begin(), line.end(), separator) + 1;
  for (auto i = count; i > 0; --i) fields.push_back(trimmed(take(line, {&separator, 1})));
}

void split(std::string_view line, Fields& fields) {
  fields.clear();
  if (line.find(';') != line.npos) return split_at(';', line, fields);
  if (line.find(',') != line.npos) return split_at(',', line, fields);
  split_at_blanks(line, fields);
}

/// Also NaN and infinities, which the caller refuses.
std::optional<double> parse_number(std::string_view field) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  double value = 0;
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool is_header(const Fields& fields) {
  return std::none_of(fields.begin(), fields.end(),
                      [](std::string_view field) { return parse_number(field).has_value(); });
}

/// The field for a message: short and printable.
std::string shown(std::string_view field) {
  constexpr std::size_t longest = 20;
  std::string text(field.substr(0, longest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return field.size() > longest ? text + "..." : text;
}

/// Collects the rows of one file.
class Rows {
 public:
  Rows(const std::string& name, std::size_t max_numbers) : name_(name), max_numbers_(max_numbers) {}

  void add_line(std::string_view line) {
    ++line_;
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) return;
    split(line, fields_);
    const bool header = first_ && is_header(fields_);
    first_ = false;
    if (!header) add_row();
  }

  xt::xarray<double> matrix() const {
    if (numbers_.empty()) throw InputError(name_ + ": has no numbers");
    xt::xarray<double> matrix =
        xt::xarray<double>::from_shape({numbers_.size() / columns_, columns_});
    std::copy(numbers_.begin(), numbers_.end(), matrix.data());
    return matrix;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw InputError(fmt::format("{}: line {}: {}", name_, line_, reason));
  }

  void add_row() {
    if (numbers_.empty()) columns_ = fields_.size();
    if (fields_.size() != columns_) {
      fail(fmt::format("has {} columns, the rows above have {}", fields_.size(), columns_));
    }
    if (numbers_.size() + columns_ > max_numbers_) {
      fail(fmt::format("the table has more than {} numbers", max_numbers_));
    }
    for (const std::string_view field : fields_) numbers_.push_back(number(field));
  }

  double number(std::string_view field) const {
    const std::optional<double> value = parse_number(field);
    if (!value || !std::isfinite(*value)) {
      fail(fmt::format("'{}' is not a finite number", shown(field)));
    }
    return *value;
  }

  const std::string& name_;
  std::size_t max_numbers_;
  std::size_t line_ = 0;
  std::size_t columns_ = 0;
  bool first_ = true;
  Fields fields_;
  std::vector<double> numbers_;
};

}  // namespace

xt::xarray<double> decode_csv(std::string_view text, const std::string& name,
                              std::size_t max_numbers) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
  }
  Rows rows(name, max_numbers);
  while (!text.empty()) rows.add_line(take(text, "\n"));
  return rows.matrix();
}

xt::xarray<double> read_csv(const std::filesystem::path& path) {
  const Bytes bytes = read_file(path);
  return decode_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

void write_csv(const std::filesystem::path& path, const std::vector<std::string>& names,
               const xt::xarray<double>& matrix) {
  if (matrix.dimension() != 2 || matrix.shape(1) != names.size()) {
    throw std::logic_error("write_csv: the names must be as many as the columns of the matrix");
  }
  std::vector<std::string> fields;
  for (const std::string& name : names) fields.push_back(csv_field(name));
  std::string text = fmt::format("{}", fmt::join(fields, ","));
  const double* number = matrix.data();
  for (std::size_t row = 0; row < matrix.shape(0); ++row) {
    for (std::size_t column = 0; column < names.size(); ++column) {
      text += fmt::format("{}{}", column == 0 ? '\n' : ',', *number++);
    }
  }
  write_file(path, text + '\n');
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

}  // namespace examples
