#include "examples/support/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "examples/support/csv_number.hpp"
#include "examples/support/csv_text.hpp"
#include "examples/support/error.hpp"
#include "examples/support/file.hpp"

namespace examples {
namespace {

using Fields = std::vector<std::string_view>;

constexpr char blank = ' ';

/// No name of a column is a number, and not all of them seem to be.
bool is_header(const Fields& fields) {
  return std::none_of(fields.begin(), fields.end(),
                      [](auto field) { return parse_number(with_point(field)).has_value(); }) &&
         !std::all_of(fields.begin(), fields.end(), seems_number);
}

/// Tabs separate, unless there are several numbers between them, separated by blanks.
bool is_separated_by_tabs(std::string_view line) {
  const Fields fields = split_fields(line, '\t');
  return std::none_of(fields.begin(), fields.end(), [](std::string_view field) {
    const Fields words = split_fields(field, blank);
    const auto is_number = [](auto word) { return parse_number(word).has_value(); };
    return words.size() > 1 && std::all_of(words.begin(), words.end(), is_number) &&
           !seems_grouped(field, blank);
  });
}

/// What separates the fields of this line.
char separator_of(std::string_view line) {
  const auto has = [&](std::string_view c) { return find_unquoted(line, c) != line.npos; };
  const auto numbers = [&] {
    const Fields fields = split_fields(line, ',');
    return std::all_of(fields.begin(), fields.end(),
                       [](auto field) { return parse_number(field).has_value(); });
  };
  if (has(";")) return ';';
  if (has(",") && (!has("\t") || numbers())) return ',';
  return has("\t") && is_separated_by_tabs(line) ? '\t' : blank;
}

/// The separator that the first line of a table names, as Excel reads it: sep=;
std::optional<char> named_separator(std::string_view line) {
  if (line.size() > 1 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  const bool names = line.size() == 5 && (line.starts_with("sep=") || line.starts_with("SEP="));
  constexpr std::string_view separators = ";,\t |:/&";  // none of these stands in numbers
  if (!names || separators.find(line[4]) == separators.npos) return std::nullopt;
  return line[4];
}

/// The field for a message: short and printable.
std::string shown(std::string_view field) {
  constexpr std::size_t longest = 20;
  std::string text(field.substr(0, longest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return field.size() > longest ? text + "..." : text;
}

/// Lines without a header whose commas do not separate for certain: each may be one number.
class LinesWithCommas {
 public:
  void add(std::string_view line) {
    if (example_.empty()) example_ = line;
    all_grouped_ = all_grouped_ && seems_grouped(line, ',');
    all_decimal_ = all_decimal_ && parse_number(with_point(line)).has_value();
    const std::size_t comma = line.find(',');
    const std::string_view digits = line.substr(std::min(comma + 1, line.size()));
    if (!line.starts_with("-0,") && (digits.size() < 2 || digits[0] != '0')) return;
    example_ = line;
    any_fraction_ = true;
  }

  /// 1,234 in each line, or -0 or digits like 05 in one: no program writes whole numbers so.
  bool may_be_numbers() const {
    return !example_.empty() && (all_grouped_ || (all_decimal_ && any_fraction_));
  }
  std::string_view example() const { return example_; }

 private:
  bool all_grouped_ = true, all_decimal_ = true, any_fraction_ = false;
  std::string_view example_;
};

/// Collects the rows of one file.
class Rows {
 public:
  Rows(std::string_view text, const std::string& name, std::size_t max_numbers)
      : lines_(text, name), name_(name), max_numbers_(max_numbers) {}

  xt::xarray<double> matrix() {
    bool first = true;
    for (std::string_view line; lines_.next(line); first = false) {
      if (first) separator_ = named_separator(line);
      if (first && separator_) {
        columns_are_known_ = true;
      } else {
        add_line(line);
      }
    }
    if (numbers_.empty()) throw InputError(name_ + ": has no numbers");
    check_commas();
    xt::xarray<double> matrix =
        xt::xarray<double>::from_shape({numbers_.size() / columns_, columns_});
    std::copy(numbers_.begin(), numbers_.end(), matrix.data());
    return matrix;
  }

 private:
  /// A number whose sign tells how the others are to be read, and where it stands.
  struct Example {
    std::size_t line;
    std::string_view field;
  };

  [[noreturn]] void fail(std::size_t line, const std::string& reason) const {
    throw InputError(fmt::format("{}: line {}: {}", name_, line, reason));
  }
  [[noreturn]] void fail(const std::string& reason) const { fail(lines_.number(), reason); }

  void add_line(std::string_view line) {
    const char separator = separator_.value_or(separator_of(line));
    fields_ = split_fields(line, separator);
    if (fields_.empty()) return;
    if (numbers_.empty()) {
      if (header_.empty() && is_header(fields_)) {
        header_ = line;
        return;
      }
      begin(separator);
    }
    add_row();
    if (separator_ == ',' && !columns_are_known_) lines_with_commas_.add(trimmed(line));
  }

  /// The first row of numbers tells how the others look. With blanks in names the header does not
  /// tell how many columns there are.
  void begin(char separator) {
    separator_ = separator;
    columns_ = fields_.size();
    if (header_.empty() || separator == blank) return;
    columns_are_known_ = true;
    const Fields names = split_fields(header_, separator);
    const auto unnamed = std::count(header_.begin(), header_.end(), separator) + 1;
    if (columns_ < names.size() || columns_ > static_cast<std::size_t>(unnamed)) {
      fail(fmt::format("has {} columns, the header has {}", columns_, names.size()));
    }
  }

  void add_row() {
    if (fields_.size() != columns_) {
      fail(fmt::format("has {} columns, the rows above have {}", fields_.size(), columns_));
    }
    if (numbers_.size() + columns_ > max_numbers_) {
      fail(fmt::format("the table has more than {} numbers", max_numbers_));
    }
    for (const std::string_view field : fields_) numbers_.push_back(number(field));
  }

  double number(std::string_view field) {
    const bool comma = field.find(',') != field.npos;
    const std::optional<double> value =
        comma && separator_ != blank ? parse_number(with_point(field)) : parse_number(field);
    if (!value || !std::isfinite(*value)) {
      fail(fmt::format("'{}' is not a finite number", shown(field)));
    }
    if (comma) see(field, comma_, point_, "comma", "point");
    if (field.find('.') != field.npos) see(field, point_, comma_, "point", "comma");
    if (comma && !seems_grouped(field, ',')) comma_is_decimal_ = true;
    return *value;
  }

  /// A file has one decimal sign.
  void see(std::string_view field, std::optional<Example>& seen,
           const std::optional<Example>& other, const char* sign, const char* other_sign) {
    if (!seen) seen = Example{lines_.number(), field};
    if (!other) return;
    fail(fmt::format("'{}' has a decimal {}, but '{}' in line {} a decimal {}", shown(field), sign,
                     shown(other->field), other->line, other_sign));
  }

  /// Between semicolons commas are decimal signs: that is why spreadsheets write semicolons.
  /// Elsewhere 1,234 alone is a guess.
  void check_commas() const {
    if (lines_with_commas_.may_be_numbers()) {
      throw InputError(
          fmt::format("{}: '{}' may be several numbers or one with a decimal comma or "
                      "groups of three digits; name the columns in a first line",
                      name_, shown(lines_with_commas_.example())));
    }
    if (!comma_ || comma_is_decimal_ || separator_ == ';') return;
    fail(comma_->line,
         fmt::format("'{0}' may have a decimal comma or groups of three digits; write "
                     "numbers with a decimal point and without groups",
                     shown(comma_->field)));
  }

  TableLines lines_;
  const std::string& name_;
  std::size_t max_numbers_;
  std::optional<char> separator_;  // from the first row of numbers on
  std::string_view header_;
  std::size_t columns_ = 0;
  std::optional<Example> comma_, point_;  // the first numbers with such a sign
  LinesWithCommas lines_with_commas_;
  bool columns_are_known_ = false;  // from the header, or the separator from the first line
  bool comma_is_decimal_ = false;   // one of them cannot be read otherwise
  Fields fields_;
  std::vector<double> numbers_;
};

}  // namespace

xt::xarray<double> decode_csv(std::string_view bytes, const std::string& name,
                              std::size_t max_numbers) {
  const std::string text = table_text(bytes, name);
  return Rows(text, name, max_numbers).matrix();
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
